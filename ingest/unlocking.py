"""The vault's key ring as a running program holds it: opened when first needed, read again after a rotation."""

from __future__ import annotations

import threading

from ingest.errors import VaultLocked
from ingest.storage import Storage
from ingest.vault_keys import KeyRing, Protection, Secret, open_ring, protection_of

KEYS_NAME = "vault-keys.json"


class Unlocking:
    """Opens ``vault-keys.json`` of a storage with ``secret``. Safe for use from several threads."""

    def __init__(self, storage: Storage, secret: Secret) -> None:
        self._storage = storage
        self._secret = secret
        self._opened: tuple[bytes, KeyRing] | None = None
        self._given: tuple[Protection, bytes] | None = None
        self._one_at_a_time = threading.Lock()

    def ring(self) -> KeyRing:
        """The keys as last read. Raises VaultLocked."""
        with self._one_at_a_time:
            return self._opened[1] if self._opened is not None else self._read()

    def fresh(self) -> KeyRing:
        """The keys as they stand in the file now. Raises VaultLocked."""
        with self._one_at_a_time:
            return self._read()

    def _read(self) -> KeyRing:
        try:
            data = self._storage.read_bytes(KEYS_NAME)
        except OSError as missing:
            raise VaultLocked(
                f"The vault's file of keys '{KEYS_NAME}' cannot be read from '{self._storage.place}'. Restore it "
                "from a backup; without it, or a recovery identity, nothing in this vault can be opened.",
                detail=repr(missing),
            ) from missing
        if self._opened is None or self._opened[0] != data:
            try:
                self._opened = data, open_ring(data, self._once)
            except VaultLocked:
                self._given = None  # a wrong secret is asked for again
                raise
        return self._opened[1]

    def _once(self, protection: Protection) -> bytes:
        """The secret, asked for once; asked for again when the file is protected in another way now."""
        if self._given is None or self._given[0] != protection:
            self._given = protection, self._secret(protection)
        return self._given[1]

    def protection(self) -> Protection:
        """What opens the file, without opening it. Raises OSError, VaultLocked."""
        return protection_of(self._storage.read_bytes(KEYS_NAME))


class Opened:
    """A ring handed over by the program that opened it, for a worker process of its own."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def ring(self) -> KeyRing:
        """The keys as handed over."""
        return self._ring

    def fresh(self) -> KeyRing:
        """The same: a rotation waits while a worker writes."""
        return self._ring


class NoKeys:
    """The keys of a vault that is not encrypted, or of one nobody gave this program a key for."""

    def ring(self) -> KeyRing:
        """Raises VaultLocked."""
        raise VaultLocked(
            "This vault is encrypted and this program was given no key for it. Open it through its workspace, whose "
            "settings say what unlocks it."
        )

    fresh = ring


Keys = Unlocking | Opened | NoKeys
