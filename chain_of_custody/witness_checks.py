"""What the verifier makes of witnesses (L2): whose cosignatures hold, whether they are a quorum, what none has seen.

Without a witness key or policy cosignatures are *not checked*. docs/custody-format.md sections 11 and 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chain_of_custody.anchors import stamp_text
from chain_of_custody.audit import Audit
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import Cosigned, cosigned
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.merkle import roots_at
from chain_of_custody.policy import Policy

_OPENSSL = (
    "head -n 3 {note} > BODY; openssl ts -verify -data BODY -in {stamp} -CAfile TSA_ROOT.pem "
    "(with the authority's certificate obtained elsewhere)"
)


@dataclass(frozen=True, slots=True)
class Met:
    """A note and what its cosignatures say (custody-format section 11)."""

    where: str
    cosigned: Cosigned


def gather(notes: Iterable[tuple[str, bytes]], policy: Policy | None, witnesses: Collector) -> tuple[Met, ...]:
    """Read the cosignatures of every note. Malformed notes are reported by the steps that check notes.

    Custody-format section 11.
    """
    keys = () if policy is None else tuple(policy.witnesses.values())
    found: list[Met] = []
    for where, raw in notes:
        try:
            found.append(Met(where, cosigned(raw, keys)))
        except CustodyError as refused:
            if refused.reason in ("bad_signature", "duplicate_signature"):
                witnesses.failed(f"cosignature_{refused.reason}", where, refused.message())
    return tuple(found)


def upper_anchors(met: Iterable[Met], origin: str) -> list[tuple[int, int]]:
    """(size, seconds since 1970) of every cosignature on this log that holds (custody-format section 11)."""
    own = [one.cosigned for one in met if one.cosigned.checkpoint.origin == origin]
    return [(one.checkpoint.size, stamp) for one in own for stamp in one.stamps.values()]


def check_witnesses(
    audit: Audit, policy: Policy | None, met: Sequence[Met], held: Sequence[tuple[int, Checkpoint]], out: Collector
) -> None:
    """The largest checkpoint that a quorum cosigned, and how much of the log lies after it.

    `held`: checkpoints that entries `checkpoint.cosigned` hold, with the entry's number.
    Custody-format section 11.
    """
    for seq, one in held:
        if one.size > seq or roots_at(audit.leaves, {one.size})[one.size] != one.root or one.origin != audit.log:
            out.failed("witnessed_root_differs", f"entry {seq}", "What a witness cosigned is not this log: rewritten")
    if policy is None:
        if lines := sum(one.cosigned.unknown for one in met):
            text = f"{lines} cosignatures; give the witnesses' keys to have them checked"
            out.unchecked("cosignatures_not_checked", "", text)
        else:
            text = "No witness cosigned: a rewrite by whoever holds the log key would not show here"
            out.note("no_witness", "", text)
        return
    if not (reached := [one for one in met if _is_quorum(one.cosigned, audit, policy)]):
        out.failed("quorum_not_met", "", "No checkpoint was cosigned by as many witnesses as the policy asks for")
        return
    largest = max(reached, key=lambda one: one.cosigned.checkpoint.size)
    size, stamps = largest.cosigned.checkpoint.size, largest.cosigned.stamps
    who = ", ".join(f"{key.name} at {stamp_text(stamp)}" for key, stamp in stamps.items())
    out.note("witnessed", largest.where, f"The first {size} entries were cosigned{f' by {who}' if who else ''}")
    if (tail := len(audit.leaves) - size) > 0:
        text = f"The last {tail} entries lie after the last checkpoint a quorum of witnesses cosigned"
        out.note("tail_not_witnessed", "", text)


def _is_quorum(one: Cosigned, audit: Audit, policy: Policy) -> bool:
    return one.checkpoint.origin == audit.log and policy.met_by(one.stamps)


def check_timestamps(files: Iterable[str], out: Collector) -> None:
    """RFC 3161 timestamps present in a bundle: named, not checked, with the command that does."""
    for path in sorted(files):
        if path.endswith(".tsr"):
            note = "seal/checkpoint" if path.startswith("seal/") else path.removesuffix(".tsr") + ".note"
            out.unchecked("timestamp_not_checked", path, "By hand: " + _OPENSSL.format(note=note, stamp=path))
