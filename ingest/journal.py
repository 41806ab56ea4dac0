"""How far a copy has come, one line per 4 MiB, so that a killed or pulled copy goes on instead of beginning again.

A line is believed only when the part's own bytes give its digest, so the journal needs no sync and may be damaged
at will: what does not check is copied again. The part's key stands in it wrapped, never in the clear.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ingest.disk import Disk
from ingest.listing import FoundFile

JOURNAL = ".journal"
BLOCK_BYTES = 4 << 20
MAX_JOURNAL_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """The copy stood at ``at`` bytes, and the SHA-256 of everything before was this."""

    at: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What a journal says: the part's wrapped key record ("" for a plain part) and its marks, rising."""

    record: str
    marks: tuple[Mark, ...]


def identity_of(found: FoundFile) -> str:
    """32 hex digits for a source file by name, size and time; a resumed copy compares bytes besides."""
    text = f"{found.size} {found.mtime_ns} ".encode() + found.name.raw
    return hashlib.sha256(b"bwc-vault/resume/v1\n" + text).hexdigest()[:32]


class Journal:
    """The open journal of one part. Raises OSError."""

    def __init__(self, path: Path, disk: Disk, record: str) -> None:
        self.path = path
        self._disk = disk
        disk.unlink(path)
        self._descriptor = disk.create(path)
        self._line({"v": 1, "record": record})

    def mark(self, at: int, sha256: str) -> None:
        """Note how far the copy is."""
        self._line({"at": at, "sha256": sha256})

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._descriptor >= 0:
            self._disk.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        """Close and remove the file."""
        self.close()
        self._disk.unlink(self.path)

    def _line(self, table: dict[str, object]) -> None:
        text = json.dumps(table, sort_keys=True)
        self._disk.write(self._descriptor, f"{_sum(text)} {text}\n".encode())


def read_journal(path: Path) -> Noted | None:
    """What a journal says up to its first damaged line; None when its first line is one. Never raises for content."""
    try:
        if path.stat().st_size > MAX_JOURNAL_BYTES:
            return None
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return None
    tables = []
    for line in lines:
        table = _table(line)
        if table is None:
            break
        tables.append(table)
    if not tables or tables[0].get("v") != 1 or not isinstance(tables[0].get("record"), str):
        return None
    return Noted(str(tables[0]["record"]), _marks(tables[1:]))


def worth_keeping(path: Path) -> bool:
    """Whether a journal marks any progress."""
    noted = read_journal(path)
    return noted is not None and bool(noted.marks)


def _marks(tables: list[dict[str, object]]) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for table in tables:
        at, sha256 = table.get("at"), table.get("sha256")
        if type(at) is not int or not isinstance(sha256, str) or at <= (marks[-1].at if marks else 0):
            break
        marks.append(Mark(at, sha256))
    return tuple(marks)


def _table(line: bytes) -> dict[str, object] | None:
    said, _, text = line.partition(b" ")
    try:
        if said.decode("ascii") != _sum(text.decode("utf-8")):
            return None
        table = json.loads(text)
    except (UnicodeDecodeError, ValueError):
        return None
    return table if isinstance(table, dict) else None


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
