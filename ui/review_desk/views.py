"""The parts of the desk that commands move (``commands.Views``): focus, zoom, the asking line, the list of keys."""

from __future__ import annotations

from bwc_review.domain.ids import EventCode
from ui.review_desk.ask_line import AskLine
from ui.review_desk.cameras import CameraDeck
from ui.review_desk.keys_overlay import KeysOverlay
from ui.review_desk.layout import Parts


class DeskViews:
    """Moves what is on screen; writes nothing."""

    def __init__(self, parts: Parts, keys: KeysOverlay, deck: CameraDeck) -> None:
        self._parts = parts
        self._keys = keys
        self._deck = deck

    def ask_line(self) -> AskLine:
        """The line that asks, in the palette's place."""
        return self._parts.open_ask()

    def to_video(self) -> None:
        """Put the keys back to the picture."""
        if self._parts.asking:
            self._parts.close_ask()
        self._parts.video.setFocus()

    def next_part(self) -> None:
        """Go round the parts of the desk: picture, timeline, transcript, suggestion, inspector, palette."""
        self._parts.focus_next_part()

    def toggle_keys(self) -> None:
        """The list of keys."""
        self._keys.toggle()

    def show_hits(self, moments: tuple[int, ...]) -> None:
        """Ticks on the overview."""
        self._parts.timeline.set_hits(moments)

    def back_to_now(self) -> None:
        """Follow again."""
        self._parts.transcript.back_to_now()
        self._parts.timeline.follow(self._deck.position_us)

    def step_line(self, by: int) -> None:
        """One line up or down the transcript."""
        self._parts.transcript.step(by)

    def zoom(self, way: str) -> None:
        """The timeline "in", "out" or "fit"."""
        timeline = self._parts.timeline
        {"in": timeline.zoom_in, "out": timeline.zoom_out, "fit": timeline.zoom_fit}[way]()

    def focus_attributes(self) -> None:
        """Into the inspector."""
        self._parts.inspector.focus_first()

    def focus_note(self) -> None:
        """Into the note."""
        self._parts.inspector.focus_note()

    def ask_reject_reason(self) -> None:
        """Open the reason's line on the card."""
        self._parts.card.ask_reason()

    def choose_palette(self, number: int) -> None:
        """Turn a palette on."""
        self._parts.palette.show_palette(number)

    def code_of(self, digit: int) -> EventCode | None:
        """What a digit writes."""
        return self._parts.palette.code_of(digit)
