"""What tests of the desktop do with their hands: open a window, press keys, wait for the disk, read the store."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import IncidentId, OperatorId
from bwc_review.domain.tags import Tag, TagState
from bwc_review.review.desk import Desk
from bwc_review.review.sessions import start_session
from chain_of_custody.entry import Entry
from ui import theme
from ui.app import make_window
from ui.context import Context
from ui.shell import Shell
from ui.tasks import Tasks

CASE = IncidentId("IR-2026-0001")
WAIT_MS = 60_000


def window_of(qtbot: QtBot, desk: Desk, who: OperatorId, purpose: str, page: str) -> Shell:
    """The main window over a new session, shown and in front."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply_theme(app)
    window = make_window(Context(desk, start_session(desk, who, purpose), Tasks()))
    qtbot.addWidget(window)
    window.show()
    window.begin(page)
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=WAIT_MS)
    return window


def press(qtbot: QtBot, page: QWidget, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """A key as the person presses it: it goes to whatever has the focus."""
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    qtbot.keyClick(QApplication.focusWidget() or page, key, held)


def settle(qtbot: QtBot, window: Shell) -> None:
    """Wait until every act is on disk and shown."""
    qtbot.waitUntil(lambda: window.context.tasks.saving == 0, timeout=WAIT_MS)


def current_tags(desk: Desk) -> list[Tag]:
    """The tags of the incident that stand."""
    with desk.store.reading() as work:
        return [tag for tag in work.reviews.tags(CASE) if tag.state is TagState.CONFIRMED]


def decided(desk: Desk) -> dict[str, CandidateState]:
    """What was decided of which candidate."""
    with desk.store.reading() as work:
        return {str(one): decision.state for one, decision in work.reviews.decisions().items()}


def acts(desk: Desk) -> list[str]:
    """The types of all custody entries, oldest first."""
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw).type for raw in work.log.entries()]
