"""Handing over the custody log as files, for whoever checks it with the verifier alone.

Layout: docs/custody-format.md section 7. Texts are left out unless asked for and the role may read them.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bwc_review.errors import ExportFailed, InputRefused, PermissionDenied
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.checking import LiveSource
from bwc_review.review.desk import METADATA_ONLY, OWN_UNIT, Desk, allow, checkpoint, log_refusal, record, unlock
from bwc_review.review.reading import READ_LOG, may_read
from chain_of_custody.custody_folder import write_custody_folder
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.errors import CustodyError


class Texts(Enum):
    """Whether names and free texts go along."""

    LEFT_OUT = "left_out"
    INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was written: where, entries in the log, entries and texts in the folder."""

    folder: Path
    size: int
    entries: int
    texts: int


def export_log(desk: Desk, session: Session, into: Path, texts: Texts) -> HandedOver:
    """Write the log below ``into``, a folder that is not there yet, with a checkpoint signed just before.

    A role that reads its own unit's entries hands over those; the others stand there as their leaf hash. Raises
    PermissionDenied, InputRefused (the folder is there), ExportFailed (nothing stands there), WrongPassphrase.
    """
    grant = allow(desk, session, READ_LOG)
    if texts is Texts.INCLUDED and grant == METADATA_ONLY:
        log_refusal(desk, session, READ_LOG, "texts", None)
        raise PermissionDenied(
            f"{session.operator} works as {session.role}, which may read the log but not its texts. The refusal is "
            "in the custody log. Leave out --texts, or ask somebody who may read them."
        )
    if into.exists():
        raise InputRefused(f"{into} is there already. Name a folder that is not.")
    key = unlock(desk, session)
    with desk.store.writing() as work:
        subject = Subject("log", work.log.head().log)
        record(desk, work, session, "export.started", subject, data={"texts": texts.value})
        checkpoint(desk, work, key)
    part = into.with_name(into.name + ".part")
    try:
        with desk.store.reading() as work:
            done = _write(desk, work, session, part, texts, own_unit=grant == OWN_UNIT)
        part.replace(into)
    except (OSError, CustodyError) as failed:
        shutil.rmtree(part, ignore_errors=True)
        said = failed.message() if isinstance(failed, CustodyError) else str(failed.strerror)
        with desk.store.writing() as work:
            record(desk, work, session, "export.failed", subject, outcome="failed", texts={"message": said})
        raise ExportFailed(f"The log was not written to {into}: {said}. Nothing stands there.") from failed
    with desk.store.writing() as work:
        data = {"size": done.size, "entries": done.entries, "texts": done.texts}
        record(desk, work, session, "export.finished", subject, data=data)
    return HandedOver(into, done.size, done.entries, done.texts)


def _write(desk: Desk, work: Work, session: Session, folder: Path, texts: Texts, *, own_unit: bool) -> HandedOver:
    disclosed: set[int] = set()
    commitments: set[str] = set()
    for seq, raw in enumerate(work.log.entries()):
        if not own_unit or may_read(work, session, raw):
            disclosed.add(seq)
            commitments.update(Entry.from_bytes(raw).commit.values())
    wanted = commitments - work.erasures.erased() if texts is Texts.INCLUDED else set[str]()
    held = work.log.head().size - len(disclosed)
    withheld = Counter(other_units=held) if held else Counter[str]()
    source = LiveSource(work, desk.vkey)
    size = write_custody_folder(folder, source, disclosed=disclosed, payloads=wanted, withheld=withheld)
    return HandedOver(folder, size, len(disclosed), len(wanted))
