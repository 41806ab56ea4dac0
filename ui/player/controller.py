"""What a person can ask of the player: play, pause, seek, step, speed, J K L, a stretch once or in a loop."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QObject, Signal

from bwc_review.domain.times import Span
from bwc_review.playback.transport import Clock
from ui.player.deck import Deck

SPEEDS = tuple(Fraction(n, 4) for n in (1, 2, 3, 4, 6, 8, 16))


class PlayerController(Deck):
    """The one owner of transport state. Signals and what it tells of itself: see Deck."""

    speed_changed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, clock: Clock | None = None) -> None:
        super().__init__(parent, clock=clock)
        self._speed = Fraction(1)
        self._k_held = False

    @property
    def speed(self) -> Fraction:
        """The speed set, unsigned."""
        return self._speed

    def silence(self) -> None:
        """Play without sound from the next ``load`` on: for a camera that only follows another."""
        self._sound.wanted = False

    def play(self) -> None:
        """Forwards at the speed set; from the start again when it stands at the end."""
        if self._table is None:
            return
        if self._state == "paused" and self._range is None and self.position_us >= self._last_us():
            self._transport.jump(0)
        self._run(self._speed)

    def play_backwards(self) -> None:
        """Backwards at the speed set."""
        self._run(-self._speed)

    def toggle(self) -> None:
        """Play at the speed set, or pause."""
        if self._state == "playing":
            self.pause()
        else:
            self._range = None
            self.play()

    def seek_us(self, us: int) -> None:
        """To the frame on screen at ``us``; playing goes on from there."""
        if self._table is None:
            self._start_at = us
            return
        self._range = None
        if self._state == "playing":
            rate = self._transport.rate
            self._close_range()
            self._transport.jump(min(max(0, us), self._last_us()))
            self._run(rate)
        else:
            self._stand_on(self._table.at(us))

    def seek_frame(self, n: int) -> None:
        """To frame ``n``, and pause."""
        if self._table is None:
            return
        self.pause()
        self._range = None
        self._stand_on(n)

    def step(self, frames: int) -> None:
        """By so many frames, and pause."""
        if self._table is None:
            return
        self.pause()
        self._stand_on(self._table.at(self.position_us) + frames)

    def set_speed(self, speed: Fraction | float | int) -> None:
        """Speed from 0.25 to 4; takes effect at once. Raises ValueError outside."""
        wanted = Fraction(speed).limit_denominator(100)
        if not SPEEDS[0] <= wanted <= SPEEDS[-1]:
            raise ValueError(f"speed {wanted} is outside {SPEEDS[0]} to {SPEEDS[-1]}")
        if wanted != self._speed:
            self._speed = wanted
            self.speed_changed.emit(wanted)
        if self._state == "playing":
            self._run(-wanted if self._transport.rate < 0 else wanted)

    def faster(self) -> None:
        """The next higher of SPEEDS."""
        self.set_speed(next((s for s in SPEEDS if s > self._speed), SPEEDS[-1]))

    def slower(self) -> None:
        """The next lower of SPEEDS."""
        self.set_speed(next((s for s in reversed(SPEEDS) if s < self._speed), SPEEDS[0]))

    def play_range(self, span: Span) -> None:
        """Play ``span`` once and stop at its end."""
        self._begin_range(span, looping=False)

    def loop_range(self, span: Span) -> None:
        """Play ``span`` again and again until something else is asked for."""
        self._begin_range(span, looping=True)

    def _begin_range(self, span: Span, *, looping: bool) -> None:
        if self._table is None:
            return
        self.pause()
        self._transport.jump(min(span.start, self._last_us()))
        self._range, self._looping = span, looping
        self._run(self._speed)

    # J K L

    def press_l(self) -> None:
        """Forwards; again 2x, 4x; one frame while K is held."""
        self._shuttle(1)

    def press_j(self) -> None:
        """Backwards; again 2x, 4x; one frame while K is held."""
        self._shuttle(-1)

    def press_k(self) -> None:
        """Pause; and until ``release_k`` J and L step one frame."""
        self._k_held = True
        self.pause()

    def release_k(self) -> None:
        """K was let go."""
        self._k_held = False

    def _shuttle(self, direction: int) -> None:
        if self._k_held:
            self.step(direction)
            return
        self._range = None
        running = self._state == "playing" and self._transport.rate * direction > 0
        self.set_speed(min(Fraction(4), max(Fraction(2), self._speed * 2)) if running else Fraction(1))
        if running:
            return
        if direction > 0:
            self.play()
        else:
            self.play_backwards()
