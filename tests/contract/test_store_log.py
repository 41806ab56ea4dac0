"""The promises of ``ports.store.CustodyLog`` on every engine: one unbroken chain, whoever writes, however many."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bwc_review.errors import LogRefused, StoreDamaged, WorkspaceBusy, WorkspaceTooNew
from bwc_review.ports.records import Session
from bwc_review.store import engine as engine_module
from bwc_review.store import tables as t
from bwc_review.store.sql import SqlStore
from chain_of_custody.entry import Entry
from chain_of_custody.merkle import root
from chain_of_custody.payload import Payload
from chain_of_custody.seen import COLUMNS
from tests.contract.stores import ACTOR, KINDS, WRITER, database, new_place, note, open_store

ROOT = Path(__file__).resolve().parents[2]
SESSION = Session("s-1", ACTOR.id, ACTOR.role, "routine_docking", 1)  # type: ignore[arg-type]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param) as made:
        yield made


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param, empty=True) as made:
        yield made


@pytest.fixture
def store(place: str) -> Iterator[SqlStore]:
    opened = open_store(place)
    yield opened
    opened.close()


def check_whole(store: SqlStore) -> list[Entry]:
    """The log's entries, after a look at chain, head, tree, columns and bytes."""
    with store.reading() as work:
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
        head, leaves, columns = work.log.head(), list(work.log.leaves()), list(work.log.rows())
    assert [one.seq for one in entries] == list(range(head.size))
    assert all(one.prev == before.leaf.hex() for before, one in pairwise(entries))
    assert [one.leaf for one in entries] == leaves
    assert (head.prev, head.tree.root) == (leaves[-1] if leaves else bytes(32), root(leaves))
    assert columns == [(one.to_bytes(), tuple(one.columns()[name] for name in COLUMNS)) for one in entries]
    return entries


def numbers_of(entries: list[Entry]) -> list[int]:
    """What ``note`` was called with."""
    return [int(str(one.data["n"])) for one in entries]


def test_an_entry_and_its_payloads_come_back_as_they_were_written(store: SqlStore) -> None:
    payloads = [Payload(os.urandom(16), content) for content in ("Zoë\nnext line".encode(), b"", b"\0\xff" * 70_000)]
    with store.writing() as work:
        first = work.log.append(note(0, *payloads), payloads)
        second = work.log.append(note(1))
        work.log.add_checkpoint(2, b"a checkpoint\n\0\xff")
        work.log.add_checkpoint(2, b"another")
    assert check_whole(store) == [first, second]
    with store.reading() as work:
        assert [work.log.payload(one.commitment) for one in payloads] == payloads
        assert dict(work.log.payloads()) == {one.commitment: one for one in payloads}
        assert work.log.payload("0" * 64) is None
        assert list(work.log.checkpoints()) == [b"a checkpoint\n\0\xff", b"another"]
        assert list(work.log.entries(1)) == [second.to_bytes()]
        assert [raw for raw, _ in work.log.rows(1)] == [second.to_bytes()]
        assert list(work.log.entries(2)) == []


def test_many_entries_at_once_are_the_chain_that_one_at_a_time_would_give(store: SqlStore) -> None:
    payload = Payload(os.urandom(16), b"said")
    with store.writing() as work:
        one = work.log.append(note(0))
        many = work.log.append_many(
            [(note(n, payload), [payload]) if n == 3 else (note(n), ()) for n in range(1, 20)]
        )
        assert work.log.append_many([]) == []
        last = work.log.append(note(20))
        assert work.log.head().size == 21
    assert check_whole(store) == [one, *many, last]
    with store.reading() as work:
        assert work.log.payload(payload.commitment) == payload


def test_many_entries_of_which_one_cannot_be_written_leave_none(store: SqlStore) -> None:
    acts = [(note(0), ()), (note(1), [Payload(os.urandom(16), b"nobody committed to this")])]
    with pytest.raises(LogRefused), store.writing() as work:
        work.log.append_many(acts)
    assert check_whole(store) == []


