"""Caring for an encrypted vault: making its first key, changing the key, recovery recipients and recovery.

A recovery file (``recovery.age``, age format, X25519) holds the vault keys for people who keep an identity elsewhere;
the standard ``age`` tool opens it. Who may do any of this is the use case's business.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace

import pyrage

from ingest.errors import RecoveryRefused, VaultBusy, VaultDamaged
from ingest.locks import lock_alone
from ingest.object_keys import key_id_of, rewrapped
from ingest.part_making import USE_LOCK
from ingest.storage import Storage
from ingest.unlocking import KEYS_NAME, Unlocking
from ingest.vault import Vault
from ingest.vault_keys import KeyRing, Protection, Secret, VaultKey, new_ring, seal_ring

RECOVERY_NAME = "recovery.age"
MAX_RECIPIENTS = 16
_FORM = "bwc-vault-recovery/v1"

Rewrapped = Callable[[int], None]


def make_encrypted(storage: Storage, protection: Protection, secret: bytes) -> None:
    """Give a storage its first vault key, unless it has one: what is kept from now on is sealed. Raises OSError."""
    if not storage.has(KEYS_NAME):
        storage.put_bytes(KEYS_NAME, seal_ring(new_ring(), protection, secret))


class VaultCare:
    """Acts on the keys of one open, encrypted vault. ``secret`` is what its protection asks for.

    Every method raises OSError, VaultLocked, VaultDamaged, and VaultBusy while somebody writes to the vault.
    """

    def __init__(self, vault: Vault, keys: Unlocking, secret: Secret) -> None:
        self._vault = vault
        self._storage = vault.storage
        self._keys = keys
        self._secret = secret

    def rotate(self, progress: Rewrapped) -> int:
        """Wrap every object's key with a new vault key and forget the old one; returns how many were wrapped anew.

        Interrupted anywhere, the vault stays readable and a second call goes on. ``progress`` gets the count so far.
        """
        with _Alone(self._vault):
            ring = self._keys.fresh()
            if len(ring.keys) == 1:
                ring = ring.rotated()
                self._keep(ring)
            done, damaged = self._wrap_anew(ring, progress)
            if damaged:
                raise VaultDamaged(
                    f"{len(damaged)} key records of this vault are damaged ({damaged[0]} is the first), so the old "
                    "vault key is kept beside the new one. Restore them from a second copy, then rotate again."
                )
            self._keep(ring.only_active())
            return done

    def _wrap_anew(self, ring: KeyRing, progress: Rewrapped) -> tuple[int, list[str]]:
        done, damaged = 0, []
        for name in self._storage.names("keys"):
            record = self._storage.read_bytes(name)
            try:
                if key_id_of(record) != ring.active.id:
                    self._storage.put_bytes(name, rewrapped(record, ring))
                    done += 1
                    progress(done)
            except VaultDamaged:
                damaged.append(name)
        return done, damaged

    def protect(self, protection: Protection, secret: bytes) -> None:
        """Let another secret open the vault's keys from now on; the keys themselves stay."""
        with _Alone(self._vault):
            self._storage.put_bytes(KEYS_NAME, seal_ring(self._keys.fresh(), protection, secret))

    def add_recovery(self, recipient: str) -> tuple[str, ...]:
        """Seal the vault keys to one more age recipient (``age1...``); returns all. Raises RecoveryRefused."""
        _recipient(recipient)
        with _Alone(self._vault):
            ring = self._keys.fresh()
            if recipient not in ring.recovery:
                ring = replace(ring, recovery=(*ring.recovery, recipient))
            if len(ring.recovery) > MAX_RECIPIENTS:
                raise RecoveryRefused(f"A vault has at most {MAX_RECIPIENTS} recovery recipients. None was added.")
            self._keep(ring)
            return ring.recovery

    def _keep(self, ring: KeyRing) -> None:
        """The recovery file first: at no moment is a key in use that it does not hold."""
        if ring.recovery:
            both = {key.id: key for key in (*self._keys.ring().keys, *ring.keys)}
            self._storage.put_bytes(RECOVERY_NAME, sealed_recovery(replace(ring, keys=tuple(both.values()))))
        protection = self._keys.protection()
        self._storage.put_bytes(KEYS_NAME, seal_ring(ring, protection, self._secret(protection)))
        self._keys.fresh()
        if ring.recovery:
            self._storage.put_bytes(RECOVERY_NAME, sealed_recovery(ring))


def recover(storage: Storage, identity: str, protection: Protection, secret: bytes) -> str:
    """Open the recovery file with an age identity and let ``secret`` open the vault from now on; returns its name.

    Raises RecoveryRefused, OSError.
    """
    try:
        sealed = storage.read_bytes(RECOVERY_NAME)
    except FileNotFoundError as missing:
        raise RecoveryRefused(
            "This vault has no recovery file. Only the secret it was made with opens it."
        ) from missing
    ring = opened_recovery(sealed, identity)
    storage.put_bytes(KEYS_NAME, seal_ring(ring, protection, secret))
    return ring.vault


def sealed_recovery(ring: KeyRing) -> bytes:
    """The vault keys as an age file for every recovery recipient."""
    keys = [{"id": key.id, "state": key.state, "secret": key.secret.hex()} for key in ring.keys]
    text = json.dumps({"form": _FORM, "vault": ring.vault, "recovery": list(ring.recovery), "keys": keys}, indent=1)
    return bytes(pyrage.encrypt(text.encode(), [_recipient(one) for one in ring.recovery]))


def opened_recovery(sealed: bytes, identity: str) -> KeyRing:
    """The vault keys in a recovery file. Raises RecoveryRefused."""
    try:
        key = pyrage.x25519.Identity.from_str(_identity_line(identity))
        table = json.loads(pyrage.decrypt(sealed, [key]))
        keys = tuple(VaultKey(bytes.fromhex(one["secret"]), str(one["state"])) for one in table["keys"])
        ring = KeyRing(str(table["vault"]), keys, tuple(map(str, table["recovery"])))
        if table["form"] != _FORM or [key.id for key in keys] != [one["id"] for one in table["keys"]]:
            raise ValueError("not a recovery file of this form")
    except (pyrage.IdentityError, pyrage.DecryptError, ValueError, KeyError, TypeError) as refused:
        raise RecoveryRefused(
            "This identity does not open the vault's recovery file. Use the age identity (AGE-SECRET-KEY-1...) whose "
            "recipient was added with `bwc-review vault add-recovery`.",
            detail=type(refused).__name__,
        ) from refused
    return ring


def _identity_line(text: str) -> str:
    """The identity in a key file of ``age-keygen``: its comments are passed over."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if line and not line.startswith("#")), "")


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as refused:
        raise RecoveryRefused(
            f"{text[:80]!r} is no age recipient (age1...). Make a pair with `age-keygen` and keep its identity "
            "away from this machine."
        ) from refused


class _Alone:
    """Nobody writes to the vault meanwhile."""

    def __init__(self, vault: Vault) -> None:
        self._path = vault.root / USE_LOCK
        self._lock = -1

    def __enter__(self) -> None:
        lock = lock_alone(self._path)
        if lock is None:
            raise VaultBusy("Something is being taken into this vault. Wait until it has ended, then try again.")
        self._lock = lock

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)
