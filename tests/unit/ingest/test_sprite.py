"""The preview strip: upright tiles of key frames at their own times, cheap, and refused when damaged."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ingest.errors import DerivativeFailed, ProbeFailed
from ingest.index import build_index
from ingest.sprite import HEIGHT, WIDTH, Sprite, sprite_of
from tests.unit.ingest.media_making import clicks, make_recording, number_in


def tile(sprite: Sprite, us: int) -> np.ndarray:  # type: ignore[type-arg]
    sheet = cv2.imdecode(np.frombuffer(sprite.jpeg, np.uint8), cv2.IMREAD_COLOR)
    left, top = sprite.tile_at(us)
    return sheet[top : top + HEIGHT, left : left + WIDTH]


@pytest.mark.parametrize("name", ["plain.mp4", "b_frames.mp4", "vfr.mkv", "transport.ts"])
def test_each_tile_shows_the_key_frame_of_its_time(recordings: Path, name: str) -> None:
    with (recordings / name).open("rb") as file:
        sprite, index = sprite_of(file), build_index(file)
    assert sprite.times_us == tuple(index.us_of(n) for n in index.keyframes)
    for number in index.keyframes:
        shown = tile(sprite, index.us_of(number))
        assert number_in(shown[5:85]) == number  # 128x64 fits 160x80, black above and below


def test_what_is_seen_between_two_key_frames_is_shown_by_the_earlier(recordings: Path) -> None:
    with (recordings / "plain.mp4").open("rb") as file:
        sprite = sprite_of(file)
    first, second = sprite.times_us[:2]
    assert sprite.tile_at(second - 1) == sprite.tile_at(first) == (0, 0)
    assert sprite.tile_at(second) == (WIDTH, 0)
    assert sprite.tile_at(-5) == (0, 0)


def test_a_sprite_read_back_is_the_same_and_any_other_bytes_are_refused(recordings: Path) -> None:
    with (recordings / "plain.mp4").open("rb") as file:
        sprite = sprite_of(file)
    data = sprite.to_bytes()
    assert Sprite.from_bytes(data) == sprite
    for broken in (b"", data[:20], b"x" + data[1:], data[:40], data[:24]):
        with pytest.raises(DerivativeFailed):
            Sprite.from_bytes(broken)


def test_sound_alone_has_nothing_to_preview(tmp_path: Path) -> None:
    made = make_recording(tmp_path / "s.mp4", (), sound=[(0.0, clicks(1.0, (0.5,)))])
    with made.open("rb") as file, pytest.raises(ProbeFailed, match="no picture track"):
        sprite_of(file)
