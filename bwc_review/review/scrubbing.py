"""Scrubbing: reading originals again in full and comparing their digests; a run that was cut short goes on.

Every reading is a custody entry of its own (``media.verified`` or ``media.verify_failed``), so that anybody can say
when an exhibit was last known to be whole. What does not match is set aside at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Protocol

from bwc_review.errors import InputRefused
from bwc_review.ports.preservation import ScrubRun
from bwc_review.ports.records import Exhibit, Session
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.quarantine import set_aside
from chain_of_custody.entry import Subject
from ingest.errors import VaultDamaged

PERMISSION = "ingest.verify_hash"


class ScrubWatch(Protocol):
    """Whoever looks on while originals are read again."""

    def reading(self, exhibit: Exhibit, number: int, total: int) -> None:
        """Which original is read now, the how manieth of how many."""

    def cancelled(self) -> bool:
        """Whether a person asked to stop; the run can be gone on with."""


def scrub(desk: Desk, session: Session, share: int, *, watch: ScrubWatch) -> ScrubRun:
    """Read a ``share`` in percent of the originals again, or go on with the run that was cut short.

    Which ones is drawn from the run's id, so a run that goes on reads the same. Raises PermissionDenied,
    InputRefused, VaultLocked, VaultDamaged when no original at all is there.
    """
    allow(desk, session, PERMISSION)
    if not 1 <= share <= 100:
        raise InputRefused("A scrub reads 1 to 100 percent of the originals.")
    _check_reachable(desk)
    with desk.store.writing() as work:
        run = work.preservation.open_scrub()
        if run is None:
            run = ScrubRun(desk.ids(), share, desk.now_us())
            work.preservation.keep_scrub(run)
            subject = Subject("scrub", run.id)
            record(desk, work, session, "media.scrub_started", subject, data={"share_percent": share})
        held = {row.sha256 for row in work.preservation.quarantined()}
        exhibits = sorted(work.footage.exhibits(), key=lambda one: one.sha256)
    chosen = [one for one in exhibits if _drawn(run, one.sha256) and one.sha256 not in held]
    rest = [one for one in chosen if one.sha256 > run.last_sha256]
    for number, exhibit in enumerate(rest, start=1 + len(chosen) - len(rest)):
        if watch.cancelled():
            return run
        watch.reading(exhibit, number, len(chosen))
        run = _read_again(desk, session, run, exhibit)
    run = replace(run, state="done")
    with desk.store.writing() as work:
        work.preservation.keep_scrub(run)
        data = {"read": run.done, "failed": run.failed}
        record(desk, work, session, "media.scrub_finished", Subject("scrub", run.id), data=data)
    return run


def _check_reachable(desk: Desk) -> None:
    """A vault that is locked or not mounted must not look like one whose every original is damaged."""
    if desk.vault.encrypted:
        desk.vault.keys.fresh()
    with desk.store.reading() as work:
        expected = bool(work.footage.exhibits())
    if expected and not desk.vault.list_originals():
        raise VaultDamaged(
            f"The vault in {desk.vault.storage.place} holds no original at all. Check that its disk is mounted; "
            "nothing was set aside."
        )


def _drawn(run: ScrubRun, sha256: str) -> bool:
    drawn = int.from_bytes(hashlib.sha256(f"{run.id} {sha256}".encode()).digest()[:8], "big")
    return drawn * 100 < run.share << 64


def _read_again(desk: Desk, session: Session, run: ScrubRun, exhibit: Exhibit) -> ScrubRun:
    run = replace(run, last_sha256=exhibit.sha256, done=run.done + 1)
    try:
        desk.vault.verify(exhibit.sha256)
    except VaultDamaged as damaged:
        run = replace(run, failed=run.failed + 1)
        set_aside(desk, session, exhibit.sha256, "scrub_differs", damaged.message())
        with desk.store.writing() as work:
            work.preservation.keep_scrub(run)
        return run
    with desk.store.writing() as work:
        work.preservation.keep_scrub(run)
        data = {"sha256": exhibit.sha256, "size": exhibit.size, "scrub": run.id}
        record(desk, work, session, "media.verified", Subject("exhibit", exhibit.number), data=data)
    return run
