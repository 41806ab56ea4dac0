"""What a log asks of a witness and what it is answered, the same over HTTP and as files on a stick.

C2SP tlog-witness, add-checkpoint (c2sp.org/tlog-witness). What a witness decides: witness.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chain_of_custody.checkpoint import parse_decimal
from chain_of_custody.cosignatures import cosigned, parse_lines, with_lines
from chain_of_custody.errors import CustodyError, NoteRefused, WitnessRefused
from chain_of_custody.merkle import HASH_BYTES
from chain_of_custody.vkey import VerifierKey, decode, encode

MAX_REQUEST_BYTES = 64 << 10
MAX_PROOF_LINES = 63


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """Size the witness last saw (0: nothing), consistency proof from there, the signed checkpoint verbatim.

    Custody-format section 14.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        if len(self.proof) > MAX_PROOF_LINES or any(len(one) != HASH_BYTES for one in self.proof):
            raise NoteRefused("proof_lines")

    def format(self) -> bytes:
        lines = "".join(f"{encode(one)}\n" for one in self.proof)
        return f"old {self.old_size}\n{lines}\n".encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> AddCheckpoint:
        """The inverse of `format`. Raises NoteRefused."""
        head, blank, checkpoint = raw.partition(b"\n\n")
        if len(raw) > MAX_REQUEST_BYTES or not blank:
            raise NoteRefused("request_form")
        first, *proof = head.decode("ascii", "replace").split("\n")
        if not first.startswith("old ") or len(proof) > MAX_PROOF_LINES:
            raise NoteRefused("request_form")
        return cls(parse_decimal(first.removeprefix("old ")), tuple(decode(line) for line in proof), checkpoint)


def accept_answer(answer: bytes, checkpoint: bytes, witnesses: Sequence[VerifierKey]) -> bytes:
    """The checkpoint with the cosignatures of an answer, those of unknown keys left out (custody-format section 14).

    Raises WitnessRefused: conflict (its `detail` is the size the witness has seen, in decimal), refused (the answer
    is a sentence), and, for an answer with cosignatures, no_known_cosignature or another reason of the note.
    """
    if not answer.startswith("— ".encode()):
        _refusal(answer)
    known = {(key.name, key.key_id) for key in witnesses}
    try:
        lines = [line for line in parse_lines(answer) if (line.name, line.key_id) in known]
        whole = with_lines(checkpoint, lines)
        held = cosigned(whole, witnesses)
    except CustodyError as refused:
        raise WitnessRefused(refused.reason, "answer", refused.detail) from refused
    if not lines or not held.stamps:
        raise WitnessRefused("no_known_cosignature", "answer")
    return whole


def _refusal(answer: bytes) -> None:
    text = answer.decode("utf-8", "replace").strip()
    try:
        raise WitnessRefused("conflict", "answer", str(parse_decimal(text)))
    except NoteRefused as no_number:
        raise WitnessRefused("refused", "answer", ascii(text)[:200]) from no_number
