"""From a key press to a tag: moment, interval that toggles, interval between the marks, judgement with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from bwc_review.domain.ids import EventCode
from bwc_review.domain.tags import AttrValue, Tag
from bwc_review.domain.taxonomy import Kind, Layer, Taxonomy
from bwc_review.domain.times import Micros
from bwc_review.review.tagging import Sighting, hand_uncertainty, sighting_of
from ui.review_desk.acts import Acts
from ui.review_desk.ask_line import AskLine
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.inspector import reason_attr


@dataclass(slots=True)
class Marks:
    """Mark in and mark out, incident clock; None while not set."""

    start: int | None = None
    end: int | None = None

    def span(self) -> tuple[int, int] | None:
        """Both, in order; None unless both are set."""
        if self.start is None or self.end is None:
            return None
        return min(self.start, self.end), max(self.start, self.end)


class Tagger(QObject):
    """Writes tags at the moment shown. ``asks`` when a reason is wanted first."""

    marks_changed = Signal()

    def __init__(
        self,
        taxonomy: Taxonomy,
        board: Board,
        acts: Acts,
        deck: CameraDeck,
        ask: Callable[[], AskLine],
    ) -> None:
        super().__init__(board)
        self._taxonomy = taxonomy
        self._board = board
        self._acts = acts
        self._deck = deck
        self._ask = ask
        self.marks = Marks()

    def set_in(self) -> None:
        """Mark in here."""
        self.marks.start = self._deck.position_us
        self.marks_changed.emit()

    def set_out(self) -> None:
        """Mark out here."""
        self.marks.end = self._deck.position_us
        self.marks_changed.emit()

    def clear(self) -> None:
        """Forget the marks."""
        self.marks = Marks()
        self.marks_changed.emit()

    def press(self, code: EventCode) -> None:
        """The key of a code: write it here, or close what it opened. A judgement asks for its reason first."""
        event = self._taxonomy.events[code]
        now = Micros(self._deck.position_us)
        handle = self._acts.open_one(code)
        if handle is not None and event.kind is not Kind.POINT:
            self._acts.close(handle, now)
            return
        seen = self._sighting(code, event.kind, now)
        if event.layer is not Layer.JUDGEMENT:
            self._write(seen)
            return
        self._ask().ask(
            f"{event.label}: why?",
            lambda text: self._write(self._reasoned(seen, text)),
            placeholder="A judgement needs its reason; it goes on record",
        )

    def _write(self, seen: Sighting) -> None:
        if self._board.case is not None:
            self._acts.write(seen)
            if self.marks.span() is not None and seen.end is not None and seen.end != seen.start:
                self.clear()

    def _sighting(self, code: EventCode, kind: Kind, now: Micros) -> Sighting:
        marked = self.marks.span()
        start, end = now, None if kind is Kind.INTERVAL else now
        if marked is not None and kind is not Kind.POINT:
            start, end = Micros(marked[0]), Micros(marked[1])
        clip = self._deck.clip
        clock = clip.clock.uncertainty if clip else 0
        playing = self._deck.main.state == "playing" and marked is None
        hand = hand_uncertainty(self._deck.main.rate if playing else Fraction(0))
        return Sighting(code, start, end, self._board.actor, self._board.target, uncertainty=Micros(hand + clock))

    def _reasoned(self, seen: Sighting, text: str) -> Sighting:
        name = reason_attr(self._taxonomy, seen.code)
        attrs: dict[str, AttrValue] = {name: text} if name else {}
        return replace(seen, attrs=attrs, note="" if name else text)

    # changing what is there

    def nudge(self, tag: Tag | None, *, start: int = 0, end: int = 0) -> None:
        """Move a tag's edges by microseconds."""
        if tag is None:
            return
        handle = self._acts.handle_of(tag)
        seen = handle.seen
        if seen.end == seen.start:
            moved = Micros(max(0, seen.start + start + end))
            self._acts.change(handle, replace(seen, start=moved, end=moved))
            return
        first = Micros(max(0, seen.start + start))
        last = None if seen.end is None else Micros(seen.end + end)
        if last is None or last >= first:
            self._acts.change(handle, replace(seen, start=first, end=last))

    def drag(self, tag: Tag, start: int, end: int | None) -> None:
        """A tag's edges were dragged."""
        handle = self._acts.handle_of(tag)
        self._acts.change(
            handle, replace(sighting_of(tag), start=Micros(start), end=None if end is None else Micros(end))
        )
