"""A witness: it cosigns a checkpoint only if the log has grown from the one it cosigned before, and never forgets.

C2SP tlog-witness, add-checkpoint (c2sp.org/tlog-witness); the numbered checks below are its text's order. Its memory:
witness_state.py. How requests arrive: witness_http.py, or files. docs/custody-format.md section 14.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.clock import Clock, epoch_us, format_at
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.errors import CustodyError, ProofRefused
from chain_of_custody.merkle import verify_consistency
from chain_of_custody.signing import WitnessKey
from chain_of_custody.vkey import VerifierKey
from chain_of_custody.witness_request import AddCheckpoint
from chain_of_custody.witness_state import Latest, WitnessState

SIZE_TYPE, TEXT_TYPE = "text/x.tlog.size", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status, a stable name for the reason, the body and its type. As a file the answer is the body alone.

    Custody-format section 14.
    """

    status: int
    reason: str
    body: bytes
    kind: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: status, reason, and whether a key of the log signed the request, which makes it evidence.

    Custody-format section 14.
    """

    status: int
    reason: str
    signed: bool = False


def decide(request: bytes, keys: Sequence[VerifierKey], latest: Latest) -> Checkpoint | Refusal:
    """The checkpoint to cosign, or why not. Pure. `keys`, `latest`: those of the log the request names.

    Custody-format section 14.
    """
    try:
        asked = AddCheckpoint.parse(request)
        Checkpoint.parse(asked.checkpoint)
    except CustodyError:
        return Refusal(400, "malformed")
    if not keys:
        return Refusal(404, "unknown_log")
    # 1. signed by a key trusted for the origin
    try:
        point = open_checkpoint(asked.checkpoint, keys)
    except CustodyError as refused:
        return Refusal(403, refused.reason)
    # 2. the old size is not larger than the new one
    if asked.old_size > point.size:
        return Refusal(400, "old_size_larger", signed=True)
    # 3. the old size is the one last cosigned, and with equal sizes the roots are equal
    if point.size == latest.size and point.root != latest.root:
        return Refusal(409, "fork", signed=True)
    if asked.old_size != latest.size:
        return Refusal(409, "another_size", signed=True)
    # 4. the new tree has grown from the old one
    try:
        _check_growth(asked, latest, point)
    except CustodyError as refused:
        return Refusal(422, f"proof_{refused.reason}", signed=True)
    return point


def _check_growth(asked: AddCheckpoint, latest: Latest, point: Checkpoint) -> None:
    if latest.size:
        verify_consistency(latest.size, latest.root, point.size, point.root, asked.proof)
    elif asked.proof:
        raise ProofRefused("not_empty")


class Witness:
    """A key, a memory and a clock (custody-format section 14)."""

    def __init__(self, state: WitnessState, key: WitnessKey, clock: Clock) -> None:
        self._state, self._key, self._clock = state, key, clock

    def add_checkpoint(self, request: bytes) -> Answer:
        """Compare, set and cosign as one step, or refuse and keep the request. Raises StateDamaged, OSError."""
        with self._state.locked():
            origin = _origin(request)
            keys = tuple(key for key in self._state.log_keys() if key.name == origin)
            latest = self._state.latest(origin) if keys else Latest()
            decided = decide(request, keys, latest)
            if isinstance(decided, Refusal):
                return self._refuse(request, decided, latest)
            line = self._key.cosign(decided.text(), epoch_us(self._clock.now()) // 1_000_000)
            self._state.remember(decided, with_lines(AddCheckpoint.parse(request).checkpoint, [line]))
        return Answer(200, "cosigned", line.format().encode())

    def _refuse(self, request: bytes, why: Refusal, latest: Latest) -> Answer:
        kept = {
            "at": format_at(self._clock.now()),
            "known_root": latest.root.hex(),
            "known_size": latest.size,
            "reason": why.reason,
            "status": why.status,
        }
        self._state.keep_refused(request, kept, signed=why.signed)
        if why.status == 409:
            return Answer(409, why.reason, b"%d\n" % latest.size, SIZE_TYPE)
        return Answer(why.status, why.reason, f"refused: {why.reason}\n".encode())


def _origin(request: bytes) -> str:
    """The log a request names; "" where it names none. Nothing is checked yet."""
    try:
        return Checkpoint.parse(AddCheckpoint.parse(request).checkpoint).origin
    except CustodyError:
        return ""
