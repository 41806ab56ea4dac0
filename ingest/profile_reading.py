"""From a profile's TOML to its values: what may stand in it. The words for people: ``docs/camera-profiles.md``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.errors import ProfileRefused
from ingest.patterns import Pattern, from_glob, from_regex
from ingest.profile_table import Table
from ingest.profile_values import (
    GpsRule,
    Grade,
    IdRule,
    Known,
    LabelRule,
    NameRule,
    Profile,
    SegmentRule,
    SidecarRule,
    TreeRule,
)
from ingest.sidecars import FORMS
from ingest.times import Means, TimeRule, check_format, check_zone

SCHEMA = 1
WORDS = ("device_id", "officer_id", "recording_id", "segment", "prebuffer_s")
GPS_KINDS = ("subtitle-text", "novatek-freegps", "gpmf")
GPS_GROUPS = {"utc", "lat", "lon"}
MAX_PREBUFFER_S = 3600
MAX_GAP_S = 3600
MAX_UNCERTAINTY_S = 86_400
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_FILLED = re.compile(r"<(\w+)>")
_GRADES = tuple(Grade)


def profile_from(table: Table, digest: str) -> Profile:
    """The profile of a whole TOML table. Raises BadValue leading to what is wrong."""
    table.whole("schema", SCHEMA, SCHEMA)
    detect, files, segments = table.table("detect"), table.table("files"), table.table("segments")
    header, prebuffer = table.table("header"), segments.table("prebuffer")
    sidecars = table.tables("sidecar")
    profile = Profile(
        id=_id(table),
        vendor=table.text("vendor"),
        model=table.text("model"),
        note=table.text("note", ""),
        grade=table.choice("evidence", Grade, _GRADES),
        known=tuple(_known(one) for one in table.tables("known")),
        digest=digest,
        minimum=detect.whole("min", 0, 10_000, 1),
        tree=tuple(_tree(one) for one in detect.tables("tree")),
        labels=tuple(_label(one) for one in detect.tables("volume_label")),
        recordings=_globs(files, "include", least=1),
        ignored=_globs(files, "ignore"),
        keep_unknown=files.truth("keep_unknown", default=True),
        names=tuple(_name(one) for one in table.tables("name")),
        sidecars=tuple(_sidecar(one) for one in sidecars),
        header_times=_times(header, {"creation_time"}),
        ids=tuple(_atom(one) for one in header.tables("ids")),
        gps=tuple(_gps(one) for one in table.tables("gps")),
        segments=_segments(segments),
        prebuffer_us=prebuffer.micros("seconds", MAX_PREBUFFER_S, 0) or 0,
        prebuffer_audio=prebuffer.truth("audio", default=True),
    )
    reachable = sum(rule.weight for rule in profile.tree) + sum(rule.weight for rule in profile.labels)
    if profile.minimum > reachable:
        raise detect.bad("min", f"is {profile.minimum}, and all weights together are {reachable}")
    for one in (detect, files, prebuffer, segments, header, table):
        one.done()
    return profile


def _id(table: Table) -> str:
    given = table.text("id")
    if not _ID.fullmatch(given):
        raise table.bad("id", "must be small letters, digits and hyphens, at most 64, such as kestrel-kb2")
    return given


def _known(table: Table) -> Known:
    known = Known(table.text("what"), table.choice("from", Grade, _GRADES))
    table.done()
    return known


def _tree(table: Table) -> TreeRule:
    glob = table.text("glob")
    rule = TreeRule(glob, _glob(table, "glob", glob), table.whole("weight", 1, 1000))
    table.done()
    return rule


def _label(table: Table) -> LabelRule:
    rule = LabelRule(table.text("re"), _regex(table), table.whole("weight", 1, 1000))
    table.done()
    return rule


def _globs(table: Table, key: str, *, least: int = 0) -> tuple[Pattern, ...]:
    return tuple(_glob(table, key, one) for one in table.texts(key, least=least))


def _glob(table: Table, key: str, glob: str) -> Pattern:
    try:
        return from_glob(glob)
    except ProfileRefused as error:
        raise table.bad(key, error.detail) from error


def _regex(table: Table) -> Pattern:
    try:
        return from_regex(table.text("re"))
    except ProfileRefused as error:
        raise table.bad("re", error.detail) from error


def _times(rule: Table, fields: Iterable[str]) -> tuple[TimeRule, ...]:
    known = sorted(fields)
    return tuple(_time(one, known) for one in rule.tables("time"))


def _time(table: Table, fields: list[str]) -> TimeRule:
    field = table.text("field")
    if field not in fields:
        raise table.bad("field", f"'{field}' is none of the fields that are read here: {', '.join(fields) or 'none'}")
    rule = TimeRule(
        field=field,
        format=table.text("format", most=64),
        means=table.choice("means", Means, tuple(Means)),
        zone=table.text("zone", most=64),
        uncertainty_us=table.micros("uncertainty_s", MAX_UNCERTAINTY_S, 1_000_000) or 0,
    )
    table.made("format", lambda: check_format(rule.format))
    table.made("zone", lambda: check_zone(rule.zone))
    table.done()
    return rule


def _name(table: Table) -> NameRule:
    pattern, fill = _regex(table), table.words("fill")
    for field, text in fill.items():
        unknown = [group for group in _FILLED.findall(text) if group not in pattern.groupindex]
        if unknown:
            raise table.bad("fill", f"{field} is filled from <{unknown[0]}>, which is no group of re")
    rule = NameRule(pattern, fill, _times(table, {*pattern.groupindex, *fill}))
    table.done()
    return rule


def _sidecar(table: Table) -> SidecarRule:
    pattern = _regex(table)
    if "stem" not in pattern.groupindex:
        raise table.bad("re", "has no group (?P<stem>...): the recording's path without its extension")
    fields = table.words("fields")
    rule = SidecarRule(
        pattern, table.choice("parse", str, (*FORMS, "none"), "none"), fields, _times(table, fields)
    )  # fmt: skip
    table.done()
    return rule


def _gps(table: Table) -> GpsRule:
    kind = table.choice("kind", str, GPS_KINDS)
    pattern = _regex(table) if kind == "subtitle-text" else None
    if pattern is not None and not set(pattern.groupindex) >= GPS_GROUPS:
        raise table.bad("re", f"needs the groups {', '.join(sorted(GPS_GROUPS))}")
    times = _times(table, {"utc"})
    if len(times) != 1:
        raise table.bad("time", 'must be one time with field = "utc"')
    rule = GpsRule(kind, pattern, times[0])
    table.done()
    return rule


def _atom(table: Table) -> IdRule:
    rule = IdRule(table.text("atom", most=4), table.choice("field", str, WORDS))
    if len(rule.atom) != 4:
        raise table.bad("atom", "must have four characters, such as ©mod")
    table.done()
    return rule


def _segments(table: Table) -> SegmentRule:
    group_by = table.texts("group_by")
    for one in group_by:
        if one not in WORDS[:3]:
            raise table.bad("group_by", f"'{one}' is none of {', '.join(WORDS[:3])}")
    rule = SegmentRule(
        group_by, table.micros("max_gap_s", MAX_GAP_S), table.micros("overlap_s", MAX_GAP_S, 0) or 0
    )  # fmt: skip
    if rule.max_gap_us is not None and not group_by:
        raise table.bad("max_gap_s", 'needs group_by = ["device_id"], so that two cameras are never joined')
    return rule
