"""Time anchors: what is known of an entry's date from witnesses, who have clocks of their own (L2).

A cosignature at T over the first n entries: they were written before T. An entry `checkpoint.cosigned` that holds
such a cosignature: it and all after it were written after T. docs/custody-format.md section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from chain_of_custody.canonical import parse
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import format_at
from chain_of_custody.cosignatures import cosigned
from chain_of_custody.errors import CustodyError, NoteRefused
from chain_of_custody.findings import Collector
from chain_of_custody.seen import Seen
from chain_of_custody.vkey import VerifierKey, decode, encode

COSIGNED_TYPE = "checkpoint.cosigned"
SLACK_S = 60
"""Two clocks, neither of them the other's: so far apart they may be before it is called a false date."""

_LAST_S = 253_402_300_000


class AnchorRule:
    """Listener: `at` never outside the anchors around it by more than SLACK_S (custody-format section 3)."""

    def __init__(self, upper: Iterable[tuple[int, int]], witnesses: Sequence[VerifierKey], times: Collector) -> None:
        """`upper`: (size, seconds since 1970) of every cosignature that holds."""
        self._upper = _falling(upper)
        self._witnesses, self._times = witnesses, times
        self._lower, self._by = "", -1
        self._size, self._latest = -1, ""
        self.held: list[tuple[int, Checkpoint]] = []

    def hear(self, seq: int, seen: Seen, leaf: bytes, raw: bytes, signed: bytes | None) -> None:
        if seq >= self._size:
            self._advance(seq)
        if self._latest and seen.at > self._latest:
            text = f"Dated {seen.at}, but a witness saw it in the first {self._size} entries before"
            self._times.failed("after_its_anchor", f"entry {seq}", text)
        if seen.at < self._lower:
            text = f"Dated {seen.at}, but entry {self._by} before it holds a later witness's time"
            self._times.failed("before_its_anchor", f"entry {seq}", text)
        if seen.type == COSIGNED_TYPE and seen.outcome == "ok":
            self._learn(seq, seen)

    def _advance(self, seq: int) -> None:
        while self._upper and self._upper[-1][0] <= seq:
            self._upper.pop()
        self._size, self._latest = self._upper[-1] if self._upper else (1 << 60, "")

    def _learn(self, seq: int, seen: Seen) -> None:
        try:
            held = cosigned(_note(seen.data), self._witnesses)
        except CustodyError as refused:
            self._times.failed(refused.reason, f"entry {seq}", refused.message())
            return
        if held.stamps:
            self.held.append((seq, held.checkpoint))
            bound = stamp_text(max(held.stamps.values()) - SLACK_S)
            if bound > self._lower:
                self._lower, self._by = bound, seq


def cosigned_data(note: bytes) -> dict[str, object]:
    """`data` of an entry checkpoint.cosigned: the checkpoint's note with its cosignatures.

    Custody-format section 3.
    """
    return {"note": encode(note)}


def stamp_text(stamp: int) -> str:
    """Seconds since 1970 in the form of `at`; beyond the year 9999, its end (custody-format section 3)."""
    return format_at(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(stamp, 0), _LAST_S)))


def _note(data: str) -> bytes:
    note = parse(data.encode()).get("note")
    if not isinstance(note, str):
        raise NoteRefused("no_note", "data")
    return decode(note)


def _falling(upper: Iterable[tuple[int, int]]) -> list[tuple[int, str]]:
    """(size, latest date of the entries below it), largest size first, each the tightest that is known."""
    found: list[tuple[int, str]] = []
    tightest: int | None = None
    for size, stamp in sorted(upper, reverse=True):
        if tightest is None or stamp < tightest:
            tightest = stamp
            found.append((size, stamp_text(stamp + SLACK_S)))
    return found
