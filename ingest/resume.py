"""Whether a file met again on a card is the one that was preserved before the card was pulled.

A look at its ends and its middle, not a proof: the proof was the digest when it was copied. What differs, or cannot
be read, is copied again, and its digest decides.
"""

from __future__ import annotations

import os
from pathlib import Path

from ingest.errors import IngestError
from ingest.listing import FoundFile
from ingest.source import open_found
from ingest.vault import Vault

SAMPLE_BYTES = 64 * 1024


def is_still(root: Path, found: FoundFile, vault: Vault, sha256: str) -> bool:
    """Compare ``found`` with the original ``sha256`` where they would differ first. Trouble is a difference."""
    try:
        descriptor = open_found(root, found.name)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "rb", buffering=0) as source, vault.open(sha256) as kept:
            if os.fstat(source.fileno()).st_size != found.size or kept.seek(0, os.SEEK_END) != found.size:
                return False
            for at in _places(found.size):
                source.seek(at)
                kept.seek(at)
                if source.read(SAMPLE_BYTES) != kept.read(SAMPLE_BYTES):
                    return False
    except (OSError, IngestError):
        return False
    return True


def _places(size: int) -> tuple[int, ...]:
    last = max(0, size - SAMPLE_BYTES)
    return tuple(sorted({0, last // 2, last}))
