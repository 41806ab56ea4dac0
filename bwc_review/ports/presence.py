"""Whether the program that opened a session is still running. Tells a crash from a neighbour at work."""

from __future__ import annotations

from typing import Protocol


class Presence(Protocol):
    """A sign that lives as long as the process that put it up."""

    def hold(self, session: str) -> None:
        """Put up the sign for a session of this process."""

    def release(self, session: str) -> None:
        """Take it down."""

    def alive(self, session: str) -> bool:
        """Whether some running process still holds it."""