def test_an_act_that_goes_on_without_its_entry_is_not_kept_either(store: SqlStore) -> None:
    with pytest.raises(LogRefused), store.writing() as work:
        work.desks.open(SESSION)
        with pytest.raises(LogRefused):
            work.log.append(note(0), [Payload(os.urandom(16), b"stray")])
        work.log.append(note(1))
    assert check_whole(store) == []
    with store.reading() as work:
        assert work.desks.unfinished() == []


def test_an_entry_in_a_reading_block_is_refused(store: SqlStore) -> None:
    with pytest.raises(LogRefused), store.reading() as work:
        work.log.append(note(0))
    assert check_whole(store) == []


def test_a_second_entry_after_the_same_one_is_refused_by_the_database_itself(store: SqlStore, place: str) -> None:
    with store.writing() as work:
        entries = [work.log.append(note(n)) for n in range(3)]
    fork = replace(entries[1], draft=note(99), salt="0" * 32)
    at_its_place = {**fork.columns(), "bytes": fork.to_bytes()}
    elsewhere = {**at_its_place, "seq": 77}
    for row in (at_its_place, elsewhere):
        with pytest.raises(IntegrityError), database(place).writing() as connection:
            connection.execute(insert(t.custody_entry), row)
    assert check_whole(store) == entries


def test_a_head_that_was_moved_under_the_writer_takes_no_entry(store: SqlStore, place: str) -> None:
    with store.writing() as work:
        kept = work.log.append(note(0))
    with pytest.raises(LogRefused) as refused, store.writing() as work:
        moved = update(t.custody_head).values(size=5)
        work.log._connection.execute(moved)
        work.log.append(note(1))
    assert "head" in refused.value.detail
    assert check_whole(store) == [kept]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM custody_entry",
        "UPDATE custody_entry SET type = 'log.forged'",
        "DELETE FROM custody_checkpoint",
        "UPDATE custody_checkpoint SET size = 0",
        "UPDATE custody_payload SET content = ''",
        "DELETE FROM custody_head",
        "DELETE FROM desk_session",
    ],
)
def test_what_is_kept_cannot_be_changed_or_deleted_by_mistake(store: SqlStore, place: str, statement: str) -> None:
    payload = Payload(os.urandom(16), b"said")
    with store.writing() as work:
        work.desks.open(SESSION)
        work.log.append(note(0, payload), [payload])
        work.log.add_checkpoint(1, b"a checkpoint")
    with pytest.raises(DBAPIError, match="append-only"), database(place).writing() as connection:
        connection.exec_driver_sql(statement)
    assert len(check_whole(store)) == 1


def test_a_tag_may_change_its_state_and_nothing_else(place: str) -> None:
    row = dict.fromkeys(("code", "source", "by", "end_status", "modality", "note", "key"), "x")
    with database(place).writing() as connection:
        connection.execute(insert(t.incident), {"id": "i", "title": "", "zero": 0})
        tag = {**row, "id": "g", "incident": "i", "state": "confirmed", "attrs": {}, "evidence": []}
        connection.execute(insert(t.tag), {**tag, "start": 0, "uncertainty": 0, "recorded_at": 0})
        connection.execute(update(t.tag).values(state="superseded"))
    for column in t.tag.c:
        if column.name == "state":
            continue
        with pytest.raises(DBAPIError, match="never edited"), database(place).writing() as connection:
            connection.execute(update(t.tag).values({column.name: column}))
    with database(place).reading() as connection:
        assert connection.execute(select(t.tag.c.state)).scalar_one() == "superseded"


WRITER_CHILD = """
    import sys
    from tests.contract.stores import note, open_store
    store = open_store(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + 50):
        with store.writing() as work:
            work.log.append(note(number))
"""


def test_two_processes_appending_at_once_give_one_unbroken_chain(place: str) -> None:
    code = textwrap.dedent(WRITER_CHILD)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, place, str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            text=True,
        )
        for start in (0, 50)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.communicate("go\n", timeout=120)
    assert [child.returncode for child in children] == [0, 0]
    store = open_store(place)
    entries = check_whole(store)
    store.close()
    numbers = numbers_of(entries)
    assert sorted(numbers) == list(range(100))
    for start in (0, 50):
        mine = [n for n in numbers if start <= n < start + 50]
        assert mine == sorted(mine)


