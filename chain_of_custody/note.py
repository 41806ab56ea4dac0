"""Signed notes, parsed strictly: what parses formats back to the same bytes.

C2SP signed-note (c2sp.org/signed-note). Verifier keys: vkey.py. The text of a checkpoint: checkpoint.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chain_of_custody.errors import NoteRefused
from chain_of_custody.vkey import KEY_ID_BYTES, VerifierKey, check_name, decode, encode

MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 100

_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, key id (4 bytes), signature bytes (custody-format section 9)."""

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
    """A key that signs notes; the ground package's is keys.LogKey (custody-format section 9)."""

    @property
    def vkey(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes:
        """Signature bytes over `message`, as the type of `vkey` has them."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """A text ending in a newline, and its signatures in order (custody-format section 9)."""

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
        """The known keys that signed this text, each once and in the order of the lines.

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
            if not key.holds(line.signature, self.text.encode()):
                raise NoteRefused("bad_signature", line.name)
            found.append(key)
        if not found:
            raise NoteRefused("unknown_key")
        return tuple(found)


def sign_note(text: str, *signers: Signer) -> Note:
    """The text signed by each signer in turn (custody-format section 9)."""
    return Note(text, tuple(Signature(s.vkey.name, s.vkey.key_id, s.sign(text.encode())) for s in signers))
