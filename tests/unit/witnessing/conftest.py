"""A workstation with two witnesses: one in a process of its own over HTTP, one reached by files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import create_workspace, open_workspace
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, record
from bwc_review.review.sessions import start_session
from chain_of_custody.entry import Entry, Subject
from tests.desks import CLERK, PASSPHRASE, SETTINGS
from tests.witness_process import Commission, make_commission

ROLES = {**SETTINGS.operators, "admin-1": "admin"}


@dataclass
class Station:
    """One workstation's folder, its desk and a session of the clerk."""

    folder: Path
    desk: Desk
    session: Session

    def note(self, count: int = 1) -> None:
        """So many entries more."""
        for number in range(count):
            with self.desk.store.writing() as work:
                record(self.desk, work, self.session, "log.noted", Subject("note", str(number)))

    def reopened(self) -> Desk:
        """The workspace opened anew, as another run of the program."""
        self.desk.store.close()  # type: ignore[attr-defined]
        self.desk = open_workspace(self.folder, lambda: PASSPHRASE)
        return self.desk

    def acts(self) -> list[tuple[str, str, str]]:
        """What the log says of witnesses: type, outcome, reason."""
        with self.desk.store.reading() as work:
            entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
        return [(e.type, e.outcome, e.reason) for e in entries if e.subject.kind == "witness"]


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two witnesses' empty state folders; keys cost a second each."""
    made = tmp_path_factory.mktemp("witnesses")
    return make_commission(made / "net").state, make_commission(made / "files", "press.example/w2").state


def _copy(state: Path, into: Path) -> Commission:
    import shutil

    shutil.copytree(state, into)
    return Commission(into)


@pytest.fixture
def net(_made: tuple[Path, Path], tmp_path: Path) -> Commission:
    """The witness over HTTP."""
    return _copy(_made[0], tmp_path / "net")


@pytest.fixture
def stick(_made: tuple[Path, Path], tmp_path: Path) -> Commission:
    """The witness by files."""
    return _copy(_made[1], tmp_path / "files")


@pytest.fixture
def port() -> int:
    """A port that is free on this machine, so that settings can name it before the server runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def station(net: Commission, stick: Commission, port: int, tmp_path: Path) -> Iterator[Station]:
    """A new workspace that knows both witnesses and keeps a second memory; both trust its log."""
    (tmp_path / "other-disk").mkdir()
    witnesses = (net.known("commission", f"http://127.0.0.1:{port}"), stick.known("press"))
    settings = WitnessSettings(witnesses, quorum="all", witness_memory=str(tmp_path / "other-disk"))
    desk = create_workspace(tmp_path / "ws", replace(SETTINGS, operators=ROLES, witnessing=settings), PASSPHRASE)
    net.trust(desk.vkey)
    stick.trust(desk.vkey)
    made = Station(tmp_path / "ws", desk, start_session(desk, CLERK, "witnessing"))
    made.reopened()
    yield made
    made.desk.store.close()  # type: ignore[attr-defined]
