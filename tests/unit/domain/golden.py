"""The taxonomy's golden example as domain values. Origin: ``golden_example`` of bwc_review/data/taxonomy.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bwc_review.data import load_taxonomy
from bwc_review.domain.ids import EventCode, IncidentId, OperatorId, ParticipantId, TagId
from bwc_review.domain.measures import Case, coverage_from_tags
from bwc_review.domain.tags import AttrValue, Tag, TagSource, TagState
from bwc_review.domain.times import Micros

INCIDENT = IncidentId("golden")
UNCERTAINTY = Micros(50_000)


@cache
def raw_taxonomy() -> Any:
    text = resources.files("bwc_review.data").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def tag(
    id: str,
    code: str,
    actor: str | None,
    target: str | None,
    start_ms: int,
    end_ms: int | None,
    attrs: Mapping[str, AttrValue] | None = None,
    **more: Any,
) -> Tag:
    """Build a confirmed tag; times in milliseconds as the taxonomy writes them."""
    return Tag(
        id=TagId(id),
        incident=INCIDENT,
        code=EventCode(code),
        start=Micros(start_ms * 1000),
        end=None if end_ms is None else Micros(end_ms * 1000),
        actor=None if actor is None else ParticipantId(actor),
        target=None if target is None else ParticipantId(target),
        source=more.pop("source", TagSource.HUMAN),
        state=more.pop("state", TagState.CONFIRMED),
        uncertainty=more.pop("uncertainty", UNCERTAINTY),
        by=OperatorId("tester"),
        recorded_at=0,
        attrs=attrs or {},
        **more,
    )


def _from_row(
    id: str, code: str, actor: str | None, target: str | None, start: int, end: int | None, attrs: dict[str, Any]
) -> Tag:
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in attrs.items()}
    return tag(id, code, actor, target, start, end, tuples)


def golden_tags() -> tuple[Tag, ...]:
    rows = raw_taxonomy()["golden_example"]["tags"]
    return tuple(_from_row(*row) for row in rows)


def golden_end() -> Micros:
    return Micros(raw_taxonomy()["golden_example"]["recording_end_ms"] * 1000)


def case_of(*tags: Tag, end: Micros | None = None) -> Case:
    """Build a case whose cameras cover what its own camera tags say."""
    last = golden_end() if end is None else end
    return Case(INCIDENT, tags, coverage_from_tags(tags, last), load_taxonomy().parameters)


def golden_case() -> Case:
    return case_of(*golden_tags())
