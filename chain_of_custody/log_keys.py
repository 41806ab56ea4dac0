"""Which log key signs checkpoints of which size: the keys a verifier starts from, and rotations found in the log.

A rotation is an entry `key.log_rotated` signed by the old and the new key; a new key without one is refused.
docs/custody-format.md section 6. Pure but for reading the signature files of those few entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chain_of_custody.entry import Entry
from chain_of_custody.entry_signatures import check_signed_by, key_id
from chain_of_custody.errors import CustodyError, KeyRefused
from chain_of_custody.fields import Fields
from chain_of_custody.findings import Collector
from chain_of_custody.seen import Seen
from chain_of_custody.source import EntrySource
from chain_of_custody.vkey import COSIGNATURE, VerifierKey

LOG_ROTATED = "key.log_rotated"
_ROTATION_KEYS = frozenset({"replaces", "vkey"})


@dataclass(frozen=True, slots=True)
class LogRotation:
    """From the checkpoint after entry `seq` on, `new` signs in place of `old` (custody-format section 6)."""

    seq: int
    old: VerifierKey
    new: VerifierKey

    @property
    def signers(self) -> dict[str, VerifierKey]:
        """Both keys, by key id; both must sign the entry."""
        return {key_id(one): one for one in (self.old, self.new)}


def log_rotation(new: VerifierKey, replaces: VerifierKey) -> dict[str, object]:
    """`data` of key.log_rotated (custody-format section 6)."""
    return {"replaces": replaces.format(), "vkey": new.format()}


def rotation_of(entry: Entry) -> LogRotation | None:
    """The rotation that `entry` records; None where it failed or was refused. Raises KeyRefused.

    Custody-format section 6.
    """
    if entry.outcome != "ok":
        return None
    data = Fields(entry.data, _ROTATION_KEYS, KeyRefused, "data")
    try:
        old, new = (VerifierKey.parse(data.text(name)) for name in ("replaces", "vkey"))
    except CustodyError as refused:
        raise KeyRefused(refused.reason, "vkey", refused.detail) from refused
    if COSIGNATURE in (old.alg, new.alg) or {old.name, new.name} != {entry.log} or old == new:
        raise KeyRefused("not_a_rotation_of_this_log", "vkey")
    return LogRotation(entry.seq, old, new)


class Rotations:
    """Listener that keeps the entries which rotate the log key (custody-format section 6)."""

    def __init__(self) -> None:
        self._met: list[tuple[int, bytes, bytes]] = []

    def hear(self, seq: int, seen: Seen, leaf: bytes, raw: bytes, signed: bytes | None) -> None:
        if seen.type == LOG_ROTATED:
            self._met.append((seq, leaf, raw))

    def checked(self, source: EntrySource, signatures: Collector) -> tuple[LogRotation, ...]:
        """The rotations signed by both their keys; the others become findings."""
        found: list[LogRotation] = []
        for seq, leaf, raw in self._met:
            try:
                turn = rotation_of(Entry.from_bytes(raw))
                if turn is None:
                    continue
                # an operator may sign along; whether rightly is a matter of level L3
                check_signed_by(leaf, next(source.signatures(seq, seq + 1)), turn.signers)
                found.append(turn)
            except KeyRefused as refused:
                signatures.failed(refused.reason, f"entry {seq}", refused.message())
        return tuple(found)


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Keys with the sizes of checkpoints they sign: (first, last), last None while the key is in use.

    Custody-format section 6.
    """

    spans: Mapping[VerifierKey, tuple[int, int | None]] = field(default_factory=dict)

    @classmethod
    def starting(cls, keys: Sequence[VerifierKey], turns: Sequence[LogRotation] = ()) -> LogKeys:
        """Keys that sign checkpoints of any size; one that is trusted vouches for the keys it came to replace."""
        known = dict.fromkeys(keys, (0, None))
        for turn in reversed(turns):
            if turn.new in known:
                known[turn.old] = (0, None)
        return cls(known)

    def at(self, size: int) -> tuple[VerifierKey, ...]:
        """The keys that may sign a checkpoint of that size."""
        spans = self.spans.items()
        return tuple(key for key, (first, last) in spans if first <= size and (last is None or size <= last))

    def after(self, turn: LogRotation) -> LogKeys:
        """With a rotation applied. Raises KeyRefused where the old key was not in use."""
        if turn.old not in self.at(turn.seq):
            raise KeyRefused("rotation_by_an_unknown_key", f"entry {turn.seq}")
        if self.spans.get(turn.new, (0, None))[1] is not None:
            raise KeyRefused("retired_log_key", f"entry {turn.seq}")
        first, _ = self.spans[turn.old]
        return LogKeys({**self.spans, turn.old: (first, turn.seq), turn.new: (turn.seq + 1, None)})
