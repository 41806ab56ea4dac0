"""The frame index: presentation times of every frame of a recording, by demuxing only.

Media time zero is the first video frame's pts. Exact where container seeking is not (DESIGN section 3);
the serialised form is this project's own: header, then pts and keyframe numbers as little-endian int64.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest.demux import main_video, open_media
from ingest.errors import ProbeFailed
from ingest.files import MediaFile

_MAGIC = b"BWCFI\x00\x00\x01"
_HEADER = struct.Struct("<8sIIqQQ?q")
MAX_FRAMES = 20_000_000


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """``pts`` of every frame in presentation order, in ticks of num/den seconds.

    ``keyframes`` are frame numbers, ascending. ``last_duration`` is in ticks. ``audio_start_us`` is the time
    of the first sound sample a player hears, relative to the first frame; None without sound.
    """

    num: int
    den: int
    pts: tuple[int, ...]
    keyframes: tuple[int, ...]
    last_duration: int
    audio_start_us: int | None

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def first_pts(self) -> int:
        """The pts that is media time zero."""
        return self.pts[0]

    @property
    def duration_us(self) -> int:
        """Microseconds from the first frame's start to the last frame's end."""
        return self._to_us(self.pts[-1] + self.last_duration - self.pts[0])

    def us_of(self, frame: int) -> int:
        """Media time of ``frame`` in microseconds, rounded to the nearest; raises IndexError outside."""
        if not 0 <= frame < len(self.pts):
            raise IndexError(f"frame {frame} is not one of {len(self.pts)}")
        return self._to_us(self.pts[frame] - self.pts[0])

    def frame_at(self, us: int) -> int:
        """The frame on screen at media time ``us``; raises IndexError before the first and from the end on."""
        if not 0 <= us < max(self.duration_us, 1):
            raise IndexError(f"{us} us is outside 0 to {self.duration_us} us")
        return bisect_right(range(len(self.pts)), us, key=self.us_of) - 1

    def keyframe_before(self, frame: int) -> int:
        """The nearest keyframe at or before ``frame``; frame 0 where none is marked."""
        at = bisect_right(self.keyframes, frame)
        return self.keyframes[at - 1] if at else 0

    def _to_us(self, ticks: int) -> int:
        return (2 * ticks * self.num * 1_000_000 + self.den) // (2 * self.den)

    def to_bytes(self) -> bytes:
        """The serialised index; ``from_bytes`` gives back an equal value."""
        has_audio = self.audio_start_us is not None
        header = _HEADER.pack(
            _MAGIC,
            self.num,
            self.den,
            self.last_duration,
            len(self.pts),
            len(self.keyframes),
            has_audio,
            self.audio_start_us or 0,
        )
        return header + _packed(self.pts) + _packed(self.keyframes)

    @classmethod
    def from_bytes(cls, data: bytes) -> FrameIndex:
        """Parse ``to_bytes``; raises ProbeFailed for anything it would not have written."""
        try:
            magic, num, den, last, frames, keys, has_audio, audio = _HEADER.unpack_from(data)
        except struct.error as error:
            raise _not_an_index("too short") from error
        body = data[_HEADER.size :]
        if magic != _MAGIC or frames > MAX_FRAMES or len(body) != 8 * (frames + keys):
            raise _not_an_index("wrong header or length")
        pts, keyframes = _unpacked(body[: 8 * frames]), _unpacked(body[8 * frames :])
        index = cls(num, den, pts, keyframes, last, audio if has_audio else None)
        _check(index)
        if index.to_bytes() != data:
            raise _not_an_index("not in its canonical form")
        return index


def build_index(file: MediaFile) -> FrameIndex:
    """Index the main video of a seekable file. Frames an edit list hides are not counted.

    Raises ProbeFailed when there is no video frame in it.
    """
    with open_media(file) as container:
        video = main_video(container)
        if video is None:
            raise ProbeFailed("This recording has no picture track, so it has no frames to index.")
        frames = _video_frames(container, video)
        if not frames:
            raise ProbeFailed("This recording's picture track holds no frames. It is preserved as it is.")
        base = video.time_base
        if base is None or base <= 0:
            raise ProbeFailed("This recording's picture track has no time scale. It is preserved as it is.")
        pts = tuple(f.pts for f in frames)
        zero_us = pts[0] * base.numerator * 1_000_000 / base.denominator
    start_us = first_sound_us(file)
    return FrameIndex(
        num=base.numerator,
        den=base.denominator,
        pts=pts,
        keyframes=tuple(i for i, f in enumerate(frames) if f.key),
        last_duration=frames[-1].duration or _usual_step(pts),
        audio_start_us=None if start_us is None else start_us - round(zero_us),
    )


def first_sound_us(file: MediaFile) -> int | None:
    """Time of the first sample a player hears, in microseconds of the container's own clock; None without sound.

    Decoded, not demuxed: only the decoder drops the encoder's priming samples that edit lists hide.
    """
    with open_media(file) as container:
        audio = next(iter(container.streams.audio), None)
        if audio is None:
            return None
        for packet in container.demux(audio):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.pts is not None and frame.time_base is not None:
                    ticks = frame.pts * frame.time_base.numerator * 1_000_000
                    return round(ticks / frame.time_base.denominator)
    return None


@dataclass(frozen=True, slots=True, order=True)
class _Frame:
    pts: int
    duration: int
    key: bool


def _video_frames(container: InputContainer, video: VideoStream) -> list[_Frame]:
    frames = []
    try:
        for packet in container.demux(video):
            when = packet.pts if packet.pts is not None else packet.dts
            if when is None or packet.size == 0 or packet.is_discard:
                continue
            frames.append(_Frame(when, packet.duration or 0, bool(packet.is_keyframe)))
            if len(frames) > MAX_FRAMES:
                raise ProbeFailed("This recording claims more frames than any has. It is preserved as it is.")
    except av.FFmpegError:
        pass  # what was read before a torn end is the index; ingest.examine reports the damage
    return sorted(frames)


def _usual_step(pts: tuple[int, ...]) -> int:
    steps = sorted(b - a for a, b in pairwise(pts))
    return max(1, steps[len(steps) // 2]) if steps else 1


def _packed(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(numbers)}q", *numbers)


def _unpacked(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 8}q", data)


def _check(index: FrameIndex) -> None:
    rising = all(a <= b for a, b in pairwise(index.pts))
    keys = index.keyframes
    keys_rise = all(a < b for a, b in pairwise(keys))
    inside = not keys or (keys[0] >= 0 and keys[-1] < len(index.pts))
    if not (index.pts and index.num and index.den and index.last_duration > 0 and rising and keys_rise and inside):
        raise _not_an_index("its numbers contradict each other")


def _not_an_index(why: str) -> ProbeFailed:
    return ProbeFailed("A stored frame index is damaged. Make it again from the original.", detail=why)
