"""Checking the log of this workstation with the ground package's own verifier, and writing down that it was checked.

An earlier run's checkpoint spares the operators' signatures before it; it is kept only after a verdict without
failures, and only a checkpoint that the log's own key signed counts (docs/custody-format.md section 11).
"""

from __future__ import annotations

import errno
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bwc_review.ports.records import Session
from bwc_review.ports.store import CustodyLog, Work
from bwc_review.review.desk import NO_AUTH, Desk, record
from bwc_review.review.witnessing import with_cosignatures
from chain_of_custody.bag import Progress
from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.errors import CustodyError, PayloadRefused
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.payload import Payload
from chain_of_custody.report import Report
from chain_of_custody.source import split_vkeys
from chain_of_custody.verify import Level, parse_vkeys, verify_log
from chain_of_custody.vkey import VerifierKey
from ingest.errors import IngestError
from ingest.vault import Vault
from ingest.vault_reader import VaultReader

PERMISSION = "bundle.verify"
DEFAULT_LEVEL = Level.L3


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

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, tuple[object, ...] | None]]:
        """Stored bytes of a range, each with its indexed copies."""
        return islice(self._log.rows(start), stop - start)

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        """The signature files of a range, None where nobody signed."""
        signed = self._log.signatures(start, stop)
        at, file = next(signed, (stop, b""))
        for seq in range(start, stop):
            if seq != at:
                yield None
                continue
            yield file
            at, file = next(signed, (stop, b""))

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


class HeldOriginal:
    """One original of the vault as level L4 reads it: what the vault refuses becomes a refusal the verifier knows."""

    def __init__(self, reader: VaultReader) -> None:
        self._reader = reader

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        """Raises PayloadRefused for bytes that the vault itself knows to be altered, OSError for a disk."""
        try:
            return self._reader.readinto(buffer)
        except IngestError as altered:
            raise PayloadRefused("vault_damaged", detail=altered.message()) from altered

    def __enter__(self) -> HeldOriginal:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()


def held_in(vault: Vault, sha256: str) -> HeldOriginal | None:
    """The original with that digest, None where the vault does not hold it. Raises OSError when it cannot be read."""
    try:
        here = vault.has(sha256) or vault.quarantine.holds(sha256)
        return HeldOriginal(vault.open(sha256)) if here else None
    except IngestError as unreadable:
        raise OSError(errno.EIO, unreadable.message(), sha256) from unreadable


@dataclass(frozen=True, slots=True)
class LogCheck:
    """One verification: its report, how deep it went, the log's size and newest signed checkpoint as it was then."""

    report: Report
    level: Level
    size: int
    newest: bytes | None
    since: int

    @property
    def held(self) -> bool:
        """Whether nothing failed and everything could be read."""
        return self.report.verdict in (Verdict.VERIFIED, Verdict.VERIFIED_WITH_UNCHECKED)


def check_log(desk: Desk, level: Level = DEFAULT_LEVEL, *, trusted: str | None = None) -> Report:
    """Verify the live log in full and write nothing, as ``verify_live`` does."""
    return verify_live(desk, level, trusted=trusted).report


def verify_live(
    desk: Desk,
    level: Level,
    *,
    trusted: str | None = None,
    since: Checkpoint | None = None,
    progress: Progress | None = None,
) -> LogCheck:
    """Verify the live log; ``trusted`` are key lines that were not taken from this workspace. Writes nothing.

    ``since``: see ``last_verified``. Findings are in the report. Raises NoteRefused for keys that are none,
    StoreDamaged for an unreadable database.
    """
    keys = parse_vkeys(split_vkeys(trusted.encode())) if trusted is not None else ()
    with desk.store.reading() as work:
        # without a cosignature it is said that no witness cosigned, whatever the settings ask for
        policy = desk.witnesses.policy() if work.cosignatures.all() else None
        report = verify_log(
            LiveSource(work, desk.vkey),
            level,
            trusted=keys,
            policy=policy,
            since=since,
            reader=lambda sha256: held_in(desk.vault, sha256),
            progress=progress,
        )
        size, newest = work.log.head().size, _newest(work.log)
    return LogCheck(report, level, size, newest, since.size if since else 0)


def _newest(log: CustodyLog) -> bytes | None:
    notes = deque(log.checkpoints(), maxlen=1)
    return notes[0] if notes else None


def last_verified(desk: Desk) -> Checkpoint | None:
    """The checkpoint at which the last verification without failures ended; None where none was kept, or what was
    kept is not a checkpoint signed by this log's key: then everything is checked."""
    try:
        note = desk.verified.read()
        return open_checkpoint(note, (VerifierKey.parse(desk.vkey),)) if note is not None else None
    except CustodyError:
        return None


def keep_verified(desk: Desk, check: LogCheck) -> None:
    """Keep the log's newest checkpoint as the point the next run may start from, if this run earned it."""
    if check.level >= Level.L3 and check.held and check.newest is not None:
        desk.verified.keep(check.newest)


def log_verification(desk: Desk, session: Session | None, check: LogCheck) -> None:
    """Write down that the log was verified, how deep, with what verdict. Without a session the workstation says so.

    Raises what a store raises that cannot be written to; the verdict is no less true for that.
    """
    severities = Counter(finding.severity for finding in check.report.findings)
    data: dict[str, object] = {
        "level": check.level.name,
        "verdict": check.report.verdict.value,
        "size": check.size,
        "since": check.since,
        **{one.value: severities[one] for one in Severity},
    }
    outcome = "ok" if check.held else "failed"
    with desk.store.writing() as work:
        subject = Subject("log", work.log.head().log)
        if session is not None:
            record(desk, work, session, "log.verified", subject, outcome=outcome, data=data)
            return
        actor = Actor(desk.workstation, "workstation", "", NO_AUTH, "")
        work.log.append(Draft("log.verified", outcome, actor, subject, "", data, {}))
