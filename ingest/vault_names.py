"""Names in the vault's storage: an original lies under its digest, ``.floe`` behind it when it is encrypted."""

from __future__ import annotations

import re

from ingest.errors import VaultDamaged
from ingest.storage import Storage

SEALED = ".floe"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in lower-case hex."""
    return _SHA256.fullmatch(text) is not None


def place_of(sha256: str) -> str:
    """Where an original lies, without the suffix. Raises VaultDamaged for what is no digest."""
    if not is_digest(sha256):
        raise VaultDamaged(
            f"'{sha256[:80]!r}' is not a SHA-256 in lower-case hex. Verify the database against its custody log."
        )
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def stored_name(storage: Storage, sha256: str) -> str | None:
    """The name an original stands under, None when it is not there. Raises VaultDamaged, OSError."""
    place = place_of(sha256)
    return next((name for name in (place + SEALED, place) if storage.has(name)), None)
