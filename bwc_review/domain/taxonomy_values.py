"""What a taxonomy is made of: event types, attributes, measures, conflicts of orders, parameters. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.ids import EventCode
from bwc_review.domain.times import Micros


class Kind(StrEnum):
    """Whether an event is a moment, a stretch, or may be tagged as either."""

    POINT = "point"
    INTERVAL = "interval"
    EITHER = "either"


class Layer(StrEnum):
    """What may write it: anybody who watches, a person with a reason, or the machine (``conventions.layers``)."""

    OBSERVATION = "observation"
    JUDGEMENT = "judgement"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class AttrSpec:
    """One attribute: ``type`` is text, bool, int, ms, code, enum or ref; ``many`` for a list of them.

    ``enum`` names the enumeration of an enum, or what a ref points at; empty otherwise.
    """

    type: str
    required: bool
    enum: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """A code a tag may carry. ``seed`` anchors it in the resource note."""

    code: EventCode
    label: str
    kind: Kind
    layer: Layer
    attrs: Mapping[str, AttrSpec]
    seed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Pairs of instructed actions: contradictory cannot both be obeyed, competing leave the order of obeying open."""

    contradictory: frozenset[frozenset[str]]
    competing: frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """How a measure is named and defined. ``threshold`` is text to show beside it, never a limit to colour by."""

    code: str
    name: str
    per: str
    definition: str
    seed: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Engineering parameters in microseconds: settings, not standards (``engineering_parameters``)."""

    merge_gap_us: Micros
    simultaneity_gap_us: Micros
    window_before_force_us: Micros
    aid_position_change_counts: bool


ATTR_TYPES: Mapping[str, type] = {
    "text": str, "code": str, "enum": str, "ref": str, "bool": bool, "int": int, "ms": int,
}  # fmt: skip
