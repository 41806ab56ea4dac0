"""A dock source a test fills and empties by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.devices import Protection
from ingest.docks import Dock, DockKind
from ingest.names import shown_text


class FakeDocks:
    """``ingest.docks.DockSource`` over folders that are put in and taken out by their names.

    What it leaves out of the world: devices (each folder is a disk of its own, named after it) and mounting. The
    folders are real, so what is said to be there can be read. It passes the port's contract suite.
    """

    def __init__(self) -> None:
        self._docks: dict[str, Dock] = {}

    def put_in(self, folder: Path) -> None:
        """``folder`` is docked from now on."""
        label = shown_text(folder.name)
        self._docks[folder.name] = Dock(
            key=f"fake:{folder}", root=folder, label=label, kind=DockKind.DISK, device=f"fake-{label}",
            vendor="Invented", product="Reader", serial="", volume="", protection=Protection.WRITABLE,
        )  # fmt: skip

    def take_out(self, name: str) -> None:
        """The folder of that name is there no more."""
        del self._docks[name]

    def look(self) -> Sequence[Dock]:
        """As the port says."""
        return tuple(self._docks.values())
