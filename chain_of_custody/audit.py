"""Checks of a log read through EntrySource: form, chain, columns, tree, signatures, payloads, time rule.

One function per rule, findings instead of errors. The numbered list that calls them: verify.py.
Authority: docs/custody-format.md section 11 (levels L0 to L2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chain_of_custody.canonical import load
from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.clock import MAX_BACKWARD_US, backward_us
from chain_of_custody.entry import FIRST_PREV, Entry
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.merkle import CompactRange, leaf_hash, root
from chain_of_custody.source import EntrySource
from chain_of_custody.vkey import VerifierKey

CLOCK_ADJUSTED = "clock.adjusted"
INGESTED = "media.ingested"


@dataclass(slots=True)
class LogFacts:
    """What one pass over the entries gathers for the steps after it."""

    complete: bool = False
    disclosed: int = 0
    payloads: int = 0
    commitments: set[str] = field(default_factory=set)
    times: list[tuple[int, datetime, str]] = field(default_factory=list)
    ingested: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Audit:
    """A log under audit: its source, its leaf hashes, and a collector of findings per step."""

    source: EntrySource
    log: str
    leaves: Sequence[bytes]
    facts: LogFacts = field(default_factory=LogFacts)

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return root(self.leaves)

    def walk_chain(self, chain: Collector) -> None:
        """Leaf, log, seq and prev of every disclosed entry, and nothing else of it (L0)."""
        for seq, raw in enumerate(self.source.entries(0, len(self.leaves))):
            if raw is None:
                continue
            self._check_leaf(raw, seq, chain)
            try:
                value = load(raw)
            except CustodyError as refused:
                chain.failed(refused.reason, f"entry {seq}", refused.message())
                continue
            self._check_place((value.get("log"), value.get("seq"), value.get("prev")), seq, chain)

    def walk_entries(self, form: Collector, chain: Collector) -> None:
        """Canonical form, columns, leaf, seq and prev of every disclosed entry (L0, L1)."""
        stop = len(self.leaves)
        rows = zip(self.source.entries(0, stop), self.source.columns(0, stop), strict=True)
        for seq, (raw, columns) in enumerate(rows):
            if raw is None:
                continue
            self.facts.disclosed += 1
            where = f"entry {seq}"
            self._check_leaf(raw, seq, chain)
            try:
                entry = Entry.from_bytes(raw)
            except CustodyError as refused:
                form.failed(refused.reason, where, refused.message())
                continue
            self._check_place((entry.log, entry.seq, entry.prev), seq, chain)
            _check_columns(entry, columns, where, form)
            self._remember(entry, seq)
        self.facts.complete = True

    def _check_leaf(self, raw: bytes, seq: int, chain: Collector) -> None:
        if leaf_hash(raw) != self.leaves[seq]:
            chain.failed("leaf_differs", f"entry {seq}", "Its bytes do not hash to its leaf: it was altered")

    def _check_place(self, stated: tuple[object, object, object], seq: int, chain: Collector) -> None:
        """`stated`: the log, seq and prev that stand in the entry."""
        where = f"entry {seq}"
        if stated[0] != self.log:
            chain.failed("another_log", where, f"The entry belongs to log {stated[0]}")
        if stated[1] != seq:
            chain.failed("seq_differs", where, f"The entry says it is number {stated[1]}")
        expected = self.leaves[seq - 1].hex() if seq else FIRST_PREV
        if stated[2] != expected:
            chain.failed("prev_differs", where, "The entry does not follow the one before it")

    def _remember(self, entry: Entry, seq: int) -> None:
        self.facts.commitments.update(entry.commit.values())
        self.facts.times.append((seq, entry.at, entry.type))
        if (entry.type, entry.outcome) == (INGESTED, "ok"):
            self.facts.ingested.append((seq, entry.data))

    def check_checkpoints(self, tree: Collector) -> None:
        """Every checkpoint is the root over a prefix of these leaves, hence all are consistent (L2)."""
        checkpoints = _parsed(self.source, tree)
        roots = roots_at(self.leaves, {one.size for _, one in checkpoints})
        before = 0
        for where, one in checkpoints:
            if one.origin != self.log:
                tree.failed("another_origin", where, f"The checkpoint is of log {one.origin}")
            if one.size < before:
                tree.failed("checkpoint_shrinks", where, f"Size {one.size} after size {before}")
            if one.size > len(self.leaves):
                tree.failed("log_cut", where, f"It covers {one.size} entries, the log has {len(self.leaves)}")
            elif roots[one.size] != one.root:
                tree.failed("root_differs", where, f"Not the root over the first {one.size} entries: log rewritten")
            before = max(before, one.size)
        if not checkpoints:
            tree.unchecked("no_checkpoint", "", "No checkpoint was kept: nothing shows the log was not rewritten")
        elif before < len(self.leaves):
            tree.note("tail", "", f"The last {len(self.leaves) - before} entries lie after the last checkpoint")

    def check_signatures(self, keys: Sequence[VerifierKey], signatures: Collector) -> None:
        """Every checkpoint is signed by one of `keys` (L2)."""
        for number, raw in enumerate(self.source.checkpoints()):
            try:
                open_checkpoint(raw, keys)
            except CustodyError as refused:
                signatures.failed(refused.reason, f"checkpoint {number}", refused.message())

    def check_payloads(self, payloads: Collector) -> None:
        """Every payload present belongs to a commitment of a disclosed entry (L1)."""
        for commitment, payload in self.source.payloads():
            self.facts.payloads += 1
            try:
                payload.check(commitment)
            except CustodyError as refused:
                payloads.failed(refused.reason, commitment[:16], refused.message())
            # after a read error the entry that commits to it may only have been out of reach
            if self.facts.complete and commitment not in self.facts.commitments:
                payloads.failed("payload_without_entry", commitment[:16], "No disclosed entry commits to it")
        if (missing := len(self.facts.commitments) - self.facts.payloads) > 0:
            payloads.note("payloads_withheld", "", f"{missing} contents are withheld or erased")

    def check_times(self, times: Collector) -> None:
        """`at` never before the entry before it by more than two seconds (custody-format section 3)."""
        for (before, earlier, _), (seq, at, kind) in zip(self.facts.times, self.facts.times[1:], strict=False):
            back = backward_us(earlier, at)
            if back <= MAX_BACKWARD_US:
                continue
            text = f"{back} microseconds before entry {before}"
            if kind == CLOCK_ADJUSTED:
                times.note("clock_adjusted", f"entry {seq}", f"The clock was set back on record: {text}")
            elif seq == before + 1:
                times.failed("time_runs_back", f"entry {seq}", f"Dated {text}")
            else:
                times.unchecked("time_unclear", f"entry {seq}", f"Dated {text}; the entries between are withheld")


def _check_columns(entry: Entry, columns: Mapping[str, object] | None, where: str, form: Collector) -> None:
    if columns is None:
        return
    true = entry.columns()
    for name, value in columns.items():
        if true.get(name) != value:
            form.failed("column_differs", where, f"The database column {name} is not what the entry says")


def _parsed(source: EntrySource, tree: Collector) -> list[tuple[str, Checkpoint]]:
    found: list[tuple[str, Checkpoint]] = []
    for number, raw in enumerate(source.checkpoints()):
        where = f"checkpoint {number}"
        try:
            found.append((where, Checkpoint.parse(raw)))
        except CustodyError as refused:
            tree.failed(refused.reason, where, refused.message())
    return found


def roots_at(leaves: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root over the first n leaves, for each n of `sizes` that the log reaches."""
    tree = CompactRange()
    roots = {0: tree.root}
    for leaf in leaves[: max(sizes, default=0)]:
        tree = tree.append(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.root
    return roots
