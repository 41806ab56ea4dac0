"""What a camera profile says, as frozen values. Reading one: ``profile_reading``; choosing one: ``profiles``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.names import FoundName
from ingest.patterns import Pattern, match
from ingest.times import TimeRule


class Role(StrEnum):
    """What a file of a card is to a recording."""

    VIDEO = "video"
    SIDECAR = "sidecar"
    OTHER = "other"


class Grade(StrEnum):
    """What a piece of knowledge about a camera rests on; shown beside everything it claims."""

    VENDOR_DOC = "vendor-doc"
    PUBLIC_TOOL = "public-tool"
    OBSERVED_SAMPLE = "observed-sample"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Known:
    """One thing the profile rests on, and what that rests on."""

    what: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class TreeRule:
    """A path whose presence speaks for the profile, and how strongly."""

    glob: str
    pattern: Pattern
    weight: int


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A volume's name that speaks for the profile, and how strongly."""

    expression: str
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

    ``parse`` is one of ``ingest.sidecars.FORMS`` or ``none``; ``fields`` maps our words to dotted paths, and a
    time's ``field`` is one of our words.
    """

    pattern: Pattern
    parse: str
    fields: Mapping[str, str]
    times: tuple[TimeRule, ...]


@dataclass(frozen=True, slots=True)
class GpsRule:
    """Satellite time and place inside the recording's own file: ``kind`` of ``ingest.embedded``, and how it reads.

    ``pattern`` (only of ``subtitle-text``) has the groups ``utc``, ``lat`` and ``lon``.
    """

    kind: str
    pattern: Pattern | None
    time: TimeRule


@dataclass(frozen=True, slots=True)
class IdRule:
    """A text box of the recording's ``udta`` (such as ``©mod``) and which of our words it fills."""

    atom: str
    field: str


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """When files are parts of one recording: the same recording id, or the same ``group_by`` words and times that
    follow each other within ``max_gap_us`` (None: times alone join nothing) and ``overlap_us``."""

    group_by: tuple[str, ...]
    max_gap_us: int | None
    overlap_us: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One camera family. ``digest`` is the SHA-256 (hex) of the profile's file, for the custody entry."""

    id: str
    vendor: str
    model: str
    note: str
    grade: Grade
    known: tuple[Known, ...]
    digest: str
    minimum: int
    tree: tuple[TreeRule, ...]
    labels: tuple[LabelRule, ...]
    recordings: tuple[Pattern, ...]
    ignored: tuple[Pattern, ...]
    keep_unknown: bool
    names: tuple[NameRule, ...]
    sidecars: tuple[SidecarRule, ...]
    header_times: tuple[TimeRule, ...]
    ids: tuple[IdRule, ...]
    gps: tuple[GpsRule, ...]
    segments: SegmentRule
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
