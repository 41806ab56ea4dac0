"""Power is lost before every write, sync, rename and unlink of an import, and the disk forgets what was not synced.

Whatever it forgets: nothing wrong stands under a final name, nothing told is lost, and the next try ends well.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

import ingest.copy
import ingest.resuming
from ingest.copy import Taken, take_file
from ingest.copy_together import take_together
from ingest.listing import list_dock
from ingest.unlocking import Unlocking
from ingest.vault import Vault
from ingest.vault_reader import WHOLE
from tests.unit.ingest.power_loss import MODELS, FailingDisk, PowerLost
from tests.unit.ingest.vaults import care_of, sealed_vault, secret

Begin = Callable[[Path], None]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same acts on smaller files: two segments a block."""
    monkeypatch.setattr(ingest.copy, "BLOCK_BYTES", 2 * WHOLE)
    monkeypatch.setattr(ingest.resuming, "BLOCK_BYTES", 2 * WHOLE)
    monkeypatch.setattr(ingest.copy, "BUFFER_BYTES", WHOLE)


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    chance = random.Random(11)
    (folder / "1-long.mp4").write_bytes(chance.randbytes(5 * WHOLE + 99))
    for number in range(3):
        (folder / f"2-small-{number}.json").write_bytes(chance.randbytes(2000 + number))
    return folder


def plain(root: Path) -> None:
    Vault(root)


def sealed(root: Path) -> None:
    sealed_vault(root)


def opened(root: Path, disk: FailingDisk | None = None) -> Vault:
    bare = Vault(root)
    keys = Unlocking(bare.storage, secret) if bare.encrypted else None
    return Vault(root, disk=disk, keys=keys)


def import_all(card: Path, vault: Vault, told: list[str]) -> None:
    """As a docking does it: long files one by one, small ones together; ``told`` gets what was acknowledged."""
    vault.sweep()
    first, *rest = list_dock(card).files
    told.append(take_file(card, first, vault).digests.sha256)
    for settled in take_together(card, rest, vault):
        assert isinstance(settled.outcome, Taken)
        told.append(settled.outcome.digests.sha256)


def digests(card: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in card.iterdir()}


def acts_of(begin: Begin, card: Path, folder: Path) -> list[str]:
    begin(folder)
    disk = FailingDisk(folder)
    import_all(card, opened(folder, disk), [])
    disk.end()
    return disk.done


@pytest.mark.parametrize("begin", [plain, sealed])
@pytest.mark.parametrize("model", MODELS)
def test_whatever_is_lost_nothing_wrong_has_a_name_and_nothing_told_is_gone(
    begin: Begin, model: str, card: Path, tmp_path: Path
) -> None:
    acts = acts_of(begin, card, tmp_path / "whole")
    assert {act.split()[0] for act in acts} >= {"create", "write", "fsync", "rename", "unlink", "syncfs"}
    wanted = digests(card)
    for stop in range(1, len(acts) + 1):
        root, after = tmp_path / f"{stop}", tmp_path / f"{stop}-after"
        begin(root)
        disk, told = FailingDisk(root, stop), list[str]()
        with pytest.raises(PowerLost):
            import_all(card, opened(root, disk), told)
        disk.end()
        disk.after_power_loss(model, after)
        vault = opened(after)
        there = {one.sha256 for one in vault.list_originals()}
        for sha256 in there:
            vault.verify(sha256)
        assert set(told) <= there <= wanted, (stop, acts[stop - 1])
        again: list[str] = []
        import_all(card, vault, again)
        assert {one.sha256 for one in vault.list_originals()} == set(again) == wanted
        assert list(vault.staging.iterdir()) == []
        for sha256 in wanted:
            vault.verify(sha256)


@pytest.mark.parametrize("model", MODELS)
def test_a_change_of_key_that_loses_power_anywhere_leaves_every_original_readable(
    model: str, card: Path, tmp_path: Path
) -> None:
    def prepared(root: Path) -> None:
        sealed(root)
        import_all(card, opened(root), [])

    prepared(tmp_path / "whole")
    counting = FailingDisk(tmp_path / "whole")
    care_of(opened(tmp_path / "whole", counting)).rotate(lambda count: None)
    counting.end()
    assert counting.acts > 20
    for stop in range(1, counting.acts + 1):
        root, after = tmp_path / f"{stop}", tmp_path / f"{stop}-after"
        prepared(root)
        disk = FailingDisk(root, stop)
        with pytest.raises(PowerLost):
            care_of(opened(root, disk)).rotate(lambda count: None)
        disk.end()
        disk.after_power_loss(model, after)
        for sha256 in digests(card):
            opened(after).verify(sha256)
        care_of(opened(after)).rotate(lambda count: None)
        again = opened(after)
        for sha256 in digests(card):
            again.verify(sha256)
        assert len(again.keys.ring().keys) == 1


def test_a_vault_that_renamed_before_it_synced_would_be_caught(card: Path, tmp_path: Path) -> None:
    """The simulation itself can fail: without the sync before the rename it finds wrong bytes under a final name."""

    class Careless(FailingDisk):
        def sync(self, descriptor: int) -> None:
            self.act("no fsync")

    plain(tmp_path / "vault")
    disk = Careless(tmp_path / "vault")
    take_file(card, list_dock(card).files[0], Vault(tmp_path / "vault", disk=disk))
    disk.end()
    disk.after_power_loss("renamed", tmp_path / "after")
    (original,) = Vault(tmp_path / "after").list_originals()
    assert original.size == 0
