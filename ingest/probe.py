"""What an isolated child found out about a preserved file, checked and typed.

A file that cannot be decoded is still evidence: it gives facts with ``unplayable`` and the reasons in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ingest.errors import ProbeFailed
from ingest.findings import Finding, Trait, found
from ingest.isolation import ChildFailed, Recording, ask_child

DEFAULT_TIMEOUT_S = 120.0


class Playability(StrEnum):
    """``damaged`` plays in part; ``unplayable`` shows nothing a person could see or hear."""

    PLAYABLE = "playable"
    DAMAGED = "damaged"
    UNPLAYABLE = "unplayable"


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The main picture. ``frames`` are counted by demuxing; ``rotation`` turns clockwise for display.

    ``first_pts`` is in ticks of time_base_num/time_base_den seconds; rate 0/1 means not stated.
    """

    index: int
    codec: str
    width: int
    height: int
    frames: int
    time_base_num: int
    time_base_den: int
    first_pts: int | None
    rate_num: int
    rate_den: int
    rotation: int
    vfr: bool


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track. ``first_pts`` is of the first sample heard (encoder priming dropped), in ticks."""

    index: int
    codec: str
    rate: int
    channels: int
    time_base_num: int
    time_base_den: int
    first_pts: int | None


@dataclass(frozen=True, slots=True)
class ProbeFacts:
    """Facts about one file. ``findings`` are worded in ``ingest.findings``; ``creation_time`` is the header's text.

    ``duration_us`` is measured from the first frame's start to the last one's end, never taken from a header.
    """

    container: str
    playable: Playability
    duration_us: int | None
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    creation_time: str | None
    findings: tuple[Finding, ...]

    @property
    def encrypted(self) -> bool:
        """Whether the camera encrypted picture or sound."""
        return any(one.trait is Trait.ENCRYPTED for one in self.findings)

    @property
    def damage(self) -> tuple[str, ...]:
        """What speaks against the recording being whole, as sentences for a person."""
        return tuple(one.words() for one in self.findings if one.is_damage)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a person should know of a recording that may be whole: turned, muted, without sound ..."""
        return tuple(one.words() for one in self.findings if not one.is_damage)


def probe(recording: Recording, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> ProbeFacts:
    """Examine a file (a path, an open descriptor, whose position is moved, or what a vault hands over) in a child.

    A child that crashed, hung or answered nonsense gives ``unplayable`` with that reason. Raises ProbeFailed
    only when the file cannot be opened at all.
    """
    try:
        answer = ask_child("probe", recording, {}, timeout_s=timeout_s)
        return parse_facts(answer)
    except ChildFailed as error:
        why = found(Trait.NOT_EXAMINED, how=error.reason)
        return ProbeFacts("unknown", Playability.UNPLAYABLE, None, None, (), None, (why,))
    except OSError as error:
        raise ProbeFailed(
            f"The preserved file cannot be opened ({error.strerror}). Check that the vault's disk is mounted.",
            detail=repr(error),
        ) from error


def parse_facts(data: bytes) -> ProbeFacts:
    """Check and type the child's JSON; raises ChildFailed for anything of another shape."""
    try:
        facts = _Reader(json.loads(data))
        video, audio = facts.table["video"], facts.table["audio"]
        return ProbeFacts(
            container=facts.text("container"),
            playable=Playability(facts.text("playable")),
            duration_us=facts.optional_whole("duration_us"),
            video=None if video is None else _video(_Reader(video)),
            audio=tuple(_audio(_Reader(one)) for one in audio),
            creation_time=facts.optional_text("creation_time"),
            findings=tuple(Finding.from_plain(one) for one in facts.table["findings"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ChildFailed("The examination gave no sensible answer.", detail=repr(error)) from error


class _Reader:
    """Typed access to one table of the answer; raises TypeError or KeyError."""

    def __init__(self, table: Any) -> None:
        if not isinstance(table, Mapping):
            raise TypeError("not a table")
        self.table = table

    def whole(self, key: str) -> int:
        value = self.optional_whole(key)
        if value is None:
            raise TypeError(key)
        return value

    def optional_whole(self, key: str) -> int | None:
        value = self.table[key]
        if value is not None and type(value) is not int:
            raise TypeError(key)
        return value

    def text(self, key: str) -> str:
        value = self.table[key]
        if not isinstance(value, str):
            raise TypeError(key)
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.table[key] is None else self.text(key)

    def truth(self, key: str) -> bool:
        value = self.table[key]
        if not isinstance(value, bool):
            raise TypeError(key)
        return value


def _video(table: _Reader) -> VideoStream:
    whole = table.whole
    return VideoStream(
        whole("index"), table.text("codec"), whole("width"), whole("height"), whole("frames"),
        whole("time_base_num"), whole("time_base_den"), table.optional_whole("first_pts"),
        whole("rate_num"), whole("rate_den"), whole("rotation"), table.truth("vfr"),
    )  # fmt: skip


def _audio(table: _Reader) -> AudioStream:
    whole = table.whole
    return AudioStream(
        whole("index"), table.text("codec"), whole("rate"), whole("channels"),
        whole("time_base_num"), whole("time_base_den"), table.optional_whole("first_pts"),
    )  # fmt: skip
