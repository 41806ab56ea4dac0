"""Checking the log of this workstation with the ground package's own verifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from bwc_review.ports.records import Session
from bwc_review.ports.store import CustodyLog
from bwc_review.review.desk import Desk, allow
from chain_of_custody.payload import Payload
from chain_of_custody.report import Report
from chain_of_custody.source import split_vkeys
from chain_of_custody.verify import Level, parse_vkeys, verify_log

PERMISSION = "bundle.verify"


class LiveSource:
    """The store's log as ``chain_of_custody.source.EntrySource``: one consistent view, nothing withheld."""

    def __init__(self, log: CustodyLog, vkey: str) -> None:
        self._log = log
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

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, tuple[object, ...] | None]]:
        """Stored bytes of a range, each with its indexed copies."""
        return islice(self._log.rows(start), stop - start)

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        """None throughout: the store keeps no operator signatures yet, the workstation attests."""
        return repeat(None, stop - start)

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Every payload still held."""
        return self._log.payloads()

    def checkpoints(self) -> Iterator[bytes]:
        """Every signed checkpoint."""
        return self._log.checkpoints()

    def vkeys(self) -> Sequence[str]:
        """The workstation's own key."""
        return (self._vkey,)


def check_log_as(desk: Desk, session: Session, level: Level = Level.L2, *, trusted: str | None = None) -> Report:
    """As ``check_log``, for a person at the desk. Raises PermissionDenied too."""
    allow(desk, session, PERMISSION)
    return check_log(desk, level, trusted=trusted)


def check_log(desk: Desk, level: Level = Level.L2, *, trusted: str | None = None) -> Report:
    """Verify the live log; ``trusted`` are key lines that were not taken from this workspace.

    Nobody is asked for a permission: it says findings and no content, and a log that takes no entry any more, so that
    no session can begin, must still be checkable. Findings are in the report. Raises NoteRefused for keys that are
    none, StoreDamaged for an unreadable database.
    """
    keys = parse_vkeys(split_vkeys(trusted.encode())) if trusted is not None else ()
    with desk.store.reading() as work:
        return verify_log(LiveSource(work.log, desk.vkey), level, trusted=keys)
