"""Long work off the GUI thread: one small mechanism with progress, cancel, result and error.

Everything a task tells arrives on the GUI thread. Knows no use case and no widget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from bwc_review.errors import Cancelled

T = TypeVar("T")
SHUTDOWN_MS = 15_000


class Lane(StrEnum):
    """Which queue a task waits in."""

    READS = "reads"
    ACTS = "acts"  # one after the other, in the order they were asked for
    LONG = "long"
    BACKGROUND = "background"  # begun by nobody, gone on with after a restart: closing asks nothing
    DOCKS = "docks"  # one import each; those of one device take turns further down


_THREADS = {Lane.READS: 2, Lane.ACTS: 1, Lane.LONG: 1, Lane.BACKGROUND: 1, Lane.DOCKS: 16}


class Told(Generic[T]):
    """What the work itself is handed: where to report, and whether a person asked to stop."""

    def __init__(self, report: Callable[[object], None], stop: threading.Event) -> None:
        self.report = report
        self._stop = stop

    def cancelled(self) -> bool:
        """Whether a person asked to stop."""
        return self._stop.is_set()

    def go_on(self) -> None:
        """Raise Cancelled when a person asked to stop."""
        if self.cancelled():
            raise Cancelled("Stopped. What was finished before is kept.")


class Task(QObject):
    """One piece of work under way. ``progressed`` carries whatever the work reports."""

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()
    _settled = Signal(object, object)
    _reported = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._settled.connect(self._settle, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Ask the work to stop; it ends as failed with Cancelled."""
        self._stop.set()

    @Slot(object)
    def _tell(self, value: object) -> None:
        self.progressed.emit(value)

    @Slot(object, object)
    def _settle(self, result: object, error: object) -> None:
        try:
            if error is None:
                self.succeeded.emit(result)
            else:
                self.failed.emit(error)
        finally:
            self.ended.emit()


class _Run(QRunnable):
    def __init__(self, task: Task, work: Callable[[Told[Any]], Any]) -> None:
        super().__init__()
        self._task = task
        self._work = work

    def run(self) -> None:
        task = self._task
        result: object = None
        error: Exception | None = None
        try:
            result = self._work(Told(task._reported.emit, task._stop))
        except Exception as raised:  # the thread's edge: the GUI thread says it in words
            error = raised
        task._settled.emit(result, error)


class Tasks(QObject):
    """Starts tasks and knows which are under way. ``changed`` tells how many acts are still being saved."""

    changed = Signal(int)
    unheard = Signal(object)  # an error nobody asked to be told of

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pools: dict[Lane, QThreadPool] = {}
        for lane, threads in _THREADS.items():
            pool = QThreadPool(self)
            pool.setMaxThreadCount(threads)
            self._pools[lane] = pool
        self._running: dict[Task, Lane] = {}

    def start(
        self,
        work: Callable[[Told[Any]], T],
        *,
        lane: Lane = Lane.READS,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        progress: Callable[[Any], object] | None = None,
    ) -> Task:
        """Run ``work`` in a thread of ``lane``; the callbacks run on the GUI thread."""
        task = Task()
        if done is not None:
            task.succeeded.connect(done)
        task.failed.connect(failed if failed is not None else self.unheard.emit)
        if progress is not None:
            task.progressed.connect(progress)
        task.ended.connect(lambda: self._end(task))
        self._running[task] = lane
        self.changed.emit(self.saving)
        self._pools[lane].start(_Run(task, work))
        return task

    @property
    def saving(self) -> int:
        """How many acts are not on disk yet."""
        return sum(1 for lane in self._running.values() if lane is Lane.ACTS)

    @property
    def long_under_way(self) -> bool:
        """Whether an import, a listening or an export runs."""
        return not {Lane.LONG, Lane.DOCKS}.isdisjoint(self._running.values())

    def _end(self, task: Task) -> None:
        self._running.pop(task, None)
        self.changed.emit(self.saving)

    def finish_acts(self) -> None:
        """Wait until every act is on disk. For closing only."""
        self._pools[Lane.ACTS].waitForDone(SHUTDOWN_MS)

    def pause_background(self) -> None:
        """Ask the background lane to stop and wait for it; what it began is gone on with later."""
        for task, lane in self._running.items():
            if lane is Lane.BACKGROUND:
                task.cancel()
        self._pools[Lane.BACKGROUND].waitForDone(SHUTDOWN_MS)

    def shut_down(self) -> None:
        """Ask everything to stop and wait for it; what waits to be saved is saved first."""
        self.finish_acts()
        for task in tuple(self._running):
            task.cancel()
        for pool in self._pools.values():
            pool.waitForDone(SHUTDOWN_MS)
        for task in tuple(self._running):
            task.blockSignals(True)  # nobody is left to be told
        self._running.clear()
