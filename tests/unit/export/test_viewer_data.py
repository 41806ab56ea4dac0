"""What the viewer is given: one clock, gaps said as what they are, withheld entries named."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import numpy as np

from bwc_review.export.folder import VIEWER, VIEWER_FILES
from bwc_review.export.history import history
from bwc_review.export.layout import plan_layout
from bwc_review.export.sound import sounds_of
from bwc_review.export.transcript_rows import transcript_rows
from bwc_review.export.viewer_data import viewer_data
from bwc_review.ports.bundle import BundleContent
from bwc_review.ports.records import StoredDerivative
from ingest.waveform import Waveform
from tests.unit.export.content_builder import make_content, make_recording, make_transcript, make_words
from tests.unit.export.evidence_house import House, span

FORBIDDEN = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://|\bfetch\("


def test_silence_untranscribed_speech_and_dead_audio_are_three_different_rows(house: House) -> None:
    exhibit = house.take("X-1", "a.mp4", b"x")
    recording = make_recording(exhibit, camera="C", wearer="O1", seconds=30)
    transcript = make_transcript(recording, make_words(5, "stop there"), untranscribed=(span(8, 10),))
    transcript = replace(transcript, heard=replace(transcript.heard, usable=(span(4, 30),)))
    rows = [(row.kind, row.span) for row in transcript_rows(recording, transcript)]
    assert rows == [
        ("no_audio", span(0, 4)),
        ("words", span(5, 5.55)),
        ("untranscribed", span(8, 10)),
        ("no_speech", span(10, 30)),
    ]


def test_a_recording_without_transcript_says_so(house: House) -> None:
    recording = make_recording(house.take("X-1", "a.mp4", b"x"), camera="C", wearer="O1")
    assert [row.kind for row in transcript_rows(recording, None)] == ["no_transcript"]


def test_clips_words_and_suggestions_lie_on_the_incident_clock(house: House) -> None:
    content = make_content(house)
    data = viewer_data(content, plan_layout(content))
    cameras = data["cameras"]
    assert isinstance(cameras, list)
    assert [(one["id"], one["wearer"]) for one in cameras] == [("CAM-1", "O1"), ("CAM-2", "O2")]
    assert cameras[1]["clips"][0]["start"] == 1_000_000
    assert cameras[1]["clips"][0]["path"] == "data/media/CAM-2/WS1-2026-0002__CLIP_0001.mp4"


def test_a_recording_without_a_place_on_the_clock_is_listed_and_not_drawn(house: House) -> None:
    content = make_content(house)
    incident = replace(content.incident, placements=content.incident.placements[:1])
    content = replace(content, incident=incident)
    data = viewer_data(content, plan_layout(content))
    unplaced, candidates = data["unplaced"], data["candidates"]
    assert isinstance(unplaced, list) and isinstance(candidates, list)
    assert [one["exhibit"] for one in unplaced] == ["WS1-2026-0002"]
    assert candidates[1]["incident_span"] is None


def test_an_open_tag_is_drawn_to_the_end_and_still_has_none(house: House) -> None:
    content = make_content(house)
    tags = viewer_data(content, plan_layout(content))["tags"]
    assert isinstance(tags, list)
    assert (tags[2]["end"], tags[2]["shown_end"]) == (None, content.coverage.end)


def test_the_history_names_withheld_stretches_and_shows_disclosed_words(house: House) -> None:
    rows = history(make_content(house).log)
    assert [row["kind"] for row in rows] == ["entry", "withheld", "entry", "entry", "entry"]
    assert rows[1] == {"kind": "withheld", "first": 1, "count": 1, "reason": "other cases"}
    assert rows[2]["words"] == "A file was taken in and preserved"
    assert rows[2]["texts"] == [["name", "CLIP_0001.mp4"]]


def test_a_payload_that_is_withheld_is_said_to_be(house: House) -> None:
    rows = history(replace(make_content(house).log, payloads={}))
    assert rows[2]["texts"] == [["name", "(withheld)"]]


def test_an_entry_that_is_not_in_the_logs_form_is_said_to_be_unreadable(house: House) -> None:
    log = make_content(house).log
    rows = history(replace(log, entries={**log.entries, 2: b"{}"}))
    assert rows[2]["kind"] == "unreadable"


def test_the_page_loads_nothing_from_elsewhere_and_writes_text_as_text_only() -> None:
    page = (VIEWER / "index.html").read_text("utf-8")
    assert "connect-src 'none'" in page and "default-src 'none'" in page
    assert "unsafe" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sorted(loaded) == sorted(f"data/viewer/{name}" for name in (*VIEWER_FILES, "data.js"))
    for name in VIEWER_FILES:
        code = (VIEWER / name).read_text("utf-8")
        assert not re.search(FORBIDDEN, code), name


def test_direction_marks_in_a_name_are_spelt_out_for_the_reader(house: House) -> None:
    content = make_content(house, title="Mill \u202etxt.exe\x07")
    incident = viewer_data(content, plan_layout(content))["incident"]
    assert isinstance(incident, dict)
    assert incident["title"] == "Mill <U+202E>txt.exe<U+0007>"


def make_peaks(house: House, content: BundleContent, data: bytes) -> StoredDerivative:
    """A waveform derivative of the first recording in the workspace."""
    (house.root / "peaks.bin").write_bytes(data)
    digest, first = hashlib.sha256(data).hexdigest(), content.recordings[0]
    return StoredDerivative(first.id, "peaks", "peaks.bin", digest, len(data), first.sha256, "ingest", {})


def test_the_sound_of_a_recording_is_given_in_few_columns(house: House) -> None:
    content = make_content(house)
    fine = np.tile(np.array([[-100, 50]], dtype=np.int16), (8000, 1))
    coarse = np.tile(np.array([[-100, 50]], dtype=np.int16), (2000, 1))
    stored = make_peaks(house, content, Waveform(16_000, 64, 4, (fine, coarse)).to_bytes())
    sound = sounds_of({stored.recording: stored}, house.vault, house.root)[stored.recording]
    assert sound.num * 16_000 == 64 * 4 * 1_000_000 * sound.den
    assert base64.b64decode(sound.levels) == b"\xff" * 2000


def test_a_damaged_waveform_is_left_out_and_stops_nothing(house: House) -> None:
    content = make_content(house)
    stored = make_peaks(house, content, b"not a waveform")
    assert sounds_of({stored.recording: stored}, house.vault, house.root) == {}
