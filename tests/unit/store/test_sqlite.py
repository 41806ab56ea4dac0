"""SQLite's own: files that are no database, REPLACE, workspaces of the first schema, being killed at any moment."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.exc import DBAPIError

from bwc_review.errors import StoreDamaged
from bwc_review.store.engine import SqliteDatabase, sqlite_engine
from bwc_review.store.schema import config
from chain_of_custody.entry import Entry
from chain_of_custody.head import LogHead, append
from chain_of_custody.payload import Payload
from tests.contract.stores import WRITER, note, open_store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bwc.db"


def test_a_file_that_is_no_database_is_refused_in_words(file: Path) -> None:
    file.write_bytes(b"this is not a database, it is a letter" * 100)
    with pytest.raises(StoreDamaged) as refused:
        open_store(str(file))
    assert str(file) in refused.value.message()


def test_an_entry_cannot_be_replaced_by_mistake(file: Path) -> None:
    store = open_store(str(file))
    with store.writing() as work:
        kept = work.log.append(note(0))
    store.close()
    with pytest.raises(DBAPIError, match="append-only"), sqlite_engine(file).begin() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO custody_entry SELECT * FROM custody_entry WHERE seq = 0")
    with open_store(str(file)).reading() as work:
        assert list(work.log.entries()) == [kept.to_bytes()]


def test_every_commit_is_written_to_the_disk(file: Path) -> None:
    with SqliteDatabase(file).writing() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2}


def first_schema(file: Path, payload: Payload) -> list[Entry]:
    """A workspace as the first schema kept it: two entries, a payload, a checkpoint, an open session."""
    with sqlite_engine(file).connect() as connection:
        command.upgrade(config(connection), "0001")
        connection.commit()
    head, entries = LogHead.empty(WRITER.origin), []
    raw = sqlite3.connect(file)
    for draft in (note(0), note(1, payload)):
        entry, head = append(head, draft, clock=WRITER.clock, salt=os.urandom(16), ws="ws1", app=WRITER.app)
        entries.append(entry)
        row = {**entry.columns(), "bytes": entry.to_bytes()}
        names = ", ".join(row)
        raw.execute(f"INSERT INTO custody_entry ({names}) VALUES ({', '.join(':' + n for n in row)})", row)
    tree = '["' + '","'.join(head.tree.to_hex()) + '"]'
    raw.execute("INSERT INTO custody_head VALUES (?, ?, ?, ?, ?)", (head.log, 2, head.prev, row["at"], tree))
    raw.execute("INSERT INTO custody_payload VALUES (?, ?, ?)", (payload.commitment, payload.salt, payload.content))
    raw.execute("INSERT INTO custody_checkpoint VALUES (7, 2, ?)", (b"a checkpoint",))
    raw.execute("INSERT INTO desk_session VALUES ('s-1', 'clerk-1', 'evidence_clerk', '', 1, 'open')")
    raw.commit()
    raw.close()
    return entries


def test_a_workspace_of_the_first_schema_opens_with_nothing_lost_and_goes_on(file: Path) -> None:
    payload = Payload(os.urandom(16), b"said")
    entries = first_schema(file, payload)
    store = open_store(str(file))
    with store.writing() as work:
        entries.append(work.log.append(note(2)))
        work.log.add_checkpoint(3, b"the next")
    with store.reading() as work:
        assert [Entry.from_bytes(raw) for raw in work.log.entries()] == entries
        assert list(work.log.payloads()) == [(payload.commitment, payload)]
        assert list(work.log.checkpoints()) == [b"a checkpoint", b"the next"]
        assert [one.id for one in work.desks.unfinished()] == ["s-1"]
    store.close()
    for statement in ("DELETE FROM custody_entry", "UPDATE custody_checkpoint SET size = 0"):
        with pytest.raises(DBAPIError, match="append-only"), sqlite_engine(file).begin() as connection:
            connection.exec_driver_sql(statement)


APPENDER = """
    import sys
    sys.path.insert(0, {root!r})
    from tests.contract.stores import note, open_store
    store = open_store({file!r})
    number = 0
    while True:
        with store.writing() as work:
            work.log.append(note(number))
            work.log.add_checkpoint(number, b"note")
        print(number, flush=True)
        number += 1
"""


def test_killed_at_any_moment_the_log_is_whole_and_holds_what_was_told(file: Path) -> None:
    open_store(str(file)).close()
    code = textwrap.dedent(APPENDER.format(root=str(ROOT), file=str(file)))
    for round_ in range(4):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(7 + 5 * round_)]
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        child.wait()
        child.stdout.close()
        store = open_store(str(file))
        with store.reading() as work:
            entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
            head, checkpoints = work.log.head(), len(list(work.log.checkpoints()))
        store.close()
        assert len(entries) == head.size == checkpoints >= len(told)
        assert all(one.prev == before.leaf.hex() for before, one in pairwise(entries))
        assert head.prev == entries[-1].leaf


def test_a_database_that_another_program_is_just_making_is_waited_for(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE made (n)")
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO made VALUES (1)")
    done = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    done.start()
    with SqliteDatabase(file).reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM made").scalar_one() == 1
    done.join()
