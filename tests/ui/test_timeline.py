"""The timeline as a person uses it: a click means what it hits, nothing is lost in a crowd, painting is quick."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from bwc_review.domain.times import Micros, Span
from ui.timeline import Kind, Lane, Mark, TimelineModel, TimelineView
from ui.timeline.model import LaneIndex, snapped
from ui.timeline.rows import GUTTER
from ui.timeline.ruler import tick_text
from ui.timeline.scale import Scale, ruler_steps
from ui.timeline.words import mark_lines

S = 1_000_000
LANES = (Lane("WRN", "Warnings", "#e3a857"), Lane("FRC", "Force", "#e4715a"))
MARKS = (
    Mark(
        "w1",
        "WRN",
        20 * S,
        26 * S,
        "Taser warning",
        letter="O1",
        uncertainty_us=100_000,
        words="Stop <b>or</b> Taser",
    ),
    Mark("w2", "WRN", 50 * S, 54 * S, "Taser", Kind.SUGGESTION),
    Mark("f1", "FRC", 60 * S, 60 * S, "Discharge"),
    Mark("f2", "FRC", 70 * S, None, "hold", open=True),
)


def model_of(*marks: Mark, seconds: int = 100) -> TimelineModel:
    return TimelineModel(Span(Micros(0), Micros(seconds * S)), LANES, marks)


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    made = TimelineView()
    qtbot.addWidget(made)
    made.resize(GUTTER + 16 + 1000, 240)
    made.set_model(model_of(*MARKS))
    made.show()
    return made


def spot(view: TimelineView, us: int, lane: int | None = None) -> QPoint:
    """The point of a moment on a lane, or on the ruler."""
    y = 8 if lane is None else view.rows.lane_y(lane) + 9
    return QPoint(round(GUTTER + view.scale.x(us)), y)


def drag(view: TimelineView, start: QPoint, end: QPoint, *, alt: bool = False) -> None:
    """Press, move and let go, as a mouse does."""
    held = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, at, button, buttons in (
        (QEvent.Type.MouseButtonPress, start, left, left),
        (QEvent.Type.MouseMove, (start + end) / 2, none, left),
        (QEvent.Type.MouseMove, end, none, left),
        (QEvent.Type.MouseButtonRelease, end, left, none),
    ):
        where = QPointF(at)
        QApplication.sendEvent(view, QMouseEvent(kind, where, view.mapToGlobal(where), button, buttons, held))


def wheel(
    view: TimelineView, at: QPoint, turn: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    where = QPointF(at)
    event = QWheelEvent(
        where, view.mapToGlobal(where), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_a_click_beside_every_mark_seeks_to_its_moment(qtbot: QtBot, view: TimelineView) -> None:
    with qtbot.waitSignal(view.seek_requested) as sought:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot(view, 40 * S, 1))
    assert sought.args == [40 * S]


def test_a_click_on_a_mark_selects_it_and_does_not_seek(qtbot: QtBot, view: TimelineView) -> None:
    with qtbot.waitSignal(view.mark_selected) as chosen, qtbot.assertNotEmitted(view.seek_requested):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot(view, 22 * S, 0))
    assert chosen.args == ["w1"]
    assert view.selected == "w1"


def test_a_double_click_on_a_mark_asks_to_play_it(qtbot: QtBot, view: TimelineView) -> None:
    with qtbot.waitSignal(view.mark_activated) as asked:
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=spot(view, 60 * S, 1) + QPoint(3, -3))
    assert asked.args == ["f1"]


def test_a_dragged_edge_tells_the_new_times_and_moves_no_other_edge(qtbot: QtBot, view: TimelineView) -> None:
    view.select("w1")
    with qtbot.waitSignal(view.edge_dragged) as moved:
        drag(view, spot(view, 26 * S, 0), spot(view, 33 * S, 0))
    assert moved.args == ["w1", 20 * S, 33 * S]


def test_a_dragged_edge_snaps_to_other_marks_unless_alt_is_held(qtbot: QtBot, view: TimelineView) -> None:
    view.select("w1")
    near = spot(view, 50 * S, 0) + QPoint(-4, 0)
    told: list[tuple[str, int, int]] = []
    view.edge_dragged.connect(lambda *args: told.append(args))
    drag(view, spot(view, 26 * S, 0), near)
    drag(view, spot(view, 26 * S, 0), near, alt=True)
    assert told == [("w1", 20 * S, 50 * S), ("w1", 20 * S, 49_600_000)]


def test_an_interval_is_never_dragged_inside_out(qtbot: QtBot, view: TimelineView) -> None:
    view.select("w1")
    with qtbot.waitSignal(view.edge_dragged) as moved:
        drag(view, spot(view, 26 * S, 0), spot(view, 5 * S, 0))
    assert moved.args is not None
    assert moved.args[1] < moved.args[2]


def test_only_the_start_of_an_open_interval_can_be_dragged(qtbot: QtBot, view: TimelineView) -> None:
    view.select("f2")
    with qtbot.waitSignal(view.edge_dragged) as moved:
        drag(view, spot(view, 70 * S, 1), spot(view, 75 * S, 1))
    assert moved.args == ["f2", 75 * S, None]
    with qtbot.assertNotEmitted(view.edge_dragged):
        drag(view, spot(view, 100 * S, 1) - QPoint(1, 0), spot(view, 90 * S, 1))


def test_a_suggestion_has_no_edges_to_drag(qtbot: QtBot, view: TimelineView) -> None:
    view.select("w2")
    with qtbot.assertNotEmitted(view.edge_dragged):
        drag(view, spot(view, 54 * S, 0), spot(view, 58 * S, 0))


def test_escape_gives_a_drag_up(qtbot: QtBot, view: TimelineView) -> None:
    view.select("w1")
    with qtbot.assertNotEmitted(view.edge_dragged):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=spot(view, 26 * S, 0))
        qtbot.mouseMove(view, spot(view, 30 * S, 0))
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=spot(view, 30 * S, 0))


def test_zooming_keeps_the_moment_under_the_mouse_in_its_place(view: TimelineView) -> None:
    at = spot(view, 30 * S)
    for _ in range(6):
        wheel(view, at, 120, Qt.KeyboardModifier.ControlModifier)
    assert view.scale.view_us < 30 * S
    assert abs(view.scale.x(30 * S) + GUTTER - at.x()) <= 1


def test_the_wheel_pans_and_never_leaves_the_incident(view: TimelineView) -> None:
    view.zoom_in()
    view.zoom_in()
    for _ in range(40):
        wheel(view, spot(view, view.scale.start_us), -120)
    assert view.scale.end_us == 100 * S
    for _ in range(80):
        wheel(view, QPoint(GUTTER + 10, 10), 120)
    assert view.scale.start_us == 0


def test_the_view_stands_still_until_the_playhead_reaches_its_centre(view: TimelineView) -> None:
    for _ in range(4):
        view.zoom_in()
    view.follow(0)
    half = view.scale.view_us // 2
    starts = []
    for us in range(0, 2 * half, half // 20):
        view.follow(us)
        starts.append(view.scale.start_us)
    assert set(starts[:20]) == {0}
    assert starts[-1] > 0 and starts == sorted(starts)
    assert abs(view.scale.start_us + half - (view.playhead_us or 0)) <= 1


def test_a_view_moved_by_hand_is_not_pulled_back_while_playing(view: TimelineView) -> None:
    for _ in range(6):
        view.zoom_in()
    view.follow(0)
    for _ in range(6):
        wheel(view, QPoint(GUTTER + 500, 10), -120)
    stood = view.scale.start_us
    assert stood > 0
    for us in range(0, 3 * S, S // 10):
        view.follow(us)
    assert view.scale.start_us == stood


def test_a_jump_out_of_sight_brings_the_view_along(view: TimelineView) -> None:
    for _ in range(8):
        view.zoom_in()
    view.follow(0)
    view.follow(80 * S)
    assert view.scale.start_us < 80 * S < view.scale.end_us


def test_dragging_the_window_in_the_overview_moves_the_view(view: TimelineView) -> None:
    view.zoom_in()
    view.zoom_in()
    view.zoom_in()
    y = view.height() - 12
    inside = view.plot_scale().x((view.scale.start_us + view.scale.end_us) // 2)
    before = view.scale.view_us
    drag(view, QPoint(round(GUTTER + inside), y), QPoint(GUTTER + 990, y))
    assert view.scale.end_us == 100 * S
    assert view.scale.view_us == before


def test_moving_the_playhead_repaints_no_layer(qtbot: QtBot, view: TimelineView) -> None:
    view.grab()
    base, strip = view._base, view._strip
    view.follow(30 * S)
    qtbot.wait(20)
    view.grab()
    assert view._base is base is not None
    assert view._strip is strip is not None


def pixels(view: TimelineView, start_us: int, end_us: int, lane: int) -> set[str]:
    """Colours met inside a bar, below its label."""
    image: QImage = view.grab().toImage()
    y = view.rows.lane_y(lane) + 14
    left, right = (round(GUTTER + view.scale.x(us)) for us in (start_us, end_us))
    return {image.pixelColor(x, y).name() for x in range(left + 2, right - 2)}


def test_confirmed_is_solid_and_a_suggestion_is_hatched_and_faded(view: TimelineView) -> None:
    assert pixels(view, 20 * S, 26 * S, 0) == {"#e3a857"}
    hatched = pixels(view, 50 * S, 54 * S, 0)
    assert len(hatched) > 1
    assert "#e3a857" not in hatched


def test_at_the_closest_zoom_a_long_bar_still_fills_its_lane(qtbot: QtBot, view: TimelineView) -> None:
    view.set_model(model_of(Mark("w1", "WRN", 0, 7_200 * S, ""), seconds=7_200))
    for _ in range(60):
        view.zoom_in()
    assert view.scale.view_us == 200_000
    assert pixels(view, view.scale.start_us, view.scale.end_us, 0) == {"#e3a857"}


def test_an_open_interval_fades_and_has_no_right_edge(view: TimelineView) -> None:
    image = view.grab().toImage()
    y = view.rows.lane_y(1) + 9
    light = [
        QColor(image.pixel(round(GUTTER + view.scale.x(us)), y)).lightness() for us in (90 * S, 97 * S, 99_500_000)
    ]
    assert light == sorted(light, reverse=True)
    assert light[0] - light[-1] > 60


def test_of_ten_thousand_marks_each_is_seen_and_painting_takes_no_longer_than_two_frames(qtbot: QtBot) -> None:
    chance = random.Random(3)
    many = []
    for number in range(10_000):
        start = chance.randrange(7_190 * S)
        kind = Kind.CONFIRMED if number % 3 else Kind.SUGGESTION
        many.append(Mark(f"m{number}", LANES[number % 2].key, start, start + chance.randrange(8 * S), "x", kind))
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(1366, 240)
    view.set_model(model_of(*many, seconds=7_200))
    view.grab()
    spent = []
    for _ in range(12):
        view.zoom_in()
        begun = time.process_time()
        view.grab()
        spent.append(time.process_time() - begun)
    assert sorted(spent)[6] < 0.033
    view.zoom_fit()
    lone = model_of(Mark("only", "WRN", 3_600 * S, 3_600 * S + 1, "", Kind.CONFIRMED), seconds=7_200)
    view.set_model(lone)
    image = view.grab().toImage()
    x = round(GUTTER + view.scale.x(3_600 * S)) + 1
    assert image.pixelColor(x, view.rows.lane_y(0) + 9).name() == "#e3a857"


def test_a_tool_tip_says_what_when_and_how_sure_and_is_no_markup(qtbot: QtBot, view: TimelineView) -> None:
    at = spot(view, 22 * S, 0)
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, at, view.mapToGlobal(at)))
    words = QToolTip.text()
    assert "Taser warning · confirmed" in words
    assert "0:20.000 – 0:26.000 (6.000 s) ± 0.100 s" in words
    assert "&lt;b&gt;or" in words


def test_an_open_interval_is_called_open_in_words() -> None:
    assert mark_lines(MARKS[3])[1] == "1:10.000 – still open"


def test_a_model_without_anything_can_be_painted(qtbot: QtBot) -> None:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(600, 200)
    view.follow(5 * S)
    view.zoom_in()
    view.zoom_fit()
    assert not view.grab().isNull()


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 200)), max_size=40),
    st.integers(0, 1000),
    st.integers(0, 200),
)
def test_no_mark_that_touches_the_window_is_left_out(spans: list[tuple[int, int]], start: int, length: int) -> None:
    index = LaneIndex((Mark(str(n), "l", a, a + b, "") for n, (a, b) in enumerate(spans)), 2000)
    first, last = index.between(start, start + length)
    found = {mark.id for mark in index.marks[first:last]}
    touching = {m.id for m in index.marks if m.start_us <= start + length and (m.end_us or 0) >= start}
    assert touching <= found


@given(st.integers(0, 10**10), st.floats(1.01, 500), st.integers(100, 4000))
def test_a_pixel_and_its_moment_agree_at_any_zoom(around: int, factor: float, width: int) -> None:
    scale = Scale(0, 10**10, width, 0, 10**10).zoomed(factor, around)
    assert 0 <= scale.start_us <= scale.end_us <= 10**10
    for x in (0, width // 3, width):
        assert abs(scale.x(scale.us(x)) - x) < 0.51


@pytest.mark.parametrize(
    ("us", "step", "text"),
    [(65 * S, S, "1:05"), (65_200_000, 200_000, "1:05.2"), (65_250_000, 50_000, "1:05.250"), (-S, S, "-0:01"),
     (3_725 * S, S, "1:02:05")],
)  # fmt: skip
def test_the_ruler_writes_times_as_finely_as_its_step(us: int, step: int, text: str) -> None:
    assert tick_text(us, step) == text


@pytest.mark.parametrize("us_per_pixel", [10.0, 333.3, 5_000.0, 140_000.0, 7_200_000.0])
def test_ruler_labels_never_touch(us_per_pixel: float) -> None:
    major, minor = ruler_steps(us_per_pixel, 84)
    assert major / us_per_pixel >= 84
    assert major % minor == 0


def test_snapping_takes_the_nearest_edge_within_reach_only() -> None:
    assert [snapped(us, (100, 200), 20) for us in (95, 110, 150, 190, 230)] == [100, 100, 150, 200, 230]
