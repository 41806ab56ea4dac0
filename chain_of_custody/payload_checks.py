"""Level L1: every payload present is the one committed to; what is missing was erased on record, or withheld.

Authority: docs/custody-format.md sections 4, 7 and 11.
"""

from __future__ import annotations

from enum import Enum

from chain_of_custody.audit import Audit
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.observers import Contents


class Payloads(Enum):
    """Which contents a log must still have (custody-format section 4): a live log all that were not erased; an
    exported one what its policy does not count as withheld, which is checked with the policy."""

    ALL = "all"
    AS_THE_POLICY_SAYS = "as_the_policy_says"


def check_payloads(audit: Audit, contents: Contents, payloads: Collector, due: Payloads) -> None:
    """Each payload belongs to a commitment of a disclosed entry; a gap has a tombstone (custody-format section 4)."""
    missing = set(contents.commitments)
    for commitment, payload in audit.source.payloads():
        contents.payloads += 1
        try:
            payload.check(commitment)
        except CustodyError as refused:
            payloads.failed(refused.reason, commitment[:16], refused.message())
        digest = _digest(commitment)
        if digest in missing:
            missing.discard(digest)
        # after a read error the entry that commits to it may only have been out of reach
        elif audit.facts.complete:
            payloads.failed("payload_without_entry", commitment[:16], "No disclosed entry commits to it")
        if digest in contents.erased:
            text = "The log says that it was erased, and it is still here"
            payloads.failed("erased_payload_held", commitment[:16], text)
    contents.missing = missing
    if audit.facts.complete:
        _check_tombstones(audit, contents, payloads)
        _check_gaps(contents, payloads, due)


def _check_tombstones(audit: Audit, contents: Contents, payloads: Collector) -> None:
    for seq, refused in contents.broken_tombstones:
        payloads.failed(refused.reason, f"entry {seq}", refused.message())
    if audit.facts.withheld:
        return  # what it erased may have been committed to by an entry that is withheld
    for seq, commitment in contents.stray_tombstones:
        text = f"It erases {commitment.hex()[:16]}, to which no entry before it commits"
        payloads.failed("tombstone_without_entry", f"entry {seq}", text)


def _check_gaps(contents: Contents, payloads: Collector, due: Payloads) -> None:
    if erased := len(contents.missing & contents.erased):
        payloads.note("payloads_erased", "", f"{erased} contents were erased on record")
    gone = contents.missing - contents.erased
    if due is Payloads.ALL:
        for commitment in sorted(gone):
            text = "Its content is gone, and no entry says that it was erased"
            payloads.failed("payload_missing", commitment.hex()[:16], text)
    elif gone:
        payloads.note("payloads_withheld", "", f"{len(gone)} contents are withheld")


def _digest(commitment: str) -> bytes:
    """The commitment's bytes; nothing that an entry could hold for a name that is none."""
    try:
        return bytes.fromhex(commitment)
    except ValueError:
        return b""
