"""Signed notes and verifier keys, parsed strictly: what parses formats back to the same bytes.

C2SP signed-note (c2sp.org/signed-note), Ed25519 signature type 0x01. The text of a checkpoint: checkpoint.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chain_of_custody.ed25519 import SIGNATURE_BYTES, load_public, signature_holds
from chain_of_custody.errors import NoteRefused

ED25519 = b"\x01"
KEY_ID_BYTES = 4
MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 100

_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 public key (32 bytes), written `name+<key id>+<base64(0x01 || key)>`."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        load_public(self.public)

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || 0x01 || public)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the 32 key bytes, for reading out over a telephone or printing on a receipt."""
        return hashlib.sha256(self.public).hexdigest()

    def format(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises NoteRefused for another form, type or key id; WeakKey for a point nobody may trust."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise NoteRefused("vkey_form")
        material = decode(parts[2])
        if material[:1] != ED25519:
            raise NoteRefused("vkey_type")
        key = cls(parts[0], material[1:])
        if key.format() != text:
            raise NoteRefused("vkey_id")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, key id (4 bytes), signature bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise NoteRefused("signature_length")

    def format(self) -> str:
        return f"{_DASH}{self.name} {encode(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """The inverse of `format`, for one line without its newline."""
        name, space, blob = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteRefused("signature_line")
        raw = decode(blob)
        return cls(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


class Signer(Protocol):
    """A key that signs notes; the ground package's is keys.LogKey."""

    @property
    def vkey(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes:
        """64 signature bytes over `message`."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """A text ending in a newline, and its signatures in order."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise NoteRefused("text")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise NoteRefused("signature_count")

    def format(self) -> bytes:
        lines = "".join(signature.format() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    @classmethod
    def parse(cls, raw: bytes) -> Note:
        """The inverse of `format`. Raises NoteRefused."""
        if len(raw) > MAX_NOTE_BYTES:
            raise NoteRefused("too_large")
        try:
            whole = raw.decode("utf-8")
        except UnicodeDecodeError as broken:
            raise NoteRefused("not_utf8") from broken
        body, blank, tail = whole.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise NoteRefused("no_signatures")
        return cls(body + "\n", tuple(Signature.parse(line) for line in tail[:-1].split("\n")))

    def verify(self, known: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """The known keys that signed this text, each once.

        Raises NoteRefused: bad_signature (of a known key), duplicate_signature, unknown_key (no key is known).
        """
        keys = {(key.name, key.key_id): key for key in known}
        found: list[VerifierKey] = []
        for line in self.signatures:
            key = keys.get((line.name, line.key_id))
            if key is None:
                continue
            if key in found:
                raise NoteRefused("duplicate_signature", line.name)
            if len(line.signature) != SIGNATURE_BYTES or not signature_holds(
                key.public, line.signature, self.text.encode()
            ):
                raise NoteRefused("bad_signature", line.name)
            found.append(key)
        if not found:
            raise NoteRefused("unknown_key")
        return tuple(found)


def sign_note(text: str, *signers: Signer) -> Note:
    """The text signed by each signer in turn."""
    return Note(text, tuple(Signature(s.vkey.name, s.vkey.key_id, s.sign(text.encode())) for s in signers))


def check_name(name: str) -> None:
    """Raise NoteRefused unless `name` may stand in a vkey and a signature line."""
    if not name or "+" in name or not name.isprintable() or any(c.isspace() for c in name):
        raise NoteRefused("key_name", detail=ascii(name)[:80])


def encode(raw: bytes) -> str:
    """Base64 as RFC 4648 section 4."""
    return base64.b64encode(raw).decode("ascii")


def decode(text: str) -> bytes:
    """The inverse of `encode`; other spellings of the same bytes raise NoteRefused."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise NoteRefused("base64") from broken
    if encode(raw) != text:
        raise NoteRefused("base64")
    return raw
