"""Reading a folder somebody hostile may have made: bounded, regular files only, links never followed.

What the files mean is said elsewhere. Authority: docs/custody-format.md section 8 (names allowed in a bundle).
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from chain_of_custody.errors import BundleUnreadable

MAX_FILES = 2_000_000
MAX_DEPTH = 32
MAX_PATH_BYTES = 1024

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO must not hang the verifier
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")  # CR and LF have an encoding in manifests


@dataclass(slots=True)
class Listing:
    """Regular files (path with `/`, size in bytes), folders, and what must not be in a bundle (reason, path).

    Custody-format section 8.
    """

    files: dict[str, int] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def list_tree(root: Path) -> Listing:
    """Everything under `root` without following any link. Raises OSError when `root` cannot be read.

    Custody-format section 8.
    """
    listing = Listing()
    _scan(root, "", 1, listing)
    return listing


def _scan(folder: Path, prefix: str, depth: int, listing: Listing) -> None:
    with os.scandir(folder) as found:
        inside = sorted(found, key=lambda one: one.name)
    for one in inside:
        rel = prefix + one.name
        if problem := _entry_problem(one, rel):
            listing.problems.append((problem, rel))
        elif one.is_dir(follow_symlinks=False):
            if depth >= MAX_DEPTH:
                listing.problems.append(("too_deep", rel))
                continue
            listing.folders.append(rel)
            _scan(Path(one.path), f"{rel}/", depth + 1, listing)
        elif len(listing.files) >= MAX_FILES:
            listing.problems.append(("too_many_files", rel))
            return
        else:
            listing.files[rel] = one.stat(follow_symlinks=False).st_size


def _entry_problem(one: os.DirEntry[str], rel: str) -> str | None:
    if one.is_symlink():
        return "symlink"
    if not one.is_dir(follow_symlinks=False) and not one.is_file(follow_symlinks=False):
        return "special_file"
    return path_problem(rel)


def path_problem(rel: str) -> str | None:
    """Why `rel` may not name a file of a bundle, or None. Rules: custody-format section 8."""
    try:
        encoded = rel.encode("utf-8")
    except UnicodeEncodeError:
        return "not_utf8"
    parts = rel.split("/")
    rules = (
        ("too_long", len(encoded) > MAX_PATH_BYTES),
        ("absolute", rel.startswith("/") or _DRIVE.match(rel) is not None),
        ("backslash", "\\" in rel),
        ("dot_segment", any(part in ("", ".", "..") for part in parts)),
        ("control_character", _CONTROL.search(rel) is not None),
        ("not_nfc", not unicodedata.is_normalized("NFC", rel)),
    )
    return next((name for name, broken in rules if broken), None)


def open_regular(path: Path) -> FileIO:
    """Open a regular file for reading. Raises BundleUnreadable (missing, not_a_regular_file) or OSError.

    Custody-format section 8.
    """
    try:
        if path.is_symlink():
            raise BundleUnreadable("symlink", path.name)
        number = os.open(path, _OPEN_FLAGS)
    except (FileNotFoundError, NotADirectoryError) as gone:
        raise BundleUnreadable("missing", path.name) from gone
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise BundleUnreadable("not_a_regular_file", path.name)
    return FileIO(number, "rb")


def read_bounded(path: Path, limit: int) -> bytes:
    """The whole of a regular file of at most `limit` bytes. Raises BundleUnreadable or OSError.

    Custody-format section 8.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise BundleUnreadable("too_large", path.name, f"{size} bytes, at most {limit}")
        pieces: list[bytes] = []
        while piece := file.read(size + 1):
            pieces.append(piece)
    return b"".join(pieces)
