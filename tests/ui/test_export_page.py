"""The Export page: a bundle folder is made and checked with the open verifier; a wrong passphrase is said calmly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from bwc_review.bootstrap import open_workspace
from bwc_review.review.desk import Desk
from tests.desks import AUDITOR, PASSPHRASE, REVIEWER
from tests.ui.desk_hands import CASE, WAIT_MS, acts, window_of
from ui.keyring import Keyring
from ui.pages.export import ExportPage
from ui.shell import Shell

pytest_plugins = ("tests.ui.desk_kit",)

EXPORT_MS = 120_000


def page_of(window: Shell) -> ExportPage:
    page = window.pages["export"]
    assert isinstance(page, ExportPage)
    return page


def opened(qtbot: QtBot, desk: Desk) -> Shell:
    window = window_of(qtbot, desk, REVIEWER, "export_to_commission", "export")
    qtbot.waitUntil(lambda: "recordings with their originals" in page_of(window).contents.text(), timeout=WAIT_MS)
    return window


def test_a_bundle_is_made_and_the_open_verifier_finds_it_whole(
    qtbot: QtBot,
    desk: Desk,
    tmp_path: Path,
) -> None:
    window = opened(qtbot, desk)
    page = page_of(window)
    page.into.setText(str(tmp_path / "out"))
    page.begin()
    qtbot.waitUntil(lambda: not window.context.tasks.long_under_way, timeout=EXPORT_MS)
    assert "is sealed and stands in" in page.words.text()
    (bundle,) = (tmp_path / "out").iterdir()
    assert bundle.name.startswith(CASE)
    assert (bundle / "bagit.txt").is_file()
    page.check_again()
    qtbot.waitUntil(lambda: "Checking" not in page.words.text(), timeout=EXPORT_MS)
    assert "holds" in page.words.text(), page.words.toolTip()
    window.close()


def test_stopping_leaves_nothing_under_the_bundles_name(
    qtbot: QtBot,
    desk: Desk,
    tmp_path: Path,
) -> None:
    window = opened(qtbot, desk)
    page = page_of(window)
    page.into.setText(str(tmp_path / "out"))
    page.begin()
    page._stop()
    qtbot.waitUntil(lambda: not window.context.tasks.long_under_way, timeout=EXPORT_MS)
    standing = [one.name for one in (tmp_path / "out").iterdir() if not one.name.endswith(".partial")]
    assert standing == []
    assert "sealed" not in page.words.text()
    window.close()


@pytest.mark.parametrize(("given", "said"), [("wrong", "passphrase"), (None, "not unlocked")])
def test_the_passphrase_is_asked_on_the_gui_thread_and_a_wrong_one_is_said_calmly(
    qtbot: QtBot,
    desk: Desk,
    tmp_path: Path,
    given: str | None,
    said: str,
) -> None:
    asked_on: list[bool] = []

    def show() -> str | None:
        asked_on.append(QThread.currentThread() is keyring.thread())
        return given

    keyring = Keyring(show)
    locked = replace(desk, signer=open_workspace(desk.folder, keyring.ask).signer)
    window = opened(qtbot, locked)
    page = page_of(window)
    page.into.setText(str(tmp_path / "out"))
    page.begin()
    qtbot.waitUntil(lambda: not window.context.tasks.long_under_way, timeout=EXPORT_MS)
    assert asked_on == [True]
    assert said in page.words.text().lower()
    assert PASSPHRASE not in page.words.text()
    window.close()


def test_a_role_that_does_not_export_is_told_so(qtbot: QtBot, desk: Desk) -> None:
    window = window_of(qtbot, desk, AUDITOR, "audit", "export")
    page = page_of(window)
    assert not page.start.isEnabled()
    assert "auditor" in page.words.text()
    assert "export.started" not in acts(desk)
    window.close()
