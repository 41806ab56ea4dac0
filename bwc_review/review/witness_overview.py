"""Where the log stands with its witnesses, for the desktop's chip and for ``witness list``. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bwc_review.ports.store import Work
from bwc_review.ports.witnesses import KnownWitness
from bwc_review.review.cadence import overdue
from bwc_review.review.desk import Desk
from bwc_review.review.log_watch import Standing, standing_of
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import epoch_us


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """One witness: ``cosigned`` entries last at ``stamp`` (its clock, seconds since 1970; 0 for never), ``after``
    entries since, the oldest of them waiting since ``waiting_since`` (microseconds since 1970; 0 when none waits)."""

    name: str
    address: str
    cosigned: int
    stamp: int
    after: int
    waiting_since: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The log's size, how much the last checkpoint covers, whether one is overdue, and every witness.

    ``locked``: it is overdue because the log key does not open without asking somebody.

    ``witnessed``: the largest size any of them cosigned. ``stopped``: what stops the log as far as sizes and
    contradictions tell, empty while nothing does; ``standing`` looks at every hash. ``away``: places that remember
    and cannot be reached.
    """

    size: int
    covered: int
    overdue: bool
    locked: bool
    witnesses: tuple[WitnessRow, ...]
    witnessed: int
    stopped: str
    away: tuple[str, ...]


def standing(desk: Desk) -> Standing:
    """Compare the log with everything that was witnessed, hash by hash. Raises MemoryDamaged, StoreDamaged."""
    with desk.store.reading() as work:
        return standing_of(work, desk.witnesses.memory, [one.vkey for one in desk.witnesses.known().values()])


def overview(desk: Desk) -> Overview:
    """How the log stands now, by its sizes alone. Raises MemoryDamaged, StoreDamaged, WorkspaceBusy."""
    memory = desk.witnesses.memory
    remembered = max((Checkpoint.parse(note).size for note in memory.notes()), default=0)
    against = len(memory.contradictions())
    with desk.store.reading() as work:
        size = work.log.head().size
        newest = work.cosignatures.newest_checkpoint()
        covered = newest[0] if newest else 0
        since = _since(work, covered)
        waited = desk.now_us() - since if since else 0
        rows = tuple(_row(work, one, size) for one in desk.witnesses.known().values())
    late = overdue(size - covered, waited)
    stopped = "put back to an earlier state" if size < remembered else "contradicted by a witness" if against else ""
    return Overview(
        size=size,
        covered=covered,
        overdue=late,
        locked=late and desk.key_in_hand() is None,
        witnesses=rows,
        witnessed=max((one.cosigned for one in rows), default=0),
        stopped=stopped,
        away=tuple(memory.away()),
    )


def _row(work: Work, witness: KnownWitness, size: int) -> WitnessRow:
    mine: Sequence[tuple[int, int]] = [
        (one.size, one.stamp) for one in work.cosignatures.all() if one.vkey == witness.vkey.format()
    ]
    cosigned, stamp = max(mine, default=(0, 0))
    return WitnessRow(witness.name, witness.address, cosigned, stamp, size - cosigned, _since(work, cosigned))


def _since(work: Work, size: int) -> int:
    """When the first entry beyond ``size`` was written, microseconds since 1970; 0 where there is none."""
    at = work.cosignatures.written_at(size)
    return epoch_us(at) if at is not None else 0
