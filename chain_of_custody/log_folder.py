"""A live log handed over as files: a custody folder on its own, not inside a bundle, so no manifest covers it.

What may lie in it and how it is verified: docs/custody-format.md sections 7 and 11.
"""

from __future__ import annotations

import re
from pathlib import Path

from chain_of_custody.files import list_tree
from chain_of_custody.findings import Collector

ENTRIES = "entries/"
_NAMES = re.compile(
    r"leaves\.txt|payloads\.json|policy\.json|keys/log\.vkey"
    r"|entries/[0-9]{8,}\.(?:json|sig)|checkpoints/[0-9]{4,}\.(?:note|tsr|tsq)"
    r"|timestamps/[0-9]{8,}-[a-z0-9_]{1,32}\.(?:note|tsq|tsr|pem)"
)
_FOLDERS = frozenset({"entries", "checkpoints", "keys", "timestamps"})


def inspect_folder(folder: Path, found: Collector) -> frozenset[str] | None:
    """The files of a log folder; None where it cannot be gone through safely (custody-format section 8).

    A file or folder that section 7 does not name is a failure: nothing binds it to the log. Raises OSError.
    """
    listing = list_tree(folder)
    for reason, where in listing.problems:
        found.failed(reason, where, "It must not be in a log folder; nothing was read")
    for where in listing.folders:
        if where not in _FOLDERS:
            found.failed("stray_folder", where, "It does not belong into a log folder")
    for where in listing.files:
        if not _NAMES.fullmatch(where):
            found.failed("stray_file", where, "It does not belong into a log folder")
    return None if listing.problems else frozenset(listing.files)
