"""Fixtures of the desktop's tests, a pytest plugin named by the modules that use it: real desks, a small card."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bwc_review.bootstrap import open_workspace
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident
from bwc_review.review.listening import propose, transcribe
from bwc_review.review.sessions import end_session, start_session
from tests.desks import PASSPHRASE, REVIEWER, SAID, dock, make_card, make_desk
from tests.fakes.transcriber import FakeTranscriber
from tests.ui.desk_hands import CASE, WAIT_MS, window_of
from ui.shell import Shell


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real card, read only."""
    return make_card(tmp_path_factory.mktemp("card") / "CARD")


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory, card: Path) -> Path:
    """A workspace with the card taken, listened to and opened as an incident. Copied, never used."""
    folder = tmp_path_factory.mktemp("taken") / "workspace"
    desk = make_desk(folder)
    session, report = dock(desk, card)
    end_session(desk, session)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    recordings = [one.id for one in report.recordings if one.facts and one.facts.audio]
    for one in recordings:
        transcribe(desk, session, one, progress=lambda done, of: None, cancelled=lambda: False)
        propose(desk, session, one)
    open_incident(desk, session, "A made incident", recordings, CASE)
    end_session(desk, session)
    desk.store.close()  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def desk(taken: Path, tmp_path: Path) -> Desk:
    """A copy of the taken workspace."""
    folder = tmp_path / "workspace"
    shutil.copytree(taken, folder)
    opened = open_workspace(folder, lambda: PASSPHRASE)
    return replace(opened, transcriber=lambda: FakeTranscriber(SAID))


@pytest.fixture
def review(qtbot: QtBot, desk: Desk) -> Iterator[Shell]:
    """The Review page with the incident open and its first picture shown."""
    window = window_of(qtbot, desk, REVIEWER, "use_of_force_review", "review")
    page = window.pages["review"]
    qtbot.waitUntil(lambda: page.deck.main.shown is not None, timeout=WAIT_MS)  # type: ignore[attr-defined]
    yield window
    window.close()
