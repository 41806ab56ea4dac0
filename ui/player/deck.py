"""The running part of the player: worker, sound, clock and the 5 ms timer that shows what is due, and nothing else.

What a person can ask of it is in controller.py. Decoding happens in bwc_review.playback's threads.
"""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal

from bwc_review.domain.times import Micros, Span
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.source import PlayerSource, open_frames
from bwc_review.playback.table import FrameTable
from bwc_review.playback.transport import AudioClock, Clock, Transport, WallClock
from bwc_review.playback.worker import DecodeWorker, Delivery, Failed, Opened
from ui.player.sound import STALLED, Sound
from ui.player.wish import Wish

TICK_MS = 5
STRIDE_US = 16_000  # no screen shows more than about sixty pictures a second
TELL_US = 30_000  # the position is told with every picture, and at least this often


class Deck(QObject):
    """Runs one recording. Times are media microseconds.

    ``state_changed``: "empty", "loading", "paused", "playing", "failed". ``played`` carries the Span really run
    through and the signed speed, for the viewing log. ``frame_shown`` carries a Frame, or a Damage with its words.
    """

    loaded = Signal(object)  # PlayerSource
    position_changed = Signal(object)
    frame_shown = Signal(object)
    state_changed = Signal(str)
    audio_note = Signal(str)
    failed = Signal(str)
    played = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._wall = clock or WallClock()
        self._sound = Sound(self)
        self._clock = AudioClock(self._wall, self._sound.heard_us)
        self._transport = Transport(self._clock)
        self._worker: DecodeWorker | None = None
        self._retired: list[DecodeWorker] = []
        self._table: FrameTable | None = None
        self._source: PlayerSource | None = None
        self._state = "empty"
        self._size = (1280, 720)
        self._shown: Frame | Damage | None = None
        self._range: Span | None = None
        self._looping = False
        self._run_from = 0
        self._wish = Wish(self._wall)
        self._fresh = False  # whether a picture was shown since the last start or seek
        self._start_at = 0
        self._told = -1
        self._told_at = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def state(self) -> str:
        return self._state

    @property
    def source(self) -> PlayerSource | None:
        return self._source

    @property
    def shown(self) -> Frame | Damage | None:
        """What is on the screen."""
        return self._shown

    @property
    def rate(self) -> Fraction:
        """The signed speed at which it runs now; 0 while paused."""
        return self._transport.rate

    @property
    def position_us(self) -> int:
        return self._transport.position()

    @property
    def duration_us(self) -> int:
        return self._table.duration_us if self._table else 0

    @property
    def frames(self) -> int:
        return self._table.count if self._table else 0

    def frame_at(self, us: int) -> int:
        """Number of the frame on screen at ``us``."""
        return self._table.at(us) if self._table else 0

    def frame_us(self, n: int) -> int:
        """Media time of frame ``n``, clipped to the recording."""
        return self._table.us(min(max(0, n), self._table.count - 1)) if self._table else 0

    def load(self, source: PlayerSource, *, at_us: int = 0) -> None:
        """Open ``source`` and stand at ``at_us``. Returns at once; ``loaded`` or ``failed`` follows."""
        self.unload()
        self._source = source
        self._start_at = at_us
        size = self._size
        self._worker = DecodeWorker(lambda: open_frames(source, size))
        self._worker.start()
        self._sound.load(source)
        self._set_state("loading")
        self.audio_note.emit(self._sound.note)
        self._timer.start()

    def unload(self) -> None:
        """Stop and let go of whatever is loaded. Returns at once; the threads end by themselves."""
        self.pause()
        self._timer.stop()
        self._sound.unload()
        if self._worker is not None:
            self._worker.stop()
            self._retired = [worker for worker in (*self._retired, self._worker) if worker.alive]
        self._worker = self._table = self._source = self._shown = self._range = None
        self._wish.forget()
        self._transport.load(0)
        self._set_state("empty")

    def close(self) -> bool:
        """``unload`` and wait for the decoders to end: for closing the window. Returns whether they have."""
        self.unload()
        return all(worker.close() for worker in self._retired)

    def set_picture_size(self, size: QSize) -> None:
        """The largest picture the view can use, in device pixels."""
        wanted = (max(64, size.width()), max(64, size.height()))
        if wanted == self._size:
            return
        self._size = wanted
        if self._worker is not None:
            self._worker.resize(wanted)
            if self._state == "paused":
                self._show(self._table.at(self.position_us) if self._table else 0)

    def pause(self) -> None:
        """Stand on the frame shown."""
        if self._state != "playing":
            return
        self._close_range()
        self._sound.stop()
        self._clock.stop()
        self._transport.run(Fraction(0))
        self._set_state("paused")
        if self._table is not None:
            shown = self._shown if self._fresh else None
            self._stand_on(self._table.at(self.position_us) if shown is None else shown.n)

    def _last_us(self) -> int:
        return self._table.us(self._table.count - 1) if self._table else 0

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _run(self, rate: Fraction) -> None:
        if self._table is None or self._worker is None:
            return
        self._close_range()
        self._wish.forget()
        self._fresh = False
        here = self.position_us
        self._run_from = here
        self._worker.play(
            self._table.at(here), backwards=rate < 0, stride_us=int(STRIDE_US * max(Fraction(1), abs(rate)))
        )
        self._clock.stop()
        heard = self._sound.start(here, rate)
        if heard:
            self._clock.start()
        self._transport.jump(here)
        self._transport.run(rate)
        self.audio_note.emit(self._sound.note)
        self._set_state("playing")
        self._timer.start()

    def _close_range(self) -> None:
        """Tell what has been run through since the last start, seek or change of speed."""
        if self._state != "playing":
            return
        here = self.position_us
        low, high = sorted((self._run_from, here))
        if high > low:
            self.played.emit(Span(Micros(low), Micros(high)), self._transport.rate)
        self._run_from = here

    def _stand_on(self, n: int) -> None:
        """Show frame ``n`` and take its time as the position."""
        if self._table is None:
            return
        n = min(max(0, n), self._table.count - 1)
        self._transport.jump(self._table.us(n))
        self._tell_position()
        self._show(n)

    def _show(self, n: int) -> None:
        self._wish.want(n)
        self._send_wish()
        self._timer.start()

    def _send_wish(self) -> None:
        n = self._wish.to_send()
        if n is not None and self._worker is not None:
            self._worker.show(n)

    def _tell_position(self) -> None:
        here = self.position_us
        self._told_at = self._wall.now_us()
        if here != self._told:
            self._told = here
            self.position_changed.emit(here)

    def _tick(self) -> None:
        if self._worker is None:
            self._timer.stop()
        elif self._state == "playing":
            self._tick_playing(self._worker)
        else:
            self._tick_standing(self._worker)

    def _tick_standing(self, worker: DecodeWorker) -> None:
        delivery = worker.take()
        if delivery is not None:
            self._receive(delivery)
        self._send_wish()
        if self._wish.idle and self._state != "loading":
            self._timer.stop()

    def _tick_playing(self, worker: DecodeWorker) -> None:
        self._sound.pump()
        was_tracking = self._clock.tracking
        here = self.position_us
        if not self._clock.tracking:
            self._sound.keep_in_step(here)
            if was_tracking:
                self.audio_note.emit(STALLED)
        worker.hurry(here)
        due: Frame | Damage | None = None
        while isinstance(waiting := worker.peek(), Frame | Damage) and self._is_due(waiting.us, here):
            worker.take()
            due = waiting
        if due is not None:
            self._present(due)
        if isinstance(waiting, Failed):
            self._receive(waiting)
            return
        if due is not None or self._wall.now_us() - self._told_at >= TELL_US:
            self._tell_position()
        if self._range is not None and here >= self._range.end:
            self._range_ended(self._range)
        elif self._transport.at_end:
            end = 0 if self._transport.rate < 0 else self.frames - 1
            self.pause()
            self._stand_on(end)

    def _is_due(self, us: int, here: int) -> bool:
        return us >= here if self._transport.rate < 0 else us <= here

    def _range_ended(self, span: Span) -> None:
        if not self._looping:
            self._range = None
            self.pause()
            return
        self._close_range()
        self._transport.jump(span.start)
        self._run(self._transport.rate)

    def _receive(self, delivery: Delivery) -> None:
        if isinstance(delivery, Opened):
            self._table = delivery.table
            self._transport.load(delivery.table.duration_us)
            self._set_state("paused")
            self.loaded.emit(self._source)
            self._stand_on(self._table.at(self._start_at))
        elif isinstance(delivery, Failed):
            self.pause()
            self._wish.forget()
            self._set_state("failed")
            self.failed.emit(delivery.text)
        elif isinstance(delivery, Frame | Damage):
            self._wish.answered()
            self._present(delivery)

    def _present(self, shown: Frame | Damage) -> None:
        self._shown, self._fresh = shown, True
        self.frame_shown.emit(shown)
