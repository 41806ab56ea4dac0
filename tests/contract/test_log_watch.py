"""The watch over the log on every engine: checkpoints when they are due, by an injected clock; rows put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwc_review.errors import LogContradicted
from bwc_review.ports.witnesses import Cosignature
from bwc_review.review.cadence import EVERY_ENTRIES, due, overdue
from bwc_review.review.log_watch import LogWatch, standing_of
from bwc_review.store.sql import SqlStore
from bwc_review.store.witnessed_memory import FileMemory
from bwc_review.transcript.heard_json import from_json
from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.entry import Draft, Subject
from chain_of_custody.keys import LogKey
from chain_of_custody.rollback import HeadState
from chain_of_custody.signing import generate_log_key
from tests.contract.stores import ACTOR, KINDS, WRITER, database, new_place
from tests.unit.custody.witness_scene import W1
from tests.unit.witnessing.rewriting import cut, rewrite

KEY = generate_log_key(WRITER.origin)


class Wall:
    """A clock that stands still until it is told."""

    boot = "power-on-1"

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_us(self) -> int:
        return 0


class Bench:
    """One log on one engine with a watch, a clock and a key that can be locked."""

    def __init__(self, place: str, memory: FileMemory) -> None:
        self.place, self.memory, self.wall = place, memory, Wall()
        self.key: LogKey | None = KEY
        self.open()
        with self.store.reading() as work:
            begun = work.log.started()
        if not begun:
            with self.store.writing() as work:
                work.log.start()

    def open(self) -> None:
        """As a new run of the program."""
        self.watch = LogWatch(self.memory, [W1.vkey], lambda: self.key, self.wall)
        self.store = SqlStore(database(self.place), replace(WRITER, clock=self.wall), from_json, self.watch)

    def write(self, kind: str = "log.noted", count: int = 1) -> None:
        """Entries in one transaction."""
        drafts = [(Draft(kind, "ok", ACTOR, Subject("note", "1"), "", {}, {}), ()) for _ in range(count)]
        with self.store.writing() as work:
            work.log.append_many(drafts)

    def sizes(self) -> list[int]:
        """Sizes of the checkpoints kept, each verified."""
        with self.store.reading() as work:
            return [open_checkpoint(note, [KEY.vkey]).size for note in work.log.checkpoints()]

    def witness(self) -> int:
        """Have the newest checkpoint cosigned; its size."""
        with self.store.writing() as work:
            newest = work.cosignatures.newest_checkpoint()
            assert newest is not None
            line = W1.cosign(Checkpoint.parse(newest[1]).text(), 1_767_225_600)
            row = Cosignature(newest[0], W1.vkey.format(), 1_767_225_600, line.format().encode(), 0)
            assert work.cosignatures.add(row)
            self.memory.remember(with_lines(newest[1], [line]))
        return newest[0]


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with new_place(request.param) as place:
        made = Bench(place, FileMemory(WRITER.origin, [tmp_path / "witnessed"]))
        yield made
        made.store.close()


@pytest.mark.parametrize(
    "kind",
    ["dock.finished", "session.ended", "export.started", "export.finished", "export.failed", "key.rotated"],
)
def test_an_act_that_calls_for_a_checkpoint_has_one_over_itself_without_asking(bench: Bench, kind: str) -> None:
    bench.write()
    assert bench.sizes() == []
    bench.write(kind)
    assert bench.sizes() == [2]


def test_one_after_256_entries_however_they_were_written(bench: Bench) -> None:
    bench.write(count=EVERY_ENTRIES - 1)
    assert bench.sizes() == []
    bench.write()
    assert bench.sizes() == [EVERY_ENTRIES]
    bench.write(count=EVERY_ENTRIES - 2)
    bench.write()
    assert bench.sizes() == [EVERY_ENTRIES]
    bench.write()
    assert bench.sizes() == [EVERY_ENTRIES, 2 * EVERY_ENTRIES]


def test_one_when_the_oldest_entry_not_covered_is_five_minutes_old_and_none_while_there_is_nothing_new(
    bench: Bench,
) -> None:
    bench.write()
    bench.wall.at += timedelta(minutes=4, seconds=59)
    bench.write()
    assert bench.sizes() == []
    bench.wall.at += timedelta(seconds=1)
    with bench.store.writing():
        pass  # an occasion without an entry, as the desktop gives one
    assert bench.sizes() == [2]
    bench.wall.at += timedelta(hours=5)
    with bench.store.writing():
        pass
    assert bench.sizes() == [2]


def test_with_the_key_locked_nothing_is_asked_and_the_first_chance_after_it_opens_makes_good(bench: Bench) -> None:
    bench.key = None
    bench.write("session.ended")
    bench.write(count=300)
    assert bench.sizes() == []
    assert overdue(301, 0)
    bench.key = KEY
    bench.write()
    assert bench.sizes() == [302]


def test_entries_of_another_run_of_the_program_count_and_its_checkpoints_are_not_repeated(bench: Bench) -> None:
    bench.write(count=200)
    first = bench.store
    bench.open()
    bench.write(count=100)
    assert bench.sizes() == [300]
    bench.store.close()
    bench.store = first
    bench.write(count=200)
    assert bench.sizes() == [300]
    bench.write(count=56)
    assert bench.sizes() == [300, 556]


def test_an_act_that_is_rolled_back_leaves_no_checkpoint(bench: Bench) -> None:
    with pytest.raises(RuntimeError), bench.store.writing() as work:
        work.log.append(Draft("session.ended", "ok", ACTOR, Subject("note", "1"), "", {}, {}))
        raise RuntimeError
    assert bench.sizes() == []


def test_rows_put_back_are_noticed_at_start_and_nothing_is_written(bench: Bench) -> None:
    bench.write("session.ended", 5)
    size = bench.witness()
    bench.write("session.ended", 4)
    bench.store.close()
    cut(database(bench.place), WRITER.origin, 3)
    bench.open()
    for _ in range(2):
        with pytest.raises(LogContradicted, match=f"holds 3 entries.* saw {size}"), bench.store.writing():
            pytest.fail("the block was entered")
    with bench.store.reading() as work:
        assert standing_of(work, bench.memory, [W1.vkey]).state is HeadState.ROLLED_BACK
        assert len(list(work.log.entries())) == 3


def test_rows_put_back_while_the_program_runs_are_noticed_at_the_next_act(bench: Bench) -> None:
    bench.write("session.ended", 5)
    bench.witness()
    bench.write()
    cut(database(bench.place), WRITER.origin, 3)
    with pytest.raises(LogContradicted, match="put back to an earlier state"):
        bench.write()


@pytest.mark.parametrize("more", [0, 4], ids=["to the same size", "and longer"])
def test_rows_rewritten_with_the_real_key_are_noticed_at_start(bench: Bench, more: int) -> None:
    bench.write("session.ended", 5)
    bench.witness()
    bench.write(count=more + 1)
    bench.store.close()
    rewrite(database(bench.place), KEY, WRITER.origin, 2)
    bench.open()
    with pytest.raises(LogContradicted, match="is not the one that was witnessed"):
        bench.write()


def test_a_log_that_grew_honestly_goes_on_after_each_cosignature(bench: Bench) -> None:
    for _ in range(3):
        bench.write("session.ended", 3)
        bench.witness()
        bench.open()
    bench.write()


def test_due_says_no_while_everything_is_covered() -> None:
    assert not due(["key.rotated", "session.ended"], 0, 1 << 60)
    assert not due(["log.noted"], 255, 0)
    assert due(["log.noted"], 256, 0)
    assert due([], 1, 300_000_000)
    assert not overdue(0, 1 << 60)
