"""The receipt for a docked card: what was taken, and the checkpoint that covers every custody entry of it.

The paper leaves the house, so that whoever keeps it can show later that the log was not rewritten (custody.md 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bwc_review.errors import InputRefused, NotFound
from bwc_review.ports.receipts import Attestation, Receipt
from bwc_review.ports.records import Docking, Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import epoch_us
from chain_of_custody.entry import Entry, Subject

PERMISSION = "ingest.dock"
STILL_OPEN = "open"
CLOSING = ("dock.finished", "dock.interrupted", "media.ingest_interrupted")


@dataclass(frozen=True, slots=True)
class PrintedReceipt:
    """A receipt and the files it was written to."""

    receipt: Receipt
    files: Sequence[Path]


def receipt_for(desk: Desk, session: Session, docking: str | None = None) -> Receipt:
    """The receipt of one docking, of the latest when none is named.

    The checkpoint is the first signed after the docking's last entry: the one signed when the import ended.
    Raises NotFound, InputRefused (the import is still running, or nothing was signed since), PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    with desk.store.reading() as work:
        found = _docking(work, docking)
        attested = _attested(work, found)
        note = _covering(work, found, attested.last)
        acquisitions = tuple(work.footage.acquisitions(found.id))
        settled = {one.seen_as for one in acquisitions}
        waiting = tuple(one for one in work.footage.met(found.id) if one.seen_as not in settled)
    return Receipt(
        docking=found,
        acquisitions=acquisitions,
        attested=attested,
        checkpoint=Checkpoint.parse(note),
        note=note,
        vkey=desk.vkey,
        workstation=desk.workstation,
        app=desk.app,
        printed_at=desk.now_us(),
        printed_by=session.operator,
        waiting=waiting,
    )


def print_receipt(desk: Desk, session: Session, docking: str | None, into: Path) -> PrintedReceipt:
    """Write the receipt below ``into`` in every form, and log which bytes were handed out.

    Raises what ``receipt_for`` raises, ReceiptFailed (nothing was written), LogRefused (what was written is
    removed again).
    """
    receipt = receipt_for(desk, session, docking)
    rendered = desk.receipts.render(receipt)
    files = desk.receipts.write(rendered, into)
    data = {
        "checkpoint_size": receipt.checkpoint.size,
        "files": [{"sha256": hashlib.sha256(one.content).hexdigest(), "size": len(one.content)} for one in rendered],
    }
    try:
        with desk.store.writing() as work:
            record(desk, work, session, "media.receipt_printed", Subject("docking", receipt.docking.id), data=data)
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        raise
    return PrintedReceipt(receipt, files)


def _docking(work: Work, named: str | None) -> Docking:
    dockings = work.footage.dockings()
    fit = [one for one in dockings if named is None or one.id == named]
    if not fit:
        known = "No card was docked here yet." if not dockings else "`bwc-review receipt` alone takes the latest."
        raise NotFound(f"There is no docking {named}. {known}" if named else known)
    found = fit[-1]
    if found.state == STILL_OPEN:
        raise InputRefused(
            f"The card '{found.label}' is still being taken. Its receipt can be printed when the import has ended; "
            "one that was cut short is closed when the next session starts."
        )
    return found


def _attested(work: Work, docking: Docking) -> Attestation:
    """What the log says of the docking. Its subject stands in its first and its closing entry."""
    about = [Entry.from_bytes(raw) for raw in work.log.about(docking.id)]
    closing = [entry for entry in about if entry.type in CLOSING]
    if not closing:
        raise InputRefused(
            f"The custody log does not say that the docking {docking.id} ended, so there is nothing to attest. "
            "Run `bwc-review log --verify`."
        )
    last = closing[-1]
    actor = last.actor
    return Attestation(
        actor.id, actor.role, actor.auth, actor.key, about[0].seq, last.seq, finished_at=epoch_us(last.at)
    )


def _covering(work: Work, docking: Docking, last: int) -> bytes:
    for note in work.log.checkpoints():
        if Checkpoint.parse(note).size > last:
            return note
    raise InputRefused(
        f"No checkpoint was signed since the import of '{docking.label}' was cut short. "
        "Dock the card again; its receipt can be printed then."
    )
