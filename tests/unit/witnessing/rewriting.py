"""The attacker who owns the machine: rewrites the rows of a real database and signs everything anew with its key."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, text, update

from bwc_review.store import tables as t
from bwc_review.store.engine import Database
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry import Entry
from chain_of_custody.keys import LogKey
from chain_of_custody.merkle import CompactRange, root


def disarm(connection: Connection) -> None:
    """Take the triggers away that stop mistakes."""
    if connection.dialect.name == "postgresql":
        for table in ("custody_entry", "custody_checkpoint", "custody_head", "custody_cosignature"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for name in names:
        connection.execute(text(f'DROP TRIGGER "{name}"'))


def rewrite(database: Database, key: LogKey, log: str, at: int) -> None:
    """Give entry ``at`` another subject, chain all after it anew, and re-sign every checkpoint."""
    with database.writing() as connection:
        disarm(connection)
        row = t.custody_entry.c
        raws = connection.execute(select(row.bytes).where(row.log == log).order_by(row.seq)).scalars().all()
        entries = [Entry.from_bytes(bytes(raw)) for raw in raws]
        other = replace(entries[at].draft, subject=replace(entries[at].draft.subject, id="somebody-else"))
        entries[at] = replace(entries[at], draft=other)
        for number in range(at + 1, len(entries)):
            entries[number] = replace(entries[number], prev=entries[number - 1].leaf.hex())
        connection.execute(delete(t.custody_entry).where(row.log == log))
        connection.execute(insert(t.custody_entry), [{**e.columns(), "bytes": e.to_bytes()} for e in entries])
        leaves = [entry.leaf for entry in entries]
        _move_head(connection, log, leaves)
        point = t.custody_checkpoint.c
        for n, size in connection.execute(select(point.n, point.size).where(point.log == log)).all():
            note = Checkpoint(log, size, root(leaves[:size])).sign(key)
            connection.execute(update(t.custody_checkpoint).where(point.n == n).values(note=note))


def cut(database: Database, log: str, size: int) -> None:
    """Put the rows back to the first ``size`` entries, as an old backup would have them."""
    with database.writing() as connection:
        disarm(connection)
        row = t.custody_entry.c
        connection.execute(delete(t.custody_entry).where(row.log == log, row.seq >= size))
        for table in (t.custody_checkpoint, t.custody_cosignature):
            connection.execute(delete(table).where(table.c.log == log, table.c.size > size))
        raws = connection.execute(select(row.bytes).where(row.log == log).order_by(row.seq)).scalars().all()
        entries = [Entry.from_bytes(bytes(raw)) for raw in raws]
        _move_head(connection, log, [entry.leaf for entry in entries])


def _move_head(connection: Connection, log: str, leaves: list[bytes]) -> None:
    tree = CompactRange()
    for leaf in leaves:
        tree = tree.append(leaf)
    head = {"size": len(leaves), "prev": leaves[-1], "tree": tree.to_hex()}
    connection.execute(update(t.custody_head).where(t.custody_head.c.log == log).values(**head))
