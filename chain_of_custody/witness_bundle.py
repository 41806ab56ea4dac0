"""A witness's own memory against a bundle: is its log an extension of what was cosigned? Only this shows a rewrite.

docs/custody-format.md section 14. It reads the leaf hashes and the seal's checkpoint; that the bundle agrees with
itself is for `verify` to say.
"""

from __future__ import annotations

from pathlib import Path

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import BundleUnreadable, CustodyError
from chain_of_custody.files import read_bounded
from chain_of_custody.findings import Collector
from chain_of_custody.leaves import Leaves
from chain_of_custody.merkle import roots_at
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.report import Report, Step
from chain_of_custody.seal import SEAL_CHECKPOINT
from chain_of_custody.source import BundleSource
from chain_of_custody.witness_state import WitnessState

_TITLE = "The bundle's log is an extension of what this witness cosigned"


def check_against_state(bundle: Path, state: WitnessState) -> Report:
    """Compare all that was cosigned of the bundle's log with it. Raises StateDamaged; the bundle gives findings.

    Custody-format section 14.
    """
    found = Collector()
    try:
        source = BundleSource(bundle)
        origin, leaves, sealed = source.log, Leaves(source.leaves()), _sealed(bundle)
    except CustodyError as refused:
        found.failed(refused.reason, refused.where, refused.message())
    except OSError as unreadable:
        found.unreadable("unreadable", str(unreadable.filename or ""), f"It cannot be read: {unreadable.strerror}")
    else:
        _compare(origin, leaves, sealed, state, found)
    return Report(bundle.name or str(bundle), (Step(1, _TITLE, found.all()),))


def _compare(origin: str, leaves: Leaves, sealed: Checkpoint | None, state: WitnessState, found: Collector) -> None:
    history = state.history(origin)
    if not history:
        found.unchecked("log_never_seen", origin, "This witness never cosigned that log: it can say nothing of it")
        return
    roots = roots_at(leaves, {one.size for one in history})
    if sealed is not None and sealed.size > len(leaves):
        roots[sealed.size] = sealed.root
    compared = 0
    for one in history:
        if one.size in roots:
            compared += one.size > 0
            if roots[one.size] != one.root:
                text = f"Not the tree of {one.size} entries that was cosigned: the log was rewritten"
                found.failed("log_rewritten", f"size {one.size}", text)
    newest = max(history[-1].size, state.latest(origin).size)
    if newest > max(roots):
        text = f"Cosigned up to {newest} entries, the bundle shows {len(leaves)}: an old bundle, or a log cut back"
        found.unchecked("older_than_witnessed", origin, text)
    if not compared:
        found.unchecked("nothing_to_compare", origin, "No tree that was cosigned lies within the bundle's log")
    elif newest < len(leaves):
        text = f"The last {len(leaves) - newest} entries were never shown to this witness"
        found.note("tail_not_witnessed", origin, text)


def _sealed(bundle: Path) -> Checkpoint | None:
    try:
        return Checkpoint.parse(read_bounded(bundle / "seal" / SEAL_CHECKPOINT, MAX_NOTE_BYTES))
    except BundleUnreadable:
        return None  # without a seal the leaves alone are compared
