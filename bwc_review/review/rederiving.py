"""Making derivatives again from their original, to show that they are what they claim: same bytes, or why not."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Session, StoredDerivative
from bwc_review.review.deriving import PERMISSION, stored_as
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.pieces import SALVAGE, make_piece
from chain_of_custody.entry import Subject
from ingest.derivatives import Derivative
from ingest.errors import DerivativeFailed, Quarantined, VaultDamaged
from ingest.vault_views import Elsewhere


class Verdict(StrEnum):
    """What making a derivative again showed. ``restored``: the kept file was damaged or gone and was replaced."""

    SAME = "same"
    OTHER_TOOL = "other_tool"
    DIFFERENT = "different"
    RESTORED = "restored"
    NOT_MADE = "not_made"


@dataclass(frozen=True, slots=True)
class Compared:
    """One derivative made again, and what that showed in words for a person."""

    what: str
    verdict: Verdict
    words: str


def compare_again(desk: Desk, session: Session, recording: RecordingId) -> tuple[Compared, ...]:
    """Make every derivative of a recording anew beside the kept one and compare; the kept one stays.

    A kept file that is damaged or gone is made again in its place. Raises PermissionDenied, NotFound, DiskFull.
    """
    allow(desk, session, PERMISSION)
    with desk.store.reading() as work:
        found = work.footage.recording(recording)
        kept = work.footage.derivatives(recording)
        wanted = {one.what: one.wanted for one in work.jobs.all() if one.recording == recording}
    compared = []
    for one in kept:
        with tempfile.TemporaryDirectory(dir=desk.vault.staging) as scratch:
            place = Elsewhere(desk.vault, Path(scratch))
            try:
                anew = make_piece(desk, found, one.kind, wanted.get(one.kind, {}), place)
            except (DerivativeFailed, Quarantined) as failed:
                compared.append(Compared(one.kind, Verdict.NOT_MADE, failed.message()))
                continue
        compared.append(_compare(desk, session, found, one, anew))
    with desk.store.writing() as work:
        data = {"exhibit": found.exhibit, "verdicts": {_code(one.what): one.verdict.value for one in compared}}
        record(desk, work, session, "media.derived_again", Subject("recording", recording), data=data)
    return tuple(compared)


def _code(what: str) -> str:
    return what.replace("-", "_")


def _compare(
    desk: Desk, session: Session, recording: Recording, kept: StoredDerivative, anew: Derivative
) -> Compared:
    tool = f"{anew.tool} {anew.tool_version}"
    if not _is_whole(desk, kept):
        return _restore(desk, session, recording, kept)
    if anew.sha256 == kept.sha256:
        return Compared(kept.kind, Verdict.SAME, f"the same bytes (by {tool})")
    if tool != kept.tool:
        words = f"other bytes: made by {kept.tool}, and {tool} is here now. The kept one stays."
        return Compared(kept.kind, Verdict.OTHER_TOOL, words)
    words = (
        f"other bytes, by the same {tool}. Parameters may have changed with this program's version, or the encoder "
        "works differently on this machine. The kept one stays."
    )
    return Compared(kept.kind, Verdict.DIFFERENT, words)


def _is_whole(desk: Desk, kept: StoredDerivative) -> bool:
    try:
        with desk.vault.open_kept(desk.folder / kept.path, kept.sha256) as reader:
            return hashlib.file_digest(reader, "sha256").hexdigest() == kept.sha256
    except (OSError, VaultDamaged):
        return False


def _restore(desk: Desk, session: Session, recording: Recording, kept: StoredDerivative) -> Compared:
    if kept.kind == SALVAGE:
        words = "the kept salvaged copy is damaged. Restore it from a backup; the original is untouched."
        return Compared(kept.kind, Verdict.DIFFERENT, words)
    made = make_piece(desk, recording, kept.kind, {})
    with desk.store.writing() as work:
        work.footage.add_derivative(stored_as(desk, recording, kept.kind, made))
        data = {"kind": kept.kind, "exhibit": recording.exhibit, "sha256": made.sha256, "before_sha256": kept.sha256}
        record(desk, work, session, "media.derived", Subject("recording", recording.id), data=data)
    return Compared(kept.kind, Verdict.RESTORED, "the kept file was damaged or gone; it was made again in its place")
