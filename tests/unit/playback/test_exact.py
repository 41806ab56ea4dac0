"""Whatever is asked for is what is shown: frame numbers are burnt into the pictures and read back from them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from bwc_review.errors import MediaUnreadable
from bwc_review.playback.exact import ExactReader, Superseded
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.table import FrameTable, read_table
from ingest.errors import ProbeFailed
from ingest.index import build_index
from sample_media.frame_strip import read_frame_number
from tests.unit.playback.clips import SHAPES, opened, tear

CARDS = Path(__file__).parents[3] / "sample_media" / "cards"
CARD_CLIPS = (*sorted(CARDS.glob("kestrel-kb2/DCIM/100KSTRL/*_00[123].MP4")), *CARDS.rglob("093937_OP5-0231.mp4"))


def reader_of(clip: Path | bytes, index_from: Path | None = None, **options: object) -> ExactReader:
    table = read_table(build_index(opened(index_from or clip)))
    return ExactReader(opened(clip), table, **options)  # type: ignore[arg-type]


def wanderings(table: FrameTable, count: int, seed: int) -> list[tuple[int, int]]:
    """Frame numbers of a reviewer who jumps about and steps both ways, each with how much is kept behind it."""
    chance, n, path = random.Random(seed), 0, []
    for _ in range(count):
        move = chance.choice(("jump", "jump", "on", "back"))
        n = chance.randrange(table.count) if move == "jump" else n + (1 if move == "on" else -1)
        n = min(max(n, 0), table.count - 1)
        path.append((n, 12 if move == "back" else 0))
    return path


def wrong_frames(reader: ExactReader, path: list[tuple[int, int]]) -> list[tuple[int, object]]:
    found = []
    for n, behind in path:
        shown = reader.frame(n, behind=behind)
        burnt = read_frame_number(shown.picture) if isinstance(shown, Frame) else shown
        if burnt != n:
            found.append((n, burnt))
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_sixty_jumps_and_steps_show_sixty_right_frames(name: str, numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered[name])
    assert wrong_frames(reader, wanderings(reader.table, 60, seed=7)) == []
    reader.close()


@pytest.mark.parametrize("name", ["variable", "ts"])
def test_playing_through_forwards_and_backwards_leaves_out_no_frame(name: str, numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered[name])
    onwards = [(n, 0) for n in range(reader.table.count)]
    assert wrong_frames(reader, onwards) == []
    assert wrong_frames(reader, [(n, 40) for n, _ in reversed(onwards)]) == []
    reader.close()


@pytest.mark.parametrize("clip", CARD_CLIPS, ids=[path.name for path in CARD_CLIPS])
def test_sample_camera_clips_show_the_right_frame_sixty_times_out_of_sixty(clip: Path) -> None:
    reader = reader_of(clip, size=(640, 360))
    assert wrong_frames(reader, wanderings(reader.table, 60, seed=11)) == []
    reader.close()


def test_media_time_of_a_frame_counts_from_the_first_frame_not_from_the_containers_zero(
    numbered: dict[str, Path],
) -> None:
    reader = reader_of(numbered["late"])
    assert (reader.frame(0).us, reader.frame(30).us) == (0, 1_000_000)
    reader.close()


def test_no_damaged_picture_is_shown_as_a_sound_one(numbered: dict[str, Path]) -> None:
    whole = numbered["plain"]
    reader = reader_of(tear(whole.read_bytes(), 0.35, 0.6), whole)
    shown = [reader.frame(n) for n in range(reader.table.count)]
    sound = [frame for frame in shown if isinstance(frame, Frame) and not frame.doubt]
    assert [read_frame_number(frame.picture) for frame in sound] == [frame.n for frame in sound]
    assert any(isinstance(frame, Damage) and "damaged here" in frame.text for frame in shown)
    assert isinstance(shown[5], Frame) and isinstance(shown[-1], Frame) and not shown[-1].doubt
    reader.close()


def test_damage_is_found_again_when_it_is_met_backwards(numbered: dict[str, Path]) -> None:
    whole = numbered["plain"]
    torn = tear(whole.read_bytes(), 0.35, 0.6)
    states = []
    for order in (range(0, 120), reversed(range(0, 120))):
        reader = reader_of(torn, whole)
        found = {n: reader.frame(n, behind=20) for n in order}
        states.append({n for n, frame in found.items() if isinstance(frame, Frame) and not frame.doubt})
        reader.close()
    assert states[0] == states[1]


def test_pictures_fit_the_size_asked_for_and_are_never_enlarged(numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered["plain"], size=(240, 1000))
    assert reader.frame(3).picture.shape == (136, 240, 3)
    reader.resize((4000, 4000))
    assert reader.frame(3).picture.shape == (180, 320, 3)
    reader.close()


def test_a_camera_worn_sideways_is_shown_upright(numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered["plain"], size=(320, 320), rotation=90)
    picture = reader.frame(3).picture
    assert picture.shape == (320, 180, 3)
    assert read_frame_number(np.rot90(picture)) == 3  # turned back anti-clockwise
    reader.close()


def test_a_frame_outside_the_recording_is_refused(numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered["plain"])
    with pytest.raises(IndexError):
        reader.frame(120)
    reader.close()


def test_a_newer_wish_interrupts_a_long_decode_and_the_next_frame_is_still_right(numbered: dict[str, Path]) -> None:
    reader = reader_of(numbered["long"])
    reader.superseded = lambda: True
    with pytest.raises(Superseded):
        reader.frame(140)
    reader.superseded = lambda: False
    assert read_frame_number(reader.frame(139).picture) == 139
    reader.close()


def test_a_playlist_in_disguise_is_refused_rather_than_followed(numbered: dict[str, Path]) -> None:
    with pytest.raises(ProbeFailed):
        reader_of(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", numbered["plain"])


def test_a_file_without_a_picture_says_so(numbered: dict[str, Path]) -> None:
    sound = Path(__file__).parents[3] / "sample_media" / "mill-street" / "cam1.flac"
    with pytest.raises(MediaUnreadable, match="no picture"):
        reader_of(sound.read_bytes(), numbered["plain"])
