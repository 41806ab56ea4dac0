"""The exact picture of one frame, by the frame index and never by a container's own seeking.

Runs on hostile media, so ``ingest.derive`` calls it in a child. The player uses ``decode_frame`` too.
"""

from __future__ import annotations

from bisect import bisect_left

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.demux import main_video, open_media, refuse_encrypted
from ingest.errors import DerivativeFailed
from ingest.files import MediaFile
from ingest.image import encode, upright
from ingest.index import FrameIndex, build_index

_NO_ROTATION = -(2**31)


def picture_of(file: MediaFile, frame: int, form: str) -> bytes:
    """Frame number ``frame`` of a seekable file, upright, as ``png`` or ``jpeg``.

    Raises DerivativeFailed when there is no such frame or it cannot be decoded, ProbeFailed without frames.
    """
    refuse_encrypted(file)
    index = build_index(file)
    if not 0 <= frame < len(index):
        raise DerivativeFailed(f"The recording has frames 0 to {len(index) - 1}; frame {frame} is not one of them.")
    picture = decode_frame(file, index, frame)
    clockwise = 0 if picture.rotation == _NO_ROTATION else -picture.rotation % 360
    pixels = np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
    return encode(upright(pixels, clockwise), form)


def decode_frame(file: MediaFile, index: FrameIndex, frame: int) -> VideoFrame:
    """Decode exactly ``frame``: seek to a keyframe before it, check the pts landed on, else start earlier.

    Raises DerivativeFailed when no start leads to that frame.
    """
    target = index.pts[frame]
    skip = frame - bisect_left(index.pts, target)  # frames that share a pts are told apart by their order
    start = index.keyframe_before(frame)
    while True:
        with open_media(file) as container:
            video = main_video(container)
            if video is None:
                break
            if start > 0:
                container.seek(index.pts[start], stream=video)
            found = _walk_to(container, video, target, skip)
        if found is not None:
            return found
        if start == 0:
            break
        start = index.keyframe_before(start - 1)
    raise DerivativeFailed(f"Frame {frame} cannot be decoded: the recording is damaged there. Try its neighbours.")


def _walk_to(container: InputContainer, video: VideoStream, target: int, skip: int) -> VideoFrame | None:
    for packet in container.demux(video):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if not isinstance(frame, VideoFrame) or frame.pts is None:
                continue
            if frame.pts == target:
                if skip == 0:
                    return frame
                skip -= 1
            elif frame.pts > target:
                return None
    return None
