"""What a custody entry costs: appending, durably, against a plain insert of the same row by the same library.

    python -m benchmarks.custody_append [--rounds 15] [--engine sqlite|postgresql] [--json]

Each round does both, one after the other, on the same database; the ratio is the round's own, so that a busy machine
slows both. Reported are medians over the rounds. Targets: one durable append within 2.5 of the plain insert, on both
engines; 8,000 entries/s in batches on SQLite. The exit code is 1 when a target is missed. What an operator's Ed25519
signature beside each entry adds is reported without a target.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Column, Index, Insert, MetaData, Table, UniqueConstraint, insert

from bwc_review.store import tables as t
from bwc_review.store.engine import Database
from bwc_review.store.sql import SqlStore
from chain_of_custody.entry import Draft, Subject
from chain_of_custody.signing import OperatorKey, generate
from tests.contract.postgres import NoServer, start
from tests.contract.stores import ACTOR, database, open_store

RATIO_AT_MOST = 2.5
BATCHED_AT_LEAST = 8000
SINGLES = 40
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians over the rounds: entries a second, rows a second of the plain insert, and the rounds' own ratio."""

    engine: str
    what: str
    entries_per_s: float
    plain_per_s: float
    ratio: float
    low: float
    high: float


def plain_table() -> Table:
    """A table with the columns and every index of ``custody_entry``, and nothing that knows of logs."""
    name = "plain_entry"
    columns = [Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in t.custody_entry.c]
    made = Table(name, MetaData(), *columns, UniqueConstraint("leaf"), UniqueConstraint("log", "prev"))
    for indexed in ("type", "subject_id"):
        Index(f"ix_{name}_{indexed}", made.c[indexed])
    return made


def draft(number: int) -> Draft:
    """An entry as a use case writes it: a digest, a size, a committed text."""
    data: dict[str, object] = {"exhibit": f"WS1-{number:04d}", "size": number * 4096, "sha256": "ab" * 32}
    return Draft(
        "media.ingested", "ok", ACTOR, Subject("media", f"m-{number}"), "routine_docking", data, {"name": "cd" * 32}
    )


class Bench:
    """One engine: the log in its store, and the plain table beside it."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind = kind
        self.store: SqlStore = open_store(place)
        self.database: Database = database(place)
        self.plain: Table = plain_table()
        self.insert: Insert = insert(self.plain)
        self.number = 0
        with self.database.writing() as connection:
            self.plain.create(connection)

    def rows(self, count: int) -> list[dict[str, object]]:
        """Rows as the log would write them, made beforehand: the plain insert is spared making them."""
        made = []
        for _ in range(count):
            self.number += 1
            text = os.urandom(32).hex()
            made.append(
                {
                    **dict.fromkeys((c.name for c in self.plain.c), "ab"),
                    **{"log": "police.example/bwc/ws1", "seq": self.number, "leaf": text, "prev": text[::-1]},
                    **{
                        "at": "2026-01-01T10:02:00.123456Z",
                        "subject_id": f"m-{self.number}",
                        "type": "media.ingested",
                    },
                    "bytes": os.urandom(700),
                }
            )
        return made

    def plain_singles(self) -> Callable[[], None]:
        rows = self.rows(SINGLES)

        def run() -> None:
            for row in rows:
                with self.database.writing() as connection:
                    connection.execute(self.insert, row)

        return run

    def log_singles(self, *signers: OperatorKey) -> None:
        for number in range(SINGLES):
            with self.store.writing() as work:
                work.log.append(draft(number), (), signers)

    def plain_batch(self) -> Callable[[], None]:
        rows = self.rows(BATCH)

        def run() -> None:
            with self.database.writing() as connection:
                connection.execute(self.insert, rows)

        return run

    def log_batch(self, *signers: OperatorKey) -> None:
        with self.store.writing() as work:
            work.log.append_many([(draft(number), ()) for number in range(BATCH)], signers)

    def log_one_by_one(self) -> None:
        with self.store.writing() as work:
            for number in range(BATCH):
                work.log.append(draft(number))


def seconds(run: Callable[[], None]) -> float:
    begun = perf_counter()
    run()
    return perf_counter() - begun


def paired(
    kind: str, what: str, count: int, rounds: int, log: Callable[[], None], plain: Callable[[], Callable[[], None]]
) -> Figure:
    """``rounds`` pairs, the order changing from one to the next, after one that does not count."""
    times: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        ready = plain()
        if number % 2:
            ours, theirs = seconds(log), seconds(ready)
        else:
            theirs, ours = seconds(ready), seconds(log)
        times.append((ours, theirs))
    ratios = sorted(ours / theirs for ours, theirs in times[1:])
    quarter = len(ratios) // 4
    return Figure(
        engine=kind,
        what=what,
        entries_per_s=count / median(ours for ours, _ in times[1:]),
        plain_per_s=count / median(theirs for _, theirs in times[1:]),
        ratio=median(ratios),
        low=ratios[quarter],
        high=ratios[-1 - quarter],
    )


def measure(kind: str, place: str, rounds: int) -> Iterator[Figure]:
    """Single, batched, and one by one in a single transaction; the first two with signatures too."""
    bench = Bench(kind, place)
    yield paired(kind, "single", SINGLES, rounds, bench.log_singles, bench.plain_singles)
    yield paired(kind, "batched", BATCH, rounds, bench.log_batch, bench.plain_batch)
    yield paired(kind, "one by one", BATCH, max(3, rounds // 3), bench.log_one_by_one, bench.plain_batch)
    key = generate(OperatorKey, ACTOR.id)
    yield paired(kind, "single signed", SINGLES, rounds, lambda: bench.log_singles(key), bench.plain_singles)
    yield paired(kind, "batch signed", BATCH, rounds, lambda: bench.log_batch(key), bench.plain_batch)
    bench.store.close()
    bench.database.engine.dispose()


@contextmanager
def place_of(kind: str) -> Iterator[str]:
    """A database on this machine's disk that writes through to it."""
    if kind == "postgresql":
        yield start(durable=True).new_database()
        return
    folder = Path(tempfile.mkdtemp(prefix="bwc-bench-"))
    yield str(folder / "bwc.db")
    shutil.rmtree(folder, ignore_errors=True)


def met(figure: Figure) -> bool:
    """Whether the figure keeps its target; where there is none it does."""
    if figure.what == "single":
        return figure.ratio <= RATIO_AT_MOST
    return figure.engine != "sqlite" or figure.what != "batched" or figure.entries_per_s >= BATCHED_AT_LEAST


def main() -> int:
    """Measure, print, judge."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    figures: list[Figure] = []
    for kind in chosen.engine or ("sqlite", "postgresql"):
        try:
            with place_of(kind) as place:
                figures += measure(kind, place, chosen.rounds)
        except NoServer as none:
            print(f"{kind}: not measured: {none}", file=sys.stderr)
    if chosen.json:
        print(json.dumps([asdict(one) for one in figures], indent=2))
    else:
        print(f"{'engine':<12}{'append':<15}{'entries/s':>10}{'plain/s':>10}{'ratio':>7}  middle half")
        for one in figures:
            print(
                f"{one.engine:<12}{one.what:<15}{one.entries_per_s:>10.0f}{one.plain_per_s:>10.0f}{one.ratio:>7.2f}"
                f"  {one.low:.2f} to {one.high:.2f}{'' if met(one) else '   misses its target'}"
            )
    return 0 if all(map(met, figures)) else 1


if __name__ == "__main__":
    sys.exit(main())
