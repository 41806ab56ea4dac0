"""Media made to hurt: it costs a child its life at most, within bounds, and always ends in words."""

from __future__ import annotations

import os
import random
import struct
import sys
import time
from pathlib import Path

import pytest

from ingest import isolation
from ingest.findings import Trait
from ingest.isolation import ChildFailed, ask_child
from ingest.probe import Playability, probe
from tests.unit.ingest.media_making import clicks, make_recording

SOUND = [(0.0, clicks(2.0, (0.5, 1.5)))]
TASKS = ("frame-index", "pcm", "sprite", "setup")


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or cut off, anywhere."""
    data = bytearray(whole)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + 4] = struct.pack(">I", chance.choice((0, 1, 7, 2**31, 2**32 - 1)))
            case 2:
                del data[at : at + chance.randrange(64)]
            case _:
                data[at:at] = data[at : at + chance.randrange(64)]
    return bytes(data[: chance.randrange(len(data) // 2, len(data) + 1)])


def meets(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    facts = probe(path, timeout_s=30)
    assert facts.playable is Playability.PLAYABLE or facts.damage
    assert all(len(words) < 400 for words in (*facts.damage, *facts.notes))
    assert not any(one.trait is Trait.NOT_EXAMINED and "broke down" in one.words() for one in facts.findings)


@pytest.mark.parametrize("name", ["b_frames.mp4", "transport.ts", "vfr.mkv"])
def test_a_few_mutations_of_each_container_end_in_words(recordings: Path, tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    for _ in range(4):
        meets(mutated((recordings / name).read_bytes(), chance), tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["b_frames.mp4", "plain.mp4", "transport.ts", "vfr.mkv"])
def test_many_mutations_of_each_container_end_in_words(recordings: Path, tmp_path: Path, name: str) -> None:
    chance = random.Random(f"many {name}")
    for _ in range(60):
        data = mutated((recordings / name).read_bytes(), chance)
        meets(data, tmp_path / name)
        for task in TASKS:
            try:
                ask_child(task, tmp_path / name, {}, timeout_s=30)
            except ChildFailed as failed:
                assert failed.reason


def with_size(recording: Path, width: int, height: int) -> bytes:
    """An MP4 whose sample entry claims other dimensions (avc1: 24 bytes after the type)."""
    data = bytearray(recording.read_bytes())
    at = data.index(b"avc1") + 4 + 24
    data[at : at + 4] = struct.pack(">HH", width, height)
    return bytes(data)


def test_a_picture_that_claims_huge_dimensions_is_examined_within_bounds(recordings: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "huge.mp4"
    bomb.write_bytes(with_size(recordings / "plain.mp4", 65_535, 65_535))
    began = time.monotonic()
    facts = probe(bomb, timeout_s=60)
    assert facts.playable is Playability.PLAYABLE or facts.damage
    assert time.monotonic() - began < 60


def test_a_png_that_unpacks_to_gigabytes_is_refused_in_words(tmp_path: Path) -> None:
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    bomb = tmp_path / "bomb.mp4"
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000_000), 9) * 3
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    facts = probe(bomb, timeout_s=60)
    assert facts.playable is Playability.UNPLAYABLE
    assert facts.damage


@pytest.mark.skipif(sys.platform == "win32", reason="the platform has no such limit")
def test_a_child_that_asks_for_more_memory_than_it_may_is_refused_in_words(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "MEMORY_BYTES", 160 * 1024**2)
    facts = probe(recordings / "plain.mp4")
    assert facts.playable is Playability.UNPLAYABLE
    assert facts.damage[0].startswith("The recording could not be examined")


def test_an_index_that_claims_millions_of_entries_costs_no_memory(recordings: Path, tmp_path: Path) -> None:
    data = bytearray((recordings / "plain.mp4").read_bytes())
    at = data.index(b"stts") + 8
    data[at : at + 12] = struct.pack(">III", 1, 2**31, 1)
    (tmp_path / "many.mp4").write_bytes(data)
    facts = probe(tmp_path / "many.mp4", timeout_s=60)
    assert facts.playable is Playability.PLAYABLE or facts.damage


@pytest.mark.parametrize("task", TASKS)
def test_a_task_that_takes_too_long_is_given_up(recordings: Path, task: str) -> None:
    with pytest.raises(ChildFailed, match=r"given up after 0\.01 s"):
        ask_child(task, recordings / "plain.mp4", {}, timeout_s=0.01)


def test_a_fragmented_recording_whose_last_fragment_is_torn_plays_in_part(tmp_path: Path) -> None:
    whole = make_recording(
        tmp_path / "frag.mp4", sound=SOUND, options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    )
    assert probe(whole).playable is Playability.PLAYABLE
    (tmp_path / "torn.mp4").write_bytes(whole.read_bytes()[:-600])
    facts = probe(tmp_path / "torn.mp4")
    assert facts.playable is Playability.DAMAGED
    assert Trait.TORN in {one.trait for one in facts.findings}


def test_a_stream_that_does_not_start_at_zero_is_whole_and_counted_from_its_first_picture(tmp_path: Path) -> None:
    late = make_recording(tmp_path / "late.ts", range(900_000, 900_000 + 60 * 512, 512), form="mpegts")
    facts = probe(late)
    assert facts.playable is Playability.PLAYABLE
    assert facts.video is not None
    assert facts.video.first_pts
    assert abs((facts.duration_us or 0) - 2_000_000) < 40_000


@pytest.mark.skipif(os.name != "posix", reason="needs the bundled converter")
def test_an_edit_list_a_turned_picture_two_sounds_and_a_muted_one_are_each_said(tmp_path: Path) -> None:
    import subprocess

    import imageio_ffmpeg

    def made(name: str, *arguments: str) -> Path:
        program = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
        subprocess.run([*program, *arguments, str(tmp_path / name)], check=True)
        return tmp_path / name

    whole = make_recording(tmp_path / "whole.mp4", sound=SOUND)
    silent = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono")
    two = made(
        "two.mp4", "-i", str(whole), *silent, "-map", "0:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy",
        "-c:a", "aac", "-t", "2",
    )  # fmt: skip
    turned = made("turned.mp4", "-display_rotation", "90", "-i", str(whole), "-c", "copy")
    cut = made("cut.mp4", "-ss", "0.7", "-i", str(whole), "-c", "copy")
    traits = {path.name: {one.trait for one in probe(path).findings} for path in (two, turned, cut)}
    assert traits["two.mp4"] == {Trait.SEVERAL_SOUNDS, Trait.MUTED}
    assert next(one.values for one in probe(two).findings if one.trait is Trait.MUTED)[1] == ("track", 2)
    assert Trait.ROTATED in traits["turned.mp4"]
    assert Trait.HIDDEN in traits["cut.mp4"]
