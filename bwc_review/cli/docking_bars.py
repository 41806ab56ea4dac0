"""One line for each card that is being taken: its bar, its rate, what remains, and what it is doing, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from bwc_review.cli.console import STEPS, acquisition_line, err
from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Acquisition, Docking


def docking_bars() -> Progress:
    """The lines of all cards. Standard error, so that JSON on standard output stays clean."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[card]}", markup=False, style="bold"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=True,
        get_time=monotonic,
    )


class DockingBar:
    """``ImportWatch`` as one line. ``say`` gets a line for each file settled; may be called from any thread."""

    def __init__(self, bars: Progress, card: str, say: Callable[[Text], object]) -> None:
        self._bars = bars
        self._say = say
        self._task = bars.add_task("looking at the card", total=None, card=card)
        self._before = self._current = 0

    def waiting(self) -> None:
        """Another card of the same device comes first."""
        self._bars.update(self._task, description="waits for the other card of this device")

    def attached(self, docking: Docking, kept: Sequence[Acquisition]) -> None:
        """Say whether this begins or goes on."""
        if kept:
            self._say(Text(f"  goes on: {len(kept)} files were settled before and are not read again"))

    def listed(self, files: int, size: int) -> None:
        """Set the bar to the bytes that will be copied."""
        self._bars.update(self._task, description=f"copying ({files} files)", total=size)

    def copying(self, name: str, done: int, size: int) -> None:
        """Move the bar."""
        self._current = done
        self._bars.update(self._task, completed=self._before + done)

    def settled(self, acquisition: Acquisition) -> None:
        """Say what became of a file."""
        self._before, self._current = self._before + self._current, 0
        self._say(acquisition_line(acquisition))

    def preparing(self, recording: Recording, step: str) -> None:
        """Say what is being made."""
        self._bars.update(self._task, description=f"{recording.exhibit}: {STEPS.get(step, step)}", total=None)

    def cancelled(self) -> bool:
        """Ctrl-C stops all of them at once."""
        return False
