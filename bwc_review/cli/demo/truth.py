"""The made scene's truth beside what the machine found: which marked utterances it proposed, how late, how early.

Only made scenes have a truth. Nothing here reaches the review itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bwc_review.domain.candidates import Candidate, Decision
from bwc_review.domain.ids import CandidateId, IncidentId, TagId
from bwc_review.domain.measure import Measure
from bwc_review.domain.recording import Recording
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Micros, Span
from bwc_review.ports.store import Work

KINDS = {"warning": "WRN.", "order": "CMD.ORDER", "intervention": "DTI.", "aid request": "MED.AID_REQUESTED"}
NEAR = 500_000  # a candidate answers an utterance when its middle lies in it, give or take half a second
SAME_MOMENT = 500_000
SUBJECT = "S"  # the one person the scene's truth speaks of
PER_PERSON = frozenset({"M03", "M08", "M17", "M19"})
NOTHING_SAID = "no truth given"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of the scene on the master clock, with the codes it carries and the cameras it can be heard on."""

    id: str
    speaker: str
    text: str
    span: Span
    codes: tuple[str, ...]
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate of the workspace on the incident's clock."""

    candidate: Candidate
    wearer: str
    span: Span
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one marked utterance was proposed on one camera. ``onset`` in microseconds, None when missed."""

    utterance: Utterance
    camera: str
    kind: str
    code: str
    onset: Micros | None


@dataclass(frozen=True, slots=True)
class Truth:
    """``truth.json`` as far as it is compared with. ``worn_by`` maps its camera names to wearers."""

    utterances: tuple[Utterance, ...]
    traps: tuple[str, ...]
    exculpatory: tuple[str, ...]
    worn_by: dict[str, str]
    raw: dict[str, Any]


def read_truth(file: Path) -> Truth:
    """Read the scene's truth; the file is the project's own."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    return Truth(
        utterances=tuple(_utterance(one) for one in raw["utterances"]),
        traps=tuple(one["id"] for one in raw["gold"]["traps_not_warnings"]),
        exculpatory=tuple(raw["gold"]["exculpatory_ids"]),
        worn_by={one["id"]: one["worn_by"] for one in raw["cameras"]},
        raw=raw,
    )


def _utterance(raw: dict[str, Any]) -> Utterance:
    span = Span(_micros(raw["start"]), _micros(raw["end"]))
    return Utterance(raw["id"], raw["speaker"], raw["text"], span, tuple(raw["labels"]), tuple(raw["audible_on"]))


def _micros(seconds: float) -> Micros:
    return Micros(round(seconds * 1_000_000))


def candidates_on_clock(work: Work, incident: IncidentId) -> tuple[Heard, ...]:
    """Every candidate of an incident on its clock, with who wore the camera and what was decided."""
    case = work.reviews.incident(incident)
    decisions: dict[CandidateId, Decision] = work.reviews.decisions()
    found = []
    for placed in case.placements:
        recording: Recording = work.footage.recording(placed.recording)
        for one in work.reviews.candidates(placed.recording):
            span = placed.clock.span_to_incident(one.span)
            found.append(Heard(one, recording.wearer or "", span, decisions.get(one.id)))
    return tuple(found)


def answers(truth: Truth, heard: Sequence[Heard]) -> tuple[Answer, ...]:
    """For each marked utterance, kind and camera it can be heard on: was it proposed, and with which onset error."""
    found = []
    for one in truth.utterances:
        for code in one.codes:
            kind = next((name for name, start in KINDS.items() if code.startswith(start)), None)
            if kind is None:
                continue
            for camera in one.cameras:
                onset = _onset(one, code, truth.worn_by[camera], heard)
                found.append(Answer(one, camera, kind, code, onset))
    return tuple(found)


def answers_to(utterance: Utterance, heard: Sequence[Heard], wearer: str | None = None) -> list[Heard]:
    """Candidates whose middle lies in an utterance, on one wearer's camera or on all."""
    first, last = utterance.span.start - NEAR, utterance.span.end + NEAR
    return [
        one for one in heard if first <= (one.span.start + one.span.end) // 2 <= last and wearer in (None, one.wearer)
    ]


def _onset(utterance: Utterance, code: str, wearer: str, heard: Sequence[Heard]) -> Micros | None:
    near = [one for one in answers_to(utterance, heard, wearer) if one.candidate.code == code]
    if not near:
        return None
    first = min(near, key=lambda one: abs(one.span.start - utterance.span.start))
    return Micros(first.span.start - utterance.span.start)


def truth_of(measure: Measure, tags: Mapping[TagId, Tag], truth: Truth) -> str:
    """What the scene's truth says of a measure, in words, or that it says nothing."""
    gold = truth.raw["gold"]
    if measure.code == "M01" and (tag := tags.get(TagId(measure.subject))) is not None:
        for one in gold["per_force"]:
            if abs(_micros(one["start"]) - tag.start) <= SAME_MOMENT:
                return f"{one['seconds_from_last_warning_end']:.3f} s"
    if measure.code in PER_PERSON and measure.subject != SUBJECT:
        return NOTHING_SAID
    if measure.code == "M03":
        return f"{gold['warnings_before_first_force']['count']} warnings"
    if measure.code == "M08":
        return f"{len(gold['contradictory_simultaneous_orders'])} contradictory pairs"
    if measure.code == "M17":
        lengths = [one["end"] - one["start"] for one in truth.raw["force_events"]]
        return f"{len(lengths)} cycles, {sum(lengths):.1f} s"
    if measure.code == "M19":
        first_sign = min(one.span.start for one in truth.utterances if "SUB.DISTRESS" in one.codes)
        request = _micros(gold["aid_request"]["time"])
        return f"{(request - first_sign) / 1_000_000:.3f} s from the first cry"
    if measure.code == "M23":
        return f"{gold['seconds_first_cant_breathe_to_first_intervention']:.3f} s"
    return NOTHING_SAID
