"""The vault's own keys: where they sleep (``vault-keys.json``), what wakes them, and wrapping each object's key.

A secret (passphrase, key file or the system's keyring) opens the file; a vault key wraps one data key per object
(AES-256-GCM, the record as associated data). The formats are this project's own: docs/vault.md.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chain_of_custody.canonical import canon, parse
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import DEFAULT_COST, KdfCost
from ingest.errors import VaultLocked

KEY_BYTES = 32
MAX_FILE_BYTES = 1 << 20
KINDS = ("passphrase", "file", "keyring")
_NONCE, _SALT = 12, 16

Secret = Callable[["Protection"], bytes]
"""Where a protection's secret comes from; may raise VaultLocked."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What opens the vault's keys: its kind, the name of a key file or keyring entry, and the derivation's salt."""

    kind: str
    name: str
    salt: bytes
    cost: KdfCost = DEFAULT_COST

    def key(self, secret: bytes) -> bytes:
        """The 32-byte key that seals the vault's keys. A passphrase costs Argon2id (RFC 9106), a random key HKDF."""
        if not secret:
            raise VaultLocked("An empty secret opens no vault. Name the passphrase or the key file it was made with.")
        if self.kind != "passphrase":
            return HKDF(SHA256(), KEY_BYTES, self.salt, b"bwc-vault/protection/v1").derive(secret)
        cost = self.cost
        kdf = Argon2id(
            salt=self.salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
        )
        return kdf.derive(unicodedata.normalize("NFC", secret.decode("utf-8", "replace")).encode())

    def table(self) -> dict[str, object]:
        """As it stands in the file."""
        return {"kind": self.kind, "name": self.name, "salt": self.salt.hex(), **asdict(self.cost)}


@dataclass(frozen=True, slots=True)
class VaultKey:
    """One vault key. ``state``: "active" wraps what is new, "retiring" only opens what a rotation has not met yet."""

    secret: bytes = field(repr=False)
    state: str = "active"

    @property
    def id(self) -> str:
        """16 hex digits that name the key and tell nothing of it."""
        return hashlib.sha256(b"bwc-vault-key/v1\n" + self.secret).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The opened file: the vault's name, its keys, and the age recipients its recovery file is sealed to."""

    vault: str
    keys: tuple[VaultKey, ...]
    recovery: tuple[str, ...] = ()

    @property
    def active(self) -> VaultKey:
        """The key that wraps what is new."""
        return next(key for key in self.keys if key.state == "active")

    def holds(self, key_id: str) -> bool:
        """Whether a key of that id is here."""
        return any(key.id == key_id for key in self.keys)

    def key(self, key_id: str) -> VaultKey:
        """The key of that id. Raises VaultLocked."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise VaultLocked(
            f"This vault's key file does not hold the vault key {key_id}. Restore vault-keys.json from a backup, or "
            "use `bwc-review vault recover`."
        )

    def rotated(self) -> KeyRing:
        """The same with a new active key; the one before only opens."""
        retiring = tuple(replace(key, state="retiring") for key in self.keys)
        return replace(self, keys=(VaultKey(os.urandom(KEY_BYTES)), *retiring))

    def only_active(self) -> KeyRing:
        """The same without the keys nothing is wrapped with any more."""
        return replace(self, keys=(self.active,))


def new_ring() -> KeyRing:
    """A vault's first key."""
    return KeyRing(os.urandom(8).hex(), (VaultKey(os.urandom(KEY_BYTES)),))


def new_protection(kind: str, name: str = "", cost: KdfCost = DEFAULT_COST) -> Protection:
    """A protection with a salt of its own."""
    return Protection(kind, name, os.urandom(_SALT), cost)


def seal_ring(ring: KeyRing, protection: Protection, secret: bytes) -> bytes:
    """``vault-keys.json``. Every key is sealed with the whole head as associated data."""
    head = {"v": 1, "vault": ring.vault, "protection": protection.table(), "recovery": list(ring.recovery)}
    cipher = AESGCM(protection.key(secret))
    keys = []
    for key in ring.keys:
        nonce = os.urandom(_NONCE)
        sealed = cipher.encrypt(nonce, key.secret, canon({**head, "id": key.id, "state": key.state}))
        keys.append({"id": key.id, "state": key.state, "nonce": nonce.hex(), "sealed": sealed.hex()})
    return canon({**head, "keys": keys})


def protection_of(data: bytes) -> Protection:
    """What opens the file. Raises VaultLocked."""
    return _protection(_parsed(data))


def open_ring(data: bytes, secret: Secret) -> KeyRing:
    """The keys in the file. Raises VaultLocked for the wrong secret or a file that was altered or damaged."""
    whole = _parsed(data)
    protection = _protection(whole)
    cipher = AESGCM(protection.key(secret(protection)))
    try:
        head = {name: whole[name] for name in ("v", "vault", "protection", "recovery")}
        keys = tuple(_opened(cipher, head, one) for one in whole["keys"])  # type: ignore[attr-defined]
        ring = KeyRing(str(whole["vault"]), keys, tuple(map(str, whole["recovery"])))  # type: ignore[call-overload]
    except InvalidTag as refused:
        raise VaultLocked(
            f"This {_WORDS[protection.kind]} does not open the vault's keys, or vault-keys.json was altered. "
            "Try again; a lost secret is replaced with `bwc-review vault recover`."
        ) from refused
    except (KeyError, TypeError, ValueError) as broken:
        raise _broken(repr(broken)) from broken
    if sum(key.state == "active" for key in ring.keys) != 1:
        raise _broken("not exactly one active key")
    return ring


_WORDS = {"passphrase": "passphrase", "file": "key file", "keyring": "keyring entry"}


def _opened(cipher: AESGCM, head: Mapping[str, object], one: Mapping[str, str]) -> VaultKey:
    associated = canon({**head, "id": one["id"], "state": one["state"]})
    secret = cipher.decrypt(bytes.fromhex(one["nonce"]), bytes.fromhex(one["sealed"]), associated)
    return VaultKey(secret, one["state"])


def _parsed(data: bytes) -> Mapping[str, object]:
    try:
        return parse(data, max_bytes=MAX_FILE_BYTES)
    except CustodyError as broken:
        raise _broken(broken.reason) from broken


def _protection(whole: Mapping[str, object]) -> Protection:
    try:
        table = dict(whole["protection"])  # type: ignore[call-overload]
        cost = KdfCost(int(table["memory_kib"]), int(table["passes"]), int(table["lanes"]))
        found = Protection(str(table["kind"]), str(table["name"]), bytes.fromhex(table["salt"]), cost)
    except (KeyError, TypeError, ValueError, CustodyError) as broken:
        raise _broken(repr(broken)) from broken
    if found.kind not in KINDS or whole.get("v") != 1:
        raise _broken(f"protection '{found.kind[:20]}'")
    return found


def _broken(detail: str) -> VaultLocked:
    return VaultLocked(
        "The vault's file of keys (vault-keys.json) is damaged. Restore it from a backup, or use "
        "`bwc-review vault recover` with a recovery identity; no original was touched.",
        detail=detail,
    )
