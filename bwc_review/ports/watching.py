"""Who looks on at every unit of work that writes, so that no use case has to remember to ask."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from bwc_review.ports.store import Work


class Watch(Protocol):
    """Called by the store around every block that writes, inside its transaction."""

    def opening(self, work: Work) -> None:
        """Before anything is written. Raises LogContradicted when nothing may be."""

    def closing(self, work: Work, acts: Collection[str]) -> None:
        """After everything was written and before it is committed. ``acts``: the types of the new entries."""


class NobodyWatches:
    """The watch of a store that is looked at by itself: it lets everything pass and signs nothing."""

    def opening(self, work: Work) -> None:
        """Let it pass."""

    def closing(self, work: Work, acts: Collection[str]) -> None:
        """Sign nothing."""
