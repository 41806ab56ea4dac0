"""Tiny recordings made for these tests: pictures that carry their frame number, sound with clicks at known times."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

WIDTH, HEIGHT, BITS = 128, 64, 8
CELL = WIDTH // BITS
RATE = 16_000
TICKS = Fraction(1, 15_360)


def picture(number: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Black and white columns spelling ``number`` in 8 bits, high bit first, RGB."""
    pixels = np.full((HEIGHT, WIDTH, 3), 16, np.uint8)
    for bit in range(BITS):
        if number >> (BITS - 1 - bit) & 1:
            pixels[:, bit * CELL : (bit + 1) * CELL] = 235
    return pixels


def number_in(pixels: np.ndarray[Any, Any]) -> int:
    """The number a picture made by ``picture`` spells, at any size."""
    cell = pixels.shape[1] / BITS
    means = [pixels[:, int((b + 0.25) * cell) : int((b + 0.75) * cell)].mean() for b in range(BITS)]
    return sum((mean > 128) << (BITS - 1 - bit) for bit, mean in enumerate(means))


def clicks(seconds: float, at: Sequence[float]) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Silence with a click of 2 ms at each time."""
    samples = np.zeros(int(seconds * RATE), np.int16)
    for moment in at:
        samples[int(moment * RATE) : int(moment * RATE) + 32] = 20_000
    return samples


def make_recording(
    path: Path,
    pts: Sequence[int] = tuple(range(0, 60 * 512, 512)),
    *,
    form: str = "mp4",
    sound: Sequence[tuple[float, np.ndarray[Any, np.dtype[np.int16]]]] = (),
    sound_codec: str = "aac",
    b_frames: int = 0,
    gop: int = 12,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> Path:
    """Write one picture per ``pts`` (ticks of 1/15360 s) and runs of sound, each (start in seconds, samples)."""
    with av.open(str(path), "w", format=form, options=options or {}) as out:
        out.metadata.update(tags or {})
        video = out.add_stream("libx264", rate=30) if pts else None
        audio: Any = out.add_stream(sound_codec, rate=RATE) if sound else None
        if audio is not None:
            audio.layout = "mono"
        if video is not None:
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            video.codec_context.time_base = TICKS
            video.codec_context.gop_size = gop
            video.options = {"bf": str(b_frames), "crf": "10", "sc_threshold": "0", "threads": "1"}
            for number, when in enumerate(pts):
                frame = av.VideoFrame.from_ndarray(picture(number % 256), format="rgb24")
                frame.pts, frame.time_base = when, TICKS
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        if audio is not None:
            for start, samples in sound:
                _add_sound(out, audio, start, samples)
            out.mux(audio.encode(None))
    return path


def _add_sound(out: Any, audio: Any, start: float, samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
    for first in range(0, len(samples), 1024):
        block = samples[first : first + 1024]
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts, frame.time_base = round(start * RATE) + first, Fraction(1, RATE)
        frame = frame if audio.codec_context.name != "aac" else _planar(frame)
        out.mux(audio.encode(frame))


def _planar(frame: Any) -> Any:
    floats = (frame.to_ndarray().astype(np.float32) / 32768).reshape(1, -1)
    made = av.AudioFrame.from_ndarray(floats, format="fltp", layout="mono")
    made.sample_rate, made.pts, made.time_base = frame.sample_rate, frame.pts, frame.time_base
    return made
