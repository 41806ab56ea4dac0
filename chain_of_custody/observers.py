"""What is gathered and checked while the entries pass by: dates, commitments, recordings taken in.

Each listener sees every well-formed entry once, in order. docs/custody-format.md sections 3, 4, 10 and 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chain_of_custody.canonical import parse
from chain_of_custody.clock import MAX_BACKWARD_US, backward_us, parse_at
from chain_of_custody.erasure import ERASED, erased_by
from chain_of_custody.errors import EntryRefused
from chain_of_custody.findings import Collector
from chain_of_custody.seen import Seen

CLOCK_ADJUSTED = "clock.adjusted"
INGESTED = "media.ingested"
DISPOSED = "media.disposed"
INGEST_FIELDS = ("size", "sha256", "sha512", "chunk_root")


class TimeRule:
    """`at` never before the entry before it by more than two seconds (custody-format section 3)."""

    def __init__(self, times: Collector) -> None:
        self._times, self._before, self._at = times, -1, ""

    def hear(self, seq: int, seen: Seen, leaf: bytes, raw: bytes, signed: bytes | None) -> None:
        # `at` has one form of fixed width, so text order is time order
        if seen.at < self._at:
            self._back(seq, seen)
        self._before, self._at = seq, seen.at

    def _back(self, seq: int, seen: Seen) -> None:
        back = backward_us(parse_at(self._at), parse_at(seen.at))
        if back <= MAX_BACKWARD_US:
            return
        where, text = f"entry {seq}", f"{back} microseconds before entry {self._before}"
        if seen.type == CLOCK_ADJUSTED:
            self._times.note("clock_adjusted", where, f"The clock was set back on record: {text}")
        elif seq == self._before + 1:
            self._times.failed("time_runs_back", where, f"Dated {text}")
        else:
            self._times.unchecked("time_unclear", where, f"Dated {text}; the entries between are withheld")


@dataclass(slots=True)
class Contents:
    """What the entries promise: commitments (32 bytes each), recordings taken in, what was erased or disposed of.

    `stray_tombstones`: (seq, commitment) of erasures of what no entry before had committed to. `missing`: commitments
    without content, known once the payloads were read. custody-format sections 4, 10 and 11.
    """

    commitments: set[bytes] = field(default_factory=set)
    missing: set[bytes] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)
    stray_tombstones: list[tuple[int, bytes]] = field(default_factory=list)
    broken_tombstones: list[tuple[int, EntryRefused]] = field(default_factory=list)
    ingested: list[tuple[int, str, Mapping[str, object]]] = field(default_factory=list)
    disposed: set[str] = field(default_factory=set)
    payloads: int = 0

    def hear(self, seq: int, seen: Seen, leaf: bytes, raw: bytes, signed: bytes | None) -> None:
        if seen.commit != "{}":
            self.commitments.update(map(bytes.fromhex, seen.commitments()))
        if seen.type == INGESTED and seen.outcome == "ok":
            data = parse(seen.data.encode())
            kept = {name: data[name] for name in INGEST_FIELDS if name in data}
            self.ingested.append((seq, seen.subject_id, kept))
        elif seen.type == DISPOSED and seen.outcome == "ok":
            self.disposed.add(seen.subject_id)
        elif seen.type == ERASED and seen.outcome == "ok":
            self._erase(seq, parse(seen.data.encode()))

    def _erase(self, seq: int, data: Mapping[str, object]) -> None:
        try:
            named = erased_by(data)
        except EntryRefused as refused:
            self.broken_tombstones.append((seq, refused))
            return
        for commitment in named:
            if commitment in self.commitments:
                self.erased.add(commitment)
            else:
                self.stray_tombstones.append((seq, commitment))
