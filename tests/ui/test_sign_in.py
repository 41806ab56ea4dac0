"""Signing in with a key: opened on another thread, refused in words, and every act of the session signed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bwc_review.review import sessions
from bwc_review.review.desk import Desk
from tests.desks import AUDITOR, CLERK, REVIEWER
from tests.staffed import entries_of, staffed, words_of
from tests.ui.desk_hands import WAIT_MS, acts, window_of
from ui.app import sign_in
from ui.sign_in import SignIn


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return staffed(tmp_path_factory.mktemp("staffed") / "workspace")


def shown(qtbot: QtBot, desk: Desk, who: str) -> SignIn:
    dialog = SignIn(desk, who)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_only_who_has_a_key_is_asked_for_a_passphrase(qtbot: QtBot, desk: Desk) -> None:
    dialog = shown(qtbot, desk, CLERK)
    assert dialog.passphrase.isVisible()
    assert dialog.passphrase.echoMode() is dialog.passphrase.EchoMode.Password
    assert dialog.passphrase.accessibleName()
    dialog.who.setCurrentIndex(dialog.who.findData(str(AUDITOR)))
    assert not dialog.passphrase.isVisible()
    dialog.accept()
    assert dialog.result() == SignIn.DialogCode.Accepted
    assert dialog.unlocked is None


def test_the_key_is_opened_elsewhere_and_the_dialog_waits_without_blocking(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_in: list[int] = []
    real = sessions.open_key_of

    def watched(*arguments: object) -> object:
        opened_in.append(threading.get_ident())
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sessions, "open_key_of", watched)
    dialog = shown(qtbot, desk, REVIEWER)
    qtbot.keyClicks(dialog.passphrase, words_of(REVIEWER))
    qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    assert not dialog.begin.isEnabled()
    assert "Opening" in dialog.begin.text()
    dialog.reject()
    assert dialog.isVisible(), "nobody leaves in the middle of it"
    qtbot.waitUntil(lambda: dialog.unlocked is not None, timeout=WAIT_MS)
    assert opened_in
    assert threading.get_ident() not in opened_in
    assert dialog.passphrase.text() == ""
    assert dialog.result() == SignIn.DialogCode.Accepted


def test_a_wrong_passphrase_is_said_in_the_dialog_and_logged_and_one_may_try_again(qtbot: QtBot, desk: Desk) -> None:
    dialog = shown(qtbot, desk, CLERK)
    before = len(acts(desk))
    qtbot.keyClicks(dialog.passphrase, "a guess")
    dialog.accept()
    qtbot.waitUntil(lambda: dialog.trouble.isVisible(), timeout=WAIT_MS)
    assert "passphrase does not open the key" in dialog.trouble.text()
    assert acts(desk)[before:] == ["session.refused"]
    assert dialog.isVisible()
    assert dialog.passphrase.text() == ""
    qtbot.keyClicks(dialog.passphrase, words_of(CLERK))
    dialog.accept()
    qtbot.waitUntil(lambda: dialog.unlocked is not None, timeout=WAIT_MS)


def test_a_session_that_began_with_a_key_is_signed_from_first_to_last(qtbot: QtBot, desk: Desk) -> None:
    before = len(acts(desk))

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignIn)
        dialog.passphrase.setText(words_of(REVIEWER))
        dialog.accept()

    QTimer.singleShot(0, answer)
    window = sign_in(desk, str(REVIEWER))
    assert window is not None
    qtbot.addWidget(window)
    assert "signed with the own key" in window.operator.toolTip()
    window.close()
    added = entries_of(desk)[before:]
    assert [one.type for one in added] == ["session.started", "session.ended"]
    assert all(one.actor.key for one in added)


def test_a_session_without_a_key_says_that_the_workstation_attests(qtbot: QtBot, desk: Desk) -> None:
    window = window_of(qtbot, desk, AUDITOR, "audit", "library")
    assert "workstation alone attests" in window.operator.toolTip()
    window.close()


def test_a_passphrase_named_in_a_file_need_not_be_typed(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "words.txt"
    file.write_text(words_of(CLERK) + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_OPERATOR_PASSPHRASE_FILE", str(file))
    dialog = shown(qtbot, desk, CLERK)
    dialog.accept()
    qtbot.waitUntil(lambda: dialog.unlocked is not None, timeout=WAIT_MS)
    assert dialog.unlocked is not None
    assert dialog.unlocked.auth == "passphrase_file"
