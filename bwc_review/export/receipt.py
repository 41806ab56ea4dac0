"""The words of a docking receipt, for both its forms, and the form that is plain text.

The PDF is ``export.receipt_pdf``, files are ``export.receipt_files``. Names from a card are hostile: everything from
outside passes ``safe`` before it is laid out.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bwc_review.export.texts import text_bytes
from bwc_review.ports.receipts import Receipt
from bwc_review.ports.records import Acquisition
from chain_of_custody.clock import format_at
from chain_of_custody.vkey import encode
from ingest.names import shown_text

TITLE = "Docking receipt"
WIDTH = 100  # columns of the text form
STATES = {
    "done": "finished",
    "failed": "NOT WHOLE - a file could not be taken; keep the source",
    "interrupted": "CUT SHORT - the import was interrupted",
}
MEANING = (
    "This paper says which files a workstation met on the source named above, what became of each, and the SHA-256 "
    "of every file that was kept. The checkpoint covers all custody entries of this docking. Keep this paper, or a "
    "copy of it, away from the workstation.",
    "To check a file: its SHA-256 must be the one printed here (sha256sum FILE). To check the log: every later "
    "bundle of this log must hold this very checkpoint in data/custody/checkpoints, signed with the key printed "
    "here. A log that was rewritten since cannot produce it.",
    "It does not show that what the camera recorded is true or complete, nor anything that happened before docking. "
    "Times are those of the workstation's clock.",
)
SIGNING = "Handed over by: ________________________   Received by: ________________________"
ATTESTED_ALONE = "No operator key signed: the workstation alone attests who acted."


def safe(text: str) -> str:
    """Text from outside on one line, with everything invisible or reordering written as ``\\u{hex}``."""
    return shown_text(text).strip() or "-"


def moment(at: int) -> str:
    """Microseconds since 1970 as UTC text with six digits."""
    return format_at(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at))


def facts(receipt: Receipt) -> list[tuple[str, str]]:
    """What is said of the docking, as label and value, in reading order."""
    docking, attested = receipt.docking, receipt.attested
    by = f"{attested.operator} ({attested.role})"
    return [
        ("Source", safe(docking.label)),
        ("Import", STATES.get(docking.state, safe(docking.state))),
        ("Begun", moment(docking.started_at)),
        ("Ended", moment(attested.finished_at)),
        ("Operator", safe(by)),
        ("Attested by", f"operator key {safe(attested.key)}" if attested.key else ATTESTED_ALONE),
        ("Workstation", safe(receipt.workstation)),
        ("Camera profile", safe(docking.profile)),
        ("Docking", safe(docking.id)),
        ("Custody entries", f"{attested.first} to {attested.last}"),
        ("Files met", counts(receipt)),
        *([("Not taken yet", still_on_card(receipt))] if receipt.waiting else []),
        ("Program", safe(receipt.app)),
    ]


def checkpoint_facts(receipt: Receipt) -> list[tuple[str, str]]:
    """What the checkpoint says, and the key it is signed with."""
    checkpoint = receipt.checkpoint
    return [
        ("Log (origin)", safe(checkpoint.origin)),
        ("Size", f"{checkpoint.size} entries (0 to {checkpoint.size - 1})"),
        ("Root", encode(checkpoint.root)),
        ("Root, hexadecimal", checkpoint.root.hex()),
        ("Log's key", safe(receipt.vkey)),
        ("Profile's SHA-256", safe(receipt.docking.profile_sha256)),
    ]


def counts(receipt: Receipt) -> str:
    """How many files were met and what became of them."""
    found = Counter(one.outcome.value for one in receipt.acquisitions)
    each = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items()))
    size = sum(one.size for one in receipt.acquisitions if one.sha256 is not None)
    return f"{len(receipt.acquisitions)}: {each or 'none'}; {size:,} bytes kept"


def still_on_card(receipt: Receipt) -> str:
    """What an import that was cut short has left, in words."""
    size = sum(one.size for one in receipt.waiting)
    return f"{len(receipt.waiting)} more files were met; they lie on the source only, {size:,} bytes. Keep it."


def printed(receipt: Receipt) -> str:
    """Who printed it, and when."""
    return f"Printed {moment(receipt.printed_at)} by {safe(receipt.printed_by)}"


def note_lines(receipt: Receipt) -> list[str]:
    """The signed checkpoint, line by line as it was signed; a signed note holds no control characters."""
    return receipt.note.decode("utf-8").rstrip("\n").split("\n")


def render_text(receipt: Receipt) -> bytes:
    """The receipt as UTF-8 text, LF. The signed note stands in it verbatim between two marked lines."""
    lines = [TITLE.upper(), "=" * len(TITLE), "", *_pairs(facts(receipt)), "", "CHECKPOINT", ""]
    lines += [*_pairs(checkpoint_facts(receipt)), "", "-----BEGIN SIGNED NOTE-----", *note_lines(receipt)]
    lines += ["-----END SIGNED NOTE-----", "", "FILES", ""]
    for number, one in enumerate(receipt.acquisitions, 1):
        lines += _file(number, one)
    lines += ["", "WHAT THIS SHOWS", ""]
    for paragraph in MEANING:
        lines += [*textwrap.wrap(paragraph, WIDTH), ""]
    lines += [
        "Handed over by: ________________________   Received by: ________________________",
        "",
        printed(receipt),
    ]
    return text_bytes("\n".join(lines) + "\n")


def _pairs(pairs: list[tuple[str, str]]) -> Iterator[str]:
    widest = max(len(label) for label, _ in pairs) + 2
    for label, value in pairs:
        yield from _hanging(f"{label + ':':<{widest}}", value)


def _file(number: int, one: Acquisition) -> Iterator[str]:
    yield f"{number:>4}  {one.outcome.value:<10} {safe(one.exhibit or '-'):<14} {one.size:>15,} bytes"
    yield from _hanging("      Name:    ", safe(one.name))
    yield f"      SHA-256: {one.sha256 or 'none: not kept'}"
    yield from _hanging("      Because: ", safe(one.reason))


def _hanging(lead: str, value: str) -> list[str]:
    """``value`` behind ``lead``, later lines set in, so that no name can begin a line of its own."""
    return textwrap.wrap(
        value,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        drop_whitespace=False,
        break_on_hyphens=False,
    )
