"""RFC 3161 timestamps over checkpoints: what is kept of each, the authority that gives them, the queue in the store.

What is stamped is the body of a checkpoint (the text of the signed note, without its signatures). The body follows
from the log's size alone, so a timestamp is named by that size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class StampState(StrEnum):
    """Where a request stands. Only a queued one ever changes, and only once."""

    QUEUED = "queued"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """One request to one authority, and its answer. Times are microseconds since 1970 UTC.

    ``request`` and ``response`` are DER as sent and received (RFC 3161 section 2.4). ``reason`` is a code saying why
    an answer was refused; a refused answer is kept as it came. ``certificates`` (PEM: the authority's own first, then
    its chain up to the root) are those the answer was verified with. ``stamped_at`` is the authority's clock.
    """

    id: str
    size: int
    body: bytes
    authority: str
    request: bytes
    asked_at: int
    state: StampState = StampState.QUEUED
    response: bytes = b""
    reason: str = ""
    certificates: bytes = b""
    stamped_at: int | None = None


class StampAuthority(Protocol):
    """A timestamp authority whose certificate was given, never taken from an answer."""

    @property
    def name(self) -> str: ...
    @property
    def certificates(self) -> bytes: ...

    def request(self, body: bytes) -> bytes:
        """A new request over SHA-256 of ``body``, with a nonce of its own."""

    def ask(self, request: bytes) -> bytes:
        """Send it to the one address the settings name. Raises AuthorityUnreachable, InputRefused without one."""

    def answers(self, request: bytes, response: bytes) -> bool:
        """Whether ``response`` claims to be the answer to ``request``: the same nonce. Proves nothing."""

    def check(self, body: bytes, request: bytes, response: bytes) -> int:
        """Verify an answer and return the authority's time. Raises TimestampRefused, whose ``reason`` is a code."""


class StampAuthorities(Protocol):
    """The authorities of this workspace."""

    def configured(self) -> Sequence[StampAuthority]:
        """Every authority in the settings. Raises InputRefused when one cannot be used."""

    def holding(self, name: str, certificates: bytes) -> StampAuthority:
        """An authority as it was when an answer was kept, to verify that answer again. Raises InputRefused."""


class Timestamps(Protocol):
    """The queue and the answers. Part of a unit of work."""

    def add(self, timestamp: Timestamp) -> None:
        """Keep a request that waits for its answer."""

    def settle(self, timestamp: Timestamp) -> bool:
        """Keep the answer to a queued request. False when somebody else has settled it already."""

    def all(self) -> Sequence[Timestamp]:
        """Every request of this log, oldest first."""
