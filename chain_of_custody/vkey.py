"""Verifier keys: a name, a signature type and a public key in one line of text, and how each type verifies.

C2SP signed-note (c2sp.org/signed-note), types 0x01 Ed25519, 0x02 ECDSA, 0x04 timestamped cosignature
(c2sp.org/tlog-cosignature). Which key to trust is decided elsewhere. docs/custody-format.md section 6.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chain_of_custody import ecdsa_p256, ed25519
from chain_of_custody.errors import NoteRefused

ED25519, ECDSA_P256, COSIGNATURE = 1, 2, 4
KEY_ID_BYTES = 4
STAMP_BYTES = 8

_NAMES = {ED25519: "ed25519", ECDSA_P256: "ecdsa-p256", COSIGNATURE: "ed25519-cosignature"}
_MAX_STAMP = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key: 32 bytes of Ed25519 (types 1 and 4) or the SPKI in DER of a P-256 key (type 2).

    Custody-format section 6.
    """

    name: str
    public: bytes
    alg: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.alg not in _NAMES:
            raise NoteRefused("vkey_type")
        if self.alg == ECDSA_P256:
            ecdsa_p256.load_public(self.public)
        else:
            ed25519.load_public(self.public)

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || type || public); for ECDSA of SHA-256(SPKI), as C2SP has it."""
        named = self.name.encode() + b"\n" + self.material
        return hashlib.sha256(self.public if self.alg == ECDSA_P256 else named).digest()[:KEY_ID_BYTES]

    @property
    def material(self) -> bytes:
        """Signature type byte and public key, as the line carries them."""
        return bytes([self.alg]) + self.public

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key bytes, for reading out over a telephone or printing on a receipt."""
        return hashlib.sha256(self.public).hexdigest()

    @property
    def alg_name(self) -> str:
        return _NAMES[self.alg]

    def format(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode(self.material)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises NoteRefused for another form, type or key id; WeakKey for a key nobody may trust."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise NoteRefused("vkey_form")
        material = decode(parts[2])
        key = cls(parts[0], material[1:], int.from_bytes(material[:1], "big"))
        if key.format() != text:
            raise NoteRefused("vkey_id")
        return key

    def holds(self, signature: bytes, text: bytes) -> bool:
        """Whether `signature` is this key's over the note text `text`."""
        if self.alg == ECDSA_P256:
            return ecdsa_p256.signature_holds(self.public, signature, text)
        if self.alg == COSIGNATURE:
            stamp = int.from_bytes(signature[:STAMP_BYTES], "big")
            if len(signature) != STAMP_BYTES + ed25519.SIGNATURE_BYTES or stamp > _MAX_STAMP:
                return False
            return ed25519.signature_holds(self.public, signature[STAMP_BYTES:], cosigned_message(stamp, text))
        return len(signature) == ed25519.SIGNATURE_BYTES and ed25519.signature_holds(self.public, signature, text)


def cosigned_message(stamp: int, text: bytes) -> bytes:
    """What a witness signs: `cosignature/v1`, its time in seconds since 1970, the checkpoint's text.

    Custody-format section 6.
    """
    return b"cosignature/v1\ntime %d\n" % stamp + text


def parse_vkeys(lines: Sequence[str]) -> tuple[VerifierKey, ...]:
    """The verifier keys of a key file's lines (custody-format section 6). Raises NoteRefused, WeakKey."""
    return tuple(VerifierKey.parse(line) for line in lines)


def check_name(name: str) -> None:
    """Raise NoteRefused unless `name` may stand in a vkey and a signature line (custody-format section 6)."""
    if not name or "+" in name or not name.isprintable() or any(c.isspace() for c in name):
        raise NoteRefused("key_name", detail=ascii(name)[:80])


def encode(raw: bytes) -> str:
    """Base64 as RFC 4648 section 4."""
    return base64.b64encode(raw).decode("ascii")


def decode(text: str) -> bytes:
    """The inverse of `encode`; other spellings of the same bytes raise NoteRefused (custody-format section 6)."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise NoteRefused("base64") from broken
    if encode(raw) != text:
        raise NoteRefused("base64")
    return raw
