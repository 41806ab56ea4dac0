"""The main window: top bar with pages and chips, the page itself, one status line. Holds no rule of any page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bwc_review.errors import ReviewError
from bwc_review.review.checkpoints import sign_if_due
from bwc_review.review.sessions import end_session
from bwc_review.review.witness_overview import Overview, overview
from ui import theme
from ui.context import Context
from ui.log_chip import EVERY_MS, chip_hint, chip_text
from ui.messages import in_words, log_detail
from ui.pages.page import Page
from ui.tasks import Lane
from ui.words import word

P = theme.DARK
TOP_HEIGHT, FOOT_HEIGHT, CHIP_HEIGHT = 44, 26, 24
_CHIP = f"border: 1px solid {P.line}; border-radius: 11px; padding: 1px 10px; min-height: 0; color: {P.text};"
_TAB = (
    f"QToolButton {{ border: none; border-radius: 0; border-bottom: 2px solid transparent; color: {P.dim};"
    f" padding: 0 9px; min-height: {TOP_HEIGHT - 2}px; background: transparent; }}"
    f"QToolButton:hover, QToolButton:focus {{ color: {P.text}; }}"
    f"QToolButton:checked {{ color: {P.text}; border-bottom-color: {P.accent}; }}"
)

LEAST_HEIGHT = 700
TITLE_BAR = 28  # what window managers put above a window, about


class Shell(QMainWindow):
    """Shows one page at a time. ``pages`` in the order of the tabs; each tab has a function key from F2 on."""

    closed = Signal()

    def __init__(self, context: Context, pages: list[Page]) -> None:
        super().__init__()
        self.setWindowTitle("BWC Review")
        self.context = context
        self.pages = {page.name: page for page in pages}
        self._was_saving = 0
        self._stack = QStackedWidget()
        self._tabs = QButtonGroup(self)
        self._tab_of: dict[str, QToolButton] = {}
        self.incident = _chip("", "Incident under review")
        self.incident.hide()
        self.purpose = _chip("", "Purpose of this session")
        self.log = _chip("log …", "State of the custody log")
        self.operator = QToolButton()
        self.operator.setStyleSheet(f"QToolButton {{ {_CHIP} }} QToolButton:focus {{ border-color: {P.accent}; }}")
        self.operator.setFixedHeight(CHIP_HEIGHT)
        self.operator.setFont(theme.text_font(theme.SMALL + 1))
        self.operator.clicked.connect(context.switch_asked.emit)
        self.notice = QLabel("")
        self.notice.setAccessibleName("Notice")
        self.state = QLabel("")
        self.state.setAccessibleName("Saved state")
        self._lay_out(pages)
        self._connect()
        self.say_session()
        self.resize(_fitting(self.screen().availableSize()))

    def _lay_out(self, pages: list[Page]) -> None:
        bar = QFrame()
        bar.setObjectName("top")
        bar.setFixedHeight(TOP_HEIGHT)
        bar.setStyleSheet(f"QFrame#top {{ background: {P.base}; border-bottom: 1px solid {P.line}; }}")
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(4)
        name = QLabel("BWC Review")
        name.setFont(theme.text_font(theme.BODY, strong=True))
        row.addWidget(name)
        row.addSpacing(8)
        for number, page in enumerate(pages):
            row.addWidget(self._tab(page, f"F{number + 2}"))
            self._stack.addWidget(page)
        row.addStretch(1)
        row.setSpacing(8)
        for chip in (self.incident, self.purpose, self.log, self.operator):
            row.addWidget(chip)
        foot = QFrame()
        foot.setObjectName("foot")
        foot.setFixedHeight(FOOT_HEIGHT)
        foot.setStyleSheet(f"QFrame#foot {{ border-top: 1px solid {P.line}; }}")
        line = QHBoxLayout(foot)
        line.setContentsMargins(16, 0, 16, 0)
        line.addWidget(self.notice, 1)
        line.addWidget(self.state)
        for label in (self.notice, self.state):
            label.setFont(theme.text_font(theme.SMALL + 1))
        self.state.setStyleSheet(f"color: {P.dim};")
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._stack, 1)
        column.addWidget(foot)
        self.setCentralWidget(middle)

    def _tab(self, page: Page, key: str) -> QToolButton:
        tab = QToolButton()
        tab.setText(page.title)
        tab.setCheckable(True)
        tab.setStyleSheet(_TAB)
        tab.setToolTip(f"{page.title} ({key})")
        tab.setAccessibleName(f"{page.title} page")
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.addButton(tab)
        self._tab_of[page.name] = tab
        name = page.name
        tab.clicked.connect(lambda: self.show_page(name))
        QShortcut(QKeySequence(key), self, lambda: self.show_page(name))
        return tab

    def _connect(self) -> None:
        context = self.context
        context.noticed.connect(self.say)
        context.state_said.connect(self.state.setText)
        context.page_asked.connect(self.show_page)
        context.session_changed.connect(self.say_session)
        context.tasks.changed.connect(self._tasks_changed)
        context.footage_changed.connect(self.read_log)
        context.log_grew.connect(self.read_log)
        context.tasks.unheard.connect(self._unheard)
        QShortcut(QKeySequence("F11"), self, self.toggle_full_screen)
        minute = QTimer(self)
        minute.timeout.connect(self.look_after_log)
        minute.start(EVERY_MS)

    def show_page(self, name: str) -> None:
        """Leave the page shown and enter another. A name nobody knows changes nothing."""
        page = self.pages.get(name)
        if page is None or page is self.page:
            return
        if self.page is not None and self.page.isVisible():
            self.page.leave()
        self._tab_of[name].setChecked(True)
        self.say("")
        self.state.setText("")
        self._stack.setCurrentWidget(page)
        page.enter()
        self.read_log()

    def begin(self, name: str) -> None:
        """Enter the first page."""
        self._stack.setCurrentWidget(self.pages[name])
        self._tab_of[name].setChecked(True)
        self.pages[name].enter()
        self.read_log()

    @property
    def page(self) -> Page | None:
        """The page shown."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def say(self, text: str) -> None:
        """One quiet line at the bottom."""
        self.notice.setText(text)
        self.notice.setToolTip(text)

    def say_incident(self, number: str, title: str) -> None:
        """Which incident is under review; empty for none."""
        self.incident.setText(number)
        self.incident.setToolTip(f"Incident under review: {number} {title}")
        self.incident.setVisible(bool(number))

    def say_session(self) -> None:
        """Show who is at the desk and why."""
        session = self.context.session
        self.purpose.setText(word("purposes", session.purpose))
        self.operator.setText(str(session.operator))
        signs = self.context.desk.open_keys.of(session.id) is not None
        attested = "Every act is signed with the own key." if signs else "The workstation alone attests who acts."
        self.operator.setToolTip(
            f"{session.operator}, {word('roles', session.role)}{f', unit {session.unit}' if session.unit else ''}. "
            f"{attested} "
            "Press to sign in as somebody else or for another purpose."
        )
        self.operator.setAccessibleName(self.operator.toolTip())

    def toggle_full_screen(self) -> None:
        """Full screen and back (F11)."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def read_log(self) -> None:
        """Bring the log's chip up to date."""
        desk = self.context.desk
        self.context.tasks.start(lambda _told: overview(desk), done=self._show_log)

    def _show_log(self, found: Overview) -> None:
        self.log.setText(chip_text(found))
        self.log.setToolTip(chip_hint(found))

    def look_after_log(self) -> None:
        """Once a minute: a checkpoint that came due while nobody wrote anything is signed, if the key is open."""
        desk = self.context.desk
        self.context.tasks.start(lambda _told: overview(desk), done=self._sign)

    def _sign(self, found: Overview) -> None:
        desk = self.context.desk
        self._show_log(found)
        if found.overdue and not found.locked and not found.stopped:
            self.context.tasks.start(lambda _told: sign_if_due(desk), lane=Lane.ACTS)

    def _tasks_changed(self, saving: int) -> None:
        was_saving, self._was_saving = self._was_saving, saving
        if was_saving and not saving:
            self.read_log()

    def _unheard(self, error: Exception) -> None:
        log_detail(error)
        self.say(in_words(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.context.tasks.long_under_way and not self._really():
            event.ignore()
            return
        self.say("Closing: saving what is under way …")
        for page in self.pages.values():
            _calmly(page.close_down)
        self.context.tasks.shut_down()
        _calmly(lambda: end_session(self.context.desk, self.context.session))
        event.accept()
        self.closed.emit()

    def _really(self) -> bool:
        asked = QMessageBox(self)
        asked.setWindowTitle("Something is still under way")
        asked.setText("An import, a listening or an export is still under way. Stop it and close?")
        asked.setInformativeText("What was finished is kept; the rest can be done again later.")
        stop = asked.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        stay = asked.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        asked.setDefaultButton(stay)
        asked.exec()
        return asked.clickedButton() is stop


def _chip(text: str, name: str) -> QLabel:
    chip = QLabel(text)
    chip.setAccessibleName(name)
    chip.setToolTip(name)
    chip.setStyleSheet(f"QLabel {{ {_CHIP} }}")
    chip.setFont(theme.text_font(theme.SMALL + 1))
    chip.setFixedHeight(CHIP_HEIGHT)
    return chip


def _calmly(act: Callable[[], object]) -> None:
    """Closing goes on whatever one page or the log says; the start-up sweep names what was cut short."""
    try:
        act()
    except ReviewError as refused:
        log_detail(refused)


def _fitting(room: QSize) -> QSize:
    """As large as the desk was drawn for; lower where a title bar would push the saved state off a small screen."""
    return QSize(1366, max(LEAST_HEIGHT, min(768, room.height() - TITLE_BAR)))
