"""Where the desktop shows a camera's clock, its words follow what a person adopted, and parts of one are shown."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from bwc_review.domain.clocks import Series, SeriesPart
from bwc_review.domain.times import Micros
from bwc_review.review.adopting import adopt_claim
from bwc_review.review.desk import Desk
from bwc_review.review.sessions import end_session, start_session
from tests.desks import REVIEWER
from tests.ui.desk_hands import CASE, WAIT_MS, window_of
from ui.pages.library import LibraryPage
from ui.review_desk.cameras import silent
from ui.review_desk.case import read_case

pytest_plugins = ("tests.ui.desk_kit",)


def test_the_clock_of_a_camera_is_not_verified_until_a_person_adopts_its_start(desk: Desk) -> None:
    session = start_session(desk, REVIEWER, "use_of_force_review")
    clips = read_case(desk, session, CASE).clips
    assert all(clip.source.wall_note.endswith(", not verified") for clip in clips)
    adopt_claim(desk, session, clips[0].recording.id, claim=0, reason="a clock in the picture")
    first, second = read_case(desk, session, CASE).clips
    end_session(desk, session)
    notes = {one.recording.id: one.source for one in (first, second)}
    assert notes[clips[0].recording.id].wall_note.endswith(f", adopted by {REVIEWER}")
    assert notes[clips[1].recording.id].wall_note.endswith(", not verified")
    assert silent(notes[clips[0].recording.id]).wall_note == f"adopted by {REVIEWER}", "a small picture says it too"


def test_the_library_says_what_was_adopted_and_which_part_a_recording_is(qtbot: QtBot, desk: Desk) -> None:
    with desk.store.writing() as work:
        one, two = work.footage.recordings()
        parts = [SeriesPart(rec.id, n, None, None, Micros(0), "") for n, rec in ((1, one), (2, two))]
        work.clocks.join(Series("s", one.camera, tuple(parts), "the camera gave them one id", 1))
    session = start_session(desk, REVIEWER, "use_of_force_review")
    adopt_claim(desk, session, one.id, claim=0, reason="a clock in the picture")
    end_session(desk, session)
    window = window_of(qtbot, desk, REVIEWER, "use_of_force_review", "library")
    page = window.pages["library"]
    assert isinstance(page, LibraryPage)
    qtbot.waitUntil(lambda: page.recordings.filter.rowCount() == 2, timeout=WAIT_MS)
    rows = page.recordings.filter
    lines = [" | ".join(str(rows.index(n, c).data()) for c in range(rows.columnCount())) for n in range(2)]
    assert ", adopted" in lines[0]
    assert "(part 1 of 2)" in lines[0]
    assert ", adopted" not in lines[1]
    assert "(part 2 of 2)" in lines[1]
    window.close()
