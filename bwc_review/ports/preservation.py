"""What is known of the originals' state: quarantines and scrubs. The bytes and their markers are the vault's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One original set aside. ``finding`` is a code; ``released_at`` is None while it is held. Times in us UTC."""

    sha256: str
    exhibit: str
    finding: str
    found_at: int
    released_at: int | None = None


@dataclass(frozen=True, slots=True)
class ScrubRun:
    """One reading again of the originals in order of digest. ``share`` in percent; ``done`` counts those read.

    ``last_sha256`` is the last one read, empty before the first; ``state``: "open" or "done".
    """

    id: str
    share: int
    started_at: int
    last_sha256: str = ""
    done: int = 0
    failed: int = 0
    state: str = "open"


class Preservation(Protocol):
    """Quarantines and scrubs as rows."""

    def set_aside(self, row: QuarantineRow) -> None:
        """Keep that an original is set aside; set aside again after a release, it replaces its row."""

    def release(self, sha256: str, at: int) -> None: ...
    def quarantined(self) -> Sequence[QuarantineRow]:
        """Those held now, in order of digest."""
        ...

    def adopt(self, sha256: str, at: int) -> None:
        """Keep that an original without an exhibit was found whole."""

    def adopted(self, sha256: str) -> bool: ...

    def keep_scrub(self, run: ScrubRun) -> None:
        """Keep a run as it stands now."""

    def open_scrub(self) -> ScrubRun | None:
        """The run that was begun and not ended."""
        ...

    def last_scrub(self) -> ScrubRun | None:
        """The run that began last."""
        ...
