"""What names and companions of recordings say: statements with their source, notes for what is senseless."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clips import NamedClip, companions, describe, in_parts, with_companion, with_header
from ingest.listing import FoundFile, FoundKind, Listing
from ingest.names import FoundName
from ingest.profiles import load_profiles
from ingest.sidecars import FORMS, MAX_SIDECAR_BYTES, BadSidecar, read_fields
from ingest.times import Means, NoTime, Source, TimeRule

PROFILES = {p.id: p for p in load_profiles()}
KESTREL, ORRERY = PROFILES["kestrel-kb2"], PROFILES["orrery-p5"]
KESTREL_NAME = "DCIM/100KSTRL/KB2_00417_20260314T093930Z_001"
ORRERY_NAME = "EVIDENCE/2026-03-14/OP5-0231/093937_OP5-0231"


def found(name: str, size: int = 10) -> FoundFile:
    return FoundFile(FoundName(name.encode()), size, 0, FoundKind.FILE)


def us(text: str) -> int:
    moment = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds


def kestrel_with(sidecar: bytes) -> NamedClip:
    clip, json_file = found(KESTREL_NAME + ".MP4"), found(KESTREL_NAME + ".JSON")
    listing = Listing(Path("card"), "card", (json_file, clip))
    (companion,) = companions(clip, listing, KESTREL)
    return with_companion(describe(clip, KESTREL, UTC), companion, sidecar, UTC)


def test_a_name_tells_device_part_and_start_with_the_doubt_of_its_whole_seconds() -> None:
    clip = describe(found(KESTREL_NAME + ".MP4"), KESTREL, UTC)
    assert (clip.device_id, clip.segment, clip.officer_id) == ("KB2-00417", 1, None)
    (claim,) = clip.claims
    assert (claim.source, claim.means) == (Source.FILE_NAME, Means.START)
    assert claim.at_us == us("2026-03-14T09:39:30+00:00")
    assert claim.uncertainty_us == 1_000_000


def test_a_folder_and_a_name_together_tell_the_start() -> None:
    clip = describe(found(ORRERY_NAME + ".mp4"), ORRERY, UTC)
    assert clip.device_id == "OP5-0231"
    assert [c.at_us for c in clip.claims] == [us("2026-03-14T09:39:37+00:00")]


def test_a_companion_adds_wearer_recording_prebuffer_and_both_ends() -> None:
    said = {
        "device_id": "kb2-00417", "officer_badge": "O1", "recording_id": "R1", "segment": 1, "prebuffer_s": 20,
        "start_utc": "2026-03-14T09:39:30.250Z", "end_utc": "2026-03-14T09:40:30.250Z",
    }  # fmt: skip
    clip = kestrel_with(json.dumps(said).encode())
    assert (clip.device_id, clip.officer_id, clip.recording_id) == ("KB2-00417", "O1", "R1")
    assert clip.prebuffer_us == 20_000_000
    assert clip.notes == ()
    start = us("2026-03-14T09:39:30.250+00:00")
    assert [c.start_us(60_000_000) for c in clip.claims[1:]] == [start, start]
    assert clip.claims[2].means is Means.END


def test_a_companion_that_contradicts_the_name_is_noted_and_overrules_nothing() -> None:
    clip = kestrel_with(b'{"device_id": "OTHER", "segment": "x", "prebuffer_s": "1e9", "start_utc": "noon"}')
    assert clip.device_id == "KB2-00417"
    assert len(clip.claims) == 1
    assert len(clip.notes) == 4
    assert "'OTHER'" in clip.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50,
        b" " * (MAX_SIDECAR_BYTES + 1), b"null",
        ("{" + ",".join(f'"k{i}": 1' for i in range(20_000)) + "}").encode(), b'{"a": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_companion_that_is_not_what_it_should_be_is_a_note_and_no_crash(data: bytes) -> None:
    clip = kestrel_with(data)
    assert len(clip.claims) == 1
    assert len(clip.notes) == 1
    assert "was not read" in clip.notes[0]


def test_an_orrery_clip_has_a_meta_and_a_satellite_log_and_a_copy_elsewhere_is_not_its_companion() -> None:
    clip, meta, log = found(ORRERY_NAME + ".mp4"), found(ORRERY_NAME + ".meta"), found(ORRERY_NAME + ".log")
    listing = Listing(Path("card"), "card", (found("BACKUP/GPS_1.log"), log, meta, clip))
    bound = companions(clip, listing, ORRERY)
    assert [c.file for c in bound] == [log, meta]
    rmc = b"$PORRY,x*00\r\n$GPRMC,093938.00,A,4852.6022,S,12323.5988,W,0.12,140.0,140326,,,A*"
    check = 0
    for byte in rmc[rmc.index(b"$GP") + 1 : -1]:
        check ^= byte
    described = with_companion(describe(clip, ORRERY, UTC), bound[0], rmc + b"%02X\r\n" % check, UTC)
    assert described.claims[-1].source is Source.GPS_LOG
    assert described.claims[-1].at_us == us("2026-03-14T09:39:38+00:00")
    described = with_companion(described, bound[1], b"officer=O2\nstart_utc=2026-03-14T09:39:37.413Z\n", UTC)
    assert (described.officer_id, len(described.claims)) == ("O2", 3)


def test_a_satellite_sentence_with_a_wrong_checksum_says_nothing() -> None:
    rmc = b"$GPRMC,093938.00,A,4852.6022,S,12323.5988,W,0.12,140.0,140326,,,A*00"
    assert read_fields(rmc, "nmea") == {}


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>',
        b"<a>" * 100,
        b"<a><b></a>",
        b"",
    ],
)
def test_xml_with_a_document_type_or_without_sense_is_not_read(xml: bytes) -> None:
    with pytest.raises(BadSidecar):
        read_fields(xml, "xml")


def test_xml_gives_texts_and_attributes_by_path() -> None:
    fields = read_fields(b'<Clip device="D1"><Start>2026</Start><Start>later</Start></Clip>', "xml")
    assert fields == {"clip.device": "D1", "clip.start": "2026"}


def test_what_is_appended_to_a_companion_cannot_change_what_it_said_first() -> None:
    assert read_fields(b'{"a": "1", "a": "2"}', "json") == {"a": "1"}
    assert read_fields(b"a=1\na=2\n[s]\nb=3", "key-value") == {"a": "1", "s.b": "3"}


@given(st.binary(max_size=300), st.sampled_from(sorted(FORMS)))
def test_any_bytes_are_either_read_or_refused(data: bytes, form: str) -> None:
    try:
        fields = read_fields(data, form)
    except BadSidecar:
        return
    assert all(value.isprintable() for value in fields.values())


def test_an_hour_that_occurs_twice_widens_the_claim_by_an_hour() -> None:
    rule = TimeRule("t", "%Y-%m-%d %H:%M", Means.START, "camera", 1_000_000)
    zone = ZoneInfo("Europe/Berlin")
    assert rule.claim(Source.FILE_NAME, "t", "2026-10-25 02:30", zone).uncertainty_us == 3_601_000_000
    assert rule.claim(Source.FILE_NAME, "t", "2026-10-25 12:30", zone).uncertainty_us == 1_000_000


@pytest.mark.parametrize("text", ["1904-01-01 00:00", "2026-13-01 00:00", "", "9999-12-31 23:59"])
def test_an_implausible_time_is_no_claim(text: str) -> None:
    with pytest.raises(NoTime):
        TimeRule("t", "%Y-%m-%d %H:%M", Means.START, "+05:30", 0).claim(Source.FILE_NAME, "t", text, UTC)


def test_a_zone_written_as_an_offset_is_honoured() -> None:
    rule = TimeRule("t", "%Y-%m-%d %H:%M", Means.START, "-05:30", 0)
    assert rule.claim(Source.FILE_NAME, "t", "2026-01-01 00:00", UTC).at_us == us("2026-01-01T05:30:00+00:00")


def test_the_header_is_one_more_claim_and_its_absence_none() -> None:
    clip = describe(found(KESTREL_NAME + ".MP4"), KESTREL, UTC)
    assert with_header(clip, None, KESTREL, UTC) == clip
    claim = with_header(clip, "2026-03-14T09:39:30.000000Z", KESTREL, UTC).claims[-1]
    assert (claim.source, claim.at_us) == (Source.HEADER, clip.claims[0].at_us)


def test_parts_of_one_recording_come_together_in_order_and_others_alone() -> None:
    def part(name: str, recording: str | None, segment: int | None) -> NamedClip:
        return NamedClip(FoundName(name.encode()), "D", None, recording, segment, None, (), ())

    two, one, other, alone = part("a", "R", 2), part("b", "R", 1), part("c", "S", 1), part("d", None, None)
    assert in_parts([two, other, one, alone]) == ((one, two), (other,), (alone,))


def test_a_name_no_rule_knows_is_noted() -> None:
    clip = describe(found("DCIM/holiday.MP4"), KESTREL, UTC)
    assert clip.claims == ()
    assert clip.notes == ("the profile kestrel-kb2 does not know this form of name",)
