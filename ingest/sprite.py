"""The key-frame sprite: small pictures of a recording in one JPEG, with the time of each, for quick previews.

Format (this project's own): header, media time of each tile in microseconds as little-endian int64, then the JPEG.
Only key frames are decoded, each by itself, so a long file costs little. Hostile media: runs in the child.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.demux import main_video, open_media, refuse_encrypted
from ingest.errors import DerivativeFailed, ProbeFailed
from ingest.files import MediaFile

TILES = 240
COLUMNS = 12
WIDTH, HEIGHT = 160, 90
_MAGIC = b"BWCKS\x00\x00\x01"
_HEADER = struct.Struct("<8sIIII")
_NO_ROTATION = -(2**31)

Tile = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sprite:
    """``times_us`` ascending, one a tile; tiles fill ``jpeg`` row by row, ``columns`` in a row, upright."""

    columns: int
    width: int
    height: int
    times_us: tuple[int, ...]
    jpeg: bytes

    def tile_at(self, us: int) -> tuple[int, int]:
        """Left and top, in pixels, of the tile that shows best what is seen at ``us``: the last one not after it."""
        number = max(0, bisect_right(self.times_us, us) - 1)
        return number % self.columns * self.width, number // self.columns * self.height

    def to_bytes(self) -> bytes:
        """The serialised sprite; ``from_bytes`` gives back an equal value."""
        header = _HEADER.pack(_MAGIC, self.columns, self.width, self.height, len(self.times_us))
        return header + struct.pack(f"<{len(self.times_us)}q", *self.times_us) + self.jpeg

    @classmethod
    def from_bytes(cls, data: bytes) -> Sprite:
        """Parse ``to_bytes``; raises DerivativeFailed for anything it would not have written."""
        try:
            magic, columns, width, height, count = _HEADER.unpack_from(data)
            times = struct.unpack_from(f"<{count}q", data, _HEADER.size)
        except struct.error as error:
            raise _damaged() from error
        jpeg = data[_HEADER.size + 8 * count :]
        shape = columns and width and height and 0 < count <= TILES
        if magic != _MAGIC or not shape or any(a > b for a, b in pairwise(times)) or jpeg[:2] != b"\xff\xd8":
            raise _damaged()
        return cls(columns, width, height, times, jpeg)


def sprite_of(file: MediaFile) -> Sprite:
    """The sprite of a seekable file. Raises ProbeFailed without pictures, DerivativeFailed when none decodes."""
    from ingest.image import encode  # a reader of a kept sprite does without OpenCV

    refuse_encrypted(file)
    with open_media(file) as container:
        video = main_video(container)
        if video is None or not video.time_base:
            raise ProbeFailed("This recording has no picture track, so there is nothing to preview.")
        keys, first = _key_times(container, video)
    tiles = _tiles(file, keys, first) if first is not None else []
    if not tiles:
        raise DerivativeFailed("No key picture of this recording can be decoded, so there is no preview.")
    columns = min(COLUMNS, len(tiles))
    sheet = np.zeros((-(-len(tiles) // columns) * HEIGHT, columns * WIDTH, 3), np.uint8)
    for number, (_, tile) in enumerate(tiles):
        top, left = number // columns * HEIGHT, number % columns * WIDTH
        sheet[top : top + HEIGHT, left : left + WIDTH] = tile
    return Sprite(columns, WIDTH, HEIGHT, tuple(us for us, _ in tiles), encode(sheet, "jpeg"))


def _tiles(file: MediaFile, keys: list[int], first: int) -> list[tuple[int, Tile]]:
    """Media time and picture of evenly spread key frames, in order of time."""
    wanted = set(keys[:: -(-len(keys) // TILES)]) if keys else set()
    tiles = []
    with open_media(file) as container:  # anew: not every container can be wound back to its very beginning
        video = main_video(container)
        if video is None or not video.time_base:
            return []
        try:
            for packet in container.demux(video):
                when = packet.pts if packet.pts is not None else packet.dts
                if when is None or when not in wanted or not packet.is_keyframe or packet.is_discard:
                    continue
                wanted.discard(when)
                tile = _decoded(video.codec_context, packet)
                if tile is not None:
                    tiles.append((round((when - first) * video.time_base * 1_000_000), tile))
        except av.FFmpegError:
            pass  # a torn end: what came before it is shown
    return sorted(tiles, key=lambda one: one[0])


def _key_times(container: InputContainer, video: VideoStream) -> tuple[list[int], int | None]:
    keys: set[int] = set()
    first: int | None = None
    try:
        for packet in container.demux(video):
            when = packet.pts if packet.pts is not None else packet.dts
            if when is None or packet.size == 0 or packet.is_discard:
                continue
            first = when if first is None else min(first, when)
            if packet.is_keyframe:
                keys.add(when)
    except av.FFmpegError:
        pass  # the examination reports it
    return sorted(keys), first


def _decoded(context: VideoCodecContext, packet: av.Packet[VideoStream]) -> Tile | None:
    """The one picture of a key packet: decoded, pressed out of the decoder, and the decoder made new."""
    try:
        frames = [*context.decode(packet), *context.decode(None)]
    except av.FFmpegError:
        frames = []
    context.flush_buffers()
    for frame in frames:
        if isinstance(frame, VideoFrame):
            return _upright_tile(frame)
    return None


def _upright_tile(frame: VideoFrame) -> Tile:
    """The picture fitted into a tile, black where it does not fill it."""
    from ingest.image import upright

    clockwise = 0 if frame.rotation == _NO_ROTATION else -frame.rotation % 360
    room = (HEIGHT, WIDTH) if clockwise in (90, 270) else (WIDTH, HEIGHT)
    scale = min(room[0] / frame.width, room[1] / frame.height)
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    pixels = np.asarray(frame.to_ndarray(width=size[0], height=size[1], format="bgr24"), dtype=np.uint8)
    turned = upright(pixels, clockwise)
    tile = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - turned.shape[0]) // 2, (WIDTH - turned.shape[1]) // 2
    tile[top : top + turned.shape[0], left : left + turned.shape[1]] = turned
    return tile


def _damaged() -> DerivativeFailed:
    return DerivativeFailed("A stored preview strip is damaged. Make it again from the original.")
