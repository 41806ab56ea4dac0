"""Probing: every file gets a typed answer with its damage in words; none crashes, hangs or opens another file."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from ingest.errors import ProbeFailed
from ingest.findings import Trait
from ingest.isolation import ChildFailed
from ingest.probe import Playability, parse_facts, probe
from ingest.sniff import Nature, sniff
from tests.unit.ingest.conftest import REPOSITORY
from tests.unit.ingest.media_making import make_recording

ODD = REPOSITORY.parent / "shared" / "media"
ODD_FILES = sorted(p for p in ODD.glob("*") if p.suffix != ".md") if ODD.is_dir() else []
UNPLAYABLE, DAMAGED, PLAYABLE = Playability.UNPLAYABLE, Playability.DAMAGED, Playability.PLAYABLE
EXPECTED = {
    "go-mp4__sample_init.encv.mp4": (UNPLAYABLE, "encrypted"),
    "mp4ff__cbcs.mp4": (UNPLAYABLE, "encrypted"),
    "mp4ff__init_truncated.mp4": (UNPLAYABLE, "615 bytes are missing"),
    "mp4ff__v300_multiple_segments.mp4": (DAMAGED, "The header claims 3900.0 s; 8.0 s are there."),
    "mp4parse-rust__chunk_out_of_range.mp4": (UNPLAYABLE, "structure of the recording"),
    "mp4parse-rust__invalid_userdata.mp4": (UNPLAYABLE, "No picture can be decoded"),
    "mp4parse-rust__no_timescale.mp4": (DAMAGED, "cannot be decoded"),
}


NOTES = {
    "metadata-extractor-images__with-gps.mp4": (Trait.MUTED,),
    "mp4ff__cbcs.mp4": (Trait.NO_SOUND,),
    "mp4ff__ed_hevc.mp4": (Trait.UNEVEN,),
    "mp4ff__v300_multiple_segments.mp4": (Trait.NO_SOUND,),
    "mp4parse-rust__no_timescale.mp4": (Trait.NO_SOUND,),
    "mp4parse-rust__video_rotation_90.mp4": (Trait.ROTATED, Trait.NO_SOUND),
    "pymediainfo__issue55.flv": (Trait.MUTED,),
    "torchcodec__av1_video.mkv": (Trait.NO_SOUND,),
    "torchcodec__h265_10bits.mp4": (Trait.NO_SOUND,),
    "torchcodec__nasa_13013.mp4": (Trait.SEVERAL_SOUNDS,),
}


@pytest.mark.skipif(not ODD_FILES, reason="the shared odd media files are not here")
@pytest.mark.parametrize("path", ODD_FILES, ids=lambda p: p.name)
def test_every_odd_file_gets_a_typed_answer_in_words(path: Path) -> None:
    facts = probe(path)
    playable, words = EXPECTED.get(path.name, (PLAYABLE, ""))
    assert facts.playable is playable
    assert words in " ".join(facts.damage)
    assert bool(facts.damage) is (playable is not PLAYABLE)
    assert facts.encrypted is ("encrypted" in words)
    assert {one.trait for one in facts.findings if not one.is_damage} == set(NOTES.get(path.name, ()))


def test_a_whole_recording_is_described_with_counts_and_time_bases(recordings: Path) -> None:
    facts = probe(recordings / "b_frames.mp4")
    assert facts.playable is PLAYABLE
    assert facts.damage == ()
    assert facts.duration_us == 2_000_000
    assert facts.video is not None
    assert (facts.video.codec, facts.video.width, facts.video.height, facts.video.frames) == ("h264", 128, 64, 60)
    assert (facts.video.time_base_num, facts.video.time_base_den) == (1, 15_360)
    assert not facts.video.vfr
    assert [(a.codec, a.rate, a.channels, a.first_pts) for a in facts.audio] == [("aac", 16_000, 1, 0)]


def test_an_open_descriptor_serves_as_well_as_a_path(recordings: Path) -> None:
    descriptor = os.open(recordings / "plain.mp4", os.O_RDONLY)
    try:
        assert probe(descriptor) == probe(recordings / "plain.mp4")
    finally:
        os.close(descriptor)


def test_uneven_pictures_are_told_from_rounding(recordings: Path, tmp_path: Path) -> None:
    uneven = probe(recordings / "vfr.mkv").video
    rounded = probe(make_recording(tmp_path / "even.mkv", form="matroska")).video
    assert uneven is not None
    assert rounded is not None
    assert uneven.vfr
    assert not rounded.vfr


def test_a_silent_recording_has_no_sound_track_and_is_whole(recordings: Path) -> None:
    facts = probe(recordings / "vfr.mkv")
    assert facts.audio == ()
    assert facts.playable is PLAYABLE
    assert any("no sound track" in note for note in facts.notes)


def test_a_recording_without_its_index_says_so(recordings: Path, tmp_path: Path) -> None:
    whole = (recordings / "plain.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: whole.rindex(b"moov") - 4])
    facts = probe(tmp_path / "cut.mp4")
    assert facts.playable is UNPLAYABLE
    assert "index (moov) is missing" in " ".join(facts.damage)


def test_a_recording_cut_short_plays_in_part_and_names_the_missing_bytes(tmp_path: Path) -> None:
    front = make_recording(tmp_path / "front.mp4", options={"movflags": "+faststart"})
    whole = front.read_bytes()
    gone = (len(whole) - whole.index(b"mdat")) // 2
    (tmp_path / "cut.mp4").write_bytes(whole[:-gone])
    facts = probe(tmp_path / "cut.mp4")
    assert facts.playable is DAMAGED
    assert any(f"'mdat': {gone} bytes are missing" in sentence for sentence in facts.damage)
    assert facts.video is not None
    assert 0 < facts.video.frames < 60
    assert any("The index names 60 frames" in sentence for sentence in facts.damage)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:1,\n{secret}\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
        "file '{secret}'\n",
        "\ufeff #extm3u\n{secret}\n",
        "<?xml version='1.0'?><MPD><BaseURL>{secret}</BaseURL></MPD>",
    ],
)
def test_a_playlist_that_pretends_to_be_a_recording_is_not_followed(
    recordings: Path, tmp_path: Path, text: str
) -> None:
    trap = tmp_path / "clip.mp4"
    trap.write_text(text.format(secret=recordings / "plain.mp4"))
    facts = probe(trap)
    assert facts.playable is UNPLAYABLE
    assert facts.video is None
    assert "was not followed" in facts.damage[0]


@pytest.mark.parametrize("data", [b"", bytes(5000), b"hello", b"\x00\x00\x00\x08ftyp", b"RIFF\xff\xff\xff\xffAVI "])
def test_what_is_no_recording_is_unplayable_with_a_reason(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.mp4").write_bytes(data)
    facts = probe(tmp_path / "x.mp4")
    assert facts.playable is UNPLAYABLE
    assert facts.damage


def test_mutated_recordings_never_escape_the_child(recordings: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = (recordings / "b_frames.mp4").read_bytes()
    index_at = whole.rindex(b"moov")
    for number in range(12):
        data = bytearray(whole)
        for _ in range(8):
            data[chance.randrange(index_at, len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(data)
        facts = probe(path, timeout_s=20)
        assert facts.playable is PLAYABLE or facts.damage


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe as a file")
def test_a_descriptor_that_is_no_file_is_refused_at_once_and_not_waited_for() -> None:
    reader, writer = os.pipe()
    try:
        with pytest.raises(ProbeFailed, match="cannot be opened"):
            probe(reader)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_time_out_gives_an_answer_not_an_exception(recordings: Path) -> None:
    facts = probe(recordings / "plain.mp4", timeout_s=0.01)
    assert facts.playable is UNPLAYABLE
    assert "given up after 0.01 s" in facts.damage[0]


def test_a_file_that_is_not_there_is_refused_with_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="disk is mounted"):
        probe(tmp_path / "missing")


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"container": 1}', b"\xff",
     json.dumps({"container": "mp4", "playable": "perfect", "duration_us": 1, "video": None, "audio": [],
                 "creation_time": None, "findings": []}).encode(),
     json.dumps({"container": "mp4", "playable": "playable", "duration_us": 1, "video": None, "audio": [],
                 "creation_time": None, "findings": [["empty", {"words": "all is well"}]]}).encode(),
     json.dumps({"container": "mp4", "playable": "playable", "duration_us": 1.5, "video": None, "audio": [],
                 "creation_time": None, "findings": []}).encode()],
)  # fmt: skip
def test_an_answer_of_another_shape_is_not_believed(answer: bytes) -> None:
    with pytest.raises(ChildFailed):
        parse_facts(answer)


@pytest.mark.parametrize(
    ("head", "container", "demuxer"),
    [
        (b"\x00\x00\x00\x18ftypisom", "mp4", "mov"),
        (b"\x00\x00\x00\x14ftypqt  ", "mov", "mov"),
        (b"\x00\x00\x00\x18ftyp3gp4", "3gp", "mov"),
        (b"\x1aE\xdf\xa3\x01", "matroska", "matroska"),
        (b"RIFF\x00\x00\x00\x00WAVE", "wav", "wav"),
        ((b"\x47" + bytes(187)) * 4, "mpeg-ts", "mpegts"),
        (bytes(4) + (b"\x47" + bytes(191)) * 4, "mpeg-ts", "mpegts"),
        (b"\xff\xfb\x90\x00", "mp3", "mp3"),
        (b"\xff\xd8\xff\xe0", "jpeg", "jpeg_pipe"),
    ],
)
def test_the_first_bytes_choose_the_demuxer(head: bytes, container: str, demuxer: str) -> None:
    sniffed = sniff(head)
    assert (sniffed.nature, sniffed.container, sniffed.demuxer) == (Nature.MEDIA, container, demuxer)
