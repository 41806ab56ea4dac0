"""The checkpoint at which the last verification without failures ended, as a file of the workspace."""

from __future__ import annotations

from pathlib import Path

from ingest.files import write_whole

MAX_BYTES = 1 << 20  # of a signed note, docs/custody-format.md section 9


class VerifiedFile:
    """``ports.verified.VerifiedPoint``."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> bytes | None:
        """The signed note, None where none was kept or the file cannot be read."""
        try:
            with self._file.open("rb") as handle:
                return handle.read(MAX_BYTES)
        except OSError:
            return None

    def keep(self, note: bytes) -> None:
        """Raises OSError."""
        write_whole(self._file, note)
