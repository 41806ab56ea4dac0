"""Cosignatures on checkpoints: reading them, adding them, and what a verifier learns from them.

C2SP tlog-cosignature v1 (c2sp.org/tlog-cosignature): at that time the witness had seen no larger and no other tree.
What the witness itself does: witness.py. docs/custody-format.md sections 9 and 14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import NoteRefused
from chain_of_custody.note import Note, Signature
from chain_of_custody.vkey import STAMP_BYTES, VerifierKey


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint, who of the known witnesses cosigned it when (seconds since 1970), and how many others signed.

    Custody-format section 9.
    """

    checkpoint: Checkpoint
    stamps: Mapping[VerifierKey, int]
    unknown: int


def parse_lines(raw: bytes) -> tuple[Signature, ...]:
    """Signature lines without their note, as a witness answers and as `seal/cosignatures` has them.

    Custody-format section 9.
    """
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError as broken:
        raise NoteRefused("not_utf8") from broken
    if lines[-1] or len(lines) < 2:
        raise NoteRefused("signature_line")
    return tuple(Signature.parse(line) for line in lines[:-1])


def with_lines(note: bytes, lines: Sequence[Signature]) -> bytes:
    """The note with more signature lines, each once (custody-format section 9). Raises NoteRefused."""
    read = Note.parse(note)
    new = tuple(line for line in dict.fromkeys(lines) if line not in read.signatures)
    return Note(read.text, (*read.signatures, *new)).format()


def cosigned(note: bytes, witnesses: Sequence[VerifierKey]) -> Cosigned:
    """Who cosigned. Raises NoteRefused for a line of a known witness that does not hold, or stands twice.

    Custody-format section 9.
    """
    read = Note.parse(note)
    checkpoint = Checkpoint.parse_text(read.text)
    known = {(key.name, key.key_id): key for key in witnesses}
    lines = [line for line in read.signatures if (line.name, line.key_id) in known]
    others = sum(line.name != checkpoint.origin for line in read.signatures) - len(lines)
    if lines:
        Note(read.text, tuple(lines)).verify(witnesses)
    stamps = {known[line.name, line.key_id]: int.from_bytes(line.signature[:STAMP_BYTES], "big") for line in lines}
    return Cosigned(checkpoint, stamps, others)
