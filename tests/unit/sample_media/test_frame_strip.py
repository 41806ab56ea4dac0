"""The frame number strip: what is painted is read back at any size; damage is refused, not misread."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_media import frame_strip
from sample_media.frame_strip import paint_frame_number, read_frame_number


def picture_with(number: int) -> frame_strip.Picture:
    picture = np.full((720, 1280, 3), (90, 110, 130), dtype=np.uint8)
    paint_frame_number(picture, number)
    return picture


def whiten_or_blacken(picture: frame_strip.Picture, cell: int) -> None:
    x, y = frame_strip.LEFT + cell * frame_strip.CELL_WIDTH, frame_strip.TOP
    area = picture[y : y + frame_strip.CELL_HEIGHT, x : x + frame_strip.CELL_WIDTH]
    area[:] = 251 - area


@settings(max_examples=30, deadline=None)
@given(st.integers(0, (1 << 24) - 1))
def test_every_24_bit_number_is_read_back(number: int) -> None:
    assert read_frame_number(picture_with(number)) == number


@pytest.mark.parametrize("size", [(1920, 1080), (854, 480), (848, 480), (640, 360), (426, 240)])
def test_the_strip_survives_scaling_in_colour_and_grey(size: tuple[int, int]) -> None:
    scaled = cv2.resize(picture_with(0x5A33C7), size, interpolation=cv2.INTER_AREA)
    assert read_frame_number(scaled) == 0x5A33C7
    assert read_frame_number(cv2.cvtColor(scaled, cv2.COLOR_BGR2GRAY)) == 0x5A33C7


@pytest.mark.parametrize("cell", range(frame_strip.CELL_COUNT))
def test_one_wrong_cell_is_refused_wherever_it_is(cell: int) -> None:
    picture = picture_with(4592)
    whiten_or_blacken(picture, cell)
    assert read_frame_number(picture) is None


def test_a_cell_that_is_neither_black_nor_white_is_refused() -> None:
    picture = picture_with(17)
    x = frame_strip.LEFT + 9 * frame_strip.CELL_WIDTH
    picture[frame_strip.TOP : frame_strip.TOP + frame_strip.CELL_HEIGHT, x : x + frame_strip.CELL_WIDTH] = 125
    assert read_frame_number(picture) is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_without_strip_has_no_number(level: int) -> None:
    assert read_frame_number(np.full((720, 1280), level, dtype=np.uint8)) is None


def test_something_that_is_no_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a picture"):
        read_frame_number(np.zeros(10, dtype=np.uint8))


def test_a_number_beyond_24_bits_cannot_be_painted() -> None:
    with pytest.raises(ValueError, match="24 bits"):
        picture_with(1 << 24)


def test_the_strip_survives_a_480p_proxy_at_crf_28() -> None:
    numbers = [0, 1, 1799, 65535, 9_999_999]
    store = io.BytesIO()
    with av.open(store, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "28", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 854, 480, "yuv420p"
        for index, number in enumerate(numbers):
            small = cv2.resize(picture_with(number), (854, 480), interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(small.astype(np.uint8), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    store.seek(0)
    with av.open(store, "r") as container:
        read = [read_frame_number(f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    assert read == numbers
