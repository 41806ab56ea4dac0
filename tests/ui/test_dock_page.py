"""The Dock page on real small cards: every file with its outcome, several docks at once, a pull, a calm refusal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bwc_review.ports.records import Outcome
from bwc_review.review.desk import Desk
from ingest.docks import DockPoller
from tests.desks import CLERK, REVIEWER, make_card, make_desk
from tests.fakes.docks import FakeDocks
from tests.ui.desk_hands import WAIT_MS, acts, press, window_of
from ui.pages.dock import DockPage
from ui.pages.dock_slot import Phase, Slot
from ui.shell import Shell

pytest_plugins = ("tests.ui.desk_kit",)


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    return make_desk(tmp_path / "workspace")


@pytest.fixture
def slots(empty: Desk) -> tuple[Desk, FakeDocks]:
    """A desk whose dock slots a test fills and empties."""
    fake = FakeDocks()
    return replace(empty, docks=lambda: DockPoller([fake])), fake


def dock_page(window: Shell) -> DockPage:
    page = window.pages["dock"]
    assert isinstance(page, DockPage)
    return page


def lines_shown(page: DockPage) -> int:
    """How many docks have a line that is on the screen, and so can have the focus."""
    return sum(row.isVisible() for row in page.board.rows.values())


def only(page: DockPage) -> Slot:
    (slot,) = page.board.slots
    return slot


def ended(slots: Sequence[Slot]) -> bool:
    return all(one.phase is Phase.ENDED and one.standing is not None for one in slots)


def big(card: Path, number: int, size: int = 48 << 20) -> Path:
    """A card with one file that takes a while: a name no profile knows, bytes of its own."""
    card.mkdir(parents=True)
    (card / "LONG.BIN").write_bytes(number.to_bytes(8, "big") * (size // 8))
    return card


def test_a_named_folder_is_taken_and_every_file_is_shown_with_its_outcome(
    qtbot: QtBot, empty: Desk, card: Path
) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.keyClicks(page.path, str(card))
    page.path.setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ended(page.board.slots), timeout=WAIT_MS)
    slot = only(page)
    counts = slot.files.counts()
    assert (counts[Outcome.TAKEN], counts[Outcome.REFUSED], counts[Outcome.FAILED]) == (4, 1, 0)
    assert "5 files met: 4 taken, 1 refused" in page.words.text()
    assert slot.text().words == "Done: all 5 files are settled."
    assert slot.text().next_step == "The card can be removed."
    shown = [slot.files.index(row, 2).data() for row in range(slot.files.rowCount())]
    assert all(shown)
    assert page.table.model() is slot.files
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


def test_cards_appear_and_go_by_themselves(qtbot: QtBot, slots: tuple[Desk, FakeDocks], tmp_path: Path) -> None:
    desk, fake = slots
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    assert page.board.nothing.isVisible()
    fake.put_in(big(tmp_path / "CARD-1", 1, 8))
    qtbot.waitUntil(lambda: [one.label for one in page.board.slots] == ["CARD-1"], timeout=WAIT_MS)
    assert "writable" in only(page).text().facts
    assert only(page).text().action == "Start"
    fake.take_out("CARD-1")
    qtbot.waitUntil(lambda: not page.board.slots and page.board.nothing.isVisible(), timeout=WAIT_MS)
    window.close()


def test_several_cards_are_taken_at_once_with_one_key_and_each_has_its_own_bar(
    qtbot: QtBot, slots: tuple[Desk, FakeDocks], tmp_path: Path
) -> None:
    desk, fake = slots
    for number in range(3):
        fake.put_in(big(tmp_path / f"CARD-{number}", number))
    desk.crew.set_pace(150)
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.waitUntil(lambda: lines_shown(page) == 3, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(desk.crew.at_work) == 1, timeout=WAIT_MS)  # one disk here: they take turns
    qtbot.waitUntil(lambda: any("left" in one.text().pace for one in page.board.slots), timeout=WAIT_MS)
    assert sum(one.phase is Phase.WAITING for one in page.board.slots) >= 1
    desk.crew.full_pace()
    qtbot.waitUntil(lambda: ended(page.board.slots), timeout=WAIT_MS)
    assert all(one.is_done for one in page.board.slots)
    window.close()


def test_a_card_pulled_while_it_is_read_stays_on_the_page_and_resumes_by_one_key(
    qtbot: QtBot, slots: tuple[Desk, FakeDocks], tmp_path: Path
) -> None:
    desk, fake = slots
    card = big(tmp_path / "CARD-1", 1)
    (card / "A.BIN").write_bytes(b"first")
    fake.put_in(card)
    desk.crew.set_pace(50)
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.waitUntil(lambda: lines_shown(page) == 1, timeout=WAIT_MS)
    page.board.rows[only(page).key].setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "LONG.BIN" in only(page).text().words, timeout=WAIT_MS)
    (card / "LONG.BIN").rename(tmp_path / "LONG.BIN")
    os.truncate(tmp_path / "LONG.BIN", 1000)
    fake.take_out("CARD-1")
    qtbot.waitUntil(lambda: ended(page.board.slots) and not only(page).there, timeout=WAIT_MS)
    assert only(page).text().words.startswith("Interrupted, can be resumed: 1 of 2 files are settled, then the card")
    assert "Put the same card back" in only(page).text().next_step
    assert only(page).text().action == ""
    (card / "LONG.BIN").write_bytes((1).to_bytes(8, "big") * (6 << 20))
    os.utime(card / "LONG.BIN", ns=(0, (tmp_path / "LONG.BIN").stat().st_mtime_ns))
    desk.crew.full_pace()
    fake.put_in(card)
    qtbot.waitUntil(lambda: only(page).text().action == "Resume", timeout=WAIT_MS)
    page.board.rows[only(page).key].setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: only(page).is_done, timeout=WAIT_MS)
    window.close()


def test_stopping_keeps_what_was_taken_and_an_open_docking_is_shown_to_the_next_who_sits_down(
    qtbot: QtBot, slots: tuple[Desk, FakeDocks], tmp_path: Path
) -> None:
    desk, fake = slots
    card = big(tmp_path / "CARD-1", 1)
    (card / "A.BIN").write_bytes(b"first")
    fake.put_in(card)
    desk.crew.set_pace(50)
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.waitUntil(lambda: lines_shown(page) == 1, timeout=WAIT_MS)
    page.begin_all()
    qtbot.waitUntil(lambda: "LONG.BIN" in only(page).text().words, timeout=WAIT_MS)
    assert only(page).text().action == "Stop"
    qtbot.mouseClick(page.board.rows[only(page).key].act, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(page.board.slots), timeout=WAIT_MS)
    assert "a person stopped it" in only(page).text().words
    window.close()
    again = dock_page(window_of(qtbot, desk, CLERK, "routine_docking", "dock"))
    qtbot.waitUntil(lambda: lines_shown(again) == 1 and only(again).text().action == "Resume", timeout=WAIT_MS)
    desk.crew.full_pace()
    again.begin_all()
    qtbot.waitUntil(lambda: only(again).is_done, timeout=WAIT_MS)
    assert acts(desk).count("dock.resumed") == 1
    again.window().close()


def test_the_same_card_again_is_all_duplicates(qtbot: QtBot, empty: Desk, card: Path) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    page.path.setText(str(card))
    for _ in range(2):
        page.begin()
        qtbot.waitUntil(lambda: ended(page.board.slots), timeout=WAIT_MS)
    assert only(page).files.counts()[Outcome.DUPLICATE] == 4
    window.close()


def test_a_folder_that_is_no_card_is_refused_in_plain_words(qtbot: QtBot, empty: Desk, tmp_path: Path) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    page.path.setText(str(tmp_path / "nowhere"))
    page.begin()
    qtbot.waitUntil(lambda: "is not a folder" in page.words.text(), timeout=WAIT_MS)
    assert page.start.isEnabled()
    window.close()


def test_a_player_that_plays_slows_the_copying_down_and_lets_it_run_again(qtbot: QtBot, review: Shell) -> None:
    desk, player = review.context.desk, review.pages["review"].deck.main  # type: ignore[attr-defined]
    player.play()
    qtbot.waitUntil(lambda: desk.crew.pace < 1000, timeout=WAIT_MS)
    player.pause()
    qtbot.waitUntil(lambda: desk.crew.pace == 1000, timeout=WAIT_MS)


def test_a_reviewer_is_told_that_clerks_dock_instead_of_being_let_fail(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, REVIEWER, "use_of_force_review", "dock")
    page = dock_page(window)
    assert not page.start.isEnabled()
    assert not page.start_all.isEnabled()
    assert page.switch.isVisible()
    assert "evidence clerk" in page.found.text()
    window.close()


def test_every_part_has_a_name_a_screen_reader_can_say(
    qtbot: QtBot, slots: tuple[Desk, FakeDocks], tmp_path: Path
) -> None:
    desk, fake = slots
    fake.put_in(make_card(tmp_path / "CARD-1"))
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    page = dock_page(window)
    qtbot.waitUntil(lambda: lines_shown(page) == 1, timeout=WAIT_MS)
    (row,) = page.board.rows.values()
    qtbot.waitUntil(row.isVisible, timeout=WAIT_MS)
    for part in (row, row.act, page.path, page.profile, page.table, page.clock, page.start_all, page.board):
        assert part.accessibleName()
    assert "Not taken yet" in row.accessibleDescription()
    page.path.setFocus()
    for part in (page.choose, page.profile, page.start, row):
        press(qtbot, page, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is part
    press(qtbot, page, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.table
    window.close()
