"""Sound through the default audio device, when one opens; says in words when there is none. Decides no time."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QIODevice, QObject
from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices, QtAudio

from bwc_review.playback.feed import MUTED_ABOVE, AudioFeed
from bwc_review.playback.source import PlayerSource, open_sound

RATE = 48_000
BUFFER_BYTES = RATE * 2 // 10  # a tenth of a second: what is heard is never far from what is seen
APART_US = 80_000  # sound further than this from the picture is fetched anew
NO_DEVICE = "no sound device: running on the wall clock"
STALLED = "sound device too slow: running on the wall clock"
MUTED_FAST = "muted above 2×"
MUTED_BACK = "muted backwards"


class Sound(QObject):
    """Feeds the device from one recording. ``pump`` is to be called every few milliseconds while playing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed: AudioFeed | None = None
        self._sink: QAudioSink | None = None
        self._io: QIODevice | None = None
        self._rate = Fraction(1)
        self._left = b""
        self._written = 0  # bytes handed to the device since it was started
        self._anchor = (0, 0)  # device time and the media time that sounds at it
        self.note = ""
        self.wanted = True

    def load(self, source: PlayerSource) -> None:
        """Get ready to play the sound of ``source``."""
        self.unload()
        self.note = ""
        if not self.wanted:
            return
        if source.recording.facts is not None and source.recording.facts.audio is None:
            self.note = "no sound on this recording"
            return
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            self.note = NO_DEVICE
            return
        layout = QAudioFormat()
        layout.setSampleRate(RATE)
        layout.setChannelCount(1)
        layout.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if not device.isFormatSupported(layout):
            self.note = NO_DEVICE
            return
        self._sink = QAudioSink(device, layout, self)
        self._sink.setBufferSize(BUFFER_BYTES)
        self._feed = AudioFeed(lambda: open_sound(source), RATE)

    def start(self, us: int, rate: Fraction) -> bool:
        """Sound from media ``us`` on at ``rate``; returns whether the device will play."""
        self.stop()
        if self._sink is None or self._feed is None:
            return False
        if rate < 0 or rate > MUTED_ABOVE:
            self.note = MUTED_BACK if rate < 0 else MUTED_FAST
            return False
        self.note = self._feed.refusal
        if self.note:
            return False
        self._rate, self._written, self._anchor = rate, 0, (0, us)
        self._feed.start(us, rate)
        self._io = self._sink.start()
        if self._io is None or self._sink.error() != QtAudio.Error.NoError:
            self.note = NO_DEVICE
            self._io = None
            return False
        return True

    def stop(self) -> None:
        """Silence at once."""
        self._left = b""
        if self._feed is not None:
            self._feed.stop()
        if self._sink is not None and self._io is not None:
            self._sink.reset()
        self._io = None

    def pump(self) -> None:
        """Hand the device as much as it has room for."""
        if self._io is None or self._sink is None or self._feed is None:
            return
        room = self._sink.bytesFree()
        if not self._left:
            self._left = self._feed.take(room)
        if self._left:
            written = max(0, self._io.write(self._left[:room]))
            self._written += written
            self._left = self._left[written:]

    def keep_in_step(self, here_us: int) -> None:
        """While the wall clock leads: when what is heard has strayed from ``here_us``, go on reading from there."""
        heard = self.heard_us()
        device_us, media_us = self._anchor
        if heard is None or heard <= device_us or self._feed is None:
            return
        if abs(media_us + int((heard - device_us) * self._rate) - here_us) <= APART_US:
            return
        written_us = self._written * 1_000_000 // (2 * RATE)
        self._anchor = (written_us, here_us + int((written_us - heard) * self._rate))
        self._left = b""
        self._feed.start(self._anchor[1], self._rate)

    def heard_us(self) -> int | None:
        """Microseconds of sound the device has played since ``start``; None while it plays nothing."""
        if self._io is None or self._sink is None:
            return None
        return int(self._sink.processedUSecs())

    def unload(self) -> None:
        """Give device and thread back."""
        self.stop()
        if self._feed is not None:
            self._feed.end()
            self._feed = None
        if self._sink is not None:
            self._sink.deleteLater()
            self._sink = None
