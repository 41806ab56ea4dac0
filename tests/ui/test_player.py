"""The player on real clips: what is on the screen is the frame asked for, and what was run through is told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from bwc_review.domain.ids import CameraId, ExhibitNo, ParticipantId, RecordingId
from bwc_review.domain.recording import MediaFacts, Playability, Recording, VideoFacts
from bwc_review.domain.times import Micros, Span
from bwc_review.playback.frames import Damage, Frame
from bwc_review.playback.transport import FakeClock
from ingest.index import build_index
from sample_media.frame_strip import read_frame_number
from tests.unit.playback.clips import LONG_GOP, PLAIN, tear, write_clip
from ui.player import PlayerController, PlayerSource, TransportBar, VideoView
from ui.player.video_view import wall_text

TICK = 33_334


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("player") / "plain.mp4", PLAIN).read_bytes()


def source_of(
    clip: bytes, *, shown: bytes | None = None, playable: Playability = Playability.PLAYABLE
) -> PlayerSource:
    index = build_index(io.BytesIO(clip))
    video = VideoFacts("h264", 320, 180, len(index), 30, 1)
    recording = Recording(
        RecordingId("r1"), ExhibitNo("WS1-2026-0003"), "0" * 64, len(clip), "a.mp4", CameraId("c2"), "generic",
        ParticipantId("O2"), playable, MediaFacts("mp4", Micros(index.duration_us), video, None), (), Micros(0),
    )  # fmt: skip
    bytes_shown = clip if shown is None else shown
    return PlayerSource(
        recording, lambda: io.BytesIO(bytes_shown), index.to_bytes(), None, "Camera 2", 1_773_523_329_800_000
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def player(qtbot: QtBot, clock: FakeClock) -> Iterator[PlayerController]:
    made = PlayerController(clock=clock)
    yield made
    assert made.close()


@pytest.fixture
def loaded(qtbot: QtBot, player: PlayerController, clip: bytes) -> PlayerController:
    with qtbot.waitSignal(player.frame_shown, timeout=10_000):
        player.load(source_of(clip))
    return player


def shows(player: PlayerController, n: int) -> Callable[[], bool]:
    """Whether frame ``n`` is on the screen, by its burnt-in number."""

    def look() -> bool:
        return isinstance(player.shown, Frame) and read_frame_number(player.shown.picture) == n == player.shown.n

    return look


def test_a_recording_opens_on_its_first_frame_and_stands(loaded: PlayerController) -> None:
    assert shows(loaded, 0)()
    assert (loaded.state, loaded.position_us, loaded.frames, loaded.duration_us) == ("paused", 0, 120, 4_000_000)


def test_seeking_to_a_time_shows_the_frame_of_that_time_and_takes_its_time(
    qtbot: QtBot, loaded: PlayerController
) -> None:
    loaded.seek_us(1_690_000)
    qtbot.waitUntil(shows(loaded, 50))
    assert loaded.position_us == loaded.frame_us(50) == 1_666_667


def test_steps_go_one_frame_each_way_and_stop_at_the_ends(qtbot: QtBot, loaded: PlayerController) -> None:
    loaded.step(1)
    loaded.step(1)
    qtbot.waitUntil(shows(loaded, 2))
    loaded.step(-1)
    qtbot.waitUntil(shows(loaded, 1))
    loaded.step(-10)
    qtbot.waitUntil(shows(loaded, 0))
    loaded.seek_frame(500)
    qtbot.waitUntil(shows(loaded, 119))


def test_after_a_hundred_hurried_seeks_the_last_one_is_on_the_screen(
    qtbot: QtBot, loaded: PlayerController, clock: FakeClock
) -> None:
    for n in range(100):
        loaded.seek_us(loaded.frame_us((n * 37) % 120))
        clock.advance(2_000)
    qtbot.waitUntil(shows(loaded, (99 * 37) % 120))


def test_playing_shows_what_the_clock_says_and_tells_what_was_run_through(
    qtbot: QtBot, loaded: PlayerController, clock: FakeClock
) -> None:
    told: list[tuple[Span, Fraction]] = []
    loaded.played.connect(lambda span, rate: told.append((span, rate)))
    loaded.play()
    for n in range(1, 31):
        clock.advance(TICK)
        qtbot.waitUntil(lambda wanted=n: isinstance(loaded.shown, Frame) and loaded.shown.n >= wanted)
    loaded.pause()
    assert loaded.state == "paused"
    assert loaded.position_us == loaded.frame_us(30)
    assert told == [(Span(Micros(0), Micros(30 * TICK)), Fraction(1))]


def test_playing_backwards_shows_earlier_frames_to_the_very_first(
    qtbot: QtBot, loaded: PlayerController, clock: FakeClock
) -> None:
    loaded.seek_frame(60)
    qtbot.waitUntil(shows(loaded, 60))
    seen: list[int] = []
    loaded.frame_shown.connect(lambda frame: seen.append(frame.n))
    loaded.play_backwards()
    for n in range(59, -1, -1):
        clock.advance(TICK)
        qtbot.waitUntil(lambda wanted=n: isinstance(loaded.shown, Frame) and loaded.shown.n <= wanted)
    qtbot.waitUntil(lambda: loaded.state == "paused")
    assert seen == sorted(seen, reverse=True)
    assert shows(loaded, 0)()


def test_playing_stops_at_the_end_on_the_last_frame_and_begins_again_from_the_start(
    qtbot: QtBot, loaded: PlayerController, clock: FakeClock
) -> None:
    loaded.seek_frame(110)
    loaded.play()
    for _ in range(15):
        clock.advance(TICK)
        qtbot.wait(15)
    qtbot.waitUntil(lambda: loaded.state == "paused")
    qtbot.waitUntil(shows(loaded, 119))
    loaded.play()
    assert loaded.position_us == 0


def test_l_runs_on_at_one_two_and_four_and_j_turns_round(loaded: PlayerController) -> None:
    rates = []
    for press in (loaded.press_l, loaded.press_l, loaded.press_l, loaded.press_l, loaded.press_j, loaded.press_j):
        press()
        rates.append(loaded.rate)
    assert rates == [1, 2, 4, 4, -1, -2]
    loaded.press_k()
    assert (loaded.state, loaded.rate) == ("paused", 0)


def test_j_and_l_step_one_frame_while_k_is_held(qtbot: QtBot, loaded: PlayerController) -> None:
    loaded.press_k()
    for _ in range(3):
        loaded.press_l()
    loaded.press_j()
    qtbot.waitUntil(shows(loaded, 2))
    loaded.release_k()
    loaded.press_l()
    assert loaded.state == "playing"


def test_a_stretch_plays_once_and_stops_at_its_end(qtbot: QtBot, loaded: PlayerController, clock: FakeClock) -> None:
    loaded.play_range(Span(Micros(1_000_000), Micros(1_200_000)))
    for _ in range(8):
        clock.advance(TICK)
        qtbot.wait(15)
    assert loaded.state == "paused"
    assert loaded.position_us <= 1_266_667


def test_a_loop_comes_round_and_tells_every_round(qtbot: QtBot, loaded: PlayerController, clock: FakeClock) -> None:
    told: list[Span] = []
    loaded.played.connect(lambda span: told.append(span))
    loaded.loop_range(Span(Micros(1_000_000), Micros(1_100_000)))
    for _ in range(12):
        clock.advance(TICK)
        qtbot.wait(12)
    assert loaded.state == "playing"
    assert len(told) >= 2
    assert {span.start for span in told} == {1_000_000}


@pytest.mark.parametrize("speed", [0, 0.1, 5, -1])
def test_a_speed_outside_a_quarter_to_four_is_refused(loaded: PlayerController, speed: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        loaded.set_speed(speed)


def test_without_a_sound_device_it_runs_on_the_wall_clock_and_says_so(qtbot: QtBot, clip: bytes) -> None:
    player = PlayerController()
    with qtbot.waitSignal(player.audio_note) as noted:
        player.load(source_of(clip))
    qtbot.waitUntil(lambda: player.state == "paused", timeout=10_000)
    player.play()
    qtbot.waitUntil(lambda: player.position_us > 100_000)
    assert noted.args is not None
    assert "no sound" in noted.args[0]
    assert player.close()


def test_a_follower_asks_for_no_sound_device(qtbot: QtBot, player: PlayerController, clip: bytes) -> None:
    player.silence()
    with qtbot.waitSignal(player.audio_note) as noted:
        player.load(source_of(clip))
    assert noted.args == [""]


def test_damage_is_written_over_the_screen_and_playing_goes_on_behind_it(
    qtbot: QtBot, player: PlayerController, clip: bytes, clock: FakeClock
) -> None:
    player.load(source_of(clip, shown=tear(clip, 0.35, 0.6)))
    qtbot.waitUntil(lambda: player.state == "paused", timeout=10_000)
    states: list[Frame | Damage] = []
    player.frame_shown.connect(states.append)
    for n in range(40, 120, 4):
        player.seek_frame(n)
        qtbot.waitUntil(lambda wanted=n: player.shown is not None and player.shown.n == wanted, timeout=10_000)
    assert any(isinstance(shown, Damage) and "damaged here" in shown.text for shown in states)
    assert isinstance(states[-1], Frame)
    assert states[-1].doubt == ""


def test_a_recording_that_cannot_be_played_says_why_and_leaves_the_buttons_grey(
    qtbot: QtBot, player: PlayerController, clip: bytes
) -> None:
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    with qtbot.waitSignal(player.failed) as refused:
        player.load(source_of(clip, playable=Playability.UNPLAYABLE))
    assert refused.args is not None
    assert "cannot be played" in refused.args[0]
    assert not bar.main.isEnabled()
    player.play()
    assert player.state == "failed"


def test_loading_another_recording_ends_the_thread_of_the_first(
    qtbot: QtBot, loaded: PlayerController, tmp_path: Path
) -> None:
    other = write_clip(tmp_path / "other.mp4", LONG_GOP).read_bytes()
    loaded.play()
    loaded.load(source_of(other), at_us=4_000_000)
    qtbot.waitUntil(shows(loaded, 120), timeout=10_000)
    assert loaded.frames == 150


def test_the_view_paints_the_frame_letterboxed_with_its_three_clocks(
    qtbot: QtBot, loaded: PlayerController, clip: bytes
) -> None:
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(700, 360)
    view.set_source(source_of(clip))
    loaded.frame_shown.connect(view.show_frame)
    loaded.set_picture_size(QSize(640, 360))
    loaded.seek_frame(77)
    qtbot.waitUntil(shows(loaded, 77))
    view.show_clocks(False)
    bare = view.grab().toImage()
    area = view.picture_rect()
    assert (area.width(), area.height()) == (640, 360)
    part = bare.copy(area).convertToFormat(bare.Format.Format_Grayscale8)
    rows = memoryview(part.constBits()).tobytes()
    gray = np.frombuffer(rows, dtype=np.uint8).reshape(part.height(), part.bytesPerLine())[:, : part.width()]
    assert read_frame_number(gray) == 77
    view.show_clocks(True)
    assert view.grab().toImage() != bare


def test_a_damaged_frame_takes_the_picture_before_it_off_the_screen(qtbot: QtBot, clip: bytes) -> None:
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(400, 225)
    view.set_source(source_of(clip))
    view.show_frame(Damage(5, 166_667, "damaged here"))
    said = view.grab().toImage()
    view.show_words("")
    assert said != view.grab().toImage()
    assert view.picture_rect() == view.rect()


def test_camera_wall_clock_is_written_in_utc_with_tenths() -> None:
    assert wall_text(1_773_523_329_800_000) == "2026-03-14 21:22:09.8 UTC"


def test_every_button_has_a_name_and_a_tip_with_its_key(qtbot: QtBot, player: PlayerController) -> None:
    bar = TransportBar(player)
    qtbot.addWidget(bar)
    for button in (bar.back, bar.main, bar.forth, bar.speed, bar.earlier, bar.later):
        assert button.accessibleName()
        assert "(" in button.toolTip()


def test_the_bar_drives_the_player_and_shows_its_time(qtbot: QtBot, loaded: PlayerController) -> None:
    bar = TransportBar(loaded)
    qtbot.addWidget(bar)
    bar.show()
    loaded.seek_frame(30)
    qtbot.mouseClick(bar.later, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shows(loaded, 31))
    assert bar.time.text() == "0:01.033"
    qtbot.mouseClick(bar.main, Qt.MouseButton.LeftButton)
    assert loaded.state == "playing"
    assert "❚❚" in bar.main.text()
