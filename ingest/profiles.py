"""Camera profiles: one TOML file per model family, data only; loading them and recognising a card.

Shape: ``ingest/profiles/README.md``. What a name or a sidecar says is read in ``ingest.clips``.
"""

from __future__ import annotations

import hashlib
import itertools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from ingest.errors import ProfileRefused
from ingest.listing import Listing
from ingest.names import FoundName, shown_text
from ingest.patterns import Pattern, from_glob, from_regex, match
from ingest.sidecars import FORMS
from ingest.times import TimeRule

SCHEMA = 1
MAX_PROFILE_BYTES = 256 * 1024
GENERIC = "generic"


class Role(StrEnum):
    """What a file of a card is to a recording."""

    VIDEO = "video"
    SIDECAR = "sidecar"
    OTHER = "other"


class Grade(StrEnum):
    """What the profile's own knowledge rests on; shown beside everything it claims."""

    VENDOR_DOC = "vendor-doc"
    PUBLIC_TOOL = "public-tool"
    OBSERVED_SAMPLE = "observed-sample"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class TreeRule:
    """A path whose presence speaks for the profile, and how strongly."""

    glob: str
    pattern: Pattern
    weight: int


@dataclass(frozen=True, slots=True)
class NameRule:
    """How a recording's name is read: its named groups, further fields filled from them, and the times.

    ``fill`` maps a field to a text in which ``<group>`` stands for a group.
    """

    pattern: Pattern
    fill: Mapping[str, str]
    times: tuple[TimeRule, ...]


