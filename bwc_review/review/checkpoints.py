"""Checkpoints outside an act: one now because a person asks, or one that came due while nobody wrote anything."""

from __future__ import annotations

from bwc_review.ports.records import Session
from bwc_review.review.cadence import sign_checkpoint
from bwc_review.review.desk import Desk, allow, unlock
from bwc_review.review.witness_overview import overview
from bwc_review.review.witnessing import PERMISSION


def sign_now(desk: Desk, session: Session) -> int:
    """Sign a checkpoint over everything unless one covers it; the size covered. May ask for the passphrase.

    Raises PermissionDenied, WrongPassphrase and what else the keystore raises, after logging it.
    """
    allow(desk, session, PERMISSION)
    key = unlock(desk, session)
    with desk.store.writing() as work:
        newest, size = work.cosignatures.newest_checkpoint(), work.log.head().size
        if newest is None or newest[0] < size:
            sign_checkpoint(work, key)
    return size


def sign_if_due(desk: Desk) -> None:
    """Give the store's watch an occasion: it signs what is overdue if the key is in hand. Asks nobody anything."""
    found = overview(desk)
    if found.overdue and not found.locked:
        with desk.store.writing():
            pass
