"""Satellite data and texts inside recordings: made bytes, one real file, and garbage that must not matter."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clips import NamedClip
from ingest.embedded import read_embedded
from ingest.embedded_facts import Embedded, Fix, embedded_in, with_embedded
from ingest.names import FoundName
from ingest.profiles import Profile, load_profiles, parse_profile
from ingest.times import Source
from tests.unit.ingest.conftest import REPOSITORY

BY_ID = {one.id: one for one in load_profiles()}
WITH_GPS = REPOSITORY.parent / "shared" / "media" / "metadata-extractor-images__with-gps.mp4"
NINE_39_30 = 1_773_481_170_000_000  # 2026-03-14T09:39:30Z
CLIP = NamedClip(FoundName(b"a.mp4"), None, None, None, None, None, (), ())

GPMF_PROFILE = b"""schema = 1
id = "made"
vendor = "made"
model = "made"
evidence = "unverified"
[files]
include = ["**/*.mp4"]
[detect]
min = 0
[header]
ids = [{ atom = "\xc2\xa9swr", field = "device_id" }]
[[gps]]
kind = "gpmf"
time = [{ field = "utc", format = "%y%m%d%H%M%S.%f", means = "start", zone = "utc" }]
"""


def box(kind: bytes, *payload: bytes) -> bytes:
    body = b"".join(payload)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *payload: bytes) -> bytes:
    return box(kind, bytes(4), *payload)


FTYP = box(b"ftyp", b"isom", bytes(4), b"isom")


def text_box(kind: bytes, text: bytes) -> bytes:
    return box(kind, struct.pack(">HH", len(text), 0x15C7), text)


def free_gps(second: int, state: bytes = b"ANW") -> bytes:
    clock = struct.pack("<6I", 9, 39, 30 + second, 26, 3, 14)
    return b"\0\0\0\x80freeGPS " + bytes(36) + clock + state + b"\0" + struct.pack("<2f", 4917.5, 12307.2) + bytes(44)


def novatek(*blocks: bytes) -> bytes:
    offsets, at, held = [], len(FTYP) + 8, b""
    for block in blocks:
        offsets.append(struct.pack(">II", at + len(held), len(block)))
        held += block
    listed = box(b"gps ", bytes(4), struct.pack(">I", len(blocks)), *offsets)
    udta = box(b"udta", text_box(b"\xa9mod", b"Made One"), text_box(b"\xa9swr", b"D-1"))
    return FTYP + box(b"free", held) + box(b"moov", listed, udta)


def written(folder: Path, content: bytes) -> Path:
    (folder / "made.mp4").write_bytes(content)
    return folder / "made.mp4"


def test_the_first_sure_fix_is_put_back_by_the_seconds_before_it(tmp_path: Path) -> None:
    file = written(tmp_path, novatek(free_gps(0, b"VNW"), free_gps(1, b"VNW"), free_gps(2)))
    found = embedded_in(file, BY_ID["novatek"])
    assert found.texts == {"©mod": "Made One", "©swr": "D-1"}
    (fix,) = found.fixes
    assert (fix.utc, fix.after_us) == ("2026-03-14 09:39:32", 2_000_000)
    assert (fix.lat_e7 // 1000, fix.lon_e7 // 1000) == (492_916, -1_231_201)
    (claim,) = with_embedded(CLIP, found, BY_ID["novatek"], None).claims
    assert (claim.source, claim.at_us) == (Source.GPS_IN_FILE, NINE_39_30)


def test_blocks_of_another_layout_are_said_to_be_unknown(tmp_path: Path) -> None:
    other = b"\0\0\0\x80freeGPS " + b"\xff" * 200
    found = embedded_in(written(tmp_path, novatek(other)), BY_ID["novatek"])
    assert found.fixes == ()
    assert "not known here" in found.notes[0]


def klv(key: bytes, kind: bytes, size: int, *items: bytes) -> bytes:
    body = b"".join(items)
    return struct.pack(">4scBH", key, kind, size, len(body) // size) + body + bytes(-len(body) % 4)


def nested(key: bytes, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return struct.pack(">4sBBH", key, 0, 1, len(body)) + body + bytes(-len(body) % 4)


def gpmf(sure: int) -> bytes:
    gps5 = struct.pack(">5i", 492_916_000, -1_231_201_000, 0, 0, 0)
    scale = [struct.pack(">i", n) for n in (10_000_000, 10_000_000, 1000, 1000, 100)]
    stream = nested(
        b"STRM", klv(b"GPSF", b"L", 4, struct.pack(">I", sure)), klv(b"GPSU", b"U", 16, b"260314093932.000"),
        klv(b"SCAL", b"l", 4, *scale), klv(b"GPS5", b"l", 20, gps5),
    )  # fmt: skip
    return nested(b"DEVC", klv(b"DVNM", b"c", 1, b"Made"), stream)


def with_gpmd_track(*samples: bytes) -> bytes:
    """An MP4 whose only track is timed metadata with a sample a second (ISO/IEC 14496-12)."""
    media = b"".join(samples)
    head = FTYP + box(b"mdat", media)
    matrix = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    length = len(samples)
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), box(b"gpmd", bytes(6), b"\0\1", bytes(4))),
        full(b"stts", struct.pack(">III", 1, length, 1000)),
        full(b"stsc", struct.pack(">IIII", 1, 1, length, 1)),
        full(b"stsz", struct.pack(">II", 0, length), *(struct.pack(">I", len(one)) for one in samples)),
        full(b"stco", struct.pack(">II", 1, len(FTYP) + 8)),
    )
    minf = box(b"minf", full(b"gmhd"), box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url "))), table)
    hdlr = full(b"hdlr", b"mhlr", b"meta", bytes(12), b"\0")
    mdhd = full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, 1000 * length, 0x55C4, 0))
    tkhd = box(b"tkhd", b"\0\0\0\1", struct.pack(">IIIII", 0, 0, 1, 0, 1000 * length), bytes(16), matrix, bytes(8))
    mvhd = full(b"mvhd", struct.pack(">IIII", 0, 0, 1000, 1000 * length), b"\0\1\0\0\1\0", bytes(10), matrix,
                bytes(24), struct.pack(">I", 2))  # fmt: skip
    return head + box(b"moov", mvhd, box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf)))


def test_a_gpmf_track_gives_its_first_sure_fix(tmp_path: Path) -> None:
    profile = parse_profile("made.toml", GPMF_PROFILE)
    found = embedded_in(written(tmp_path, with_gpmd_track(gpmf(0), gpmf(0), gpmf(3))), profile)
    assert [(fix.utc, fix.after_us, fix.lat_e7) for fix in found.fixes] == [
        ("260314093932.000", 2_000_000, 492_916_000)
    ]
    (claim,) = with_embedded(CLIP, found, profile, None).claims
    assert claim.at_us == NINE_39_30


def test_a_subtitle_track_gives_the_time_its_profile_reads(tmp_path: Path, recordings: Path) -> None:
    lines = (tmp_path / "gps.srt", tmp_path / "with_text.mp4")
    lines[0].write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nnothing yet\n\n2\n00:00:01,000 --> 00:00:02,000\n"
        "M1 $G:2026-03-14 09:39:31-N49.291600-W123.120100 S00\n\n",
        "utf-8",
    )
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", recordings / "plain.mp4", "-i", lines[0]]
    subprocess.run([*command, "-c", "copy", "-c:s", "mov_text", lines[1]], check=True)
    found = embedded_in(lines[1], BY_ID["ambarella-a9"])
    assert [text for _at, text in found.lines] == [
        "nothing yet",
        "M1 $G:2026-03-14 09:39:31-N49.291600-W123.120100 S00",
    ]
    (claim,) = with_embedded(CLIP, found, BY_ID["ambarella-a9"], None).claims
    assert claim.at_us == NINE_39_30
    assert claim.doubt == "no-zone", "nobody has said that this camera's subtitle is satellite time"


@pytest.mark.skipif(not WITH_GPS.exists(), reason="the odd media files are not here")
def test_a_real_file_says_where_it_was_made() -> None:
    assert embedded_in(WITH_GPS, BY_ID["generic"]).place == "+51.4169-000.0806/"


def test_a_box_can_name_the_camera_and_never_overrules_the_name() -> None:
    profile = parse_profile("made.toml", GPMF_PROFILE)
    found = Embedded({"©swr": "D-1"}, (), (), ())
    assert with_embedded(CLIP, found, profile, None).device_id == "D-1"
    named = NamedClip(FoundName(b"a.mp4"), "D-2", None, None, None, None, (), ())
    assert with_embedded(named, found, profile, None).device_id == "D-2"


def test_a_fix_that_is_no_time_is_a_note() -> None:
    found = Embedded({}, (Fix("gpmf", "never", 0, 0, 0),), (), ())
    clip = with_embedded(CLIP, found, parse_profile("made.toml", GPMF_PROFILE), None)
    assert clip.claims == ()
    assert "'never'" in clip.notes[0]


@pytest.mark.parametrize(
    "content",
    [b"", FTYP, FTYP + struct.pack(">I4s", 0xFFFFFFFF, b"moov"), FTYP + box(b"moov", box(b"udta") * 5000),
     FTYP + box(b"moov", box(b"gps ", b"\xff" * 8000)),
     FTYP + box(b"moov", *[text_box(b"\xa9abc", b"\xff" * 900)] * 99)],
)  # fmt: skip
def test_a_broken_or_swollen_index_is_read_in_bounds(tmp_path: Path, content: bytes) -> None:
    found = embedded_in(written(tmp_path, content), BY_ID["novatek"])
    assert found.fixes == ()
    assert all(len(text) <= 512 for text in found.texts.values())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 2))
def test_damage_anywhere_never_breaks_the_reader(damage: bytes, at: int, which: int) -> None:
    whole = (novatek(free_gps(0), free_gps(1)), with_gpmd_track(gpmf(3)), FTYP + damage)[which]
    hurt = whole[:at] + damage + whole[at + len(damage) :]
    found = read_embedded(io.BytesIO(hurt), ["novatek-freegps", "gpmf", "subtitle-text"])
    assert set(json.loads(json.dumps(found))) == {"texts", "fixes", "lines", "notes"}


@pytest.mark.parametrize("profile", BY_ID.values(), ids=lambda one: one.id)
def test_every_familys_search_leaves_a_plain_recording_without_claims(profile: Profile, recordings: Path) -> None:
    assert with_embedded(CLIP, embedded_in(recordings / "plain.mp4", profile), profile, None).claims == ()
