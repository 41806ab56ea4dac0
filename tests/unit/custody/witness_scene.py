"""What the witness tests share: a witness's key, the requests a log makes, another history of the same log."""

from __future__ import annotations

from chain_of_custody import merkle
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.witness_request import AddCheckpoint
from tests.unit.custody.scene import MemoryLog, witness_named

W1 = witness_named("commission.example/w1")


def asked(log: MemoryLog, old: int, size: int | None = None) -> bytes:
    """The request of a log that grew from `old` entries to `size` (None: all)."""
    leaves = log.leaf_list[:size]
    note = Checkpoint(log.log, len(leaves), merkle.root(leaves)).sign(log.key)
    proof = merkle.consistency_proof(leaves, old) if old else ()
    return AddCheckpoint(old, proof, note).format()


def another_history() -> MemoryLog:
    """The same size and key as made_log, other entries."""
    log = MemoryLog()
    for kind in ("log.opened", "media.viewed", "media.viewed", "media.viewed", "export.started"):
        log.add(kind)
    return log
