"""Checks of a log after the pass over its entries: checkpoints against the tree, and their signatures.

One function per rule, findings instead of errors. Payloads: payload_checks.py. Authority:
docs/custody-format.md sections 6, 9 and 11 (level L2).
"""

from __future__ import annotations

from collections.abc import Sequence

from chain_of_custody.audit import Audit
from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.errors import CustodyError, KeyRefused
from chain_of_custody.findings import Collector
from chain_of_custody.log_keys import LogKeys, LogRotation
from chain_of_custody.merkle import roots_at
from chain_of_custody.source import EntrySource
from chain_of_custody.vkey import VerifierKey, parse_vkeys


def check_checkpoints(audit: Audit, tree: Collector) -> None:
    """Every checkpoint is the root over a prefix of these leaves, hence all are consistent (L2).

    Custody-format section 11.
    """
    checkpoints, leaves = _parsed(audit.source, tree), audit.leaves
    roots = roots_at(leaves, {one.size for _, one in checkpoints})
    before = 0
    for where, one in checkpoints:
        if one.origin != audit.log:
            tree.failed("another_origin", where, f"The checkpoint is of log {one.origin}")
        if one.size < before:
            tree.failed("checkpoint_shrinks", where, f"Size {one.size} after size {before}")
        if one.size > len(leaves):
            tree.failed("log_cut", where, f"It covers {one.size} entries, the log has {len(leaves)}")
        elif roots[one.size] != one.root:
            tree.failed("root_differs", where, f"Not the root over the first {one.size} entries: log rewritten")
        before = max(before, one.size)
    if not checkpoints:
        tree.unchecked("no_checkpoint", "", "No checkpoint was kept: nothing shows the log was not rewritten")
    elif before < len(leaves):
        tree.note("tail", "", f"The last {len(leaves) - before} entries lie after the last checkpoint")


def log_keys_for(
    source: EntrySource, trusted: Sequence[VerifierKey], turns: Sequence[LogRotation], signatures: Collector
) -> LogKeys:
    """The keys to verify with: those obtained elsewhere, else those that came along, which is said; and rotations.

    A key that came along must be among them or have been brought in by a rotation.
    Custody-format section 11.
    """
    own = parse_vkeys(source.vkeys())
    for key in () if trusted else own:
        text = f"Compare the key with one obtained elsewhere; its SHA-256 is {key.fingerprint}"
        signatures.unchecked("key_not_obtained_elsewhere", key.format(), text)
    keys = LogKeys.starting(trusted or own, turns)
    for turn in turns:
        try:
            keys = keys.after(turn)
        except KeyRefused as refused:
            signatures.failed(refused.reason, refused.where, refused.message())
    for key in own:
        if key not in keys.spans:
            signatures.failed("key_replaced", key.format(), "This key came along, but it is not the trusted one")
    return keys


def check_signatures(audit: Audit, keys: LogKeys, signatures: Collector) -> None:
    """Every checkpoint is signed by a key in use at its size (L2) (custody-format section 11)."""
    for number, raw in enumerate(audit.source.checkpoints()):
        try:
            open_checkpoint(raw, keys.at(Checkpoint.parse(raw).size))
        except CustodyError as refused:
            signatures.failed(refused.reason, f"checkpoint {number}", refused.message())


def _parsed(source: EntrySource, tree: Collector) -> list[tuple[str, Checkpoint]]:
    found: list[tuple[str, Checkpoint]] = []
    for number, raw in enumerate(source.checkpoints()):
        where = f"checkpoint {number}"
        try:
            found.append((where, Checkpoint.parse(raw)))
        except CustodyError as refused:
            tree.failed(refused.reason, where, refused.message())
    return found
