"""Checkpoints: a log's origin, size and root as the text of a signed note.

C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint). When a checkpoint is due is the application's affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chain_of_custody.canonical import MAX_INT
from chain_of_custody.errors import NoteRefused
from chain_of_custody.merkle import HASH_BYTES
from chain_of_custody.note import Note, Signer, sign_note
from chain_of_custody.vkey import COSIGNATURE, VerifierKey, decode, encode

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree over the first `size` entries of log `origin` has this root (32 bytes) (custody-format section 9)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise NoteRefused("checkpoint_line")
        if not 0 <= self.size <= MAX_INT:
            raise NoteRefused("checkpoint_size")
        if len(self.root) != HASH_BYTES:
            raise NoteRefused("checkpoint_root")

    def text(self) -> str:
        """The note text: origin, size, root, extension lines, each ended by a newline."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), encode(self.root), *self.extensions))

    def sign(self, *signers: Signer) -> bytes:
        """The signed note, as bytes. The signer's key name should be the origin."""
        return sign_note(self.text(), *signers).format()

    @classmethod
    def parse_text(cls, text: str) -> Checkpoint:
        """The inverse of `text`. Raises NoteRefused."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise NoteRefused("checkpoint_form")
        return cls(lines[0], parse_decimal(lines[1]), decode(lines[2]), tuple(lines[3:-1]))

    @classmethod
    def parse(cls, raw: bytes) -> Checkpoint:
        """The checkpoint in a signed note whose signatures are *not* checked here; see `open_checkpoint`."""
        return cls.parse_text(Note.parse(raw).text)


def open_checkpoint(raw: bytes, known: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note signed by a known key whose name is the origin. Raises NoteRefused, WeakKey.

    Custody-format section 9.
    """
    note = Note.parse(raw)
    signed_by = note.verify(known)
    checkpoint = Checkpoint.parse_text(note.text)
    if all(key.name != checkpoint.origin or key.alg == COSIGNATURE for key in signed_by):
        raise NoteRefused("signed_by_another_log", checkpoint.origin)
    return checkpoint


def parse_decimal(text: str) -> int:
    """An ASCII decimal without leading zeroes, at most 16 digits (custody-format section 9). Raises NoteRefused."""
    if not _DECIMAL.fullmatch(text):
        raise NoteRefused("decimal", detail=ascii(text)[:40])
    return int(text)
