"""Power is lost at every act of an import and around every commit: log, rows and vault agree afterwards.

Every act takes minutes (``make test-slow``); the quick run takes every seventh, which meets every kind.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import VaultSettings, create_workspace, open_workspace
from bwc_review.ports.store import Store, Work
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.sessions import start_session
from chain_of_custody.findings import Verdict
from ingest.copy import Cancelled, Progress, take_file
from ingest.crew import Crew
from ingest.listing import FoundFile
from ingest.vault import Vault
from ingest.worker_messages import Settled
from tests.desks import CLERK, PASSPHRASE, SETTINGS, Onlooker
from tests.unit.ingest.power_loss import MODELS, FailingDisk, PowerLost

SEALED = replace(SETTINGS, vault=VaultSettings("passphrase"))


class FailingStore:
    """The real store, with an act before and after every commit."""

    def __init__(self, store: Store, disk: FailingDisk) -> None:
        self._store = store
        self._disk = disk
        self.reading = store.reading

    @contextmanager
    def writing(self) -> Iterator[Work]:
        with self._store.writing() as work:
            yield work
            self._disk.act("commit")
        self._disk.act("committed")


class CrewHere(Crew):
    """A copying process's work done in this one: only this process's disk can lose its power."""

    @contextmanager
    def worker(self, device: str, *, waiting: object, cancelled: object) -> Iterator[CrewHere]:  # type: ignore[override]
        yield self

    def take(self, root: Path, found: FoundFile, *, progress: Progress, cancelled: Cancelled) -> Settled:
        taken = take_file(root, found, self._vault, progress=progress, cancelled=cancelled)
        one = taken.digests
        return Settled(1, one.size, one.sha256, one.sha512, one.chunk_root, taken.duplicate, taken.resumed_at)


def failing(desk: Desk, stop: int) -> tuple[Desk, FailingDisk]:
    disk = FailingDisk(desk.vault.root, stop)
    vault = Vault(desk.vault.root, disk=disk, keys=desk.vault.keys, encrypted=desk.vault.encrypted)
    return replace(desk, vault=vault, crew=CrewHere(vault), store=FailingStore(desk.store, disk)), disk


def run(desk: Desk, card: Path) -> None:
    import_card(desk, start_session(desk, CLERK, "routine_docking"), card, watch=Onlooker())


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "CARD"
    folder.mkdir()
    (folder / "NOTE.TXT").write_bytes(b"an invented note")
    (folder / "DIAG.BIN").write_bytes(bytes(range(256)) * 40)
    return folder


@pytest.fixture(scope="module", params=[SETTINGS, SEALED], ids=["plain", "sealed"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house") / "workspace"
    create_workspace(folder, request.param, PASSPHRASE)
    return folder


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_log_rows_and_vault_agree_whenever_the_power_goes(
    house: Path, card: Path, tmp_path: Path, every: int
) -> None:
    counted, disk = failing(opened(shutil.copytree(house, tmp_path / "whole")), 0)
    run(counted, card)
    acts = disk.done
    disk.end()
    assert {"commit", "committed"} <= set(acts)
    for stop in range(every, len(acts) + 1, every):
        folder = Path(shutil.copytree(house, tmp_path / f"{stop}"))
        desk, disk = failing(opened(folder), stop)
        with pytest.raises(PowerLost):
            run(desk, card)
        disk.end()
        die(desk)
        shutil.move(folder / "vault", tmp_path / f"{stop}-before")
        model = MODELS[stop % len(MODELS)]
        lost_in = tmp_path / f"{stop}-after"
        disk.after_power_loss(model, lost_in)
        shutil.move(lost_in, folder / "vault") if lost_in.exists() else (folder / "vault").mkdir()
        agree(opened(folder), (model, acts[stop - 1]))
        again = opened(folder)
        run(again, card)
        with again.store.reading() as work:
            assert len(work.footage.exhibits()) == 2
        agree(again, (model, acts[stop - 1]))


def die(desk: Desk) -> None:
    """Give back what only a dead process gives back."""
    with desk.store.reading() as work:
        for session in work.desks.unfinished():
            desk.presence.release(session.id)


def opened(folder: Path | str) -> Desk:
    return open_workspace(Path(folder), lambda: PASSPHRASE)


def agree(desk: Desk, where: tuple[str, str]) -> None:
    """Every row has its bytes, every original its digest and a row or an adoption, and the log verifies."""
    start_session(desk, CLERK, "looking")
    with desk.store.reading() as work:
        rows = {one.sha256 for one in work.footage.exhibits()}
        taken = {one.sha256 for one in work.footage.acquisitions() if one.sha256}
        adopted = {one.sha256 for one in desk.vault.list_originals() if work.preservation.adopted(one.sha256)}
    there = {one.sha256 for one in desk.vault.list_originals()}
    for sha256 in there:
        desk.vault.verify(sha256)
    assert rows == taken, where
    assert rows <= there <= rows | adopted, where
    assert desk.vault.quarantine.findings() == {}, where
    assert check_log(desk).verdict not in (Verdict.FAILED, Verdict.COULD_NOT_CHECK), where
