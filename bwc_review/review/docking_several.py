"""Several cards at once: each docked as if alone, side by side where they lie on different devices."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.recording import Recording
from bwc_review.errors import DockingsIncomplete, ReviewError
from bwc_review.ports.records import Acquisition, Docking, Session
from bwc_review.review.desk import Desk, allow, unlock
from bwc_review.review.docking import PERMISSION, DockingReport, ImportWatch, import_card
from chain_of_custody.errors import CustodyError
from ingest.errors import IngestError
from ingest.names import shown_text

MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class DockRequest:
    """One card to be taken, and who looks on. ``profile`` and ``clock`` as for ``import_card``."""

    source: Path
    watch: ImportWatch
    profile: str | None = None
    clock: CameraClock | None = None


@dataclass(frozen=True, slots=True)
class Docked:
    """What became of one request: a report, or the sentence that says why there is none."""

    request: DockRequest
    report: DockingReport | None
    error: ReviewError | IngestError | CustodyError | None


def import_cards(desk: Desk, session: Session, requests: Sequence[DockRequest]) -> tuple[Docked, ...]:
    """Take every card named, in the order of the requests. One that ends badly does not stop the others.

    Raises PermissionDenied, and WrongPassphrase before anything is copied. Ctrl-C asks every docking to stop and
    waits for them.
    """
    allow(desk, session, PERMISSION)
    unlock(desk, session)  # asked for once, before threads are started
    stop = threading.Event()

    def run(request: DockRequest) -> Docked:
        watch = _Stoppable(request.watch, stop)
        try:
            report = import_card(
                desk, session, request.source, watch=watch, profile=request.profile, clock=request.clock
            )
        except (ReviewError, IngestError, CustodyError) as ended:
            return Docked(request, None, ended)
        return Docked(request, report, None)

    if len(requests) == 1:
        return (run(requests[0]),)
    with ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="dock") as pool:
        under_way = [pool.submit(run, request) for request in requests]
        try:
            return tuple(one.result() for one in under_way)
        except BaseException:
            stop.set()
            raise


def refuse_incomplete(docked: Sequence[Docked]) -> None:
    """Raise what stopped the only card, or DockingsIncomplete naming every card that was not taken whole."""
    ended = [one for one in docked if one.error is not None]
    if not ended:
        return
    if len(docked) == 1 and ended[0].error is not None:
        raise ended[0].error
    told = [f"{shown_text(str(one.request.source))}: {one.error.message()}" for one in ended if one.error is not None]
    raise DockingsIncomplete(
        f"{len(ended)} of {len(docked)} cards were not taken whole. `bwc-review dockings` shows where each stands.\n"
        + "\n".join(told)
    )


class _Stoppable:
    """An ImportWatch that a Ctrl-C elsewhere stops too."""

    def __init__(self, watch: ImportWatch, stop: threading.Event) -> None:
        self._watch = watch
        self._stop = stop

    def waiting(self) -> None:
        self._watch.waiting()

    def attached(self, docking: Docking, kept: Sequence[Acquisition]) -> None:
        self._watch.attached(docking, kept)

    def listed(self, files: int, size: int) -> None:
        self._watch.listed(files, size)

    def copying(self, name: str, done: int, size: int) -> None:
        self._watch.copying(name, done, size)

    def settled(self, acquisition: Acquisition) -> None:
        self._watch.settled(acquisition)

    def preparing(self, recording: Recording, step: str) -> None:
        self._watch.preparing(recording, step)

    def cancelled(self) -> bool:
        return self._stop.is_set() or self._watch.cancelled()
