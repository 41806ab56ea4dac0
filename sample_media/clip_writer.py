"""Encoding one made clip: H.264 and AAC in MP4, repeatable bytes, fixed metadata. No drawing, no file names.

Frame n lasts from n/30 s to (n+1)/30 s; audio sample 0 belongs to the start of frame 0 (the edit list
hides priming).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from sample_media.burn_in import FRAMES_PER_SECOND
from sample_media.pinhole import FRAME_HEIGHT, FRAME_WIDTH, Picture

GOP_FRAMES: Final = 30
AUDIO_RATE: Final = 16_000
AUDIO_BIT_RATE: Final = 64_000
QUALITY: Final = "29"
_AAC_FRAME: Final = 1024
_BT709: Final = 1
_STUDIO_RANGE: Final = 1

Samples = npt.NDArray[np.int16]


class TagStyle(Enum):
    """How a family writes its container tags: Apple item list, or QuickTime metadata keys."""

    ITEM_LIST = ""
    METADATA_KEYS = "+use_metadata_tags"


@dataclass(frozen=True, slots=True)
class Clip:
    """What one MP4 holds: pictures by frame number, 16 kHz mono samples, and the tags of the container."""

    frame_count: int
    picture: Callable[[int], Picture]
    samples: Samples
    tags: Mapping[str, str]
    b_frames: int
    tag_style: TagStyle


class SceneSoundUnusable(ValueError):
    """A scene's sound is not 16 kHz mono or cannot be decoded."""

    exit_code = 2

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def message(self) -> str:
        """What happened and what to do, for a person."""
        wrong = f"{self.path} is missing or not a {AUDIO_RATE} Hz mono FLAC."
        return f"{wrong} Take the scene folder as it was delivered."


def read_flac(path: Path) -> Samples:
    """All samples of a 16 kHz mono FLAC. Raises SceneSoundUnusable when it is something else."""
    try:
        with av.open(str(path), format="flac") as container:
            stream = container.streams.audio[0]
            if stream.rate != AUDIO_RATE or stream.channels != 1:
                raise SceneSoundUnusable(path)
            return np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(stream)]).astype(np.int16)
    except av.error.FFmpegError as error:
        raise SceneSoundUnusable(path) from error


def frames_for(sample_count: int) -> int:
    """Video frames that cover so many samples: the last frame may outlast the sound."""
    return -(-sample_count * FRAMES_PER_SECOND // AUDIO_RATE)


def write_clip(path: Path, clip: Clip, on_frame: Callable[[], None]) -> None:
    """Encode a clip to ``path`` with moov at the end; ``on_frame`` is called after each picture."""
    container_options = {"fflags": "+bitexact", "video_track_timescale": "30000"}
    if clip.tag_style.value:
        container_options["movflags"] = clip.tag_style.value
    with av.open(str(path), "w", format="mp4", options=container_options) as container:
        container.metadata.update(clip.tags)
        video = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options=_x264_options(clip))
        _describe_picture(video)
        audio = container.add_stream(
            "aac", rate=AUDIO_RATE, layout="mono", options={"flags": "+bitexact", "aac_pns": "0"}
        )
        audio.bit_rate = AUDIO_BIT_RATE
        chunks = _audio_frames(clip.samples)
        written = 0
        for number in range(clip.frame_count):
            container.mux(video.encode(_video_frame(clip.picture(number), number)))
            while written * FRAMES_PER_SECOND <= number * AUDIO_RATE and (chunk := next(chunks, None)):
                container.mux(audio.encode(chunk))
                written += chunk.samples
            on_frame()
        _finish(container, video, audio, chunks)


def _finish(
    container: av.container.OutputContainer,
    video: VideoStream,
    audio: AudioStream,
    chunks: Iterator[av.AudioFrame],
) -> None:
    for chunk in chunks:
        container.mux(audio.encode(chunk))
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _x264_options(clip: Clip) -> dict[str, str]:
    # One thread and bitexact: x264 gives the same bytes again only without its frame threads.
    return {
        "preset": "medium",
        "tune": "animation",
        "crf": QUALITY,
        "g": str(GOP_FRAMES),
        "keyint_min": str(GOP_FRAMES),
        "sc_threshold": "0",
        "bf": str(clip.b_frames),
        "threads": "1",
        "flags": "+cgop+bitexact",
        "x264-params": "open-gop=0:scenecut=0",
    }


def _describe_picture(video: VideoStream) -> None:
    video.width, video.height, video.pix_fmt = FRAME_WIDTH, FRAME_HEIGHT, "yuv420p"
    context = video.codec_context
    context.time_base = Fraction(1, FRAMES_PER_SECOND)
    context.colorspace, context.color_primaries, context.color_trc = _BT709, _BT709, _BT709
    context.color_range = _STUDIO_RANGE


def _video_frame(picture: Picture, number: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
    return frame


def _audio_frames(samples: Samples) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), _AAC_FRAME):
        part = samples[start : start + _AAC_FRAME].astype(np.float32) / 32768.0
        frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, start, Fraction(1, AUDIO_RATE)
        yield frame
