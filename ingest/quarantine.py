"""Originals set aside because their bytes are not what was taken in: a finding beside them, their place left free.

``quarantine/<sha256>.finding`` keeps every reader out; ``quarantine/<sha256>.bytes`` (or ``.floe.bytes``) is what
stood in the place, kept as it is. Who may release one and why is the use case's business.
"""

from __future__ import annotations

from ingest.errors import Quarantined
from ingest.storage import Storage
from ingest.vault_names import SEALED, place_of, stored_name


class Quarantine:
    """The quarantine of one storage. Every method raises OSError, and VaultDamaged for what is no digest."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def set_aside(self, sha256: str, finding: str) -> None:
        """Nobody opens this original from now on, and its place is free for a good copy. ``finding`` is a code."""
        self._storage.put_bytes(self._marker(sha256), finding.encode("ascii"))
        name = stored_name(self._storage, sha256)
        if name is not None:
            self._storage.move(name, self._aside(sha256, SEALED if name.endswith(SEALED) else ""))

    def holds(self, sha256: str) -> bool:
        """Whether an original is set aside."""
        return self._storage.has(self._marker(sha256))

    def refuse(self, sha256: str) -> None:
        """Raise Quarantined when an original is set aside."""
        if self.holds(sha256):
            raise Quarantined(
                f"The original {sha256} is in quarantine: its bytes were found not to be what was taken in. "
                "`bwc-review vault quarantine list` says why; restore it, then release it with a reason."
            )

    def findings(self) -> dict[str, str]:
        """Digest and finding of every original set aside."""
        names = [name for name in self._storage.names("quarantine") if name.endswith(".finding")]
        return {
            name.rpartition("/")[2].removesuffix(".finding"): self._storage.read_bytes(name).decode(
                "ascii", "replace"
            )
            for name in names
        }

    def put_back(self, sha256: str) -> None:
        """Stand what was set aside in its place again, unless a newer copy stands there. It stays quarantined."""
        for suffix in (SEALED, ""):
            aside = self._aside(sha256, suffix)
            if stored_name(self._storage, sha256) is None and self._storage.has(aside):
                self._storage.move(aside, place_of(sha256) + suffix)

    def end(self, sha256: str) -> None:
        """Readers are let in again."""
        self._storage.remove(self._marker(sha256))

    def _marker(self, sha256: str) -> str:
        return f"quarantine/{place_of(sha256).rpartition('/')[2]}.finding"

    def _aside(self, sha256: str, suffix: str) -> str:
        return f"quarantine/{sha256}{suffix}.bytes"
