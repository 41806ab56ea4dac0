"""Going somewhere by what a person types: a time, a frame, or words to be found. Says how much was searched."""

from __future__ import annotations

from typing import Protocol

from ui.context import Context
from ui.review_desk.ask_line import AskLine
from ui.review_desk.board import Board
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.finding import Found, find, typed_frame, typed_moment
from ui.tasks import Told

CONTEXT_US = 2_000_000  # played before what was sought


class Line(Protocol):
    """The parts of the page that seeking uses."""

    def ask_line(self) -> AskLine: ...
    def show_hits(self, moments: tuple[int, ...]) -> None: ...


class Seeker:
    """Asks in the line below the picture and moves the deck."""

    def __init__(self, context: Context, views: Line, board: Board, deck: CameraDeck) -> None:
        self._context = context
        self._views = views
        self._board = board
        self._deck = deck
        self._found = Found((), 0, 0)
        self._sought = ""

    def go_to(self) -> None:
        """Ask for a time or a frame."""
        self._views.ask_line().ask("Go to", self._go_typed, placeholder="1:02.5, 62 or f 1625")

    def _go_typed(self, text: str) -> None:
        frame, moment = typed_frame(text), typed_moment(text)
        if frame is not None:
            self._deck.main.seek_frame(frame)
        elif moment is not None:
            self._deck.seek(moment)
        else:
            self._context.noticed.emit(f"“{text}” is no time. Write 1:02.5, 62 (seconds) or f 1625 (frame).")

    def find(self) -> None:
        """Ask for words; Enter again goes to the next."""
        self._sought = ""
        self._views.ask_line().ask("Find", self._find_next, placeholder="words said, tags, notes", stays=True)

    def _find_next(self, words: str) -> None:
        case, board = self._board.case, self._board
        if case is None:
            return
        if words == self._sought:
            self._to_hit()
            return
        self._sought = words
        tags, taxonomy = board.in_order(), self._context.desk.taxonomy

        def search(_told: Told[Found]) -> Found:
            return find(case, tags, taxonomy, words)

        self._context.tasks.start(search, done=self._show_found)

    def _show_found(self, found: Found) -> None:
        self._found = found
        self._views.show_hits(found.moments)
        self._to_hit()

    def _to_hit(self) -> None:
        moments, line = self._found.moments, self._views.ask_line
        if not moments:
            line().say(f"not found · {self._found.coverage()}")
            return
        here = self._deck.position_us + CONTEXT_US
        after = [moment for moment in moments if moment > here + 1000]
        target = (after or list(moments))[0]
        self._deck.seek(max(0, target - CONTEXT_US))
        line().say(f"{moments.index(target) + 1} of {len(moments)} · {self._found.coverage()}")
