"""Beginning a new log in the place of one that can never be continued, and saying so in its first entries.

The new log names the old one, how many entries a witness saw of it, how it was found and why it ends. The old
workspace is left as it is and stays readable (docs/witness.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from bwc_review.ports.witnesses import WitnessMemory
from bwc_review.review.desk import Desk
from bwc_review.review.witness_overview import standing
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.payload import Payload
from chain_of_custody.vkey import encode

SUCCEEDS = "log.succeeds"
INTACT, CONTRADICTED, LOST = "intact", "contradicted", "lost"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The log that ends: its name, the state it is in, its size and root as found, and the largest witnessed note.

    ``state`` is rolled_back, forked, contradicted, lost (no database) or intact. ``note`` is empty where no witness
    ever saw it.
    """

    log: str
    state: str
    size: int
    root: str
    note: bytes


def predecessor(desk: Desk) -> Predecessor:
    """The log of an old workspace, as it is found. Changes nothing. Raises StoreDamaged, MemoryDamaged."""
    found = standing(desk)
    with desk.store.reading() as work:
        head = work.log.head()
    state = found.state.value if found.state.value != "ok" else CONTRADICTED if found.against else INTACT
    return Predecessor(head.log, state, head.size, head.tree.root.hex(), _largest(desk.witnesses.memory))


def lost(log: str, memory: WitnessMemory) -> Predecessor:
    """A log of which no database is left, only what witnesses saw of it."""
    return Predecessor(log, LOST, 0, "", _largest(memory))


def succession(old: Predecessor, actor: Actor, reason: Payload) -> Draft:
    """The entry that says which log this one succeeds. ``reason``: why, in a person's words."""
    seen = Checkpoint.parse(old.note) if old.note else None
    data: dict[str, object] = {
        "log": old.log,
        "state": old.state,
        "size": old.size,
        "root": old.root,
        "witnessed_size": seen.size if seen else 0,
        "witnessed_root": seen.root.hex() if seen else "",
        "note": encode(old.note),
    }
    subject = Subject("log", old.log)
    return Draft(SUCCEEDS, "ok", actor, subject, "succession", data, {"reason": reason.commitment})


def _largest(memory: WitnessMemory) -> bytes:
    return max(memory.notes(), key=lambda note: Checkpoint.parse(note).size, default=b"")
