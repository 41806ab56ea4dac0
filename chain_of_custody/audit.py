"""One pass over a log read through EntrySource: leaf, place, form and columns of every entry, and those who listen.

What the listeners check: observers.py, operators.py. What follows the pass: log_checks.py. The numbered list that
calls them: verify.py. Authority: docs/custody-format.md section 11 (levels L0 and L1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeVar

from chain_of_custody.bag import Progress
from chain_of_custody.canonical import load
from chain_of_custody.entry import FIRST_PREV
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.leaves import Leaves
from chain_of_custody.merkle import leaf_hash, root
from chain_of_custody.seen import COLUMNS, Seen, glance, look
from chain_of_custody.source import Columns, EntrySource

Listener = Callable[[int, Seen, bytes, bytes, bytes | None], None]
"""Hears (seq, what stands in the entry, leaf hash, bytes, signature file or None) of every well-formed entry."""

EVERY = 8192
_Row = TypeVar("_Row")


@dataclass(slots=True)
class LogFacts:
    """What the pass over the entries counts (custody-format section 11)."""

    complete: bool = False
    disclosed: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Audit:
    """A log under audit: its source, its leaf hashes, what the pass counted (custody-format section 11)."""

    source: EntrySource
    log: str
    leaves: Sequence[bytes]
    facts: LogFacts = field(default_factory=LogFacts)

    @classmethod
    def open(cls, source: EntrySource) -> Audit:
        """Read the leaf hashes. Raises what the source raises."""
        return cls(source, source.log, Leaves(source.leaves()))

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return root(self.leaves)

    def walk_chain(self, chain: Collector, progress: Progress | None = None) -> None:
        """Leaf, log, seq and prev of every disclosed entry, and nothing else of it (L0)."""
        for seq, leaf, prev, raw in self._places(self.source.entries(0, len(self.leaves)), progress):
            if raw is None:
                self.facts.withheld += 1
                continue
            self.facts.disclosed += 1
            if leaf_hash(raw) != leaf:
                _altered(seq, chain)
            if (seen := glance(raw)) is not None:
                self._check_place((seen.log, int(seen.seq), seen.prev), seq, prev, chain)
                continue
            try:
                value = load(raw)
            except CustodyError as refused:
                chain.failed(refused.reason, f"entry {seq}", refused.message())
                continue
            self._check_place((value.get("log"), value.get("seq"), value.get("prev")), seq, prev, chain)

    def walk_entries(
        self,
        form: Collector,
        chain: Collector,
        listeners: Sequence[Listener],
        progress: Progress | None = None,
        *,
        signed: bool = False,
    ) -> None:
        """Canonical form, columns, leaf, seq and prev of every disclosed entry (L0, L1), heard by `listeners`."""
        stop, source = len(self.leaves), self.source
        signing: Iterator[bytes | None] = source.signatures(0, stop) if signed else repeat(None, stop)
        rows = zip(source.rows(0, stop), signing, strict=True)
        for seq, leaf, prev, ((raw, columns), signatures) in self._places(rows, progress):
            if raw is None:
                self.facts.withheld += 1
                continue
            self.facts.disclosed += 1
            if leaf_hash(raw) != leaf:
                _altered(seq, chain)
            try:
                seen = look(raw)
            except CustodyError as refused:
                form.failed(refused.reason, f"entry {seq}", refused.message())
                continue
            self._check_place((seen.log, int(seen.seq), seen.prev), seq, prev, chain)
            if columns is not None and (true := seen.columns()) != columns:
                _name_columns(true, columns, seq, form)
            for listener in listeners:
                listener(seq, seen, leaf, raw, signatures)
        self.facts.complete = True

    def _places(self, rows: Iterable[_Row], progress: Progress | None) -> Iterator[tuple[int, bytes, str, _Row]]:
        """(seq, leaf, the prev it demands, what stands there) of every place of the log."""
        stop, prev = len(self.leaves), FIRST_PREV
        for seq, (leaf, row) in enumerate(zip(self.leaves, rows, strict=True)):
            yield seq, leaf, prev, row
            prev = leaf.hex()
            if progress is not None and seq % EVERY == 0:
                progress("entries", seq, stop)

    def _check_place(self, found: tuple[object, object, object], seq: int, prev: str, chain: Collector) -> None:
        """`found`: log, number and prev as they stand in the entry; `seq`, `prev`: what its place demands."""
        if found == (self.log, seq, prev):
            return
        where, (log, number, before) = f"entry {seq}", found
        if log != self.log:
            chain.failed("another_log", where, f"The entry belongs to log {log}")
        if number != seq:
            chain.failed("seq_differs", where, f"The entry says it is number {number}")
        if before != prev:
            chain.failed("prev_differs", where, "The entry does not follow the one before it")


def _altered(seq: int, chain: Collector) -> None:
    chain.failed("leaf_differs", f"entry {seq}", "Its bytes do not hash to its leaf: it was altered")


def _name_columns(true: Columns, columns: Columns, seq: int, form: Collector) -> None:
    for name, said, value in zip(COLUMNS, true, columns, strict=True):
        if said != value:
            form.failed("column_differs", f"entry {seq}", f"The database column {name} is not what the entry says")
