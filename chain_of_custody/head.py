"""Appending, as a pure step: a head and a draft give an entry and the next head. Storing both is the caller's.

Gather (draft, clock, salt), decide (here), apply (the store, in one transaction). custody-format section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chain_of_custody.clock import Clock, ClockSync, backward_us
from chain_of_custody.entry import ClockState, Draft, Entry
from chain_of_custody.errors import EntryRefused
from chain_of_custody.merkle import HASH_BYTES, CompactRange

ENTRY_SALT_BYTES = 16
_UNVERIFIED = ClockSync()


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where a log stands: `size` entries, the leaf hash of the last, its time (None: no entry yet), the tree.

    Custody-format section 3.
    """

    log: str
    size: int
    prev: bytes
    last_at: datetime | None
    tree: CompactRange

    def __post_init__(self) -> None:
        if self.size != self.tree.size or len(self.prev) != HASH_BYTES:
            raise EntryRefused("head_disagrees_with_tree", self.log)

    @classmethod
    def empty(cls, log: str) -> LogHead:
        """The head of a log that has no entry."""
        return cls(log, 0, bytes(HASH_BYTES), None, CompactRange())

    def backward_us(self, now: datetime) -> int:
        """How far `now` lies before the last entry; beyond MAX_BACKWARD_US log a `clock.adjusted` first."""
        return 0 if self.last_at is None else backward_us(self.last_at, now)


def append(
    head: LogHead, draft: Draft, *, clock: Clock, salt: bytes, ws: str, app: str, sync: ClockSync = _UNVERIFIED
) -> tuple[Entry, LogHead]:
    """The entry that follows `head`, and the head after it. `salt`: 16 random bytes. Raises EntryRefused.

    Custody-format section 3.
    """
    if len(salt) != ENTRY_SALT_BYTES:
        raise EntryRefused("salt_length", detail=f"{len(salt)} bytes, must be {ENTRY_SALT_BYTES}")
    now = clock.now()
    entry = Entry(
        log=head.log,
        seq=head.size,
        at=now,
        clock=ClockState(sync.src, sync.off_us, clock.boot, clock.monotonic_us()),
        ws=ws,
        app=app,
        draft=draft,
        salt=salt.hex(),
        prev=head.prev.hex(),
    )
    leaf = entry.leaf
    return entry, LogHead(head.log, head.size + 1, leaf, now, head.tree.append(leaf))
