"""One recording, read by frame number: seek to a key frame, decode forward, check the pts landed on.

No thread and no Qt here. OpenCV and QMediaPlayer show wrong frames (DESIGN section 3); PyAV with the stored
frame index does not. Works on any seekable binary file, so playback reads ciphertext without a temporary file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import BinaryIO

import av
import numpy as np
from av.video.frame import VideoFrame

from bwc_review.errors import MediaUnreadable
from bwc_review.playback.frames import Damage, Frame, Picture
from bwc_review.playback.table import FrameTable
from ingest.demux import main_video, open_media

CACHED = 48
SEEK_RATHER = 12  # frames ahead beyond which a key frame in between is worth a seek
MARGIN = 4  # frames before the wanted one from which every frame is decoded
RETRIES = (1, 4, 16)  # key frames to go back by, one after the other
START_TICKS = 1_000_000  # aims this far before the first frame: MPEG-TS overshoots even its own start
MAX_BROKEN_PACKETS = 200
DAMAGED = "damaged here: this frame cannot be decoded"
DOUBTFUL = "damaged here: this picture rests on frames that cannot be decoded"


class Superseded(Exception):
    """A newer request made this one pointless."""


def _never() -> bool:
    return False


class ExactReader:
    """Frames of one recording by number. Not safe for use from two threads.

    ``size`` is the largest (width, height) wanted; pictures keep their shape and are never enlarged.
    ``rotation`` in degrees clockwise, a multiple of 90, as ingest states it. Raises MediaUnreadable, ProbeFailed.
    """

    def __init__(
        self,
        file: BinaryIO,
        table: FrameTable,
        *,
        size: tuple[int, int] = (1280, 720),
        rotation: int = 0,
    ) -> None:
        self._file = file
        self.table = table
        self._size = size
        self._turns = -rotation // 90 % 4  # numpy turns the other way round
        self._cache: OrderedDict[int, Frame] = OrderedDict()
        self._frames: Iterator[tuple[int, VideoFrame]] | None = None
        self._damaged: set[int] = set()
        self._at = -1  # the frame the decoder put out last
        self._wanted = 0
        self._doubt_until = 0
        self.superseded: Callable[[], bool] = _never
        self._container = open_media(file)
        stream = main_video(self._container)
        if stream is None:
            self._container.close()
            raise MediaUnreadable("This recording has no picture.")
        self._stream = stream
        self._stream.thread_type = "AUTO"
        # Without this the decoder covers damage with pixels of other frames and says nothing.
        self._stream.codec_context.options = {"err_detect": "explode"}

    def close(self) -> None:
        """Give the decoder and the file back."""
        self._frames = None
        self._container.close()
        self._file.close()

    def resize(self, size: tuple[int, int]) -> None:
        """Scale pictures to fit another size from now on."""
        if size != self._size:
            self._size = size
            self._cache.clear()

    def frame(self, n: int, *, behind: int = 0) -> Frame | Damage:
        """Frame ``n``, exactly; ``behind`` frames before it are kept too when they had to be decoded anyway.

        Raises IndexError outside the recording, Superseded when ``superseded()`` turned true on the way.
        """
        if not 0 <= n < self.table.count:
            raise IndexError(f"frame {n} of {self.table.count}")
        kept = self._cache.get(n)
        if kept is not None:
            self._cache.move_to_end(n)
            return kept
        if n in self._damaged:
            return Damage(n, self.table.us(n), DAMAGED)
        if not self._can_go_on_to(n, behind):
            return self._from_keyframe(n, behind)
        found = self._forward(n, max(n - behind, self._at + 1))
        return found if isinstance(found, Frame) else self._from_keyframe(n, behind)

    def _can_go_on_to(self, n: int, behind: int) -> bool:
        if self._frames is None or self._at >= n:
            return False
        key = self.table.keyframe(max(0, n - behind))
        return key <= self._at + 1 or n - self._at <= SEEK_RATHER

    def _from_keyframe(self, n: int, behind: int) -> Frame | Damage:
        """Try the key frame at or before, then ever earlier ones (demuxers overshoot; MPEG-TS and edit lists do)."""
        first = max(0, n - behind)
        for key, early in self._starts(first):
            found = self._seek_and_decode(key, n, first, early)
            if found is not None:
                return found
        return self._missing(n)

    def _starts(self, first: int) -> Iterator[tuple[int, int]]:
        """Key frames to decode from, nearest first, each with how many ticks before it to aim."""
        key = self.table.keyframe(first)
        yield key, 0
        for back in RETRIES:
            for _ in range(back):
                key = self.table.keyframe(max(0, key - 1))
            yield key, (START_TICKS if key == 0 else 0)
            if key == 0:
                return

    def _missing(self, n: int) -> Damage:
        """Remember the whole stretch the decoder passed by, so that playing across it costs one attempt."""
        self._damaged.update(range(n, max(n + 1, self._at)))
        return Damage(n, self.table.us(n), DAMAGED)

    def _seek_and_decode(self, key: int, n: int, first: int, early: int) -> Frame | None:
        try:
            self._container.seek(self.table.pts(key) - early, stream=self._stream, backward=True, any_frame=False)
        except (av.error.FFmpegError, OSError):
            return None
        self._at = -1
        self._doubt_until = 0
        self._frames = self._decoded()
        return self._forward(n, first, not_before=key)

    def _forward(self, n: int, first: int, *, not_before: int = 0) -> Frame | None:
        """Decode up to ``n``, keeping what lies at or after ``first``; None when the decoder passed ``n`` by.

        Frames before ``not_before`` are refused: after a seek into an open GOP they lack their references.
        """
        if self._frames is None:
            return None
        self._wanted = first
        for number, raw in self._frames:
            self._at = number
            if number < not_before or number < first or raw.is_corrupt:
                continue
            doubt = DOUBTFUL if number < self._doubt_until else ""
            self._keep(Frame(number, self.table.pts(number), self.table.us(number), self._scaled(raw), doubt))
            if number >= n:
                return self._cache.get(n)
        self._frames = None
        return None

    def _decoded(self) -> Iterator[tuple[int, VideoFrame]]:
        """Every frame the index knows, in display order from where the demuxer stands."""
        broken = 0
        for packet in self._container.demux(self._stream):
            if self.superseded():
                self._frames = None
                raise Superseded
            context = self._stream.codec_context
            ahead = packet.pts is not None and packet.pts < self.table.pts(max(0, self._wanted - MARGIN))
            context.skip_frame = "NONREF" if ahead else "DEFAULT"
            try:
                for raw in packet.decode():
                    number = self.table.number(raw.pts if raw.pts is not None else raw.dts)
                    if number is not None and isinstance(raw, VideoFrame):
                        yield number, raw
            except av.error.FFmpegError:
                broken += 1
                torn = self.table.number(packet.pts)
                self._doubt_until = self.table.next_keyframe(self._at + 1 if torn is None else torn)
                if broken > MAX_BROKEN_PACKETS:
                    return

    def _scaled(self, raw: VideoFrame) -> Picture:
        width, height = self._fitted(raw)
        turned = raw.reformat(width=width, height=height, format="rgb24").to_ndarray()
        return np.ascontiguousarray(np.rot90(turned, self._turns) if self._turns else turned, dtype=np.uint8)

    def _fitted(self, raw: VideoFrame) -> tuple[int, int]:
        """Size before turning: fits the box, square pixels, whole multiples of 4 so that rows stay aligned."""
        aspect = self._stream.sample_aspect_ratio or 1
        wide, high = float(raw.width * aspect), float(raw.height)
        box = self._size if self._turns % 2 == 0 else self._size[::-1]
        share = min(1.0, box[0] / wide, box[1] / high)
        return max(4, round(wide * share / 4) * 4), max(4, round(high * share / 4) * 4)

    def _keep(self, frame: Frame) -> None:
        self._cache[frame.n] = frame
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)
