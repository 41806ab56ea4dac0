"""Which custody entries a bundle discloses: those of its own incident, and those about the log itself.

Every other entry still stands in the bundle as its leaf hash, so nothing is missing from the chain; what it says
belongs to other people's cases (custody.md section 6).
"""

from __future__ import annotations

from collections.abc import Iterable

from bwc_review.ports.bundle import DisclosedLog
from bwc_review.ports.store import Work
from bwc_review.review.witnessing import with_cosignatures
from chain_of_custody.entry import Entry

ABOUT_THE_LOG = ("log", "key", "checkpoint", "clock", "config")
WITHHELD_REASON = "other_cases_and_desk_sessions"


def disclose(work: Work, vkey: str, case: Iterable[str]) -> DisclosedLog:
    """Split the log for a recipient. ``case`` are the ids (of recordings, exhibits, tags, ...) of the incident."""
    log, mine, cosignatures = work.log, frozenset(case), work.cosignatures.all()
    entries: dict[int, bytes] = {}
    payloads: dict[str, tuple[bytes, bytes]] = {}
    for raw in log.entries():
        entry = Entry.from_bytes(raw)
        if not _belongs(entry, mine):
            continue
        entries[entry.seq] = raw
        for commitment in entry.commit.values():
            payload = log.payload(commitment)
            if payload is not None:
                payloads[commitment] = (payload.salt, payload.content)
    signatures = {seq: file for seq, file in log.signatures() if seq in entries}
    return DisclosedLog(
        origin=log.head().log,
        leaves=tuple(log.leaves()),
        entries=entries,
        signatures=signatures,
        payloads=payloads,
        checkpoints=tuple(with_cosignatures(note, cosignatures) for note in log.checkpoints()),
        vkey=vkey,
        withheld_reason=WITHHELD_REASON,
    )


def _belongs(entry: Entry, mine: frozenset[str]) -> bool:
    return entry.type.partition(".")[0] in ABOUT_THE_LOG or entry.subject.id in mine
