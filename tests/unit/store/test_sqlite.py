"""The store under stress: newer versions, damage, append-only tables, clocks that run back, and being killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bwc_review.errors import LogRefused, StoreDamaged, WorkspaceBusy, WorkspaceTooNew
from bwc_review.store import engine as engine_module
from bwc_review.store.engine import SqliteDatabase, sqlite_engine
from bwc_review.store.log import LogWriter
from bwc_review.store.sql import SqlStore
from bwc_review.store.tables import metadata
from bwc_review.transcript.heard_json import from_json
from chain_of_custody.clock import SystemClock
from chain_of_custody.entry import Actor, Draft, Entry, Subject
from chain_of_custody.payload import Payload

ROOT = Path(__file__).resolve().parents[3]
ACTOR = Actor("clerk-1", "evidence_clerk", "", "none", "")
WRITER = LogWriter("police.example/bwc/ws1", "ws1", "bwc_review/test", SystemClock(), os.urandom)


def note(number: int, *payloads: Payload) -> Draft:
    commit = {f"text{n}": payload.commitment for n, payload in enumerate(payloads)}
    return Draft("log.noted", "ok", ACTOR, Subject("note", str(number)), "", {"n": number}, commit)


def open_store(file: Path, writer: LogWriter = WRITER) -> SqlStore:
    store = SqlStore(SqliteDatabase(file), writer, from_json)
    with store.writing() as work:
        if not work.log.started():
            work.log.start()
    return store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bwc.db"


def test_the_migrations_make_exactly_the_tables_the_code_uses(file: Path) -> None:
    open_store(file).close()
    with sqlite_engine(file).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(file: Path) -> None:
    open_store(file).close()
    raw = sqlite3.connect(file)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    before = file.read_bytes()
    with pytest.raises(WorkspaceTooNew) as refused:
        SqlStore(SqliteDatabase(file), WRITER, from_json)
    assert "newer version" in refused.value.message()
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_in_words(file: Path) -> None:
    file.write_bytes(b"this is not a database, it is a letter" * 100)
    with pytest.raises(StoreDamaged) as refused:
        SqlStore(SqliteDatabase(file), WRITER, from_json)
    assert str(file) in refused.value.message()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM custody_entry",
        "UPDATE custody_entry SET type = 'log.forged'",
        "INSERT OR REPLACE INTO custody_entry SELECT * FROM custody_entry WHERE seq = 0",
        "DELETE FROM custody_checkpoint",
        "UPDATE custody_checkpoint SET size = 0",
    ],
)
def test_entries_and_checkpoints_cannot_be_changed_or_deleted_by_mistake(file: Path, statement: str) -> None:
    store = open_store(file)
    with store.writing() as work:
        work.log.append(note(0))
        work.log.add_checkpoint(1, b"a checkpoint")
    store.close()
    with pytest.raises(Exception, match="append-only"), sqlite_engine(file).begin() as connection:
        connection.exec_driver_sql(statement)
    with open_store(file).reading() as work:
        assert work.log.head().size == 1


def test_an_entry_and_its_payload_come_back_as_they_were_written(file: Path) -> None:
    payload = Payload(os.urandom(16), "Zoë\nnext line".encode())
    store = open_store(file)
    with store.writing() as work:
        written = work.log.append(note(0, payload), [payload])
    with store.reading() as work:
        (raw,) = work.log.entries()
        assert Entry.from_bytes(raw) == written
        assert work.log.payload(payload.commitment) == payload
        assert list(work.log.leaves()) == [written.leaf]
        assert work.log.head().tree.root == written.leaf


def test_a_payload_no_entry_commits_to_is_refused(file: Path) -> None:
    store = open_store(file)
    with pytest.raises(LogRefused), store.writing() as work:
        work.log.append(note(0), [Payload(os.urandom(16), b"stray")])
    with store.reading() as work:
        assert work.log.head().size == 0


def test_what_a_block_did_is_gone_when_it_raises(file: Path) -> None:
    store = open_store(file)
    with pytest.raises(RuntimeError), store.writing() as work:
        work.log.append(note(0))
        raise RuntimeError("in the middle of an act")
    with store.reading() as work:
        assert work.log.head().size == 0


def test_a_reading_block_cannot_write(file: Path) -> None:
    store = open_store(file)
    with pytest.raises(LogRefused), store.reading() as work:
        work.log.append(note(0))
    with store.reading() as work:
        assert work.log.head().size == 0


def test_two_writers_are_one_after_the_other_and_a_long_wait_is_said_in_words(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_MS", 50)
    one, two = open_store(file), open_store(file)
    with one.writing() as work:
        work.log.append(note(0))
        with pytest.raises(WorkspaceBusy) as busy, two.writing() as other:
            other.log.append(note(1))
    assert "Another program" in busy.value.message()
    with two.writing() as other:
        assert other.log.append(note(1)).seq == 1


class Backwards:
    """A wall clock that somebody sets back by a minute."""

    boot = "11111111-1111-1111-1111-111111111111"

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 14, 9, 40, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_us(self) -> int:
        return 1


def test_a_clock_set_back_is_said_in_the_log_before_the_act(file: Path) -> None:
    clock = Backwards()
    store = open_store(file, replace(WRITER, clock=clock))
    with store.writing() as work:
        work.log.append(note(0))
    clock.at -= timedelta(minutes=1)
    with store.writing() as work:
        work.log.append(note(1))
    with store.reading() as work:
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
    assert [one.type for one in entries] == ["log.noted", "clock.adjusted", "log.noted"]
    assert entries[1].data["back_us"] == 60_000_000


APPENDER = """
    import sys
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from tests.unit.store.test_sqlite import note, open_store
    store = open_store(Path({file!r}))
    number = 0
    while True:
        with store.writing() as work:
            work.log.append(note(number))
            work.log.add_checkpoint(number, b"note")
        print(number, flush=True)
        number += 1
"""


def test_killed_between_any_two_statements_the_log_is_whole(file: Path) -> None:
    open_store(file).close()
    code = textwrap.dedent(APPENDER.format(root=str(ROOT), file=str(file)))
    for round_ in range(4):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(7 + 5 * round_)]
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        child.wait()
        child.stdout.close()
        store = open_store(file)
        with store.reading() as work:
            entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
            head, checkpoints = work.log.head(), len(list(work.log.checkpoints()))
        store.close()
        assert len(entries) == head.size == checkpoints >= len(told)
        assert all(one.prev == before.leaf.hex() for before, one in pairwise(entries))
        assert head.prev == entries[-1].leaf
