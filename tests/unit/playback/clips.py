"""Small clips with burnt-in frame numbers, in the shapes that make seeking hard. Made with PyAV as a test runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from sample_media.frame_strip import paint_frame_number

TICKS = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a clip is written. ``tick_of`` gives frame n's pts in 1/90000 s."""

    suffix: str = "mp4"
    frames: int = 120
    gop: int = 30
    b_frames: int = 2
    tick_of: Callable[[int], int] = lambda n: n * 3000


PLAIN = Shape()
VARIABLE = Shape(tick_of=lambda n: n * 3000 + (n % 7) * 311)
LATE_START = Shape(tick_of=lambda n: 450_000 + n * 3000)
LONG_GOP = Shape(gop=500, frames=150)
TRANSPORT = Shape(suffix="ts", tick_of=lambda n: 900_000 + n * 3600)
SHAPES = {"plain": PLAIN, "variable": VARIABLE, "late": LATE_START, "long": LONG_GOP, "ts": TRANSPORT}


def write_clip(path: Path, shape: Shape) -> Path:
    """Write H.264 of 320x180 with every frame's number burnt in."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = stream.codec_context.time_base = TICKS
        stream.options = {"preset": "ultrafast", "x264-params": "scenecut=0:open-gop=0", "threads": "2"}
        stream.codec_context.gop_size = shape.gop
        stream.codec_context.max_b_frames = shape.b_frames
        for n in range(shape.frames):
            picture = np.full((720, 1280, 3), 40 + n % 90, dtype=np.uint8)
            paint_frame_number(picture, n)
            small = np.ascontiguousarray(picture[2::4, 2::4])
            frame = av.VideoFrame.from_ndarray(small, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = shape.tick_of(n), TICKS
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def tear(clip: bytes, start: float, end: float) -> bytes:
    """The same bytes with the stretch between two shares of the length overwritten."""
    low, high = int(len(clip) * start), int(len(clip) * end)
    return clip[:low] + b"\x5a" * (high - low) + clip[high:]


def opened(clip: Path | bytes) -> io.BytesIO:
    """A fresh seekable file over a clip."""
    return io.BytesIO(clip if isinstance(clip, bytes) else clip.read_bytes())
