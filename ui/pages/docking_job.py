"""One import under way: the use case's watch turned into values the GUI thread can show. Knows no widget."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Acquisition, Session
from bwc_review.review.desk import Desk
from bwc_review.review.docking import DockingReport, import_card
from ui.tasks import Told

REPORT_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Listed:
    """How many files lie on the card, and as which camera it was recognised."""

    files: int
    size: int
    label: str
    profile: str


@dataclass(frozen=True, slots=True)
class Copying:
    """Bytes of the file being copied."""

    name: str
    done: int
    size: int


@dataclass(frozen=True, slots=True)
class Preparing:
    """What is being made of a recording."""

    name: str
    step: str


class Watch:
    """``ImportWatch`` that reports to a task. Lives in the import's thread."""

    def __init__(self, desk: Desk, told: Told[DockingReport]) -> None:
        self._desk = desk
        self._told = told
        self._last = 0.0

    def listed(self, files: int, size: int) -> None:
        """The listing is done and the camera recognised."""
        with self._desk.store.reading() as work:
            dockings = work.footage.dockings()
        newest = max(dockings, key=lambda one: one.started_at, default=None)
        label, profile = (newest.label, newest.profile) if newest else ("", "")
        self._told.report(Listed(files, size, label, profile))

    def copying(self, name: str, done: int, size: int) -> None:
        """Told for every block; passed on a few times a second."""
        now = time.monotonic()
        if done >= size or now - self._last >= REPORT_EVERY_S:
            self._last = now
            self._told.report(Copying(name, done, size))

    def settled(self, acquisition: Acquisition) -> None:
        """What became of one file."""
        self._told.report(acquisition)

    def preparing(self, recording: Recording, step: str) -> None:
        """What is being made of a recording."""
        self._told.report(Preparing(recording.name, step))

    def cancelled(self) -> bool:
        """Whether a person asked to stop."""
        return self._told.cancelled()


def run_import(
    desk: Desk, session: Session, source: Path, profile: str | None, told: Told[DockingReport]
) -> DockingReport:
    """The whole import, in the caller's thread. Raises what ``import_card`` raises."""
    return import_card(desk, session, source, watch=Watch(desk, told), profile=profile)


def look_at(source: Path) -> tuple[int, int]:
    """How many files lie below a folder and how many bytes, before anything is taken. Raises OSError."""
    sizes = [file.lstat().st_size for file in source.rglob("*") if file.is_file() and not file.is_symlink()]
    return len(sizes), sum(sizes)
