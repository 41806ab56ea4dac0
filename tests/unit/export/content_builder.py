"""Small real values of one incident: two cameras, a sidecar, words, tags, suggestions of every state, measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from bwc_review.domain.candidates import Candidate, CandidateState, Decision
from bwc_review.domain.coverage import CameraCoverage, Coverage, Share
from bwc_review.domain.ids import (
    CameraId,
    CandidateId,
    EventCode,
    OperatorId,
    ParticipantId,
    RecordingId,
    TagId,
    TranscriptId,
)
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.recording import (
    AudioFacts,
    Incident,
    MediaFacts,
    Placement,
    Playability,
    Recording,
    TimeClaim,
    VideoFacts,
)
from bwc_review.domain.speech import Engine, Heard, Segment, Transcript, Word
from bwc_review.domain.tags import AttrValue, Tag, TagSource, TagState
from bwc_review.domain.times import ClockMap, Span
from bwc_review.ports.bundle import BundleContent
from bwc_review.ports.records import Acquisition, Exhibit, Outcome
from tests.unit.export.evidence_house import INCIDENT, ZERO, House, at, make_clip, span


def make_recording(exhibit: Exhibit, *, camera: str, wearer: str, seconds: float = 2, rate: int = 10) -> Recording:
    """A playable recording of an exhibit."""
    return Recording(
        id=RecordingId(f"rec-{exhibit.number}"),
        exhibit=exhibit.number,
        sha256=exhibit.sha256,
        size=exhibit.size,
        name=exhibit.name,
        camera=CameraId(camera),
        profile="generic",
        wearer=ParticipantId(wearer),
        playability=Playability.PLAYABLE,
        facts=MediaFacts(
            "mp4",
            at(seconds),
            VideoFacts("h264", 160, 90, round(seconds * rate), rate, 1),
            AudioFacts("aac", 16_000, 1),
        ),
        claims=(TimeClaim("name", ZERO, at(1), "20260101_100200"),),
        silent_lead=at(0),
    )


def make_words(start: float, text: str, confidence: int = 900) -> Segment:
    """One line of words, a third of a second each."""
    starts = [start + number * 0.3 for number in range(len(text.split()))]
    words = zip(starts, text.split(), strict=True)
    return Segment(tuple(Word(span(one, one + 0.25), word, confidence) for one, word in words), 20)


def make_transcript(recording: Recording, *segments: Segment, untranscribed: tuple[Span, ...] = ()) -> Transcript:
    """A machine transcript of a whole recording."""
    engine = Engine("faster-whisper", "1.2.1", "base", "d0" * 32, {"beam": 5})
    speech = tuple(one.span for one in segments)
    heard = Heard(engine, segments, (recording.span,), speech, untranscribed)
    return Transcript(TranscriptId(f"t-{recording.id}"), recording.id, heard, "aa" * 32, ZERO)


def make_tag(
    number: str,
    code: str,
    start: float,
    end: float | None,
    *,
    actor: str | None = "O1",
    target: str | None = "S1",
    state: TagState = TagState.CONFIRMED,
    attrs: Mapping[str, AttrValue] | None = None,
    note: str = "",
) -> Tag:
    """A tag of the incident."""
    return Tag(
        id=TagId(number),
        incident=INCIDENT,
        code=EventCode(code),
        start=at(start),
        end=None if end is None else at(end),
        actor=ParticipantId(actor) if actor else None,
        target=ParticipantId(target) if target else None,
        source=TagSource.HUMAN,
        state=state,
        uncertainty=at(0.1),
        by=OperatorId("supervisor-7"),
        recorded_at=ZERO,
        attrs=attrs or {},
        note=note,
    )


def make_candidate(number: str, recording: Recording, start: float, end: float, words: str) -> Candidate:
    """A machine suggestion of a CED warning."""
    return Candidate(
        id=CandidateId(number),
        recording=recording.id,
        transcript=TranscriptId(f"t-{recording.id}"),
        code=EventCode("WRN.CED"),
        span=span(start, end),
        words=words,
        phrase="wrn.ced.01",
        why="'taser' announced to the person",
        confidence=820,
        weakest=430,
        flags=("overlaps_other_speech",),
    )


def make_decision(candidate: Candidate, state: CandidateState, reason: str) -> Decision:
    """What a person said of a candidate."""
    return Decision(candidate.id, state, OperatorId("supervisor-7"), ZERO, reason, None)


def make_acquisition(number: int, name: str, outcome: Outcome, reason: str, exhibit: Exhibit | None) -> Acquisition:
    """One file met in docking d1."""
    return Acquisition(
        id=f"a{number}",
        docking="d1",
        name=name,
        size=exhibit.size if exhibit else 0,
        outcome=outcome,
        reason=reason,
        sha256=exhibit.sha256 if exhibit else None,
        exhibit=exhibit.number if exhibit else None,
    )


def make_placement(recording: Recording, offset: float) -> Placement:
    """Where a person put a recording."""
    clock = ClockMap(at(offset), at(0.04), 1_000_000, 1_000_040)
    return Placement(INCIDENT, recording.id, clock, "name", "matched on the siren")


def make_content(house: House, *, name: str = "IR-2026-0001_bundle-01", title: str = "Mill Street") -> BundleContent:
    """Two cameras, a sidecar, words, tags, candidates of every state, measures, and files that were not taken."""
    clip = make_clip()
    one = house.take("WS1-2026-0001", "CLIP_0001.mp4", clip)
    two = house.take("WS1-2026-0002", "CLIP_0001.mp4", make_clip(seed=3))
    sidecar = house.take("WS1-2026-0003", "CLIP_0001.xml", b"<camera serial='7'/>\n", "sidecar")
    first = make_recording(one, camera="CAM-1", wearer="O1")
    second = make_recording(two, camera="CAM-2", wearer="O2")
    heard = make_transcript(first, make_words(0.2, "drop it", 600), untranscribed=(span(1.2, 1.6),))
    open_one = make_candidate("c1", first, 0.2, 0.9, "drop it or you'll be tased")
    refused = make_candidate("c2", second, 1.0, 1.4, "he was tased before")
    house.log.checkpoints.append(house.log.sign())
    return BundleContent(
        name=name,
        incident=Incident(INCIDENT, title, ZERO, (make_placement(first, 0), make_placement(second, 1))),
        recordings=(first, second),
        exhibits=(one, two, sidecar),
        acquisitions=_met(one, sidecar),
        transcripts={first.id: heard},
        candidates=(open_one, refused),
        decisions={refused.id: make_decision(refused, CandidateState.REJECTED, "reported speech")},
        tags=_tags(),
        measures=(_measure(),),
        measure_lines=("0.600 s between the last warning and the CED discharge",),
        coverage=Coverage(
            (
                CameraCoverage(CameraId("CAM-1"), ParticipantId("O1"), (span(0, 2),), (span(0, 2),)),
                CameraCoverage(CameraId("CAM-2"), ParticipantId("O2"), (span(1.5, 3),), (span(1, 3),)),
            ),
            at(3),
        ),
        proxies={first.id: house.proxy(first, make_clip(seconds=1))},
        peaks={},
        labels={"WRN.CED": "Conducted energy device (Taser) warning", "FRC.CED_CYCLE": "CED discharge"},
        log=house.log.disclosed(withhold=frozenset({1})),
        exported_at=ZERO,
        exported_by="investigator-3",
        app="bwc_review/0.1.0+0",
        taxonomy_sha256="11" * 32,
        lexicon_sha256="22" * 32,
    )


def _met(clip: Exhibit, sidecar: Exhibit) -> tuple[Acquisition, ...]:
    return (
        make_acquisition(1, "DCIM/CLIP_0001.mp4", Outcome.TAKEN, "new footage", clip),
        make_acquisition(2, "DCIM/CLIP_0001.xml", Outcome.TAKEN, "sidecar of CLIP_0001.mp4", sidecar),
        make_acquisition(3, "DCIM/COPY.mp4", Outcome.DUPLICATE, "the same bytes as WS1-2026-0001", clip),
        make_acquisition(4, "DCIM/EMPTY.mp4", Outcome.REFUSED, "the file is empty", None),
    )


def _tags() -> tuple[Tag, ...]:
    return (
        make_tag("t1", "WRN.CED", 0.2, 0.9, attrs={"instructed_action": ("drop_weapon",)}),
        make_tag("t0", "WRN.CED", 0.2, 0.7, state=TagState.SUPERSEDED),
        make_tag("t2", "FRC.CED_CYCLE", 1.5, None),
    )


def _measure() -> Measure:
    return Measure(
        code="M01",
        name="Time to comply",
        subject="t2",
        value=600_000,
        unit="us",
        status=Status.COMPUTED,
        basis=(TagId("t1"), TagId("t2")),
        uncertainty=at(0.2),
        coverage=Share(Fraction(1), Fraction(9, 10)),
    )


def renamed(content: BundleContent, exhibit: int, name: str) -> BundleContent:
    """The content with one exhibit called ``name``."""
    exhibits = list(content.exhibits)
    exhibits[exhibit] = replace(exhibits[exhibit], name=name)
    return replace(content, exhibits=exhibits)
