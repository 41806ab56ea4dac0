"""The shell: sign-in, session in the log, tasks on their own threads, and errors said calmly."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from bwc_review.errors import Cancelled, InputRefused, PermissionDenied
from bwc_review.review.desk import Desk
from tests.desks import CLERK, REVIEWER, make_desk
from tests.ui.desk_hands import WAIT_MS, acts, window_of
from ui.__main__ import main
from ui.app import catch_what_nobody_caught
from ui.messages import in_words
from ui.pages.page import Page
from ui.sign_in import SignIn
from ui.tasks import Lane, Tasks, Told


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    return make_desk(tmp_path / "workspace")


def test_signing_in_names_roles_in_words_and_suggests_the_usual_purpose(qtbot: QtBot, empty: Desk) -> None:
    dialog = SignIn(empty, "clerk-1")
    qtbot.addWidget(dialog)
    assert "evidence clerk" in dialog.who.currentText()
    assert dialog.purpose == "routine_docking"
    dialog.show()
    qtbot.keyClick(dialog.who, Qt.Key.Key_Down)
    assert dialog.operator == REVIEWER
    assert dialog.purpose == "complaint"


def test_a_session_begins_with_the_window_and_ends_when_it_closes(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, REVIEWER, "complaint", "library")
    assert window.purpose.text() == "Complaint"
    assert window.operator.text() == "psd-1"
    qtbot.waitUntil(lambda: "no witness" in window.log.text(), timeout=WAIT_MS)
    window.close()
    assert acts(empty)[-2:] == ["session.started", "session.ended"]


def test_only_pages_that_work_have_a_tab_and_function_keys_lead_there(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    assert [page.title for page in window.pages.values()] == ["Dock", "Library", "Review", "Export"]
    for key, name in ((Qt.Key.Key_F3, "library"), (Qt.Key.Key_F5, "export"), (Qt.Key.Key_F2, "dock")):
        qtbot.keyClick(QApplication.focusWidget() or window, key)
        assert isinstance(window.page, Page)
        assert window.page.name == name
    window.close()


def test_everything_that_can_be_pressed_or_filled_has_a_name_and_a_hint(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, CLERK, "routine_docking", "dock")
    nameless: list[str] = []
    for kind in (QAbstractButton, QLineEdit, QComboBox):
        for widget in window.findChildren(kind):
            if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox):
                continue
            named = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
            if not named and widget.isVisibleTo(window):
                nameless.append(f"{type(widget).__name__} in {_path(widget)}")
    assert nameless == []
    window.close()


def _path(widget: QWidget) -> str:
    parent = widget.parentWidget()
    return f"{_path(parent)}/{type(widget).__name__}" if parent is not None else type(widget).__name__


def test_the_window_fits_a_small_laptop(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, REVIEWER, "complaint", "review")
    least = window.minimumSizeHint()
    assert least.width() <= 1366
    assert least.height() <= 768
    window.close()


def test_a_task_works_elsewhere_and_answers_on_the_gui_thread(qtbot: QtBot) -> None:
    tasks = Tasks()
    here = threading.get_ident()
    seen: dict[str, int] = {}

    def work(told: Told[str]) -> str:
        seen["work"] = threading.get_ident()
        told.report("half")
        return "whole"

    def done(result: str) -> None:
        seen["done"] = threading.get_ident()
        assert result == "whole"

    def progress(value: str) -> None:
        seen["progress"] = threading.get_ident()

    tasks.start(work, done=done, progress=progress)
    qtbot.waitUntil(lambda: "done" in seen, timeout=WAIT_MS)
    assert seen["work"] != here
    assert (seen["done"], seen["progress"]) == (here, here)


def test_acts_are_carried_out_in_the_order_they_were_asked_for(qtbot: QtBot) -> None:
    tasks = Tasks()
    order: list[int] = []
    for number in range(30):
        tasks.start(lambda _told, n=number: order.append(n), lane=Lane.ACTS)
    qtbot.waitUntil(lambda: tasks.saving == 0, timeout=WAIT_MS)
    assert order == list(range(30))


def test_a_cancelled_task_ends_as_stopped_not_as_broken(qtbot: QtBot) -> None:
    tasks = Tasks()
    errors: list[Exception] = []
    begun = threading.Event()

    def work(told: Told[None]) -> None:
        begun.set()
        while True:
            told.go_on()

    task = tasks.start(work, lane=Lane.LONG, failed=errors.append)
    assert begun.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert isinstance(errors[0], Cancelled)
    assert not tasks.long_under_way


def test_an_error_nobody_caught_is_a_calm_dialog_and_the_window_lives(
    qtbot: QtBot, empty: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    window = window_of(qtbot, empty, REVIEWER, "complaint", "library")
    catch_what_nobody_caught()
    refused = InputRefused("The card is full. Put in another.")
    sys.excepthook(type(refused), refused, None)
    boxes = window.findChildren(QMessageBox)
    assert [box.text() for box in boxes] == ["The card is full. Put in another."]
    boxes[0].close()
    assert window.isVisible()
    window.close()


def test_errors_are_said_in_their_own_words_and_strangers_in_ours() -> None:
    assert in_words(PermissionDenied("Not your role.")) == "Not your role."
    assert "Nothing that was saved before is touched" in in_words(KeyError("x"))
    assert "Traceback" not in in_words(ValueError("x"))


def test_a_page_nobody_knows_is_refused_with_the_ones_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--page", "oversight"]) == InputRefused.exit_code
    assert "dock, library, review, export" in capsys.readouterr().err


def test_signing_in_as_somebody_else_ends_one_session_and_begins_another(qtbot: QtBot, empty: Desk) -> None:
    window = window_of(qtbot, empty, REVIEWER, "complaint", "library")

    def sign_in() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignIn)
        dialog.who.setCurrentIndex(dialog.who.findData("clerk-1"))
        dialog.accept()

    QTimer.singleShot(0, sign_in)
    qtbot.mouseClick(window.operator, Qt.MouseButton.LeftButton)
    assert window.operator.text() == "clerk-1"
    assert window.page is window.pages["dock"]
    assert acts(empty)[-3:] == ["session.started", "session.ended", "session.started"]
    window.close()
