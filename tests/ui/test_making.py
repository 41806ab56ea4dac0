"""What is made in the background on screen: it goes on by itself, says what failed, and tries again when asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from bwc_review.ports.jobs import Job, JobState
from bwc_review.review.desk import Desk
from tests.desks import AUDITOR, CLERK
from tests.ui.desk_hands import WAIT_MS, window_of
from ui.pages.making import MakePanel, stuck, under_way

pytest_plugins = ("tests.ui.desk_kit",)


def proxy_job(desk: Desk) -> Job:
    with desk.store.reading() as work:
        return next(one for one in work.jobs.all() if one.what == "proxy")


def put(desk: Desk, state: JobState, error: str = "") -> None:
    with desk.store.writing() as work:
        work.jobs.update(replace(proxy_job_in(work.jobs.all()), state=state, error=error, owner="", attempts=1))


def proxy_job_in(jobs: object) -> Job:
    return next(one for one in jobs if one.what == "proxy")  # type: ignore[attr-defined]


def panel_of(window) -> MakePanel:  # type: ignore[no-untyped-def]
    found = window.page.findChild(MakePanel)
    assert isinstance(found, MakePanel)
    return found


def test_what_waited_when_the_program_ended_is_made_after_the_next_start(qtbot: QtBot, desk: Desk) -> None:
    put(desk, JobState.QUEUED)
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    qtbot.waitUntil(lambda: proxy_job(desk).state is JobState.DONE, timeout=WAIT_MS)
    assert under_way(desk) == 0
    window.close()


def test_what_failed_is_said_with_its_reason_and_made_when_a_person_asks(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    put(desk, JobState.FAILED, "The disk coughed.")
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    panel = panel_of(window)
    qtbot.waitUntil(lambda: "The disk coughed." in panel.words.text(), timeout=WAIT_MS)
    assert "small copy for fast viewing" in panel.words.text()
    assert panel.again.isVisible()
    assert not panel.stop.isVisible()
    window.grab().save(str(tmp_path / "making.png"))
    panel.again.click()
    qtbot.waitUntil(lambda: proxy_job(desk).state is JobState.DONE, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not panel.isVisible(), timeout=WAIT_MS)
    window.close()


def test_cancelling_takes_what_waits_out_of_the_queue(qtbot: QtBot, desk: Desk) -> None:
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    panel = panel_of(window)
    put(desk, JobState.QUEUED)
    panel.stop.click()
    qtbot.waitUntil(lambda: proxy_job(desk).state is JobState.CANCELLED, timeout=WAIT_MS)
    assert any("cancelled" in words for words in stuck(desk))
    window.close()


def test_a_role_that_may_not_make_pieces_leaves_them_alone(qtbot: QtBot, desk: Desk) -> None:
    put(desk, JobState.QUEUED)
    window = window_of(qtbot, desk, AUDITOR, "audit", "library")
    qtbot.wait(300)
    assert proxy_job(desk).state is JobState.QUEUED
    window.close()
