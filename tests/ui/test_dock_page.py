"""The Dock page on a real small card: every file with its outcome, a calm refusal, then listening."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bwc_review.ports.records import Outcome
from bwc_review.review.desk import Desk
from tests.desks import CLERK, REVIEWER, make_desk
from tests.ui.desk_hands import WAIT_MS, press, window_of
from ui.pages.dock import DockPage
from ui.shell import Shell

pytest_plugins = ("tests.ui.desk_kit",)


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    return make_desk(tmp_path / "workspace")


def dock_page(window: Shell) -> DockPage:
    page = window.pages["dock"]
    assert isinstance(page, DockPage)
    return page


def test_a_card_is_taken_and_every_file_is_shown_with_its_outcome(
    qtbot: QtBot,
    empty: Desk,
    card: Path,
) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.keyClicks(page.path, str(card))
    press(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "files met" in page.words.text(), timeout=WAIT_MS)
    counts = page.files.counts()
    assert (counts[Outcome.TAKEN], counts[Outcome.REFUSED], counts[Outcome.FAILED]) == (4, 1, 0)
    assert "5 files met: 4 taken, 1 refused" in page.words.text()
    shown = [page.files.index(row, 2).data() for row in range(page.files.rowCount())]
    assert all(shown)
    with empty.store.reading() as work:
        assert len(work.footage.recordings()) == 2
    assert page.listen.isVisible()
    window.close()


def test_the_recordings_are_listened_to_in_the_background_and_suggestions_follow(
    qtbot: QtBot,
    empty: Desk,
    card: Path,
) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    page.path.setText(str(card))
    page.begin()
    qtbot.waitUntil(lambda: page.listen.isVisible(), timeout=WAIT_MS)
    qtbot.mouseClick(page.listen, Qt.MouseButton.LeftButton)

    def heard() -> bool:
        with empty.store.reading() as work:
            return all(work.reviews.candidates(one.id) for one in work.footage.recordings())

    qtbot.waitUntil(lambda: not window.context.tasks.long_under_way, timeout=WAIT_MS)
    assert heard()
    window.close()


def test_the_same_card_again_is_all_duplicates(qtbot: QtBot, empty: Desk, card: Path) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    page.path.setText(str(card))
    for _ in range(2):
        page.begin()
        qtbot.waitUntil(lambda: "files met" in page.words.text(), timeout=WAIT_MS)
    assert page.files.counts()[Outcome.DUPLICATE] == 4
    window.close()


def test_a_folder_that_is_no_card_is_refused_in_plain_words(qtbot: QtBot, empty: Desk, tmp_path: Path) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    page.path.setText(str(tmp_path / "nowhere"))
    page.begin()
    qtbot.waitUntil(lambda: "is not a folder" in page.words.text(), timeout=WAIT_MS)
    assert page.start.isEnabled()
    window.close()


def test_a_reviewer_is_told_that_clerks_dock_instead_of_being_let_fail(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, REVIEWER, "use_of_force_review", "dock")
    page = dock_page(window)
    assert not page.start.isEnabled()
    assert page.switch.isVisible()
    assert "evidence clerk" in page.found.text()
    window.close()
