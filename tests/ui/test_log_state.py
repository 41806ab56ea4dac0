"""The state of the log on screen: the chip that is always there, and the calm page when nothing may be added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from bwc_review.bootstrap import create_workspace, open_workspace
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.witnesses import KnownWitness
from bwc_review.review.desk import Desk, record
from bwc_review.review.sessions import start_session
from bwc_review.review.witness_overview import Overview, WitnessRow
from bwc_review.review.witnessing import keep
from bwc_review.store.engine import SqliteDatabase
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.entry import Subject
from tests.desks import CLERK, PASSPHRASE, SETTINGS
from tests.ui.desk_hands import WAIT_MS, window_of
from tests.unit.custody.witness_scene import W1
from tests.unit.witnessing.rewriting import cut
from ui import app
from ui.keyring import Keyring
from ui.log_chip import chip_hint, chip_text
from ui.stopped_log import TITLE, StoppedLog

ROW = WitnessRow("commission", "", 30, 1_767_225_600, 7, 1_767_229_200_000_000)
CALM = Overview(37, 36, False, False, (ROW,), 30, "", ())


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (CALM, "log 37 · checkpoint 36 · witnessed 30"),
        (replace(CALM, overdue=True, locked=True), "log 37 · checkpoint 36, key locked · witnessed 30"),
        (replace(CALM, witnesses=(), witnessed=0), "log 37 · checkpoint 36 · no witness"),
        (replace(CALM, stopped="put back to an earlier state"), "log 37 · stopped, reading only"),
    ],
)
def test_the_chip_says_size_checkpoint_and_witnessed_state_in_one_line(found: Overview, text: str) -> None:
    assert chip_text(found) == text


def test_the_hint_says_what_each_witness_saw_when_and_what_waits() -> None:
    never = replace(ROW, name="press", cosigned=0, stamp=0)
    hint = chip_hint(replace(CALM, overdue=True, locked=True, witnesses=(ROW, never), away=("E:/memory",)))
    assert "commission: cosigned the first 30 at 2026-01-01 00:00 UTC; 7 entries wait since 2026-01-01 01:00" in hint
    assert "press: has cosigned nothing yet" in hint
    assert "the log key is locked" in hint
    assert "E:/memory" in hint
    assert "no witness" in chip_hint(replace(CALM, witnesses=()))
    assert "everything can be read" in chip_hint(replace(CALM, stopped="put back to an earlier state"))


def witnessed_workspace(folder: Path) -> Desk:
    """A workspace whose one witness, reached by files, cosigned its newest checkpoint."""
    settings = WitnessSettings((KnownWitness("commission", W1.vkey),))
    desk = create_workspace(folder, replace(SETTINGS, witnessing=settings), PASSPHRASE)
    session = start_session(desk, CLERK, "witnessing")
    with desk.store.writing() as work:
        record(desk, work, session, "session.ended", Subject("session", session.id))
    with desk.store.reading() as work:
        newest = work.cosignatures.newest_checkpoint()
    assert newest is not None
    line = W1.cosign(Checkpoint.parse(newest[1]).text(), 1_795_000_000)
    keep(desk, session, desk.witnesses.known()["commission"], with_lines(newest[1], [line]))
    return desk


def test_the_chip_in_the_window_follows_the_log_and_its_minute_signs_what_is_overdue(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = witnessed_workspace(tmp_path / "ws")
    window = window_of(qtbot, desk, CLERK, "routine_docking", "dock")
    qtbot.waitUntil(lambda: "witnessed 4" in window.log.text(), timeout=WAIT_MS)
    monkeypatch.setattr("bwc_review.review.cadence.EVERY_US", -1)  # as if five minutes had gone by
    before = window.log.text()
    window.look_after_log()
    qtbot.waitUntil(lambda: window.log.text() != before, timeout=WAIT_MS)
    size = int(window.log.text().split()[1])
    assert f"checkpoint {size}" in window.log.text()
    assert "commission" in window.log.toolTip()
    window.close()


def answering(act: Callable[[StoppedLog], object], seen: list[str]) -> Callable[[], None]:
    """Do something with the page once it stands."""

    def look() -> None:
        page: QWidget | None = QApplication.activeModalWidget()
        if not isinstance(page, StoppedLog):
            QTimer.singleShot(50, look)
            return
        seen.extend(label.text() for label in page.findChildren(QLabel))
        act(page)

    return look


def test_a_log_put_back_is_said_on_opening_instead_of_the_sign_in_with_an_exit_code_of_its_own(
    qtbot: QtBot, tmp_path: Path
) -> None:
    desk = witnessed_workspace(tmp_path / "ws")
    with desk.store.reading() as work:
        origin = work.log.head().log
    desk.store.close()  # type: ignore[attr-defined]
    cut(SqliteDatabase(tmp_path / "ws" / "bwc.db"), origin, 2)
    seen: list[str] = []
    QTimer.singleShot(0, answering(lambda page: page.done(QDialog.DialogCode.Rejected), seen))
    keyring = Keyring(lambda: None)
    with pytest.raises(SystemExit) as left:
        app.open_desk(tmp_path / "ws", keyring)
    assert left.value.code == 72
    said = "\n".join(seen)
    assert TITLE in said
    assert "holds 2 entries" in said
    assert "commission.example/w1 at 2026-11-18" in said
    assert "--succeeds" in said
    assert "can still be read" in said


def test_from_there_another_workspace_can_be_opened(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = witnessed_workspace(tmp_path / "ws")
    with desk.store.reading() as work:
        origin = work.log.head().log
    cut(SqliteDatabase(tmp_path / "ws" / "bwc.db"), origin, 2)
    create_workspace(tmp_path / "good", SETTINGS, PASSPHRASE)
    monkeypatch.setattr(app, "_choose_workspace", lambda: tmp_path / "good")
    QTimer.singleShot(0, answering(lambda page: page.done(QDialog.DialogCode.Accepted), []))
    opened = app.open_desk(tmp_path / "ws", Keyring(lambda: None))
    assert opened is not None
    assert opened.folder == tmp_path / "good"
    assert open_workspace(tmp_path / "good", lambda: PASSPHRASE).vkey == opened.vkey
