"""The vault: reading, listing and checking originals."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ingest.copy import take_file
from ingest.errors import VaultDamaged
from ingest.listing import list_dock
from ingest.vault import Vault


@pytest.fixture
def sha256(card: Path, vault: Vault) -> str:
    return take_file(card, list_dock(card).files[-1], vault).digests.sha256


def test_the_reader_seeks_and_gives_the_originals_bytes(card: Path, vault: Vault, sha256: str) -> None:
    whole = (card / "DCIM" / "one.mp4").read_bytes()
    with vault.open(sha256) as reader:
        assert reader.size == len(whole)
        assert reader.seek(-100, os.SEEK_END) == len(whole) - 100
        assert reader.read(50) == whole[-100:-50]
        assert reader.tell() == len(whole) - 50
        reader.seek(3)
        assert reader.read() == whole[3:]
        assert not reader.writable()


def test_originals_are_listed_for_adoption_and_strangers_are_not(vault: Vault, sha256: str) -> None:
    (vault.originals / "ab" / "cd").mkdir(parents=True)
    (vault.originals / "ab" / "cd" / "stranger").write_bytes(b"x")
    (vault.originals / "ab" / "cd" / ("f" * 64)).write_bytes(b"in the wrong place")
    assert [o.sha256 for o in vault.list_originals()] == [sha256]
    assert vault.has(sha256)
    assert not vault.has("0" * 64)


def test_a_flipped_bit_in_an_original_is_found_by_verifying(vault: Vault, sha256: str) -> None:
    vault.verify(sha256)
    path = vault.path_for_child(sha256)
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff")
    with pytest.raises(VaultDamaged, match="restore it from a second copy"):
        vault.verify(sha256)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "A" * 64, "", "0" * 63 + "\n", "0" * 65])
def test_what_is_no_digest_never_becomes_a_path(vault: Vault, digest: str) -> None:
    for act in (vault.has, vault.open, vault.path_for_child):
        with pytest.raises(VaultDamaged, match="not a SHA-256"):
            act(digest)


def test_a_missing_original_says_what_to_check(vault: Vault) -> None:
    with pytest.raises(VaultDamaged, match="disk is mounted"):
        vault.open(hashlib.sha256(b"never taken").hexdigest())


def test_a_vault_where_no_folder_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(VaultDamaged, match="cannot be made or written"):
        Vault(tmp_path / "file" / "vault")
