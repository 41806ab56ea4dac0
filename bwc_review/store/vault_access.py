"""Opening the workspace's vault: what ``[vault]`` in workspace.toml says, and where its secret comes from.

A passphrase is the log key's own; a key file lies where it was named, best on a stick; a keyring entry is the
operating system's. Formats and settings: docs/vault.md.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from bwc_review.errors import InputRefused
from ingest.copy import Verify
from ingest.errors import VaultLocked
from ingest.object_storage import object_storage
from ingest.storage import Storage
from ingest.unlocking import KEYS_NAME, Unlocking
from ingest.vault import Vault
from ingest.vault_care import VaultCare, make_encrypted
from ingest.vault_keys import KINDS, Protection, new_protection

KEYRING_SERVICE = "bwc-review vault"
KEY_FILE_VARIABLE = "BWC_REVIEW_VAULT_KEY_FILE"
MAX_SECRET_BYTES = 4096
_OPTIONS = frozenset({"endpoint_url", "profile", "anon"})


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """``protection``: "" for a vault that is not encrypted, else "passphrase", "file" or "keyring".

    ``key`` names the key file or keyring entry. ``storage`` is an fsspec address (``s3://bucket/prefix``), empty for
    the workspace's own folder; ``options`` go to fsspec and hold no credentials. ``verify``: ingest.copy.Verify.
    """

    protection: str = ""
    key: str = ""
    storage: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    verify: str = Verify.READBACK.value

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> VaultSettings:
        """Read ``[vault]``. Raises InputRefused."""
        options = table.get("options", {})
        protection, key, storage = (str(table.get(name, "")) for name in ("protection", "key", "storage"))
        verify = str(table.get("verify", Verify.READBACK.value))
        made = cls(protection, key, storage, dict(options) if isinstance(options, Mapping) else {}, verify)
        made.check()
        return made

    def check(self) -> None:
        """Raise InputRefused when this is no way to open a vault."""
        if self.protection not in ("", *KINDS):
            raise InputRefused(f"'{self.protection[:40]}' protects no vault. Choose one of: {', '.join(KINDS)}.")
        if self.protection == "file" and not self.key:
            raise InputRefused(
                "Name the vault's key file, best on a disk of its own, e.g. file:/media/stick/vault.key."
            )
        if self.verify not in {one.value for one in Verify}:
            raise InputRefused(f"'{self.verify[:40]}' is no way to verify. Choose readback or double-read.")
        if set(self.options) - _OPTIONS:
            raise InputRefused(f"The vault's storage options may be: {', '.join(sorted(_OPTIONS))}.")

    def lines(self) -> list[str]:
        """As they stand in workspace.toml; nothing when everything is as usual."""
        if self == PLAIN_VAULT:
            return []
        named = ("protection", "key", "storage", "verify")
        lines = ["", "[vault]", *(f"{name} = {json.dumps(getattr(self, name))}" for name in named)]
        if self.options:
            lines += ["[vault.options]", *(f"{name} = {json.dumps(value)}" for name, value in self.options.items())]
        return lines


PLAIN_VAULT = VaultSettings()


@dataclass(frozen=True)
class VaultAccess:
    """The vault of one workspace and what may be done to its keys. ``passphrase`` asks for the log key's."""

    root: Path
    settings: VaultSettings
    passphrase: Callable[[], str]

    @property
    def verify(self) -> Verify:
        """How a copy is verified here."""
        return Verify(self.settings.verify)

    def make(self) -> None:
        """Give a new workspace's vault its first key, if it is to have one. Raises InputRefused, VaultLocked."""
        if self.settings.protection and not self._storage().has(KEYS_NAME):
            protection, secret = self.new_secret(self.settings.protection, self.settings.key)
            make_encrypted(self._storage(), protection, secret)

    def open(self) -> Vault:
        """The vault; nobody is asked for a secret before it is needed. Raises VaultDamaged, StorageUnreachable.

        A vault that is to be encrypted takes nothing in unencrypted when its file of keys is gone.
        """
        storage = self._storage()
        remote = storage if self.settings.storage else None
        must = True if self.settings.protection else None
        return Vault(self.root, storage=remote, keys=Unlocking(storage, self.secret), encrypted=must)

    def care(self, vault: Vault) -> VaultCare:
        """What changes the keys of an encrypted vault. Raises InputRefused for one that is not."""
        if not isinstance(vault.keys, Unlocking) or not vault.encrypted:
            raise InputRefused("This vault is not encrypted, so it has no keys to care for.")
        return VaultCare(vault, vault.keys, self.secret)

    def storage(self) -> Storage:
        """Where the vault keeps its originals, also when its keys are gone. Raises StorageUnreachable."""
        return self._storage()

    def secret(self, protection: Protection) -> bytes:
        """The secret a protection asks for. Raises VaultLocked and what asking for the passphrase raises."""
        if protection.kind == "passphrase":
            return self.passphrase().encode()
        if protection.kind == "file":
            return _key_file(Path(os.environ.get(KEY_FILE_VARIABLE, "") or protection.name))
        return _from_keyring(protection.name)

    def new_secret(self, kind: str, name: str) -> tuple[Protection, bytes]:
        """A new protection and its secret; a key file or keyring entry is made. Raises InputRefused, VaultLocked."""
        if kind == "passphrase":
            protection = new_protection(kind)
            return protection, self.secret(protection)
        made = secrets.token_hex(32)
        if kind == "file":
            _write_key_file(Path(name), made)
        else:
            name = name or str(self.root.resolve())
            _into_keyring(name, made)
        return new_protection(kind, name), made.encode()

    def _storage(self) -> Storage:
        if not self.settings.storage:
            return Vault(self.root).storage
        return object_storage(self.settings.storage, self.settings.options)


def _key_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SECRET_BYTES).strip()
    except OSError as missing:
        raise VaultLocked(
            f"The vault's key file {path} cannot be read ({missing.strerror}). Put its disk in, or name the file in "
            f"{KEY_FILE_VARIABLE}."
        ) from missing


def _write_key_file(path: Path, secret: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as refused:
        raise InputRefused(
            f"The vault's key file {path} cannot be made ({refused.strerror}). Name a new file in a folder that can "
            "be written to."
        ) from refused


def _from_keyring(name: str) -> bytes:
    try:
        found = keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError as refused:
        raise _no_keyring(name, repr(refused)) from refused
    if not found:
        raise _no_keyring(name, "no such entry")
    return found.encode()


def _into_keyring(name: str, secret: str) -> None:
    try:
        keyring.set_password(KEYRING_SERVICE, name, secret)
    except KeyringError as refused:
        raise _no_keyring(name, repr(refused)) from refused


def _no_keyring(name: str, detail: str) -> VaultLocked:
    return VaultLocked(
        f"The system's keyring gives no secret for the vault '{name}'. Log in as the user who made the workspace and "
        "unlock the keyring, or use `bwc-review vault recover`.",
        detail=detail,
    )
