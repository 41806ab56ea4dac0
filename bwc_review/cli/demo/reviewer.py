"""Reading ``reviewer.toml``: the recorded decisions of the invented reviewer of the sample scene."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bwc_review.domain.ids import CameraId, EventCode, IncidentId, OperatorId, ParticipantId
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.times import Micros, Span
from bwc_review.errors import InputRefused
from bwc_review.review.recorded import RecordedDecision, Verdict

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ClockDecision:
    """Which uncertainty the reviewer gave a camera's claim of time, and why it is believed."""

    camera: CameraId
    uncertainty: Micros
    reason: str


@dataclass(frozen=True, slots=True)
class RecordedReview:
    """The whole file."""

    reviewer: OperatorId
    incident: IncidentId
    title: str
    purpose: str
    clocks: tuple[ClockDecision, ...]
    decisions: tuple[RecordedDecision, ...]


def read_review(file: Path) -> RecordedReview:
    """Read and check the file. Raises InputRefused naming it and what is wrong."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        if raw["schema"] != SCHEMA:
            raise ValueError(f"schema {raw['schema']} is not {SCHEMA}")
        return RecordedReview(
            reviewer=OperatorId(raw["reviewer"]),
            incident=IncidentId(raw["incident"]),
            title=str(raw["title"]),
            purpose=str(raw["purpose"]),
            clocks=tuple(_clock(one) for one in raw["clock"]),
            decisions=tuple(_decision(one) for one in raw["decision"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as broken:
        raise InputRefused(
            f"The recorded review {file} cannot be read: {broken}. Restore it from the project."
        ) from broken


def _clock(raw: Mapping[str, Any]) -> ClockDecision:
    return ClockDecision(CameraId(raw["camera"]), Micros(int(raw["uncertainty_ms"]) * 1000), str(raw["reason"]))


def _decision(raw: Mapping[str, Any]) -> RecordedDecision:
    window = raw.get("window")
    start = _micros(raw.get("at", window[0] if window else 0))
    until = raw.get("to", raw.get("at", window[0] if window else 0))
    return RecordedDecision(
        id=str(raw["id"]),
        verdict=Verdict(raw["verdict"]),
        code=EventCode(raw["code"]),
        camera=CameraId(raw["camera"]) if "camera" in raw else None,
        window=Span(_micros(window[0]), _micros(window[1])) if window else Span(start, start),
        start=start,
        end=None if until == "open" else _micros(until),
        actor=ParticipantId(raw["actor"]) if "actor" in raw else None,
        target=ParticipantId(raw["target"]) if "target" in raw else None,
        attrs={name: _attr(value) for name, value in raw.get("attrs", {}).items()},
        note=str(raw.get("note", "")),
        camera_only=bool(raw.get("camera_only", False)),
        proposed_as=tuple(EventCode(code) for code in raw.get("proposed_as", ())),
    )


def _attr(value: Any) -> AttrValue:
    return tuple(str(one) for one in value) if isinstance(value, list) else value


def _micros(seconds: float) -> Micros:
    return Micros(round(seconds * 1_000_000))