def test_threads_appending_at_once_give_one_unbroken_chain(store: SqlStore) -> None:
    def fifty(start: int) -> None:
        for number in range(start, start + 50, 5):
            with store.writing() as work:
                work.log.append_many([(note(n), ()) for n in range(number, number + 5)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fifty, (0, 50, 100, 150)))
    assert sorted(numbers_of(check_whole(store))) == list(range(200))


def test_two_writers_are_one_after_the_other_and_a_long_wait_is_said_in_words(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_MS", 50)
    one, two = open_store(place), open_store(place)
    with one.writing() as work:
        work.log.append(note(0))
        with pytest.raises(WorkspaceBusy) as busy, two.writing() as other:
            other.log.append(note(1))
    assert "Another program" in busy.value.message()
    with two.writing() as other:
        assert other.log.append(note(1)).seq == 1
    one.close()
    two.close()


def test_a_reading_block_sees_the_log_of_one_moment(store: SqlStore) -> None:
    with store.writing() as work:
        work.log.append(note(0))
    with store.reading() as before:
        assert before.log.head().size == 1
        with store.writing() as work:
            work.log.append(note(1))
        assert (before.log.head().size, len(list(before.log.entries()))) == (1, 1)


def test_workstations_that_share_a_database_keep_logs_of_their_own(place: str) -> None:
    one = open_store(place)
    two = open_store(place, replace(WRITER, origin="police.example/bwc/ws2", workstation="ws2"))
    payload = Payload(os.urandom(16), b"said")
    with one.writing() as work:
        work.log.append(note(0, payload), [payload])
        work.log.add_checkpoint(1, b"of one")
    with two.writing() as work:
        work.log.append_many([(note(0), ()), (note(1), ())])
    assert [one.log for one in check_whole(one)] == [WRITER.origin]
    assert [one.seq for one in check_whole(two)] == [0, 1]
    with two.reading() as work:
        assert (list(work.log.checkpoints()), list(work.log.payloads())) == ([], [])
        assert work.log.payload(payload.commitment) is None
    one.close()
    two.close()


def test_a_log_by_another_name_is_not_taken_for_this_one(place: str) -> None:
    renamed = SqlStore(database(place), replace(WRITER, origin="police.example/bwc/other"), lambda raw: None)  # type: ignore[arg-type,return-value]
    for block in (renamed.reading, renamed.writing):
        with pytest.raises(StoreDamaged, match=r"police\.example/bwc/other"), block() as work:
            work.log.append(note(0))
    renamed.close()


class Backwards:
    """A wall clock that somebody sets back by a minute."""

    boot = "11111111-1111-1111-1111-111111111111"

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 14, 9, 40, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_us(self) -> int:
        return 1


def test_a_clock_set_back_is_said_in_the_log_before_the_act(place: str) -> None:
    clock = Backwards()
    store = open_store(place, replace(WRITER, clock=clock))
    with store.writing() as work:
        work.log.append(note(0))
    clock.at -= timedelta(minutes=1)
    with store.writing() as work:
        answered = work.log.append_many([(note(1), ()), (note(2), ())])
    entries = check_whole(store)
    store.close()
    assert [one.type for one in entries] == ["log.noted", "clock.adjusted", "log.noted", "log.noted"]
    assert entries[1].data["back_us"] == 60_000_000
    assert answered == entries[2:]


def test_the_migrations_make_exactly_the_tables_the_code_uses(empty: str) -> None:
    open_store(empty).close()
    with database(empty).reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []
        for table in t.metadata.sorted_tables:
            found = inspect(connection).get_pk_constraint(table.name)["constrained_columns"]
            assert found == [column.name for column in table.primary_key]


def test_two_programs_that_open_a_new_database_at_once_both_find_it_whole(empty: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for store in pool.map(lambda _: SqlStore(database(empty), WRITER, lambda raw: None), range(2)):  # type: ignore[arg-type,return-value]
            store.close()
    with database(empty).reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(place: str) -> None:
    with database(place).writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceTooNew) as refused:
        open_store(place)
    assert "newer version" in refused.value.message()
    with database(place).reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
