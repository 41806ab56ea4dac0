"""Cosignatures over the seal of a bundle that is finished already: a witness may answer later (section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bwc_review.errors import InputRefused
from bwc_review.ports.bundle import Seen
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.witnessing import PERMISSION, cosign_seal
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry import Subject
from chain_of_custody.errors import NoteRefused
from chain_of_custody.note import Note


def cosign_bundle(desk: Desk, session: Session, bundle: Path) -> int:
    """Ask for cosignatures over a finished bundle's seal and add all there are to it; how many were new.

    Raises InputRefused for the bundle of another log, ExportFailed where there is no seal, PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    note = desk.bundles.seal_checkpoint(bundle)
    size = _own_size(desk, bundle, note)
    added = desk.bundles.add_cosignatures(bundle, cosign_seal(desk, session, size))
    if added:
        with desk.store.writing() as work:
            data = {"size": size, "cosignatures": added}
            record(desk, work, session, "bundle.cosigned", Subject("checkpoint", str(size)), data=data)
    return added


def witnessed(work: Work) -> Sequence[Seen]:
    """What each witness cosigned of the log, as a bundle says it in words."""
    largest = {one.vkey: Seen(one.vkey.partition("+")[0], one.size, one.stamp) for one in work.cosignatures.all()}
    return sorted(largest.values(), key=lambda one: one.witness)


def _own_size(desk: Desk, bundle: Path, note: bytes) -> int:
    try:
        size = Checkpoint.parse(note).size
        with desk.store.reading() as work:
            own = work.cosignatures.checkpoint_at(size)
        if own is not None and Note.parse(own).text == Note.parse(note).text:
            return size
    except NoteRefused:
        pass  # said below: whatever it is, it is no checkpoint of this log
    raise InputRefused(f"The bundle in {bundle} was not sealed by this log. Add cosignatures where it was made.")
