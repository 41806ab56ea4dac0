"""Where the last verification without failures is remembered: one signed checkpoint, kept with the workspace."""

from __future__ import annotations

from typing import Protocol


class VerifiedPoint(Protocol):
    """The note of one checkpoint. It spares work and proves nothing; whoever distrusts it checks in full."""

    def read(self) -> bytes | None:
        """The signed note, None where none was kept."""

    def keep(self, note: bytes) -> None:
        """Put this one in its place."""
