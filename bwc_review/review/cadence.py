"""When the log's checkpoint is due (custody.md section 3), and signing one. Nothing here knows a use case.

Due at the end of an import, at log-out, before and after an export and at key events, by the types of the entries
just written; else after 256 entries, or once the oldest entry not covered is 5 minutes old.
"""

from __future__ import annotations

from collections.abc import Collection

from bwc_review.ports.store import Work
from bwc_review.review.unlocked import check_in_use
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.keys import LogKey

EVERY_ENTRIES = 256
EVERY_US = 5 * 60 * 1_000_000
IMPORT_ENDED = frozenset({"dock.finished", "dock.interrupted", "media.ingest_interrupted"})
AROUND_EXPORT = frozenset({"export.started", "export.finished", "export.failed"})
AT_ONCE = IMPORT_ENDED | AROUND_EXPORT | {"session.ended"}
AT_ONCE_FAMILIES = frozenset({"key"})


def due(acts: Collection[str], uncovered: int, oldest_us: int) -> bool:
    """Whether a checkpoint is due: ``acts`` were just written, ``uncovered`` entries wait, the oldest this long."""
    if uncovered <= 0:
        return False
    asked_for = any(act in AT_ONCE or act.partition(".")[0] in AT_ONCE_FAMILIES for act in acts)
    return asked_for or uncovered >= EVERY_ENTRIES or oldest_us >= EVERY_US


def overdue(uncovered: int, oldest_us: int) -> bool:
    """Whether entries have waited longer for a checkpoint than they should: the key was locked when it was due."""
    return due((), uncovered, oldest_us)


def sign_checkpoint(work: Work, key: LogKey) -> bytes:
    """Sign the log as it stands in this transaction (C2SP checkpoint) and keep the note.

    Raises KeyUnusable when another program rotated the log key since ``key`` was unlocked.
    """
    check_in_use(work.log, key)
    head = work.log.head()
    note = Checkpoint(origin=head.log, size=head.size, root=head.tree.root).sign(key)
    work.log.add_checkpoint(head.size, note)
    return note
