"""Puts the program together: Qt, the workspace, the sign-in, the pages, and what happens to errors nobody caught."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import LogContradicted, ReviewError
from bwc_review.review.desk import Desk
from bwc_review.review.sessions import end_session, start_session
from bwc_review.review.witness_overview import standing
from ui import theme
from ui.context import Context
from ui.keyring import Keyring
from ui.messages import in_words, log_detail, tell
from ui.pages.dock import DockPage
from ui.pages.export import ExportPage
from ui.pages.library import LibraryPage
from ui.pages.listening import Listener
from ui.review_desk.page import ReviewPage
from ui.shell import Shell
from ui.sign_in import SignIn, ask_passphrase
from ui.stopped_log import StoppedLog
from ui.tasks import Tasks

PAGES = ("dock", "library", "review", "export")
EXTRA_STYLE = (
    "QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }"
    f'QPushButton[primary="true"]:disabled {{ background: {theme.DARK.floating}; color: {theme.DARK.faint};'
    f" border-color: {theme.DARK.line}; }}"
)
_FONTS = Path(__file__).parent / "data"


def run(workspace: Path | None, *, operator: str, page: str) -> int:
    """Open, sign in, show. Returns the exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("BWC Review")
    theme.load_fonts(_FONTS)
    theme.apply_theme(app)
    app.setStyleSheet(app.styleSheet() + EXTRA_STYLE)
    catch_what_nobody_caught()
    keyring = Keyring(lambda: ask_passphrase(app.activeWindow()))
    desk = open_desk(workspace, keyring)
    if desk is None:
        return 3
    window = sign_in(desk, operator)
    if window is None:
        return 0
    window.show()
    window.begin(page or first_page(window.context))
    return int(app.exec())


def open_desk(workspace: Path | None, keyring: Keyring) -> Desk | None:
    """Open the workspace named, or one chosen now; asks again as long as it cannot be opened.

    Leaves with LogContradicted's exit code when its log cannot be continued and no other is chosen.
    """
    while True:
        folder = workspace or _choose_workspace()
        if folder is None:
            return None
        try:
            desk = open_workspace(folder, keyring.ask)
            found = standing(desk)
        except ReviewError as refused:
            log_detail(refused)
            QMessageBox.information(None, "This workspace cannot be opened", in_words(refused))
            workspace = None
            continue
        if not found.stopped:
            return desk
        if StoppedLog(found, str(folder)).exec() != QDialog.DialogCode.Accepted:
            raise SystemExit(LogContradicted.exit_code)
        workspace = None


def _choose_workspace() -> Path | None:
    named = QFileDialog.getExistingDirectory(None, "Open a BWC Review workspace")
    return Path(named) if named else None


def sign_in(desk: Desk, operator: str) -> Shell | None:
    """Ask who is at the desk, begin the session and make the window; None when the person leaves."""
    asked = SignIn(desk, operator)
    while asked.exec() == QDialog.DialogCode.Accepted:
        try:
            session = start_session(desk, asked.operator, asked.purpose, asked.unlocked)
        except ReviewError as refused:
            log_detail(refused)
            QMessageBox.information(asked, "The session did not begin", in_words(refused))
            continue
        return make_window(Context(desk, session, Tasks()))
    return None


def make_window(context: Context) -> Shell:
    """The shell with its pages over one session."""
    listener = Listener(context)
    review = ReviewPage(context)
    window = Shell(
        context, [DockPage(context, listener), LibraryPage(context, listener), review, ExportPage(context)]
    )
    context.setParent(window)
    context.tasks.setParent(window)
    review.incident_shown.connect(window.say_incident)
    context.review_asked.connect(lambda _number: window.show_page("review"))
    review.deck.main.state_changed.connect(lambda state: _give_way(context.desk, state))
    context.switch_asked.connect(lambda: switch_operator(window))
    return window


def _give_way(desk: Desk, state: str) -> None:
    """Cards that are being copied leave the disk and the processor to the player while it plays."""
    if state == "playing":
        desk.crew.give_way()
    else:
        desk.crew.full_pace()


def first_page(context: Context) -> str:
    """Where the role's work begins."""
    return "dock" if context.may("ingest.dock") and not context.may("tag.observe") else "library"


def switch_operator(window: Shell) -> None:
    """Sign in as somebody else: what is open is put away, the old session ends, a new one begins."""
    context = window.context
    if context.tasks.long_under_way:
        window.say("An import, a listening or an export is under way. Wait for it or stop it, then switch.")
        return
    asked = SignIn(context.desk, str(context.session.operator), window)
    if asked.exec() != QDialog.DialogCode.Accepted:
        return
    try:
        for page in window.pages.values():
            page.close_down()
        context.tasks.finish_acts()
        end_session(context.desk, context.session)
        context.session = start_session(context.desk, asked.operator, asked.purpose, asked.unlocked)
    except ReviewError as refused:
        tell(window, refused)
        return
    context.session_changed.emit()
    window.show_page(first_page(context))
    if window.page is not None:
        window.page.enter()


class _Edge(QObject):
    """Where errors end that no screen was ready for: words for the person, detail for the program's output."""

    def hook(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        window: QWidget | None = QApplication.activeWindow()
        tell(window, error)


def catch_what_nobody_caught() -> None:
    """Never a dead window: whatever escapes a slot is said in a dialog and the program goes on."""
    sys.excepthook = _Edge().hook
