"""Proof files that stand alone: inclusion (C2SP tlog-proof) and consistency (our companion form), text and strict.

Mathematics: merkle.py. Authority: c2sp.org/tlog-proof and docs/custody-format.md section 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chain_of_custody.checkpoint import parse_decimal
from chain_of_custody.errors import NoteRefused
from chain_of_custody.merkle import HASH_BYTES
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.vkey import decode, encode

INCLUSION_HEADER = "c2sp.org/tlog-proof@v1"
CONSISTENCY_HEADER = "bwc-custody/consistency@v1"
MAX_PROOF_HASHES = 64


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Index of an entry, inclusion hashes from the leaf's sibling upwards, and the signed checkpoint, verbatim.

    Custody-format section 9.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        _check(self.hashes)

    def format(self) -> bytes:
        head = f"{INCLUSION_HEADER}\nindex {self.index}\n{_lines(self.hashes)}\n"
        return head.encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> TlogProof:
        """The inverse of `format`. Raises NoteRefused; an `extra` line, which nothing signs, is refused too."""
        head, blank, checkpoint = raw.partition(b"\n\n")
        if len(raw) > MAX_NOTE_BYTES or not blank:
            raise NoteRefused("proof_form")
        lines = _text(head).split("\n")
        if lines[0] != INCLUSION_HEADER or len(lines) < 2:
            raise NoteRefused("proof_header")
        return cls(_number(lines[1], "index "), _hashes(lines[2:]), checkpoint)


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The hashes that show the tree of `old_size` entries is a prefix of the tree of `new_size`.

    Custody-format section 9.
    """

    old_size: int
    new_size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        _check(self.hashes)

    def format(self) -> bytes:
        head = f"{CONSISTENCY_HEADER}\nold {self.old_size}\nnew {self.new_size}\n"
        return (head + _lines(self.hashes)).encode("ascii")

    @classmethod
    def parse(cls, raw: bytes) -> ConsistencyProof:
        """The inverse of `format`. Raises NoteRefused."""
        lines = _text(raw[: MAX_NOTE_BYTES + 1]).split("\n")
        if len(raw) > MAX_NOTE_BYTES or len(lines) < 4 or lines[-1]:
            raise NoteRefused("proof_form")
        if lines[0] != CONSISTENCY_HEADER:
            raise NoteRefused("proof_header")
        return cls(_number(lines[1], "old "), _number(lines[2], "new "), _hashes(lines[3:-1]))


def _lines(hashes: Sequence[bytes]) -> str:
    return "".join(f"{encode(one)}\n" for one in hashes)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MAX_PROOF_HASHES:
        raise NoteRefused("proof_too_long")
    return tuple(decode(line) for line in lines)


def _number(line: str, label: str) -> int:
    if not line.startswith(label):
        raise NoteRefused("proof_form", label.strip())
    return parse_decimal(line.removeprefix(label))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as broken:
        raise NoteRefused("proof_form") from broken


def _check(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise NoteRefused("hash_length")
