"""One kept object's own key: the record that binds it to a digest and a size, wrapped by a vault key.

The key of an object is made before its digest is known, so the ciphertext is bound to a random object id, and the
id, the digest and the size are bound together here, when both are known (associated data of the wrapping).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chain_of_custody.canonical import canon, parse
from chain_of_custody.errors import CustodyError
from ingest.errors import VaultDamaged
from ingest.floe import KEY_BYTES, Message, start_decryption, start_encryption
from ingest.vault_keys import KeyRing

ID_BYTES = 16
MAX_RECORD_BYTES = 4096
_AAD = b"bwc-vault-object/v1\n"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """A data key and the id its ciphertext carries. ``size`` is the plaintext's bytes, -1 while not known."""

    id: bytes
    secret: bytes = field(repr=False)
    size: int = -1

    def sealing(self) -> Message:
        """A new message; only one is ever sealed with a key."""
        return start_encryption(self.secret, _AAD + self.id)

    def opening(self, header: bytes) -> Message:
        """The message of ``header``. Raises NotAuthentic."""
        return start_decryption(self.secret, _AAD + self.id, header)

    def to_bytes(self) -> bytes:
        """For a child's pipe only."""
        return self.id + self.secret + self.size.to_bytes(8, "big", signed=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> ObjectKey:
        """Parse ``to_bytes``; raises ValueError."""
        if len(data) != ID_BYTES + KEY_BYTES + 8:
            raise ValueError("not an object's key")
        secret = data[ID_BYTES : ID_BYTES + KEY_BYTES]
        return cls(data[:ID_BYTES], secret, int.from_bytes(data[-8:], "big", signed=True))


def new_object_key() -> ObjectKey:
    """A key nobody else has, for one object."""
    return ObjectKey(os.urandom(ID_BYTES), os.urandom(KEY_BYTES))


def record_name(object_id: bytes) -> str:
    """Where the record of an object lies in the vault's storage."""
    text = object_id.hex()
    return f"keys/{text[:2]}/{text}.key"


def wrap(key: ObjectKey, sha256: str, ring: KeyRing) -> bytes:
    """The record: id, digest and size in the clear, the data key wrapped by the active vault key."""
    vault_key = ring.active
    head = {"v": 1, "id": key.id.hex(), "sha256": sha256, "size": key.size, "key": vault_key.id}
    nonce = os.urandom(12)
    wrapped = AESGCM(vault_key.secret).encrypt(nonce, key.secret, canon(head))
    return canon({**head, "nonce": nonce.hex(), "wrapped": wrapped.hex()})


def key_id_of(record: bytes) -> str:
    """Which vault key wrapped a record. Raises VaultDamaged."""
    return str(_parsed(record)["key"])


def unwrap(record: bytes, object_id: bytes, sha256: str, ring: KeyRing) -> ObjectKey:
    """The key of the object that carries ``object_id`` and should have ``sha256`` ("" for a part).

    Raises VaultDamaged when the record is of another object or digest or was altered, VaultLocked without its key.
    """
    whole = _parsed(record)
    head = {name: whole[name] for name in ("v", "id", "sha256", "size", "key")}
    if head["id"] != object_id.hex() or head["sha256"] != sha256:
        raise _broken(sha256, "of another object")
    cipher = AESGCM(ring.key(str(head["key"])).secret)
    try:
        secret = cipher.decrypt(bytes.fromhex(str(whole["nonce"])), bytes.fromhex(str(whole["wrapped"])), canon(head))
    except (InvalidTag, ValueError) as altered:
        raise _broken(sha256, "altered") from altered
    return ObjectKey(object_id, secret, int(str(head["size"])))


def rewrapped(record: bytes, ring: KeyRing) -> bytes:
    """The same record under the active vault key. Raises VaultDamaged, VaultLocked."""
    whole = _parsed(record)
    object_id, sha256 = bytes.fromhex(str(whole["id"])), str(whole["sha256"])
    return wrap(unwrap(record, object_id, sha256, ring), sha256, ring)


def _parsed(record: bytes) -> dict[str, object]:
    try:
        whole = dict(parse(record, max_bytes=MAX_RECORD_BYTES))
    except CustodyError as broken:
        raise _broken("", broken.reason) from broken
    if set(whole) != {"v", "id", "sha256", "size", "key", "nonce", "wrapped"} or whole["v"] != 1:
        raise _broken("", "fields")
    return whole


def _broken(sha256: str, detail: str) -> VaultDamaged:
    what = f"of {sha256}" if _SHA256.fullmatch(sha256) else "of an object"
    return VaultDamaged(
        f"The key record {what} in the vault is damaged or is another object's, so its bytes cannot be opened. "
        "Restore the vault's folder 'keys' from a second copy; do not delete anything.",
        detail=detail,
    )
