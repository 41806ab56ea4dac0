"""The custody log as rows: the entry, its payloads and the head row are written in the caller's transaction.

The head row says what comes next; UNIQUE (log, prev) lets no second entry follow the same one (custody.md section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Select, bindparam, insert, select, update
from sqlalchemy.exc import DatabaseError

from bwc_review.errors import LogRefused, StoreDamaged
from bwc_review.store import tables as t
from chain_of_custody.clock import MAX_BACKWARD_US, Clock, format_at, parse_at
from chain_of_custody.entry import Draft, Entry, Subject
from chain_of_custody.entry_signatures import sign_entry
from chain_of_custody.errors import CustodyError
from chain_of_custody.head import LogHead, append
from chain_of_custody.merkle import CompactRange
from chain_of_custody.payload import Payload
from chain_of_custody.seen import COLUMNS
from chain_of_custody.signing import SigningKey

# made once: building a statement costs more than running it
_INSERT_ENTRY = insert(t.custody_entry)
_INSERT_PAYLOAD = insert(t.custody_payload)
_INSERT_SIGNATURE = insert(t.custody_signature)
_HEAD = select(t.custody_head).where(t.custody_head.c.log == bindparam("of_log"))
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = (
    update(t.custody_head)
    .where(t.custody_head.c.log == bindparam("of_log"))
    .where(t.custody_head.c.size == bindparam("from_size"))
    .where(t.custody_head.c.prev == bindparam("from_prev"))
    .values({name: bindparam(name) for name in ("size", "prev", "last_at", "tree")})
)


BLOCK = 1024  # rows fetched at once


class _Unfit(Exception):
    """What was to be logged does not fit the log. Never leaves this module: it becomes a LogRefused."""


@dataclass(frozen=True, slots=True)
class LogWriter:
    """What the log stamps on every entry: its origin, this workstation, this program, the clock and the salt."""

    origin: str
    workstation: str
    app: str
    clock: Clock
    salt: Callable[[int], bytes]


class SqlLog:
    """``ports.store.CustodyLog`` over one connection: the log named by ``writer.origin``."""

    def __init__(self, connection: Connection, writer: LogWriter) -> None:
        self._connection = connection
        self._writer = writer
        self._held: LogHead | None = None  # the head row as locked, and as moved on by this transaction since
        self._refused: LogRefused | None = None
        self.acts: set[str] = set()  # types of the entries written in this transaction

    def take_turn(self) -> None:
        """Lock the head row until the transaction ends. SQLite has locked the whole file already."""
        self._held = self._read_head(_HEAD_LOCKED)

    def stand_by_refusal(self) -> None:
        """Raise again what ``append`` raised, should the act have gone on without its entry."""
        if self._refused is not None:
            raise self._refused

    def append(self, draft: Draft, payloads: Sequence[Payload] = (), signers: Sequence[SigningKey] = ()) -> Entry:
        """Write one entry, its payloads and signatures. Raises LogRefused when anything of it cannot be written."""
        return self.append_many([(draft, payloads)], signers)[0]

    def append_many(
        self, acts: Sequence[tuple[Draft, Sequence[Payload]]], signers: Sequence[SigningKey] = ()
    ) -> list[Entry]:
        """Write entries in this order with their payloads and signatures; move the head once. Raises LogRefused."""
        try:
            return self._append(acts, signers)
        except (CustodyError, DatabaseError, _Unfit) as broken:
            types = ", ".join(sorted({draft.type for draft, _ in acts}))
            self._refused = LogRefused(
                f"The custody log could not take the entry {types}, so the act did not take place. "
                "Check the disk and run `bwc-review log --verify`.",
                detail=str(broken),
            )
            raise self._refused from broken

    def _append(self, acts: Sequence[tuple[Draft, Sequence[Payload]]], signers: Sequence[SigningKey]) -> list[Entry]:
        before = head = self._held or self.head()
        entries: list[Entry] = []
        rows: list[dict[str, Any]] = []
        payload_rows: list[dict[str, object]] = []
        signature_rows: list[dict[str, object]] = []
        for draft, payloads in acts:
            for due in self._due(head, draft):
                entry, head = self._next(head, due)
                rows.append({**entry.columns(), "bytes": entry.to_bytes()})
            entries.append(entry)
            payload_rows += self._payload_rows(draft, payloads)
            if signers:
                signed = sign_entry(entry.leaf, *signers)
                signature_rows.append({"log": entry.log, "seq": entry.seq, "file": signed})
        self._insert(_INSERT_ENTRY, rows)
        self._insert(_INSERT_PAYLOAD, payload_rows)
        self._insert(_INSERT_SIGNATURE, signature_rows)
        self._move(before, head)
        self.acts.update(row["type"] for row in rows)
        return entries

    def _due(self, head: LogHead, draft: Draft) -> Sequence[Draft]:
        back = head.backward_us(self._writer.clock.now())
        return (_clock_went_back(draft, back), draft) if back > MAX_BACKWARD_US else (draft,)

    def _next(self, head: LogHead, draft: Draft) -> tuple[Entry, LogHead]:
        writer = self._writer
        return append(head, draft, clock=writer.clock, salt=writer.salt(16), ws=writer.workstation, app=writer.app)

    def _payload_rows(self, draft: Draft, payloads: Sequence[Payload]) -> Iterator[dict[str, object]]:
        committed = set(draft.commit.values())
        for payload in payloads:
            commitment = payload.commitment
            if commitment not in committed:
                raise _Unfit(f"a payload of {draft.type} is not committed to by its entry")
            yield {
                "commitment": commitment,
                "log": self._writer.origin,
                "salt": payload.salt,
                "content": payload.content,
            }

    def _insert(self, statement: Insert, rows: list[dict[str, object]]) -> None:
        if rows:
            self._connection.execute(statement, rows if len(rows) > 1 else rows[0])

    def _move(self, before: LogHead, head: LogHead) -> None:
        """Move the head row from where this transaction found it; from anywhere else it does not move."""
        moved = self._connection.execute(
            _MOVE_HEAD,
            {
                "of_log": head.log,
                "from_size": before.size,
                "from_prev": before.prev,
                "size": head.size,
                "prev": head.prev,
                "last_at": format_at(head.last_at) if head.last_at else None,
                "tree": head.tree.to_hex(),
            },
        )
        if moved.rowcount != 1:
            raise _Unfit(f"the head of {head.log} no longer stands at {before.size} entries")
        self._held = head

    def started(self) -> bool:
        """Whether the head row is there."""
        return self._read_head(_HEAD) is not None

    def start(self) -> None:
        """Write the head row of an empty log."""
        head = LogHead.empty(self._writer.origin)
        self._connection.execute(
            insert(t.custody_head).values(log=head.log, size=0, prev=head.prev, last_at=None, tree=[])
        )
        self._held = head

    def head(self) -> LogHead:
        """Size, last leaf and tree as of this transaction. Raises StoreDamaged when there is no such log here."""
        head = self._held or self._read_head(_HEAD)
        if head is None:
            raise StoreDamaged(
                f"This database holds no log named {self._writer.origin}. Were the agency or the workstation in "
                "workspace.toml changed, or another database named? Put back what stood there."
            )
        return head

    def _read_head(self, query: Select[Any]) -> LogHead | None:
        row = self._connection.execute(query, {"of_log": self._writer.origin}).first()
        if row is None:
            return None
        return LogHead(
            log=row.log,
            size=row.size,
            prev=bytes(row.prev),
            last_at=parse_at(row.last_at) if row.last_at else None,
            tree=CompactRange.from_hex(row.size, row.tree),
        )

    def entries(self, start: int = 0) -> Iterator[bytes]:
        """Stored bytes of every entry from ``start`` on."""
        entry = t.custody_entry.c
        for (raw,) in self._each(select(entry.bytes).where(self._mine(start)).order_by(entry.seq)):
            yield bytes(raw)

    def about(self, subject: str) -> Iterator[bytes]:
        """Stored bytes of every entry about one subject."""
        entry = t.custody_entry.c
        query = select(entry.bytes).where(self._mine(0), entry.subject_id == subject).order_by(entry.seq)
        for (raw,) in self._connection.execute(query):
            yield bytes(raw)

    def of_types(self, types: Collection[str]) -> Iterator[bytes]:
        """Stored bytes of every entry of one of these types."""
        entry = t.custody_entry.c
        query = select(entry.bytes).where(self._mine(), entry.type.in_(types)).order_by(entry.seq)
        for (raw,) in self._connection.execute(query):
            yield bytes(raw)

    def newest_of(self, types: Collection[str]) -> bytes | None:
        """Leaf hash of the newest entry of one of these types, None where there is none."""
        entry = t.custody_entry.c
        newest = select(entry.leaf).where(self._mine(), entry.type.in_(types)).order_by(entry.seq.desc()).limit(1)
        found: str | None = self._connection.execute(newest).scalar()
        return None if found is None else bytes.fromhex(found)

    def signatures(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Number and signature file of every signed entry of a range."""
        signed = t.custody_signature.c
        query = select(signed.seq, signed.file).where(signed.log == self._writer.origin, signed.seq >= start)
        if stop is not None:
            query = query.where(signed.seq < stop)
        for seq, file in self._connection.execute(query.order_by(signed.seq)):
            yield seq, bytes(file)

    def rows(self, start: int = 0) -> Iterator[tuple[bytes, tuple[object, ...]]]:
        """Bytes and indexed copies of every entry from ``start`` on, for level L1: one query for both."""
        entry = t.custody_entry.c
        query = select(*(entry[name] for name in COLUMNS), entry.bytes).where(self._mine(start)).order_by(entry.seq)
        copies = len(COLUMNS)
        for row in self._each(query):
            yield bytes(row[copies]), row[:copies]

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Every payload still held, under its commitment."""
        kept = t.custody_payload.c
        query = select(kept.commitment, kept.salt, kept.content).where(kept.log == self._writer.origin)
        for commitment, salt, content in self._each(query.order_by(kept.commitment)):
            yield commitment, Payload(bytes(salt), bytes(content))

    def leaves(self) -> Iterator[bytes]:
        """Every leaf hash in order."""
        entry = t.custody_entry.c
        for (leaf,) in self._each(select(entry.leaf).where(self._mine()).order_by(entry.seq)):
            yield bytes.fromhex(leaf)

    def payload(self, commitment: str) -> Payload | None:
        """The payload behind a commitment, None when erased or never here."""
        query = select(t.custody_payload).where(t.custody_payload.c.commitment == commitment)
        found = self._connection.execute(query.where(t.custody_payload.c.log == self._writer.origin)).first()
        return Payload(bytes(found.salt), bytes(found.content)) if found else None

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint."""
        self._connection.execute(insert(t.custody_checkpoint).values(log=self._writer.origin, size=size, note=note))

    def checkpoints(self) -> Iterator[bytes]:
        """Every signed checkpoint, oldest first."""
        point = t.custody_checkpoint.c
        query = select(point.note).where(point.log == self._writer.origin).order_by(point.n)
        for (note,) in self._connection.execute(query):
            yield bytes(note)

    def _each(self, query: Select[Any]) -> Iterator[Any]:
        """Rows a block at a time, so that a log of any length fits; PostgreSQL keeps the rest on its side."""
        yield from self._connection.execute(query, execution_options={"yield_per": BLOCK})

    def _mine(self, start: int = 0) -> ColumnElement[bool]:
        entry = t.custody_entry.c
        return (entry.log == self._writer.origin) & (entry.seq >= start)


def _clock_went_back(draft: Draft, back_us: int) -> Draft:
    """The entry that says so before an act dated earlier than the one before it (custody.md section 3, time rule).

    No operator did this: the workstation alone attests it, whoever signs the act that follows.
    """
    subject, met_by = Subject("clock", "wall"), replace(draft.actor, auth="none", key="")
    return Draft("clock.adjusted", "ok", met_by, subject, "went_back", {"back_us": back_us}, {})
