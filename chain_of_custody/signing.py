"""Private keys by their duty: a log key signs checkpoints, an operator key entries, a witness key cosignatures.

Ed25519 (RFC 8032) or ECDSA P-256 (FIPS 186-5); a witness has Ed25519 only (c2sp.org/tlog-cosignature). The file a
key sleeps in: keys.py. docs/custody-format.md section 6.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import ClassVar, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from chain_of_custody.ecdsa_p256 import ORDER, public_der
from chain_of_custody.errors import NoteRefused
from chain_of_custody.note import Signature
from chain_of_custody.vkey import COSIGNATURE, ECDSA_P256, ED25519, STAMP_BYTES, VerifierKey, cosigned_message

Entropy = Callable[[int], bytes]
"""Gives that many random bytes; os.urandom outside tests."""

SEED_BYTES = 32


class SigningKey:
    """A private key under its name (custody-format section 6). Subclasses say what it may sign."""

    __slots__ = ("_private", "vkey")
    kind: ClassVar[str]
    ed25519_type: ClassVar[int] = ED25519

    def __init__(self, name: str, private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        if isinstance(private, Ed25519PrivateKey):
            self.vkey = VerifierKey(name, private.public_key().public_bytes_raw(), self.ed25519_type)
        else:
            self.vkey = VerifierKey(name, public_der(private.public_key()), ECDSA_P256)

    @property
    def name(self) -> str:
        return self.vkey.name

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519, or a DER signature of ECDSA, over `message`."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(message)
        return self._private.sign(message, ec.ECDSA(SHA256()))

    def seed(self) -> bytes:
        """The 32 private bytes (Ed25519 seed, or the P-256 number, big-endian); only for sealing into a keystore."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.private_bytes_raw()
        return self._private.private_numbers().private_value.to_bytes(SEED_BYTES, "big")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.vkey.format()})"


class LogKey(SigningKey):
    """A workstation's key. Its name is the log's origin; it signs checkpoints and its own rotation, nothing else.

    Custody-format section 6.
    """

    __slots__ = ()
    kind = "bwc-log-key"


class OperatorKey(SigningKey):
    """A person's key (custody-format section 6). Its name is the operator's id; it signs entries."""

    __slots__ = ()
    kind = "bwc-operator-key"


class WitnessKey(SigningKey):
    """A witness's key, Ed25519 of type 0x04: what it signs is always dated (custody-format section 6)."""

    __slots__ = ()
    kind = "bwc-witness-key"
    ed25519_type = COSIGNATURE

    def cosign(self, text: str, stamp: int) -> Signature:
        """A tlog-cosignature v1 over a checkpoint's text at `stamp`, seconds since 1970."""
        made = self.sign(cosigned_message(stamp, text.encode()))
        return Signature(self.name, self.vkey.key_id, stamp.to_bytes(STAMP_BYTES, "big") + made)


Kind = TypeVar("Kind", bound=SigningKey)


def private_from_seed(alg: int, seed: bytes) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    """The private key of 32 bytes. Raises ValueError for a number outside the group of P-256.

    Custody-format section 6.
    """
    if alg == ECDSA_P256:
        return ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1())
    return Ed25519PrivateKey.from_private_bytes(seed)


def generate(kind: type[Kind], name: str, *, alg: int = ED25519, entropy: Entropy = os.urandom) -> Kind:
    """A new key of `kind`. Raises NoteRefused if `name` cannot be a key name or the type does not fit the duty.

    Custody-format section 6.
    """
    if alg not in (ED25519, ECDSA_P256) or (kind is WitnessKey and alg != ED25519):
        raise NoteRefused("key_type", name)
    seed = entropy(SEED_BYTES)
    while alg == ECDSA_P256 and not 0 < int.from_bytes(seed, "big") < ORDER:
        seed = entropy(SEED_BYTES)  # FIPS 186-5 A.2.2: try again rather than reduce, which would favour small numbers
    return kind(name, private_from_seed(alg, seed))


def generate_log_key(name: str, *, alg: int = ED25519, entropy: Entropy = os.urandom) -> LogKey:
    """A new log key (custody-format section 6). `name` is the log's origin, `<agency>/bwc/<workstation>`."""
    return generate(LogKey, name, alg=alg, entropy=entropy)
