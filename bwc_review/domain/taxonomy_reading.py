"""From the parsed taxonomy file to values, refusing what contradicts itself. YAML merge keys are resolved before."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.ids import EventCode
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
from bwc_review.domain.times import Micros

_SCHEMA = "bwc-domain-taxonomy"


class Parts(NamedTuple):
    """Everything a Taxonomy holds but the digest of its file."""

    version: str
    events: Mapping[EventCode, EventType]
    enums: Mapping[str, tuple[str, ...]]
    conflicts: Conflicts
    measures: Mapping[str, MeasureInfo]
    roles: tuple[str, ...]
    permissions: Mapping[str, Mapping[str, str]]
    parameters: Parameters


def read_parts(raw: Mapping[str, Any]) -> Parts:
    """Read the parsed file. Raises DefinitionRefused saying what is wrong and where."""
    if raw.get("schema") != _SCHEMA:
        raise DefinitionRefused(f"this file is no taxonomy: its schema is {raw.get('schema')!r}, not {_SCHEMA}")
    try:
        enums = MappingProxyType({name: tuple(values) for name, values in raw["enums"].items()})
        roles = tuple(raw["roles"])
        return Parts(
            version=str(raw["version"]),
            events=_events(raw["event_types"], enums),
            enums=enums,
            conflicts=_conflicts(raw["command_conflicts"], enums["instructed_action"]),
            measures=_measures(raw["measures"]),
            roles=roles,
            permissions=_permissions(raw["permissions"], roles, raw["permission_values"]),
            parameters=_parameters(raw["measure_conventions"]["engineering_parameters"]),
        )
    except (KeyError, TypeError, AttributeError) as wrong:
        raise DefinitionRefused(
            f"the taxonomy lacks a part or has it in another shape: {wrong}", detail=repr(wrong)
        ) from wrong


def _events(raw: list[Mapping[str, Any]], enums: Mapping[str, tuple[str, ...]]) -> Mapping[EventCode, EventType]:
    events: dict[EventCode, EventType] = {}
    for one in raw:
        code = EventCode(one["code"])
        if code in events:
            raise DefinitionRefused(f"event type {code} stands twice in the taxonomy")
        attrs = {name: _attr(code, name, text, enums) for name, text in one["attrs"].items()}
        try:
            kind, layer = Kind(one["kind"]), Layer(one["layer"])
        except ValueError as wrong:
            raise DefinitionRefused(f"event type {code}: {wrong}") from wrong
        seed = tuple(one["seed"])
        events[code] = EventType(code, one["label"], kind, layer, MappingProxyType(attrs), seed)
    return MappingProxyType(events)


def _attr(code: str, name: str, text: str, enums: Mapping[str, tuple[str, ...]]) -> AttrSpec:
    """Read ``enum[]:instructed_action!``: type, list mark, what it refers to, required mark."""
    head, _, enum = text.removesuffix("!").partition(":")
    kind = head.removesuffix("[]")
    if kind not in ATTR_TYPES:
        raise DefinitionRefused(f"{code}.{name} has the unknown type {text!r}")
    if kind == "enum" and enum not in enums:
        raise DefinitionRefused(f"{code}.{name} names the enum {enum!r}, which the taxonomy does not list")
    return AttrSpec(kind, text.endswith("!"), enum, head.endswith("[]"))


def _conflicts(raw: Mapping[str, Any], actions: tuple[str, ...]) -> Conflicts:
    def pairs(kind: str) -> frozenset[frozenset[str]]:
        found = [frozenset(pair) for pair in raw[kind]]
        for pair in found:
            if len(pair) != 2 or not pair <= set(actions):
                raise DefinitionRefused(f"{kind} orders {sorted(pair)} are not two listed instructed actions")
        return frozenset(found)

    return Conflicts(pairs("contradictory"), pairs("competing"))


def _measures(raw: list[Mapping[str, Any]]) -> Mapping[str, MeasureInfo]:
    measures: dict[str, MeasureInfo] = {}
    for one in raw:
        code = one["code"]
        if code in measures:
            raise DefinitionRefused(f"measure {code} stands twice in the taxonomy")
        measures[code] = MeasureInfo(
            code, one["name"], one["per"], one["definition"], one["seed"], one["threshold"]["text"]
        )
    return MappingProxyType(measures)


def _permissions(
    raw: Mapping[str, list[str]], roles: tuple[str, ...], values: Mapping[str, str]
) -> Mapping[str, Mapping[str, str]]:
    permissions: dict[str, Mapping[str, str]] = {}
    for name, row in raw.items():
        if len(row) != len(roles) or not set(row) <= set(values):
            raise DefinitionRefused(f"permission {name} does not give one known value for each role")
        permissions[name] = MappingProxyType(dict(zip(roles, row, strict=True)))
    return MappingProxyType(permissions)


def _parameters(raw: Mapping[str, Mapping[str, Any]]) -> Parameters:
    def micros(name: str) -> Micros:
        value = raw[name]["default"]
        if type(value) is not int or value < 0:
            raise DefinitionRefused(f"engineering parameter {name} must be a whole number of milliseconds")
        return Micros(value * 1000)

    return Parameters(
        merge_gap_us=micros("merge_gap_ms"),
        simultaneity_gap_us=micros("simultaneity_gap_ms"),
        window_before_force_us=micros("window_before_force_ms"),
        aid_position_change_counts=bool(raw["aid_position_change_counts"]["default"]),
    )
