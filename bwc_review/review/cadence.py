"""When the log's checkpoint is due (custody.md section 3), and signing one. Nothing here knows a use case.

Due at the end of an import, at log-out, before and after an export and at key events, by the types of the entries
just written; else after 256 entries, or once the oldest entry not covered is 5 minutes old.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from threading import Lock

from bwc_review.errors import InputRefused
from bwc_review.ports.store import Work
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import LogKey

EVERY_ENTRIES = 256
EVERY_US = 5 * 60 * 1_000_000
IMPORT_ENDED = frozenset({"dock.finished", "media.ingest_interrupted"})
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
    """Sign the log as it stands in this transaction (C2SP checkpoint) and keep the note."""
    head = work.log.head()
    note = Checkpoint(origin=head.log, size=head.size, root=head.tree.root).sign(key)
    work.log.add_checkpoint(head.size, note)
    return note


class KeyInHand:
    """The log key, opened once. Calling it may ask a person; ``held`` never does.

    ``silently`` opens the key where that needs nobody (a passphrase file) and else returns None; it is tried once.
    """

    def __init__(self, unlock: Callable[[], LogKey], silently: Callable[[], LogKey | None]) -> None:
        self._unlock = unlock
        self._silently = silently
        self._key: LogKey | None = None
        self._tried = False
        self._one = Lock()

    def __call__(self) -> LogKey:
        """The key. Raises what the keystore raises."""
        if self._key is None:
            self._key = self._unlock()
        return self._key

    def held(self) -> LogKey | None:
        """The key if it is open, or opens without asking anybody."""
        with self._one:
            if self._key is None and not self._tried:
                self._tried = True
                try:
                    self._key = self._silently()
                except (CustodyError, InputRefused):
                    return None  # the next act that needs the key says what is wrong with it, and logs it
        return self._key
