"""Witnesses of this log: who they are, how one is asked, and what is remembered of their answers.

A witness is somebody outside the house who cosigns checkpoints of a log that only grows (C2SP tlog-witness,
docs/custody-format.md section 14). One contract suite (tests/contract/test_witness.py) runs over every way to ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chain_of_custody.policy import Policy
from chain_of_custody.vkey import VerifierKey


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """One ``[[witnesses]]`` table. ``address`` is the HTTP prefix, empty for a witness reached by files only."""

    name: str
    vkey: VerifierKey
    address: str = ""

    @property
    def by_files(self) -> bool:
        """Whether requests are carried there."""
        return not self.address


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness answered over HTTP: status and body (docs/custody-format.md section 14)."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's signature over the checkpoint of ``size`` entries.

    ``vkey``: the witness's verifier key in text form. ``stamp``: the witness's clock, seconds since 1970 UTC.
    ``line``: the signature line as it stands below a note. ``kept_at``: our clock, microseconds since 1970 UTC.
    """

    size: int
    vkey: str
    stamp: int
    line: bytes
    kept_at: int


class Cosignatures(Protocol):
    """Cosignatures kept for ever, and the few look-ups at the log that witnessing needs. Part of a unit of work."""

    def add(self, cosignature: Cosignature) -> bool:
        """Keep it. False when this witness's signature over that size is kept already; the first one stands."""

    def all(self) -> Sequence[Cosignature]:
        """Every cosignature of this log, by size and then in the order they came."""

    def newest_checkpoint(self) -> tuple[int, bytes] | None:
        """Size and note of the checkpoint signed last; None before the first."""

    def checkpoint_at(self, size: int) -> bytes | None:
        """A signed checkpoint over exactly that many entries; None where none was signed."""

    def written_at(self, seq: int) -> datetime | None:
        """The time in entry ``seq``; None beyond the end."""


class Contradicted(StrEnum):
    """How a witness's answer contradicts this log."""

    FORKED = "forked"
    """It cosigned another tree at a size this log has too."""
    SEEN_MORE = "seen_more"
    """It cosigned more entries than this log holds."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A witness's answer that this log cannot be squared with, and the evidence: the request and the answer.

    ``size``: entries in the checkpoint shown to it. ``seen``: entries the witness says it cosigned. ``at``: our
    clock, microseconds since 1970 UTC.
    """

    witness: str
    kind: Contradicted
    size: int
    seen: int
    at: int
    request: bytes
    answer: bytes


class WitnessMemory(Protocol):
    """What was witnessed, remembered outside the database: an old database put back must not take it along."""

    def notes(self) -> Sequence[bytes]:
        """The largest witnessed checkpoint of each place that holds one, with its cosignatures.

        Raises MemoryDamaged for one that cannot be read.
        """

    def remember(self, note: bytes) -> None:
        """Keep a witnessed checkpoint unless a larger one is kept. Raises MemoryDamaged."""

    def away(self) -> Sequence[str]:
        """The further places of the settings that cannot be reached now."""

    def contradictions(self) -> Sequence[Contradiction]:
        """Every contradiction that is not settled. Raises MemoryDamaged."""

    def contradict(self, found: Contradiction) -> None:
        """Keep a contradiction until it is settled. Raises MemoryDamaged."""

    def settle(self) -> None:
        """Put every contradiction aside; they stay as files. Raises MemoryDamaged."""


class Witnesses(Protocol):
    """The witnesses of this workspace."""

    @property
    def memory(self) -> WitnessMemory: ...

    def known(self) -> Mapping[str, KnownWitness]:
        """The witnesses in the settings, by name."""

    def policy(self) -> Policy | None:
        """How many of them make a quorum; None where the settings name no witness. Raises PolicyRefused."""

    def ask(self, witness: KnownWitness, request: bytes) -> WitnessAnswer:
        """Send an add-checkpoint request. Raises WitnessUnreachable for anything but a whole answer."""
