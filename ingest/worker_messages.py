"""What a copying process and its parent say to each other: one bounded JSON object a line, written and parsed here.

To the worker ``Take``, ``Cancel`` and ``Pace``; from it ``Progress``, ``Settled`` and ``Failed``. Names and paths
travel as the hex of their raw bytes, so that no name can end a line or be mistaken for another.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.listing import FoundFile, FoundKind
from ingest.names import FoundName

LONGEST_LINE = 64 * 1024
LONGEST_TEXT = 2000  # of characters, each at most twelve bytes in a line
FULL_PACE = 1000


class Garbled(Exception):
    """A line that this program does not write."""


@dataclass(frozen=True, slots=True)
class Take:
    """Copy this file of this source. ``order`` numbers what is answered."""

    order: int
    root: Path
    found: FoundFile


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the copy with this number, if it is still under way."""

    order: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Work this share of the time, in thousandths (1 to 1000), and rest for the remainder."""

    permille: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of the file copied so far."""

    order: int
    done: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The file lies in the vault, read back. ``duplicate``: the vault had these bytes already. Digests in hex.

    ``resumed_at``: how many bytes an earlier, interrupted copy had brought.
    """

    order: int
    size: int
    sha256: str
    sha512: str
    chunk_root: str
    duplicate: bool
    resumed_at: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """``kind`` is the name of an ingest error; the texts are its own, cut to LONGEST_TEXT."""

    order: int
    kind: str
    text: str
    detail: str


ToWorker = Take | Cancel | Pace
FromWorker = Progress | Settled | Failed
_PLAIN: dict[str, type[Cancel | Pace | Progress | Settled | Failed]] = {
    one.__name__: one for one in (Cancel, Pace, Progress, Settled, Failed)
}


def to_line(message: ToWorker | FromWorker) -> bytes:
    """One line, its LF included. Raises Garbled when it would be longer than a reader accepts."""
    said = _take_to(message) if isinstance(message, Take) else asdict(message)
    line = json.dumps({"say": type(message).__name__, **said}, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LONGEST_LINE:
        raise Garbled("a message is too long")
    return line


def from_line(line: bytes) -> ToWorker | FromWorker:
    """Parse ``to_line``. Raises Garbled for anything else, a cut line included."""
    if len(line) > LONGEST_LINE or not line.endswith(b"\n"):
        raise Garbled("a line is too long or was cut off")
    try:
        said = json.loads(line)
        kind = said.pop("say")
        message = _take_from(said) if kind == "Take" else _PLAIN[kind](**said)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Garbled(repr(error)) from error
    if to_line(message) != line:
        raise Garbled("not in the one form there is")
    return message


def _take_to(take: Take) -> dict[str, Any]:
    found = take.found
    return {
        "order": take.order,
        "root": os.fsencode(take.root).hex(),
        "name": found.name.raw.hex(),
        "size": found.size,
        "mtime_ns": found.mtime_ns,
    }


def _take_from(said: dict[str, Any]) -> Take:
    found = FoundFile(FoundName(bytes.fromhex(said["name"])), said["size"], said["mtime_ns"], FoundKind.FILE)
    return Take(said["order"], Path(os.fsdecode(bytes.fromhex(said["root"]))), found)
