"""What is docked now: every source that can be read, who made it, and what protects it from being written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bwc_review.review.desk import Desk
from ingest.docks import Arrived, Dock, DockPoller, dock_at
from ingest.errors import NotADock

_ADVICE = {
    "write-blocked": "write-blocked: the reader or the disk itself refuses writing.",
    "mounted-read-only": "mounted read-only: the system does not write here; another mount of the card still could.",
    "writable": (
        "writable: nothing here writes to it, but the system or another program could. Prefer a write-blocking "
        "reader, or mount cards read-only (ro,noatime)."
    ),
}
_KINDS = {"disk": "card or disk", "drop-folder": "drop folder", "folder": "folder"}


@dataclass(frozen=True, slots=True)
class DockView:
    """One source for a screen. ``key`` is its own while it is there; sources with one ``device`` take turns.

    ``volume`` names the file system, empty where nothing does; ``maker`` is vendor, product and serial as far as
    known; ``protection`` is a code and ``advice`` its sentence.
    """

    key: str
    root: Path
    label: str
    kind: str
    device: str
    volume: str
    maker: str
    protection: str
    advice: str


@dataclass(frozen=True, slots=True)
class DockChange:
    """``came`` or, when False, went."""

    dock: DockView
    came: bool


class DockWatch:
    """Looks for docks again and again; one of its own for each screen. Not for two threads at once."""

    def __init__(self, poller: DockPoller) -> None:
        self._poller = poller

    def look(self) -> tuple[DockChange, ...]:
        """What came and went since the last look."""
        return tuple(DockChange(_view(event.dock), isinstance(event, Arrived)) for event in self._poller.poll())

    def follow(self, stopped: Callable[[], bool]) -> Iterator[DockChange]:
        """Every change as it comes, until ``stopped`` says so."""
        for event in self._poller.watch(stopped):
            yield DockChange(_view(event.dock), isinstance(event, Arrived))

    @property
    def troubles(self) -> tuple[str, ...]:
        """What could not be looked into at the last look, a sentence each."""
        return self._poller.troubles

    @property
    def present(self) -> tuple[DockView, ...]:
        """What was there at the last look."""
        return tuple(_view(dock) for dock in self._poller.present)


def watch_docks(desk: Desk) -> DockWatch:
    """Begin to watch the places this workstation looks for docks in. Nothing is opened but folders."""
    return DockWatch(desk.docks())


def view_of(folder: Path) -> DockView | None:
    """A folder a person named, as a dock; None when it cannot be one."""
    try:
        return _view(dock_at(folder))
    except NotADock:
        return None


def _view(dock: Dock) -> DockView:
    maker = " ".join(filter(None, (dock.vendor, dock.product, dock.serial)))
    protection = dock.protection.value
    return DockView(
        key=dock.key,
        root=dock.root,
        label=dock.label,
        kind=_KINDS[dock.kind.value],
        device=dock.device,
        volume=dock.volume,
        maker=maker,
        protection=protection,
        advice=_ADVICE[protection],
    )
