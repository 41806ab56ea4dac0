"""The taxonomy: what may be tagged and measured, checked against itself, and checks of a tag's attributes against it.

Its pieces are in ``taxonomy_values``, reading them in ``taxonomy_reading``; the file is
``bwc_review/data/taxonomy.yaml``. Follows UN/CTI resource note 6.1 through its ``seed`` anchors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bwc_review.domain.ids import EventCode
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.taxonomy_reading import read_parts
from bwc_review.domain.taxonomy_values import (
    ATTR_TYPES,
    AttrSpec,
    Conflicts,
    EventType,
    Kind,
    Layer,
    MeasureInfo,
    Parameters,
)

__all__ = [
    "AttrSpec",
    "Conflicts",
    "EventType",
    "Kind",
    "Layer",
    "MeasureInfo",
    "Parameters",
    "Taxonomy",
    "family",
]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The whole file. ``digest`` is the SHA-256 of the bytes it was read from; ``permissions`` by name and role."""

    version: str
    digest: str
    events: Mapping[EventCode, EventType]
    enums: Mapping[str, tuple[str, ...]]
    conflicts: Conflicts
    measures: Mapping[str, MeasureInfo]
    roles: tuple[str, ...]
    permissions: Mapping[str, Mapping[str, str]]
    parameters: Parameters

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any], digest: str) -> Taxonomy:
        """Build from the parsed file. Raises DefinitionRefused for unknown enums, double codes, wrong shapes."""
        return cls(digest=digest, **read_parts(raw)._asdict())

    def permission(self, name: str, role: str) -> str:
        """What the matrix grants a role ("-": denied). Raises KeyError for a name or role it does not have."""
        return self.permissions[name][role]

    def check_attrs(self, code: EventCode, attrs: Mapping[str, AttrValue]) -> tuple[str, ...]:
        """Return what is wrong with a tag's attributes, missing ones included, in words; empty when nothing is."""
        return (*self.wrong_attrs(code, attrs), *self.missing_attrs(code, attrs))

    def missing_attrs(self, code: EventCode, attrs: Mapping[str, AttrValue]) -> tuple[str, ...]:
        """Return the required attributes a tag does not have yet, in words. They are asked before sign-off."""
        event = self.events.get(code)
        specs = event.attrs.items() if event else ()
        return tuple(f"{name} is required for {code}" for name, spec in specs if spec.required and name not in attrs)

    def wrong_attrs(self, code: EventCode, attrs: Mapping[str, AttrValue]) -> tuple[str, ...]:
        """Return what can never stand in a tag of this code, in words: unknown names, values of the wrong kind."""
        event = self.events.get(code)
        if event is None:
            return (f"{code} is not an event type of taxonomy {self.version}",)
        unknown = [f"{code} has no attribute {name}" for name in attrs if name not in event.attrs]
        wrong = [
            f"{name} of {code} {problem}"
            for name, value in attrs.items()
            if name in event.attrs and (problem := self._problem(event.attrs[name], value))
        ]
        return (*unknown, *wrong)

    def _problem(self, spec: AttrSpec, value: AttrValue) -> str:
        if spec.many != isinstance(value, tuple):
            return "must be a list" if spec.many else "must be a single value"
        values: tuple[object, ...] = value if isinstance(value, tuple) else (value,)
        if spec.many and spec.required and not values:
            return "must not be empty"
        wanted = ATTR_TYPES[spec.type]
        if any(type(one) is not wanted for one in values):
            return f"must be {_IN_WORDS[spec.type]}"
        if spec.type == "enum":
            strangers = [str(one) for one in values if one not in self.enums[spec.enum]]
            return f"cannot be {', '.join(strangers)}" if strangers else ""
        return ""


_IN_WORDS: Mapping[str, str] = {
    "text": "text", "code": "a code", "enum": "one of its listed values", "ref": "an id",
    "bool": "true or false", "int": "a whole number", "ms": "a whole number of milliseconds",
}  # fmt: skip

_FAMILIES: Mapping[str, str] = {
    "WRN": "warnings",
    "FRC": "force",
    "DTI": "intervene",
    "RST": "restraint",
    "MED": "medical",
    "CMD": "orders",
    "IDN": "identification",
    "DES": "deescalation",
    "SUB": "subject",
    "CAM": "camera",
}


def family(code: EventCode) -> str:
    """Return the palette and timeline lane a code belongs to; "other" for context, reports, flags and the rest."""
    return _FAMILIES.get(code.partition(".")[0], "other")
