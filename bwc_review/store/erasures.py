"""Erasing contents in the database: the payload's row, and the copies of its text in the catalogue's columns.

Which column copies which payload is the table COPIES; the triggers allow the same (``store.erasable``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from sqlalchemy import JSON, Connection, LargeBinary, String, Table, cast, delete, func, insert, or_, select, update

from bwc_review.ports.erasure import Committed
from bwc_review.store import tables as t
from bwc_review.store.clock_tables import adopted_start
from bwc_review.store.erasable import MARK
from chain_of_custody.entry import Entry

COPIES = (
    # payload, table, column, column that is the entry's subject
    ("name", t.exhibit, "name", "number"),
    ("name", t.recording, "name", "exhibit"),
    ("name", t.acquisition, "name", "exhibit"),
    ("name", t.acquisition, "name", "docking"),
    ("name", t.met, "name", "docking"),
    ("reason", t.acquisition, "reason", "docking"),
    ("label", t.docking, "label", "id"),
    ("title", t.incident, "title", "id"),
    ("reason", t.placement, "reason", "incident"),
    ("reason", t.decision, "reason", "candidate"),
    ("reason", adopted_start, "reason", "recording"),
    ("note", t.tag, "note", "id"),
)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
_SHORTEST = 3  # a shorter text stands everywhere


class SqlErasures:
    """``ports.erasure.Erasures`` over one connection, for one log."""

    def __init__(self, connection: Connection, log: str) -> None:
        self._connection = connection
        self._log = log

    def committed(self, commitments: Sequence[str]) -> Sequence[Committed]:
        """Who committed to these, in the log's order."""
        wanted = {one.encode(): one for one in commitments}
        entry = t.custody_entry.c
        rows = select(entry.bytes).where(entry.log == self._log).order_by(entry.seq)
        found: list[Committed] = []
        for (raw,) in self._connection.execute(rows, execution_options={"yield_per": 1024}):
            if any(one in bytes(raw) for one in wanted):
                found += self._commits(Entry.from_bytes(bytes(raw)), commitments)
        return found

    def _commits(self, entry: Entry, commitments: Sequence[str]) -> Iterator[Committed]:
        for name, commitment in entry.commit.items():
            if commitment in commitments:
                yield Committed(commitment, entry.seq, name, entry.subject.id, str(entry.data.get("docking", "")))

    def erased(self) -> frozenset[str]:
        """Every commitment whose content was erased on record."""
        row = t.custody_erasure.c
        found = self._connection.execute(select(row.commitment).where(row.log == self._log))
        return frozenset(found.scalars())

    def erase(self, what: Committed, texts: Sequence[str], tombstone: int) -> int:
        """Take a payload away and mark its copies; return how many copies."""
        row = {"commitment": what.commitment, "log": self._log, "entry": what.seq, "name": what.name}
        self._connection.execute(insert(t.custody_erasure).values(**row, tombstone=tombstone))
        kept = t.custody_payload.c
        mine = (kept.commitment == what.commitment) & (kept.log == self._log)
        self._connection.execute(delete(t.custody_payload).where(mine))
        marked = sum(self._mark(what, text, tombstone) for text in texts)
        if what.name == "attrs":
            mine_too = t.tag.c.id == what.subject
            marked += self._connection.execute(update(t.tag).where(mine_too).values(attrs={})).rowcount
        return marked

    def _mark(self, what: Committed, text: str, tombstone: int) -> int:
        suffix = PurePosixPath(text).suffix if what.name == "name" else ""
        mark = f"{MARK}{tombstone}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
        marked = 0
        for payload, table, column, subject in COPIES:
            if payload != what.name:
                continue
            copies = (table.c[column] == text) & (table.c[subject] == what.subject)
            if table is t.acquisition and what.docking:
                copies &= table.c.docking == what.docking
            marked += self._connection.execute(update(table).where(copies).values({column: mark})).rowcount
        return marked

    def still_shown(self, text: str) -> Sequence[str]:
        """Places in which ``text`` still stands: columns with their number of rows, payloads one by one."""
        if len(text) < _SHORTEST:
            return []
        found = [place for table in t.metadata.sorted_tables for place in self._columns_with(table, text)]
        kept = t.custody_payload.c
        rows = select(kept.commitment, kept.content).where(kept.log == self._log).order_by(kept.commitment)
        payloads = self._connection.execute(rows)
        return [*found, *(f"payload {name}" for name, content in payloads if text.encode() in bytes(content))]

    def _columns_with(self, table: Table, text: str) -> Iterator[str]:
        for column in table.c:
            if isinstance(column.type, LargeBinary):
                if table is t.transcript:
                    raw = self._connection.execute(select(column)).scalars()
                    count = sum(text.encode() in bytes(one) for one in raw)
                else:
                    continue
            elif isinstance(column.type, JSON):
                spellings = {text, json.dumps(text)[1:-1]}
                written = cast(column, String)
                count = self._count(table, or_(*(written.contains(one, autoescape=True) for one in spellings)))
            elif isinstance(column.type, String) or hasattr(column.type, "impl"):
                count = self._count(table, cast(column, String).contains(text, autoescape=True))
            else:
                continue
            if count:
                yield f"{table.name}.{column.name} ({count} {'row' if count == 1 else 'rows'})"

    def _count(self, table: Table, condition: object) -> int:
        query = select(func.count()).select_from(table).where(condition)  # type: ignore[arg-type]
        return int(self._connection.execute(query).scalar_one())
