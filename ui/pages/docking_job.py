"""One import under way: the use case's watch turned into values the GUI thread can show. Knows no widget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Acquisition, Docking, Session
from bwc_review.review.desk import Desk
from bwc_review.review.dock_progress import Moving, RateMeter
from bwc_review.review.docking import DockingReport, import_card
from ui.tasks import Told

REPORT_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another card of the same reader comes first."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The docking is on record; ``kept`` files were settled before the card was pulled."""

    docking: Docking
    kept: tuple[Acquisition, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """How many files are still to be settled, and their bytes."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Copying:
    """Bytes of the file being copied, and how the whole docking moves."""

    name: str
    done: int
    size: int
    moving: Moving


@dataclass(frozen=True, slots=True)
class Preparing:
    """What is being made of a recording."""

    name: str
    step: str


JobNews = Waiting | Attached | Listed | Copying | Preparing | Acquisition


class Watch:
    """``ImportWatch`` that reports to a task. Lives in the import's thread."""

    def __init__(self, told: Told[DockingReport]) -> None:
        self._told = told
        self._meter = RateMeter()
        self._last = 0.0

    def waiting(self) -> None:
        """Another source of the same device is being read."""
        self._told.report(Waiting())

    def attached(self, docking: Docking, kept: Sequence[Acquisition]) -> None:
        """The docking is on record."""
        self._told.report(Attached(docking, tuple(kept)))

    def listed(self, files: int, size: int) -> None:
        """The plan is made."""
        self._meter.begin(size, time.monotonic())
        self._told.report(Listed(files, size))

    def copying(self, name: str, done: int, size: int) -> None:
        """Told for every report of the copying process; passed on a few times a second."""
        now = time.monotonic()
        moving = self._meter.moved(done, size, now)
        if done >= size or now - self._last >= REPORT_EVERY_S:
            self._last = now
            self._told.report(Copying(name, done, size, moving))

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
    desk: Desk,
    session: Session,
    source: Path,
    profile: str | None,
    clock: CameraClock | None,
    told: Told[DockingReport],
) -> DockingReport:
    """The whole import, in the caller's thread. Raises what ``import_card`` raises."""
    return import_card(desk, session, source, watch=Watch(told), profile=profile, clock=clock)
