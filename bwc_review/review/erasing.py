"""Erasing what a custody entry only commits to: the content goes for good, a tombstone with a reason stays.

The log still verifies; a content that is gone without a tombstone does not (docs/custody-format.md section 4). Dual
control for this permission comes with the programme; until then one person's reason stands in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bwc_review.errors import ErasureIncomplete, InputRefused, NotFound, WorkspaceBusy
from bwc_review.ports.erasure import Committed
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.erasure import ERASED, erasure_data
from ingest.errors import IngestError
from ingest.names import FoundName

PERMISSION = "retention.dispose"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to: its tombstone, how many contents and copies went, where the text still stands."""

    tombstone: Entry
    contents: int
    copies: int
    still_shown: Sequence[str]


def erase(
    desk: Desk, session: Session, commitments: Sequence[str], *, text: str = "", reason: str, why: str
) -> Erased:
    """Erase the contents behind these commitments, and every content that reads ``text``, with their copies.

    ``reason`` is a code, ``why`` a sentence for the log. What is not a copy of a content (a transcript's words, a
    message that quotes it, bundles and receipts that left) is not touched; where the database still shows it is
    reported. Raises PermissionDenied, InputRefused, NotFound (no such content here), LogRefused, and
    ErasureIncomplete when it is erased on record but another program keeps the files from being cleaned.
    """
    allow(desk, session, PERMISSION)
    if not why.strip() or not reason:
        raise InputRefused("Say why the content is erased: a reason code and a sentence. Both go into the log.")
    with desk.store.writing() as work:
        chosen = _chosen(work, commitments, text)
        texts = {one.commitment: _readings(work, one) for one in chosen}
        data = erasure_data([one.commitment for one in chosen])
        subject = Subject("log", work.log.head().log)
        said = record(desk, work, session, ERASED, subject, reason=reason, data=data, texts={"why": why})
        copies = sum(work.erasures.erase(one, texts[one.commitment], said.seq) for one in chosen)
    _scrub(desk)
    every = sorted({one for readings in texts.values() for one in readings})
    with desk.store.reading() as work:
        shown = [f"{one!r} in {place}" for one in every for place in work.erasures.still_shown(one)]
    return Erased(said, len(chosen), copies, shown)


def clean(desk: Desk, session: Session) -> None:
    """Leave nothing of earlier erasures in the database's files. Raises PermissionDenied, ErasureIncomplete."""
    allow(desk, session, PERMISSION)
    _scrub(desk)


def _scrub(desk: Desk) -> None:
    try:
        desk.store.scrub()
    except WorkspaceBusy as busy:
        raise ErasureIncomplete(
            "The content is erased and the log says so, but its bytes may still lie in unused parts of the "
            f"database's files. {busy.message()} Then run `bwc-review erase --clean`."
        ) from busy


def _chosen(work: Work, commitments: Sequence[str], text: str) -> Sequence[Committed]:
    """What is to be erased, each with the entry that commits to it. Raises NotFound, InputRefused."""
    wanted = set(commitments)
    held = dict(work.log.payloads())
    if missing := sorted(wanted - held.keys()):
        gone = work.erasures.erased()
        said = "was erased before" if missing[0] in gone else "is not held here; `bwc-review log --json` names them"
        raise NotFound(f"The content {missing[0]} {said}. Nothing was erased.")
    if text:
        wanted |= {name for name, one in held.items() if text in _spellings(one.content)}
    if not wanted:
        raise NotFound("No content reads like this. Nothing was erased; `bwc-review log --json` names commitments.")
    return work.erasures.committed(sorted(wanted))


def _readings(work: Work, what: Committed) -> Sequence[str]:
    payload = work.log.payload(what.commitment)
    return sorted(_spellings(payload.content)) if payload is not None else []


def _spellings(content: bytes) -> set[str]:
    """How a content reads as text, and as the catalogue shows a file name."""
    found = set()
    with suppress(UnicodeDecodeError):
        found.add(content.decode("utf-8"))
    with suppress(IngestError):  # a text that could be no file's name
        found.add(FoundName(content).shown)
    return found - {""}
