"""The Library: what was preserved, the filter, and making an incident of selected recordings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bwc_review.review.desk import Desk
from tests.desks import REVIEWER
from tests.ui.desk_hands import CASE, WAIT_MS, press, settle, window_of
from ui.pages.library import LibraryPage
from ui.review_desk.page import ReviewPage
from ui.shell import Shell

pytest_plugins = ("tests.ui.desk_kit",)


@pytest.fixture
def window(qtbot: QtBot, desk: Desk) -> Shell:
    made = window_of(qtbot, desk, REVIEWER, "use_of_force_review", "library")
    qtbot.waitUntil(lambda: page_of(made).recordings.filter.rowCount() == 2, timeout=WAIT_MS)
    return made


def page_of(window: Shell) -> LibraryPage:
    page = window.pages["library"]
    assert isinstance(page, LibraryPage)
    return page


def test_recordings_are_listed_with_claim_length_transcript_and_suggestions(window: Shell) -> None:
    rows = page_of(window).recordings.filter
    line = " | ".join(str(rows.index(0, column).data()) for column in range(rows.columnCount()))
    assert "±" in line
    assert "0:04.0" in line
    assert "yes" in line
    assert "open, 0 decided" in line
    assert CASE in line
    window.close()


def test_the_filter_leaves_only_lines_with_the_words(window: Shell) -> None:
    page = page_of(window)
    page.filter_box.setText("no such camera")
    assert page.recordings.filter.rowCount() == 0
    assert page.incidents.filter.rowCount() == 0
    page.filter_box.setText("made INCIDENT")
    assert page.incidents.filter.rowCount() == 1
    window.close()


def test_enter_on_an_incident_opens_it_on_the_review_page(qtbot: QtBot, window: Shell) -> None:
    page_of(window).incidents.setFocus()
    press(qtbot, window, Qt.Key.Key_Return)
    review = window.pages["review"]
    assert isinstance(review, ReviewPage)
    qtbot.waitUntil(lambda: review.board.case is not None, timeout=WAIT_MS)
    assert window.page is review
    assert window.incident.text() == CASE
    window.close()


def test_selected_recordings_become_an_incident_of_their_own(
    qtbot: QtBot,
    window: Shell,
    desk: Desk,
) -> None:
    page = page_of(window)
    page.recordings.setFocus()
    page.recordings.selectAll()
    qtbot.mouseClick(page.new, Qt.MouseButton.LeftButton)
    assert page.number.text() != CASE
    number = page.number.text()
    qtbot.keyClicks(page.incident_title, "Back lane")
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    with desk.store.reading() as work:
        made = {str(one.id): one for one in work.reviews.incidents()}[number]
    assert (made.title, len(made.placements)) == ("Back lane", 2)
    window.close()
