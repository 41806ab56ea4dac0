"""The custody log in SQLite: the entry, its payloads and the head row are written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DatabaseError

from bwc_review.errors import LogRefused
from bwc_review.store import tables as t
from chain_of_custody.clock import MAX_BACKWARD_US, Clock, format_at, parse_at
from chain_of_custody.entry import Draft, Entry, Subject
from chain_of_custody.errors import CustodyError
from chain_of_custody.head import LogHead, append
from chain_of_custody.merkle import CompactRange
from chain_of_custody.payload import Payload


@dataclass(frozen=True, slots=True)
class LogWriter:
    """What the log stamps on every entry: its origin, this workstation, this program, the clock and the salt."""

    origin: str
    workstation: str
    app: str
    clock: Clock
    salt: Callable[[int], bytes]


class SqlLog:
    """``ports.store.CustodyLog`` over one connection."""

    def __init__(self, connection: Connection, writer: LogWriter) -> None:
        self._connection = connection
        self._writer = writer

    def append(self, draft: Draft, payloads: Sequence[Payload] = ()) -> Entry:
        """Write one entry and its payloads. Raises LogRefused when anything about it cannot be written."""
        try:
            return self._append(draft, payloads)
        except (CustodyError, DatabaseError) as broken:
            raise LogRefused(
                f"The custody log could not take the entry {draft.type}, so the act did not take place. "
                "Check the disk and run `bwc-review log --verify`.",
                detail=str(broken),
            ) from broken

    def _append(self, draft: Draft, payloads: Sequence[Payload]) -> Entry:
        for payload in payloads:
            if payload.commitment not in draft.commit.values():
                raise LogRefused(f"A payload of {draft.type} is not committed to by its entry.")
        head = self.head()
        back = head.backward_us(self._writer.clock.now())
        if back > MAX_BACKWARD_US:
            head = self._write(head, _clock_went_back(draft, back), ())[1]
        return self._write(head, draft, payloads)[0]

    def _write(self, head: LogHead, draft: Draft, payloads: Sequence[Payload]) -> tuple[Entry, LogHead]:
        writer = self._writer
        entry, head = append(
            head, draft, clock=writer.clock, salt=writer.salt(16), ws=writer.workstation, app=writer.app
        )
        self._connection.execute(insert(t.custody_entry).values(**entry.columns(), bytes=entry.to_bytes()))
        if payloads:
            rows = [{"commitment": p.commitment, "salt": p.salt, "content": p.content} for p in payloads]
            self._connection.execute(insert(t.custody_payload), rows)
        self._connection.execute(
            update(t.custody_head)
            .where(t.custody_head.c.log == head.log)
            .values(size=head.size, prev=head.prev, last_at=format_at(entry.at), tree=head.tree.to_hex())
        )
        return entry, head

    def started(self) -> bool:
        """Whether the head row is there."""
        return self._connection.execute(select(t.custody_head.c.log)).first() is not None

    def start(self) -> None:
        """Write the head row of an empty log."""
        head = LogHead.empty(self._writer.origin)
        self._connection.execute(
            insert(t.custody_head).values(log=head.log, size=0, prev=head.prev, last_at=None, tree=[])
        )

    def head(self) -> LogHead:
        """Size, last leaf and tree as of this transaction."""
        row = self._connection.execute(select(t.custody_head)).mappings().one()
        return LogHead(
            log=row["log"],
            size=row["size"],
            prev=row["prev"],
            last_at=parse_at(row["last_at"]) if row["last_at"] else None,
            tree=CompactRange.from_hex(row["size"], row["tree"]),
        )

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Stored bytes of every entry from ``start`` on."""
        entry = t.custody_entry.c
        for (raw,) in self._connection.execute(select(entry.bytes).where(entry.seq >= start).order_by(entry.seq)):
            yield bytes(raw)

    def about(self, subject: str) -> Iterator[bytes]:
        """Stored bytes of every entry about one subject."""
        entry = t.custody_entry.c
        query = select(entry.bytes).where(entry.subject_id == subject).order_by(entry.seq)
        for (raw,) in self._connection.execute(query):
            yield bytes(raw)

    def columns(self, start: int = 0) -> Iterator[dict[str, Any]]:
        """The indexed copies of every entry from ``start`` on, for the check against the bytes (level L1)."""
        entry = t.custody_entry.c
        names = [column for column in entry if column.name != "bytes"]
        query = select(*names).where(entry.seq >= start).order_by(entry.seq)
        for row in self._connection.execute(query).mappings():
            yield dict(row)

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Every payload still held, under its commitment."""
        for row in self._connection.execute(select(t.custody_payload)).mappings():
            yield row["commitment"], Payload(bytes(row["salt"]), bytes(row["content"]))

    def leaves(self) -> Iterator[bytes]:
        """Every leaf hash in order."""
        entry = t.custody_entry.c
        for (leaf,) in self._connection.execute(select(entry.leaf).order_by(entry.seq)):
            yield bytes.fromhex(leaf)

    def payload(self, commitment: str) -> Payload | None:
        """The payload behind a commitment, None when erased or never here."""
        found = (
            self._connection.execute(select(t.custody_payload).where(t.custody_payload.c.commitment == commitment))
            .mappings()
            .first()
        )
        return Payload(bytes(found["salt"]), bytes(found["content"])) if found else None

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint."""
        self._connection.execute(insert(t.custody_checkpoint).values(size=size, note=note))

    def checkpoints(self) -> Iterator[bytes]:
        """Every signed checkpoint, oldest first."""
        point = t.custody_checkpoint.c
        for (note,) in self._connection.execute(select(point.note).order_by(point.n)):
            yield bytes(note)


def _clock_went_back(draft: Draft, back_us: int) -> Draft:
    """The entry that says so before an act dated earlier than the one before it (custody.md section 3, time rule)."""
    subject = Subject("clock", "wall")
    return Draft("clock.adjusted", "ok", draft.actor, subject, "went_back", {"back_us": back_us}, {})
