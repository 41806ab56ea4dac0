"""Whether a log's head is still the one a witness saw: an old database file put back is noticed at start. Pure.

docs/custody-format.md section 14. What the application does about it (refuse to append) is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.head import LogHead


class HeadState(Enum):
    """How a head stands to the last witnessed checkpoint (custody-format section 14)."""

    OK = "ok"
    ROLLED_BACK = "rolled_back"
    FORKED = "forked"


def compare_head(head: LogHead, last_witnessed: Checkpoint, root_over: Callable[[int], bytes]) -> HeadState:
    """Compare. `root_over(n)`: the root over the log's first n leaf hashes, asked for only where the log has grown.

    ROLLED_BACK: the log is smaller than what was witnessed. FORKED: another log, or other entries in its place.
    Custody-format section 14.
    """
    if head.log != last_witnessed.origin:
        return HeadState.FORKED
    if head.size < last_witnessed.size:
        return HeadState.ROLLED_BACK
    then = head.tree.root if head.size == last_witnessed.size else root_over(last_witnessed.size)
    return HeadState.OK if then == last_witnessed.root else HeadState.FORKED
