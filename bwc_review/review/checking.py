"""Checking the log of this workstation with the ground package's own verifier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat

from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk
from bwc_review.review.witnessing import with_cosignatures
from chain_of_custody.payload import Payload
from chain_of_custody.report import Report
from chain_of_custody.source import split_vkeys
from chain_of_custody.verify import Level, parse_vkeys, verify_log


class LiveSource:
    """The store's log as ``chain_of_custody.source.EntrySource``: one consistent view, nothing withheld."""

    def __init__(self, work: Work, vkey: str) -> None:
        self._log = work.log
        self._cosignatures = work.cosignatures
        self._vkey = vkey

    @property
    def log(self) -> str:
        """The log's origin."""
        return self._log.head().log

    def leaves(self) -> Iterator[bytes]:
        """Every leaf hash as the database holds it."""
        return self._log.leaves()

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        """Stored bytes of a range."""
        return islice(self._log.entries(start), stop - start)

    def columns(self, start: int, stop: int) -> Iterator[Mapping[str, object] | None]:
        """The indexed copies of a range."""
        return islice(self._log.columns(start), stop - start)

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        """None throughout: the store keeps no operator signatures yet, the workstation attests."""
        return repeat(None, stop - start)

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Every payload still held."""
        return self._log.payloads()

    def checkpoints(self) -> Iterator[bytes]:
        """Every signed checkpoint, with the cosignatures kept over it as further lines."""
        kept = self._cosignatures.all()
        return (with_cosignatures(note, kept) for note in self._log.checkpoints())

    def vkeys(self) -> Sequence[str]:
        """The workstation's own key."""
        return (self._vkey,)


def check_log(desk: Desk, level: Level = Level.L2, *, trusted: str | None = None) -> Report:
    """Verify the live log; ``trusted`` are key lines that were not taken from this workspace.

    Findings are in the report. Raises NoteRefused for keys that are none, StoreDamaged for an unreadable database.
    """
    keys = parse_vkeys(split_vkeys(trusted.encode())) if trusted is not None else ()
    with desk.store.reading() as work:
        seen = work.cosignatures.all()
        policy = desk.witnesses.policy() if seen else None  # without any it is said that no witness cosigned
        return verify_log(LiveSource(work, desk.vkey), level, trusted=keys, policy=policy)
