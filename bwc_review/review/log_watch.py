"""The watch over the log: is it still the one that was witnessed, and is a checkpoint due? No use case has to ask.

docs/custody-format.md section 14, "At start"; custody.md section 3. It looks at every block that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bwc_review.errors import LogContradicted, MemoryDamaged
from bwc_review.ports.store import Work
from bwc_review.ports.witnesses import Contradicted, Contradiction, WitnessMemory
from bwc_review.review.cadence import due, sign_checkpoint
from bwc_review.review.unlocked import rotated_log_key
from chain_of_custody.anchors import stamp_text
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import Clock, epoch_us, format_at
from chain_of_custody.cosignatures import cosigned, with_lines
from chain_of_custody.errors import CustodyError
from chain_of_custody.head import LogHead
from chain_of_custody.keys import LogKey
from chain_of_custody.merkle import root
from chain_of_custody.note import Signature
from chain_of_custody.rollback import HeadState, compare_head
from chain_of_custody.vkey import VerifierKey

KEPT_WHOLE = "Nothing can be added to it; everything in it can still be read."
WAYS_OUT = (
    "Put the newer database back. Where it is lost for good, begin a new log that says so: "
    "`bwc-review init --succeeds` (docs/witness.md)."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands to what witnesses saw of it. ``seen``: the witnessed checkpoint it was compared with; the
    times are texts for a person, empty where there is none."""

    state: HeadState
    size: int
    last_at: str
    seen: Checkpoint | None = None
    seen_note: bytes = b""
    seen_at: str = ""
    seen_by: str = ""
    against: tuple[Contradiction, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether nothing may be appended."""
        return self.state is not HeadState.OK or bool(self.against)

    def what_happened(self) -> str:
        """Sizes and times, for a person; empty while all is well."""
        if self.seen is not None and self.state is HeadState.ROLLED_BACK:
            return (
                f"This log was put back to an earlier state: it holds {self.size} entries, the last of "
                f"{self.last_at or 'no time'}, but {self._witness()} saw {self.seen.size}."
            )
        if self.seen is not None and self.state is HeadState.FORKED:
            return (
                f"This log is not the one that was witnessed: it holds {self.size} entries, the last of "
                f"{self.last_at or 'no time'}, but its first {self.seen.size} are not those {self._witness()} saw."
            )
        return " ".join(_said_against(one, self.size) for one in self.against)

    def what_to_do(self) -> str:
        """The next step, for a person."""
        if self.state is HeadState.OK and self.against:
            return (
                "Keep everything as it is and speak with the commission: one of the two was altered or put back. "
                + WAYS_OUT
                + " Where the witness was at fault: `bwc-review witness settle`."
            )
        return WAYS_OUT

    def message(self) -> str:
        """All of it."""
        return f"{self.what_happened()} {KEPT_WHOLE} {self.what_to_do()}"

    def _witness(self) -> str:
        return f"the witness {self.seen_by} at {self.seen_at}" if self.seen_by else "a witness"


def _said_against(one: Contradiction, size: int) -> str:
    when = _plainly(stamp_text(one.at // 1_000_000))
    if one.kind is Contradicted.SEEN_MORE:
        return f"The witness {one.witness} says ({when}) it saw {one.seen} entries of this log, which holds {size}."
    return f"The witness {one.witness} refused this log ({when}): its first {one.seen} entries were others."


def standing_of(work: Work, memory: WitnessMemory, keys: Sequence[VerifierKey]) -> Standing:
    """How the log stands, looked at in full: every leaf is read once for each place that remembers another note.

    ``keys``: the witnesses' keys, to say who saw what when. Raises MemoryDamaged, StoreDamaged.
    """
    head = work.log.head()
    last = _plainly(format_at(head.last_at)) if head.last_at else ""
    found = Standing(HeadState.OK, head.size, last, against=tuple(memory.contradictions()))
    for note in memory.notes():
        seen = Checkpoint.parse(note)
        state = compare_head(head, seen, lambda size: root(islice(work.log.leaves(), size)))
        if state is not HeadState.OK or found.seen is None or found.seen.size < seen.size:
            at, by = _who_saw(note, keys)
            found = replace(found, state=state, seen=seen, seen_note=note, seen_at=at, seen_by=by)
        if state is not HeadState.OK:
            break
    return found


def _who_saw(note: bytes, keys: Sequence[VerifierKey]) -> tuple[str, str]:
    try:
        stamps = cosigned(note, keys).stamps
    except CustodyError as refused:
        raise MemoryDamaged(
            "What is remembered of this log's witnesses does not hold: a cosignature in it is not the witness's. "
            "Nothing is added to the log. Restore the folder `witnessed` from a backup or the witness's own copy.",
            detail=str(refused),
        ) from refused
    if not stamps:
        return "", ""
    key, stamp = max(stamps.items(), key=lambda one: one[1])
    return _plainly(stamp_text(stamp)), key.name


def _plainly(at: str) -> str:
    """An entry's form of time, as a person reads it: to the second."""
    return f"{at[:10]} {at[11:19]} UTC"


class LogWatch:
    """``ports.watching.Watch``: refuses to append to a log that was put back, signs checkpoints when they are due.

    ``keys``: the witnesses' keys, to say who saw what when.
    """

    def __init__(
        self,
        memory: WitnessMemory,
        keys: Sequence[VerifierKey],
        key_in_hand: Callable[[], LogKey | None],
        clock: Clock,
    ) -> None:
        self._memory = memory
        self._keys = tuple(keys)
        self._key_in_hand = key_in_hand
        self._clock = clock
        self._sound: dict[bytes, int] = {}  # notes this log was found to continue, with their sizes
        self._caught_up = False
        self._covered = -1  # size of the newest checkpoint known here; -1: not looked up yet
        self._waiting: tuple[int, datetime | None] = (-1, None)  # first entry not covered, and its time

    def opening(self, work: Work) -> None:
        """Raise LogContradicted unless the log continues everything that was witnessed. Raises MemoryDamaged."""
        notes, against = self._memory.notes(), self._memory.contradictions()
        if against or not self._all_sound(notes, work):
            standing = standing_of(work, self._memory, self._keys)
            if standing.stopped:
                raise LogContradicted(standing.message())
            self._sound = {note: Checkpoint.parse(note).size for note in notes}
        if not self._caught_up:
            self._catch_up(work)
            self._caught_up = True

    def closing(self, work: Work, acts: Collection[str]) -> None:
        """Sign a checkpoint over all of this transaction when one is due and the key is in hand."""
        head = work.log.head()
        if self._covered < 0:
            self._covered = _covered(work)
        if not due(acts, head.size - self._covered, self._waited(work, head)):
            return
        self._covered = _covered(work)  # another program, or this very act, may have signed one
        if not due(acts, head.size - self._covered, self._waited(work, head)):
            return
        key = self._key_in_hand()
        if key is not None and rotated_log_key(work.log) in (None, key.vkey):  # else the next opening has the new one
            sign_checkpoint(work, key)
            self._covered = head.size

    def _all_sound(self, notes: Iterable[bytes], work: Work) -> bool:
        """Whether each note was compared already and the log is no shorter than it."""
        sizes = [self._sound.get(note) for note in notes]
        if not sizes:
            return True
        known = [size for size in sizes if size is not None]
        return len(known) == len(sizes) and max(known) <= work.log.head().size

    def _catch_up(self, work: Work) -> None:
        """Remember outside what the database knows to be witnessed: a program may have died between the two."""
        kept = work.cosignatures.all()
        sizes = [Checkpoint.parse(note).size for note in self._memory.notes()]
        if not kept or max(sizes, default=0) >= kept[-1].size:
            return
        note = work.cosignatures.checkpoint_at(kept[-1].size)
        if note is None:
            return
        line = Signature.parse(kept[-1].line.decode().removesuffix("\n"))
        whole = with_lines(note, [line])
        try:
            if not cosigned(whole, self._keys).stamps:
                return  # by a witness the settings no longer name
        except CustodyError as refused:
            raise LogContradicted(
                f"This log was altered: the cosignature of {line.name} that is kept here is not over its first "
                f"{kept[-1].size} entries as they stand now. {KEPT_WHOLE} {WAYS_OUT}"
            ) from refused
        self._memory.remember(whole)

    def _waited(self, work: Work, head: LogHead) -> int:
        """Microseconds since the first entry no checkpoint covers; 0 where all are covered."""
        if head.size <= self._covered:
            return 0
        if self._waiting[0] != self._covered:
            self._waiting = (self._covered, work.cosignatures.written_at(self._covered))
        at = self._waiting[1]
        return epoch_us(self._clock.now()) - epoch_us(at) if at is not None else 0


def _covered(work: Work) -> int:
    newest = work.cosignatures.newest_checkpoint()
    return newest[0] if newest else 0
