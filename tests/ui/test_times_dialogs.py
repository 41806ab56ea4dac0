"""Align by sound and Expected and arrived, on the made scene, with the keyboard and without blocking anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bwc_review.bootstrap import open_workspace
from bwc_review.review.desk import Desk
from tests.desks import CLERK, PASSPHRASE, REVIEWER
from tests.two_cameras import SCENE, make_two_cameras
from tests.ui.desk_hands import WAIT_MS, acts, press, settle, window_of
from ui.pages.aligning import AlignDialog
from ui.pages.expected import ExpectedDialog
from ui.pages.library import LibraryPage
from ui.shell import Shell

ROSTER = Path(__file__).resolve().parents[2] / "sample_media" / "lists" / "duty-2026-03-14.csv"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_two_cameras(tmp_path_factory.mktemp("scene") / "workspace").folder


@pytest.fixture
def desk(scene: Path, tmp_path: Path) -> Desk:
    folder = tmp_path / "workspace"
    shutil.copytree(scene, folder)
    return open_workspace(folder, lambda: PASSPHRASE)


@pytest.fixture
def review(qtbot: QtBot, desk: Desk) -> Iterator[Shell]:
    window = window_of(qtbot, desk, REVIEWER, "use_of_force_review", "review")
    page = window.pages["review"]
    qtbot.waitUntil(lambda: page.board.case is not None, timeout=WAIT_MS)  # type: ignore[attr-defined]
    yield window
    window.close()


def opened(qtbot: QtBot, window: Shell) -> AlignDialog:
    page = window.pages["review"]
    press(qtbot, page, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    dialog = page.findChild(AlignDialog)
    assert isinstance(dialog, AlignDialog)
    qtbot.waitUntil(lambda: dialog.camera.count() == 3, timeout=WAIT_MS)
    dialog.camera.setCurrentIndex(dialog.camera.findData("KB2-00417"))
    return dialog


def test_a_proposal_shows_its_figures_and_needs_a_reason_before_it_counts(
    qtbot: QtBot, review: Shell, desk: Desk
) -> None:
    dialog = opened(qtbot, review)
    qtbot.mouseClick(dialog.listen, Qt.MouseButton.LeftButton)
    assert not dialog.listen.isEnabled() and dialog.stop.isVisible()
    qtbot.waitUntil(lambda: dialog.list.filter.rowCount() == 1, timeout=WAIT_MS)
    assert "14 of 14 stretches with sound agree" in dialog.said.text()
    assert "parts in a million fast" in dialog.said.text()
    assert not dialog.adopt.isEnabled(), "a machine's suggestion is not adopted without a reason"
    dialog.reason.setFocus()
    qtbot.keyClicks(dialog.reason, "the cuffs click on both")
    press(qtbot, dialog.reason, Qt.Key.Key_Return)
    settle(qtbot, review)
    qtbot.waitUntil(lambda: dialog.said.text().startswith("Adopted"), timeout=WAIT_MS)
    with desk.store.reading() as work:
        sources = {one.source for one in work.reviews.incident(SCENE).placements}
    assert sources == {"sidecar", "audio"}
    assert acts(desk)[-1] == "review.recording_placed"
    dialog.close()


def test_the_library_offers_it_for_the_chosen_incident_and_not_to_a_clerk(qtbot: QtBot, desk: Desk) -> None:
    for who, may in ((REVIEWER, True), (CLERK, False)):
        window = window_of(qtbot, desk, who, "use_of_force_review", "library")
        page = window.pages["library"]
        assert isinstance(page, LibraryPage)
        qtbot.waitUntil(lambda page=page: bool(page.incidents.chosen()), timeout=WAIT_MS)
        assert page.align.isEnabled() is may
        page.align.click()
        assert (page.findChild(AlignDialog) is not None) is may
        window.close()


def test_listening_can_be_stopped_and_proposes_nothing_then(qtbot: QtBot, review: Shell, desk: Desk) -> None:
    dialog = opened(qtbot, review)
    dialog.listen.click()
    dialog.stop.click()
    qtbot.waitUntil(dialog.listen.isEnabled, timeout=WAIT_MS)
    assert "Stopped" in dialog.said.text()
    assert "review.alignment_proposed" not in acts(desk)
    dialog.close()


def test_the_clerk_imports_a_list_and_sees_what_is_missing_first_and_why(qtbot: QtBot, desk: Desk) -> None:
    window = window_of(qtbot, desk, CLERK, "routine_docking", "library")
    qtbot.mouseClick(window.pages["library"].expected, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    dialog = window.pages["library"].findChild(ExpectedDialog)
    assert isinstance(dialog, ExpectedDialog)
    dialog.compare.click()
    qtbot.waitUntil(lambda: "No roster was imported" in dialog.state.text(), timeout=WAIT_MS)
    dialog.import_list(ROSTER, "Mars/Base")
    qtbot.waitUntil(lambda: "no time zone" in dialog.state.text(), timeout=WAIT_MS)
    dialog.hours.setValue(0)
    dialog.import_list(ROSTER, "utc")
    qtbot.waitUntil(lambda: dialog.list.filter.rowCount() == 7, timeout=WAIT_MS)
    first = [dialog.list.filter.index(n, 1).data() for n in range(7)]
    assert first[:2] == ["D-0314-03", "C-0314-07"]
    assert "overdue by" in dialog.said.text(), "the first line is chosen and says why"
    press(qtbot, dialog.list, Qt.Key.Key_Down)
    assert "Missing" in dialog.said.text() and "Sources: " in dialog.said.text()
    dialog.filter_box.setText("unexpected")
    assert dialog.list.filter.rowCount() == 1
    assert "review.reconciled" in acts(desk)
    dialog.close()
    window.close()