@dataclass(frozen=True, slots=True)
class SidecarRule:
    """How a companion binds to recordings (its ``stem`` group) and which of its fields say what.

    ``parse`` is ``json``, ``key-value``, ``xml``, ``nmea`` or ``none``; ``fields`` maps our words to dotted
    paths, and a time's ``field`` is one of our words.
    """

    pattern: Pattern
    parse: str
    fields: Mapping[str, str]
    times: tuple[TimeRule, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One camera family. ``digest`` is the SHA-256 (hex) of the profile's file, for the custody entry."""

    id: str
    vendor: str
    model: str
    note: str
    grade: Grade
    digest: str
    minimum: int
    tree: tuple[TreeRule, ...]
    recordings: tuple[Pattern, ...]
    ignored: tuple[Pattern, ...]
    keep_unknown: bool
    names: tuple[NameRule, ...]
    sidecars: tuple[SidecarRule, ...]
    header_times: tuple[TimeRule, ...]
    prebuffer_us: int
    prebuffer_audio: bool

    def ignores(self, name: FoundName) -> bool:
        """Whether the name is listed but never taken, such as a file browser's own leavings."""
        return any(match(p, name) for p in self.ignored)

    def role_of(self, name: FoundName) -> Role:
        """What the name says the file is."""
        if any(match(rule.pattern, name) for rule in self.sidecars):
            return Role.SIDECAR
        if any(match(p, name) for p in self.recordings):
            return Role.VIDEO
        return Role.OTHER


@dataclass(frozen=True, slots=True)
class Match:
    """A profile that knows a card: the sum of its weights and the paths that spoke for it."""

    profile: Profile
    score: int
    why: tuple[str, ...]


def load_profiles(extra: Path | None = None) -> tuple[Profile, ...]:
    """The profiles of this package and, when given, of the folder ``extra``, ordered by id.

    Raises ProfileRefused for a file that is not a profile or an id that stands twice.
    """
    files = [f for f in resources.files("ingest").joinpath("profiles").iterdir() if f.name.endswith(".toml")]
    loaded = [parse_profile(f.name, f.read_bytes()) for f in files]
    if extra is not None:
        loaded += [parse_profile(f.name, f.read_bytes()) for f in sorted(extra.glob("*.toml"))]
    profiles = tuple(sorted(loaded, key=lambda p: p.id))
    for one, next_one in itertools.pairwise(profiles):
        if one.id == next_one.id:
            raise ProfileRefused(f"Two camera profiles have the id '{one.id}'. Rename or remove one of them.")
    return profiles


def recognise(listing: Listing, profiles: Iterable[Profile]) -> tuple[Match, ...]:
    """The profiles that know this card, best first; ``generic`` always comes last with score 0.

    Equal scores at the top mean the clerk must choose.
    """
    matches = [_match(listing, profile) for profile in profiles]
    known = [m for m in matches if m.profile.id == GENERIC or m.score >= m.profile.minimum]
    return tuple(sorted(known, key=lambda m: (-m.score, m.profile.id)))


def _match(listing: Listing, profile: Profile) -> Match:
    score = 0
    why: list[str] = []
    for rule in profile.tree:
        found = next((e for e in listing.entries if match(rule.pattern, e.name)), None)
        if found is not None:
            score += rule.weight
            why.append(f"{found.name.shown} (as {rule.glob}, {rule.weight})")
    return Match(profile, score, tuple(why))


def parse_profile(file_name: str, data: bytes) -> Profile:
    """Read one profile. Raises ProfileRefused saying which file and which part of it is wrong."""
    shown = shown_text(file_name)
    try:
        if len(data) > MAX_PROFILE_BYTES:
            raise ProfileRefused(f"The camera profile '{shown}' is larger than any profile. Remove it.")
        return _profile(tomllib.loads(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProfileRefused(
            f"The camera profile '{shown}' cannot be read: {error!s}. Correct or remove it.", detail=repr(error)
        ) from error


def _profile(table: Mapping[str, Any], digest: str) -> Profile:
    if table["schema"] != SCHEMA:
        raise ValueError(f"schema {table['schema']!r} is not {SCHEMA}")
    detect, files = table.get("detect", {}), table["files"]
    prebuffer = table.get("segments", {}).get("prebuffer", {})
    return Profile(
        id=str(table["id"]),
        vendor=str(table["vendor"]),
        model=str(table["model"]),
        note=str(table.get("note", "")),
        grade=Grade(table["evidence"]),
        digest=digest,
        minimum=int(detect.get("min", 1)),
        tree=tuple(TreeRule(r["glob"], from_glob(r["glob"]), int(r["weight"])) for r in detect.get("tree", ())),
        recordings=_globs(files["include"]),
        ignored=_globs(files.get("ignore", ())),
        keep_unknown=bool(files.get("keep_unknown", True)),
        names=tuple(_name(r) for r in table.get("name", ())),
        sidecars=tuple(_sidecar(r) for r in table.get("sidecar", ())),
        header_times=_times(table.get("header", {})),
        prebuffer_us=round(prebuffer.get("seconds", 0) * 1_000_000),
        prebuffer_audio=bool(prebuffer.get("audio", True)),
    )


def _globs(globs: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(from_glob(g) for g in globs)


def _times(rule: Mapping[str, Any]) -> tuple[TimeRule, ...]:
    return tuple(TimeRule.from_table(time) for time in rule.get("time", ()))


def _name(rule: Mapping[str, Any]) -> NameRule:
    fill = {str(field): str(text) for field, text in rule.get("fill", {}).items()}
    return NameRule(from_regex(rule["re"]), fill, _times(rule))


def _sidecar(rule: Mapping[str, Any]) -> SidecarRule:
    parse = str(rule.get("parse", "none"))
    if parse != "none" and parse not in FORMS:
        raise ValueError(f"parse {parse!r} is not one of {', '.join(FORMS)}, none")
    pattern = from_regex(rule["re"])
    if "stem" not in pattern.groupindex:
        raise ValueError("a sidecar's re has no group named stem")
    fields = {str(ours): str(theirs) for ours, theirs in rule.get("fields", {}).items()}
    return SidecarRule(pattern, parse, fields, _times(rule))
