"""The full listing of a dock: every entry met, whatever it is, in one deterministic order.

Reads names and sizes only; opens files solely to learn whether they can be opened. Decides nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from ingest.errors import NotADock, SourceUnreadable
from ingest.names import FoundName, shown_text
from ingest.source import open_found, scan

MAX_DEPTH = 64
MAX_ENTRIES = 500_000


class FoundKind(StrEnum):
    """What an entry of a dock is to the file system."""

    FILE = "file"
    SYMLINK = "symlink"
    SPECIAL = "special"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One entry: its name, bytes, modification time (ns since 1970, as the card says) and, if any, its trouble."""

    name: FoundName
    size: int
    mtime_ns: int
    kind: FoundKind
    trouble: str = ""

    @property
    def seen_as(self) -> str:
        """SHA-256 (hex) over raw name, size, time and kind: the same entry met again. Says nothing of its bytes."""
        told = f"{len(self.name.raw)}:{self.size}:{self.mtime_ns}:{self.kind.value}:".encode()
        return hashlib.sha256(told + self.name.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Listing:
    """All entries below ``root`` ordered by raw name; ``label`` names the source to a person."""

    root: Path
    label: str
    entries: tuple[FoundFile, ...]

    @property
    def files(self) -> tuple[FoundFile, ...]:
        """The regular, readable files only."""
        return tuple(e for e in self.entries if e.kind is FoundKind.FILE)

    @property
    def seen_as(self) -> str:
        """SHA-256 (hex) over all entries as listed: tells a card put back from another one; says nothing of bytes."""
        return hashlib.sha256("".join(entry.seen_as for entry in self.entries).encode()).hexdigest()


def list_dock(root: Path) -> Listing:
    """List ``root`` and everything below it without following symbolic links.

    What cannot be read becomes an entry with its reason. Raises NotADock when ``root`` is missing, is
    not a folder, cannot be opened, or holds no entry or more than MAX_ENTRIES.
    """
    label = shown_text(root.name or str(root))
    if not root.is_dir():
        raise NotADock(
            f"'{shown_text(str(root))}' is not a folder that can be read. "
            "Put the card in, wait until it is mounted, and name the folder it appears under."
        )
    try:
        entries = sorted(islice(_walk(root, None, 0), MAX_ENTRIES + 1), key=lambda e: e.name.raw)
    except OSError as error:
        raise NotADock(
            f"'{label}' could not be listed ({error.strerror}). Take the card out, put it back and try again.",
            detail=repr(error),
        ) from error
    if not entries:
        raise NotADock(f"'{label}' holds no files. Check that this is the camera's card and that it is mounted.")
    if len(entries) > MAX_ENTRIES:
        raise NotADock(f"'{label}' holds more than {MAX_ENTRIES} files: no camera's card does. Name the card itself.")
    return Listing(root=root, label=label, entries=tuple(entries))


def _walk(root: Path, folder: FoundName | None, depth: int) -> Iterator[FoundFile]:
    with scan(root, folder) as found:
        for entry in found:
            part = os.fsencode(entry.name)
            yield from _entry(root, entry, FoundName(part) if folder is None else folder.child(part), depth)


def _entry(
    root: Path, entry: os.DirEntry[str] | os.DirEntry[bytes], name: FoundName, depth: int
) -> Iterator[FoundFile]:
    try:
        facts = entry.stat(follow_symlinks=False)
    except OSError as error:
        yield _unreadable(name, _why(error))
        return
    if stat.S_ISDIR(facts.st_mode):
        yield from _folder(root, name, depth)
    elif stat.S_ISLNK(facts.st_mode):
        yield FoundFile(name, facts.st_size, facts.st_mtime_ns, FoundKind.SYMLINK)
    elif not stat.S_ISREG(facts.st_mode):
        yield FoundFile(name, 0, facts.st_mtime_ns, FoundKind.SPECIAL)
    else:
        trouble = _cannot_open(root, name)
        kind = FoundKind.UNREADABLE if trouble else FoundKind.FILE
        yield FoundFile(name, facts.st_size, facts.st_mtime_ns, kind, trouble)


def _folder(root: Path, name: FoundName, depth: int) -> Iterator[FoundFile]:
    if depth >= MAX_DEPTH:
        yield _unreadable(name, f"folders lie more than {MAX_DEPTH} deep")
        return
    try:
        yield from _walk(root, name, depth + 1)
    except SourceUnreadable:
        # The folder stands in the record for what is too long to be named as a whole.
        yield _unreadable(name, "it holds a path too long to be named")
    except OSError as error:
        yield _unreadable(name, _why(error))


def _cannot_open(root: Path, name: FoundName) -> str:
    try:
        os.close(open_found(root, name))
    except OSError as error:
        return _why(error)
    return ""


def _unreadable(name: FoundName, why: str) -> FoundFile:
    return FoundFile(name, 0, 0, FoundKind.UNREADABLE, why)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
