"""File names that every system can hold, made from names that came from outside. Knows no folder and no bundle.

The name as found is a custody payload and the shown name stands in review.json; these are handles only.
Reserved names: Microsoft, "Naming Files, Paths, and Namespaces".
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MAX_NAME = 80  # keeps a whole path inside a delivered folder below the 260 characters Windows allows
_MAX_SUFFIX = 10
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


def safe_name(text: str, *, fallback: str = "unnamed", longest: int = MAX_NAME) -> str:
    """Return a portable name of 1 to ``longest`` ASCII characters: no path, no control, nothing Windows reserves.

    ASCII only, because a name that exists in two Unicode forms breaks manifests on some file systems (custody 8).
    The file's suffix survives the cut.
    """
    last = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    bare = "".join(c for c in unicodedata.normalize("NFKD", last) if not unicodedata.combining(c))
    clean = _UNSAFE.sub("_", bare)
    stem, dot, suffix = clean.rpartition(".")
    name = clean.strip("._-") if stem.strip("._-") or not dot else f"{fallback}.{suffix}".rstrip("._-")
    name = name or fallback
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > longest:
        suffix = PurePosixPath(name).suffix[:_MAX_SUFFIX]
        name = name[: longest - len(suffix)].rstrip("._-") + suffix
    return name


class TakenNames:
    """Hands out each path once, also for file systems that do not tell upper from lower case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, folder: str, name: str) -> str:
        """Return ``folder/name``, or the same with a number before the suffix when that is taken already."""
        path = PurePosixPath(folder) / name
        tried, count = path, 1
        while str(tried).casefold() in self._taken:
            count += 1
            tried = path.with_name(f"{path.stem}-{count}{path.suffix}")
        self._taken.add(str(tried).casefold())
        return str(tried)
