"""The custody log in words, for the viewer: one line per entry, withheld stretches said as such.

Checks nothing; that is the verifier's part (chain_of_custody.verify).
"""

from __future__ import annotations

from collections.abc import Iterator

from bwc_review.ports.bundle import DisclosedLog
from chain_of_custody.clock import epoch_us
from chain_of_custody.entry import Entry
from chain_of_custody.errors import CustodyError

_WORDS = {
    "log.started": "The custody log was started",
    "key.created": "The log's signing key was made",
    "key.made": "A person made a signing key",
    "key.enrolled": "A person's signing key was enrolled",
    "key.rotated": "A person's signing key was replaced by another",
    "key.revoked": "A person's signing key was revoked",
    "key.log_rotated": "The log's signing key was replaced by another",
    "key.unlock_failed": "A signing key could not be opened",
    "key.remembered": "The passphrase of a key was put into the machine's keyring",
    "key.forgotten": "The passphrase of a key was removed from the machine's keyring",
    "log.verified": "The custody log was verified",
    "clock.adjusted": "The workstation's clock was adjusted",
    "session.started": "A person sat down at the workstation",
    "session.refused": "A person could not open the own key, so no session began",
    "session.ended": "A person left the workstation",
    "session.interrupted": "A session ended without the person leaving",
    "access.denied": "Access was refused",
    "dock.attached": "A camera or card was attached",
    "dock.finished": "All files of a camera or card were dealt with",
    "dock.interrupted": "Taking in a camera or card was interrupted",
    "dock.resumed": "A camera or card that was put back went on where it had stopped",
    "media.ingest_started": "Taking in a file began",
    "media.ingested": "A file was taken in and preserved",
    "media.ingest_failed": "A file could not be taken in",
    "media.ingest_refused": "A file was refused",
    "media.ingest_interrupted": "Taking in a file was interrupted",
    "media.examined": "A preserved file was examined",
    "media.derived": "A viewing copy or index was made from an original",
    "media.parts_swept": "Unfinished copies were removed",
    "media.verified": "A preserved file was read again and its digest held",
    "media.verify_failed": "A preserved file no longer had its digest",
    "media.viewed": "A recording was viewed",
    "transcript.made": "A machine transcript was made",
    "tag.added": "A tag was added",
    "tag.superseded": "A tag was superseded",
    "tag.withdrawn": "A tag was withdrawn",
    "review.incident_opened": "An incident was opened",
    "review.recording_placed": "A recording was placed on the incident's clock",
    "candidate.proposed": "The machine made suggestions",
    "candidate.reopened": "A decision on a machine suggestion was taken back",
    "candidate.confirmed": "A machine suggestion was confirmed by a person",
    "candidate.rejected": "A machine suggestion was rejected by a person",
    "export.started": "Writing a bundle began",
    "export.failed": "A bundle could not be written",
    "export.finished": "A bundle was finished",
    "bundle.sealed": "A bundle was sealed",
    "checkpoint.made": "The state of the log was signed",
}
_SHOWN = 300


def history(log: DisclosedLog) -> list[dict[str, object]]:
    """Return one row per disclosed entry and one per withheld stretch, in the log's order."""
    return [row for at in _runs(log) for row in at]


def _runs(log: DisclosedLog) -> Iterator[list[dict[str, object]]]:
    withheld = 0
    for seq in range(len(log.leaves)):
        raw = log.entries.get(seq)
        if raw is None:
            withheld += 1
            continue
        yield _withheld(seq - withheld, withheld, log.withheld_reason)
        withheld = 0
        yield [_row(seq, raw, log)]
    yield _withheld(len(log.leaves) - withheld, withheld, log.withheld_reason)


def _withheld(first: int, count: int, reason: str) -> list[dict[str, object]]:
    if not count:
        return []
    return [{"kind": "withheld", "first": first, "count": count, "reason": reason.replace("_", " ")}]


def _row(seq: int, raw: bytes, log: DisclosedLog) -> dict[str, object]:
    try:
        entry = Entry.from_bytes(raw)
    except CustodyError as refused:
        return {"kind": "unreadable", "first": seq, "count": 1, "reason": refused.reason}
    return {
        "kind": "entry",
        "seq": seq,
        "type": entry.type,
        "words": _WORDS.get(entry.type, entry.type.replace(".", ": ").replace("_", " ").capitalize()),
        "outcome": entry.outcome,
        "at": epoch_us(entry.at),
        "clock": entry.clock.src,
        "by": entry.actor.id,
        "role": entry.actor.role,
        "signed": entry.actor.key if seq in log.signatures else "",
        "subject": f"{entry.subject.kind} {entry.subject.id}",
        "reason": entry.reason.replace("_", " "),
        "texts": [[name, _text(commitment, log)] for name, commitment in sorted(entry.commit.items())],
    }


def _text(commitment: str, log: DisclosedLog) -> str:
    found = log.payloads.get(commitment)
    if found is None:
        return "(withheld)"
    text = found[1].decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
