"""Desks and a card shared by the tests of use cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.recording import Incident, TimeClaim
from bwc_review.domain.times import Micros
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident
from bwc_review.review.listening import propose, transcribe
from bwc_review.review.sessions import start_session
from tests.desks import PASSPHRASE, REVIEWER, dock, make_card, make_desk
from tests.two_cameras import make_two_cameras

CASE = IncidentId("IR-1")


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real card, made once; read only."""
    return make_card(tmp_path_factory.mktemp("card") / "CARD")


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with both sample cards docked and their incident opened. Copied, never used."""
    return make_two_cameras(tmp_path_factory.mktemp("scene") / "workspace").folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk."""
    return make_desk(tmp_path / "workspace")


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory, card: Path) -> Path:
    """A workspace into which the card was taken, transcribed and opened as an incident. Copied, never used."""
    folder = tmp_path_factory.mktemp("taken") / "workspace"
    desk = make_desk(folder)
    dock(desk, card)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    with desk.store.reading() as work:
        recordings = [one.id for one in work.footage.recordings()]
    for one in recordings:
        transcribe(desk, session, one, progress=lambda done, of: None, cancelled=lambda: False)
        propose(desk, session, one)
    _place(desk, session, recordings)
    desk.store.close()  # type: ignore[attr-defined]
    return folder


def _place(desk: Desk, session: Session, recordings: list[object]) -> None:
    """Nothing on an unknown card is sure of its time; the header's claim is what there is."""
    opened = open_incident(desk, session, "A made incident", recordings, CASE)  # type: ignore[arg-type]
    assert len(opened.placements) == len(recordings)


@pytest.fixture
def reviewing(taken: Path, tmp_path: Path) -> tuple[Desk, Session, Incident]:
    """A copy of the taken workspace, a reviewer's session, and the incident."""
    folder = tmp_path / "workspace"
    shutil.copytree(taken, folder)
    desk = open_workspace(folder, lambda: PASSPHRASE)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    with desk.store.reading() as work:
        return desk, session, work.reviews.incident(CASE)


def claim(start: int, source: str = "by hand", uncertainty: int = 1000) -> TimeClaim:
    """A claim of time as a person would type it."""
    return TimeClaim(source, start, Micros(uncertainty), "typed")
