"""Encrypted vaults for tests: a made secret of their own, and places where bytes are changed behind their back."""

from __future__ import annotations

from pathlib import Path

from ingest.disk import Disk
from ingest.storage import FolderStorage
from ingest.unlocking import Unlocking
from ingest.vault import Vault
from ingest.vault_care import VaultCare, make_encrypted
from ingest.vault_keys import Protection, new_protection

SECRET = b"an invented secret of a test vault"


def secret(protection: Protection) -> bytes:
    return SECRET


def sealed_vault(root: Path, disk: Disk | None = None) -> Vault:
    """An encrypted vault below ``root``, made when it is not there."""
    plain = Vault(root)
    make_encrypted(plain.storage, new_protection("file"), SECRET)
    storage = FolderStorage(root, root / "staging", disk or Disk())
    return Vault(root, disk=disk, keys=Unlocking(storage, secret))


def care_of(vault: Vault) -> VaultCare:
    assert isinstance(vault.keys, Unlocking)
    return VaultCare(vault, vault.keys, secret)


def stored_file(vault: Vault, sha256: str) -> Path:
    """The ciphertext of an original, made writable."""
    path = vault.originals / sha256[:2] / sha256[2:4] / f"{sha256}.floe"
    path.chmod(0o600)
    return path
