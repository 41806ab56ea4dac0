"""A custody entry: its fields, its bytes, its leaf hash. Who appends it and where it is stored lives elsewhere.

Authority: docs/custody-format.md section 3 (entry) and section 5 (leaf hash, RFC 9162 section 2.1.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import cast

from chain_of_custody.canonical import MAX_INT, encode, parse, plain
from chain_of_custody.clock import format_at, parse_at
from chain_of_custody.errors import EntryRefused
from chain_of_custody.fields import HEX32, Fields
from chain_of_custody.merkle import leaf_hash

VERSION = 1
FIRST_PREV = "0" * 64
DATA_DEPTH = 2  # `data` lies inside the entry
OUTCOMES = frozenset({"ok", "failed", "refused"})
FAMILIES = frozenset(
    {
        "access",
        "bundle",
        "candidate",
        "checkpoint",
        "clock",
        "config",
        "dock",
        "export",
        "key",
        "log",
        "media",
        "redaction",
        "retention",
        "review",
        "session",
        "tag",
        "transcript",
    }
)

_TYPE = re.compile(r"([a-z]+)\.[a-z][a-z0-9_]{0,63}")
_CODE = re.compile(r"[a-z0-9_]{1,64}")
_MAYBE_CODE = re.compile(r"[a-z0-9_]{0,64}")
_ID = re.compile(r"[!-~]{1,256}")
_MAYBE_ID = re.compile(r"[!-~]{0,256}")
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")  # printable ASCII without space and plus (C2SP signed-note key names)
_SALT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted (section 3). `session`, `key`: "" where there was none; the workstation alone attests then."""

    id: str
    role: str
    session: str
    auth: str
    key: str

    def __post_init__(self) -> None:
        _match(_ID, self.id, "actor.id")
        _match(_CODE, self.role, "actor.role")
        _match(_MAYBE_ID, self.session, "actor.session")
        _match(_CODE, self.auth, "actor.auth")
        _match(_MAYBE_ID, self.key, "actor.key")


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted on (custody-format section 3)."""

    kind: str
    id: str

    def __post_init__(self) -> None:
        _match(_CODE, self.kind, "subject.kind")
        _match(_ID, self.id, "subject.id")


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clocks at the act (section 3): source, measured offset (us; None: not measured), boot, monotonic time."""

    src: str
    off_us: int | None
    boot: str
    mono_us: int

    def __post_init__(self) -> None:
        _match(_CODE, self.src, "clock.src")
        _match(_ID, self.boot, "clock.boot")
        _integer(self.mono_us, 0, "clock")
        if self.off_us is not None:
            _integer(self.off_us, -MAX_INT, "clock")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a use case wants logged, before it has its place (section 3). Free text: into `commit`, never `data`."""

    type: str
    outcome: str
    actor: Actor
    subject: Subject
    reason: str
    data: Mapping[str, object]
    commit: Mapping[str, str]

    def __post_init__(self) -> None:
        found = _TYPE.fullmatch(self.type)
        if found is None or found[1] not in FAMILIES:
            raise EntryRefused("unknown_type", "type", ascii(self.type)[:80])
        if self.outcome not in OUTCOMES:
            raise EntryRefused("unknown_outcome", "outcome", ascii(self.outcome)[:80])
        _match(_MAYBE_CODE, self.reason, "reason")
        for name, commitment in self.commit.items():
            _match(_CODE, name, "commit")
            _match(HEX32, commitment, f"commit.{name}")
        frozen = MappingProxyType(plain(self.data, depth=DATA_DEPTH))
        object.__setattr__(self, "data", frozen)
        object.__setattr__(self, "commit", MappingProxyType(dict(self.commit)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the log (section 3), `seq` from 0. `prev` is the leaf hash of seq-1, zeros for the first."""

    log: str
    seq: int
    at: datetime
    clock: ClockState
    ws: str
    app: str
    draft: Draft
    salt: str
    prev: str
    _raw: bytes | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _match(_ORIGIN, self.log, "log")
        _match(_ID, self.ws, "ws")
        _match(_ID, self.app, "app")
        _match(_SALT, self.salt, "salt")
        _match(HEX32, self.prev, "prev")
        _integer(self.seq, 0, "seq")
        if self.seq == 0 and self.prev != FIRST_PREV:
            raise EntryRefused("first_entry_has_a_predecessor", "prev")

    @property
    def type(self) -> str:
        return self.draft.type

    @property
    def outcome(self) -> str:
        return self.draft.outcome

    @property
    def actor(self) -> Actor:
        return self.draft.actor

    @property
    def subject(self) -> Subject:
        return self.draft.subject

    @property
    def reason(self) -> str:
        return self.draft.reason

    @property
    def data(self) -> Mapping[str, object]:
        return self.draft.data

    @property
    def commit(self) -> Mapping[str, str]:
        return self.draft.commit

    @property
    def leaf(self) -> bytes:
        """SHA-256(0x00 || to_bytes()), 32 bytes."""
        return leaf_hash(self.to_bytes())

    def columns(self) -> dict[str, str | int]:
        """The copies a database may index; a verifier compares them with the bytes (verification level L1)."""
        return {
            "log": self.log,
            "seq": self.seq,
            "type": self.type,
            "outcome": self.outcome,
            "at": format_at(self.at),
            "actor_id": self.actor.id,
            "actor_role": self.actor.role,
            "session": self.actor.session,
            "subject_kind": self.subject.kind,
            "subject_id": self.subject.id,
            "reason": self.reason,
            "ws": self.ws,
            "app": self.app,
            "leaf": self.leaf.hex(),
            "prev": self.prev,
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes, which are what is stored, hashed and disclosed."""
        if self._raw is None:  # made once: leaf, columns and the row each ask for it
            object.__setattr__(self, "_raw", self._canonical())
        return cast(bytes, self._raw)

    def _canonical(self) -> bytes:
        # every other field was held to a pattern when it was made; data may hold lists somebody changed since
        return encode(
            {
                "v": VERSION,
                "log": self.log,
                "seq": self.seq,
                "type": self.type,
                "outcome": self.outcome,
                "at": format_at(self.at),
                "clock": _object(self.clock),
                "actor": _object(self.actor),
                "ws": self.ws,
                "app": self.app,
                "subject": _object(self.subject),
                "reason": self.reason,
                "data": plain(self.data, depth=DATA_DEPTH),
                "commit": dict(self.commit),
                "salt": self.salt,
                "prev": self.prev,
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Entry:
        """The entry `raw` is the canonical form of. Raises NotCanonical, EntryRefused or BadTime."""
        top = Fields(parse(raw), _KEYS, EntryRefused)
        if top.integer("v") != VERSION:
            raise EntryRefused("unknown_version", "v")
        return cls(
            log=top.text("log"),
            seq=top.integer("seq"),
            at=parse_at(top.text("at")),
            clock=_clock(top.mapping("clock")),
            ws=top.text("ws"),
            app=top.text("app"),
            draft=_draft(top),
            salt=top.text("salt"),
            prev=top.text("prev"),
        )


_KEYS = frozenset(
    {"v", "log", "seq", "type", "outcome", "at", "clock", "actor", "ws", "app", "subject", "reason", "data", "commit"}
    | {"salt", "prev"}
)
_CLOCK_KEYS = frozenset({"src", "off_us", "boot", "mono_us"})
_ACTOR_KEYS = frozenset({"id", "role", "session", "auth", "key"})
_SUBJECT_KEYS = frozenset({"kind", "id"})


def _object(part: Actor | Subject | ClockState) -> dict[str, object]:
    # dataclasses.asdict copies deeply, which a log of a million entries feels
    return {name: getattr(part, name) for name in part.__slots__}


def _clock(value: Mapping[str, object]) -> ClockState:
    got = Fields(value, _CLOCK_KEYS, EntryRefused, "clock")
    return ClockState(got.text("src"), got.integer_or_none("off_us"), got.text("boot"), got.integer("mono_us"))


def _draft(top: Fields) -> Draft:
    who = Fields(top.mapping("actor"), _ACTOR_KEYS, EntryRefused, "actor")
    what = Fields(top.mapping("subject"), _SUBJECT_KEYS, EntryRefused, "subject")
    commit = top.mapping("commit")
    commits = Fields(commit, frozenset(commit), EntryRefused, "commit")
    return Draft(
        type=top.text("type"),
        outcome=top.text("outcome"),
        actor=Actor(who.text("id"), who.text("role"), who.text("session"), who.text("auth"), who.text("key")),
        subject=Subject(what.text("kind"), what.text("id")),
        reason=top.text("reason"),
        data=top.mapping("data"),
        commit={name: commits.text(name) for name in commit},
    )


def _integer(value: int, least: int, where: str) -> None:
    if type(value) is not int or not least <= value <= MAX_INT:  # a float or a bool would change the bytes
        raise EntryRefused("out_of_range", where)


def _match(pattern: re.Pattern[str], value: str, where: str) -> None:
    if not pattern.fullmatch(value):
        raise EntryRefused("outside_its_pattern", where, ascii(value)[:80])
