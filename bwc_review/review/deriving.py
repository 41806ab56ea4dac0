"""Working off what is to be made of recordings: claimed by one process, gone on with after a crash, said in words.

A job is asked for when a recording arrives, worked by whoever opens the workspace next, and tried again only on
request once it failed. A derivative and its custody entry are one transaction with the job's end.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Recording
from bwc_review.errors import Cancelled, NotReady
from bwc_review.ports.jobs import UNDER_WAY, Job, JobState
from bwc_review.ports.records import Session, StoredDerivative
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.pieces import SALVAGE, make_piece, new_job, pieces_of
from bwc_review.review.salvaged import WonBack, examine_salvaged, keep_salvaged
from chain_of_custody.entry import Subject
from ingest.derivatives import Derivative
from ingest.errors import DerivingStopped, DiskFull, IngestError
from ingest.stopping import stoppable

PERMISSION = "media.derive"
MOST_CRASHES = 3
ASK_EVERY_S = 1.0
WAIT_S = 0.2
CRASHED = "The program ended {attempts} times while making this. It is not tried again by itself."


class JobWatch(Protocol):
    """Whoever looks on while jobs are worked: told of each, asked whether to stop."""

    def working(self, job: Job, recording: Recording, left: int) -> None:
        """A job was begun; so many wait behind it."""

    def ended(self, job: Job, recording: Recording) -> None:
        """How it ended."""

    def cancelled(self) -> bool:
        """Whether a person asked to stop for now. What was begun waits for the next time."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What one round came to: jobs done, jobs failed, jobs cancelled while they ran."""

    done: int
    failed: int
    cancelled: int


def queue_pieces(desk: Desk, work: Work, recording: Recording) -> int:
    """Ask for every piece of a recording that was neither made nor asked for yet; returns how many."""
    have = {one.kind for one in work.footage.derivatives(recording.id)}
    have |= {one.what for one in work.jobs.all() if one.recording == recording.id}
    missing = [what for what in pieces_of(recording) if what not in have]
    for what in missing:
        work.jobs.add(new_job(desk, recording.id, what))
    return len(missing)


def work_off(desk: Desk, session: Session, watch: JobWatch, *, only: Collection[str] | None = None) -> Worked:
    """Work every queued job, or those of the pieces named, until none is left or a person asks to stop.

    Raises PermissionDenied, and DiskFull after the log says so; the job then waits for room.
    """
    allow(desk, session, PERMISSION)
    _queue_what_was_forgotten(desk)
    ends: list[JobState] = []
    while not watch.cancelled():
        claimed = _claim(desk, session, only)
        if claimed is None:
            break
        job, recording, left = claimed
        watch.working(job, recording, left)
        ended = _work(desk, session, job, recording, watch)
        watch.ended(ended, recording)
        ends.append(ended.state)
    return Worked(*(ends.count(state) for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)))


def have_made(desk: Desk, session: Session, recording: RecordingId, what: str, watch: JobWatch) -> None:
    """Return once a piece is made, making it here when nobody does. Raises NotReady (it failed or was cancelled),
    Cancelled, PermissionDenied."""
    while True:
        with desk.store.reading() as work:
            if any(one.kind == what for one in work.footage.derivatives(recording)):
                return
            exhibit = work.footage.recording(recording).exhibit
            job = next((one for one in work.jobs.all() if (one.recording, one.what) == (recording, what)), None)
        if watch.cancelled():
            raise Cancelled("Stopped. What was finished before is kept.")
        if job is None or job.state in (JobState.FAILED, JobState.CANCELLED):
            raise NotReady(
                f"Of {exhibit} the piece '{what}' was not made. {job.error if job else ''} "
                "`bwc-review jobs --retry` tries again."
            )
        if job.state is JobState.QUEUED or not desk.presence.alive(job.owner):
            work_off(desk, session, watch, only={what})
        else:
            time.sleep(WAIT_S)


def _queue_what_was_forgotten(desk: Desk) -> None:
    """Recordings that came before there were jobs, or whose docking was cut short between two transactions."""
    with desk.store.reading() as work:
        asked = {(one.recording, one.what) for one in work.jobs.all()}
        lacking = [
            one for one in work.footage.recordings() if any((one.id, what) not in asked for what in pieces_of(one))
        ]
    if lacking:
        with desk.store.writing() as work:
            for one in lacking:
                queue_pieces(desk, work, one)


def _claim(desk: Desk, session: Session, only: Collection[str] | None) -> tuple[Job, Recording, int] | None:
    with desk.store.reading() as work:
        if not any(_is_open(desk, one) for one in work.jobs.all()):
            return None
    with desk.store.writing() as work:
        for left in [one for one in work.jobs.all() if one.state in UNDER_WAY and _is_open(desk, one)]:
            _take_back(desk, work, session, left)
        queued = [
            one for one in work.jobs.all() if one.state is JobState.QUEUED and (only is None or one.what in only)
        ]
        if not queued:
            return None
        job = replace(queued[0], state=JobState.RUNNING, owner=session.id, attempts=queued[0].attempts + 1)
        work.jobs.update(job)
        return job, work.footage.recording(job.recording), len(queued) - 1


def _is_open(desk: Desk, job: Job) -> bool:
    """Whether somebody should take it: it waits, or whoever worked it is gone."""
    return job.state is JobState.QUEUED or (job.state in UNDER_WAY and not desk.presence.alive(job.owner))


def _take_back(desk: Desk, work: Work, session: Session, job: Job) -> None:
    """A job whose program ended without a word: again, unless a person had stopped it or it ends every program."""
    if job.state is JobState.STOPPING:
        work.jobs.update(_ended(desk, job, JobState.CANCELLED, ""))
    elif job.attempts >= MOST_CRASHES:
        error = CRASHED.format(attempts=job.attempts)
        work.jobs.update(_ended(desk, job, JobState.FAILED, error))
        _say_not_made(desk, work, session, job, "failed", error)
    else:
        work.jobs.update(replace(job, state=JobState.QUEUED, owner=""))


def _work(desk: Desk, session: Session, job: Job, recording: Recording, watch: JobWatch) -> Job:
    asked = _Asked(desk, job.id)
    try:
        with stoppable(lambda: watch.cancelled() or asked()):
            made = make_piece(desk, recording, job.what, job.wanted)
            won = examine_salvaged(desk.vault, recording, job, made) if job.what == SALVAGE else None
    except DerivingStopped as stopped:
        if not asked.for_good():
            return _settle(desk, session, replace(job, state=JobState.QUEUED, owner=""))
        return _settle(desk, session, _ended(desk, job, JobState.CANCELLED, ""), "refused", stopped.message())
    except DiskFull as full:
        waiting = replace(job, state=JobState.QUEUED, owner="", error=full.message())
        _settle(desk, session, waiting, "failed", full.message())
        raise
    except IngestError as failed:
        error = failed.message()
        return _settle(desk, session, _ended(desk, job, JobState.FAILED, error), "failed", error)
    return _keep(desk, session, job, recording, made, won)


class _Asked:
    """Whether somebody, in whichever program, asked for one job to stop; looked up once a second."""

    def __init__(self, desk: Desk, job: str) -> None:
        self._desk, self._job = desk, job
        self._next = time.monotonic() + ASK_EVERY_S

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + ASK_EVERY_S
        return self.for_good()

    def for_good(self) -> bool:
        """Whether the job is to be cancelled rather than put off."""
        with self._desk.store.reading() as work:
            return work.jobs.job(self._job).state is JobState.STOPPING


def _settle(desk: Desk, session: Session, job: Job, outcome: str = "", message: str = "") -> Job:
    with desk.store.writing() as work:
        work.jobs.update(job)
        if outcome:
            _say_not_made(desk, work, session, job, outcome, message)
    return job


def _say_not_made(desk: Desk, work: Work, session: Session, job: Job, outcome: str, message: str) -> None:
    data = {"kind": job.what, "exhibit": work.footage.recording(job.recording).exhibit, "attempts": job.attempts}
    subject = Subject("recording", job.recording)
    record(desk, work, session, "media.derived", subject, outcome=outcome, data=data, texts={"message": message})


def _keep(desk: Desk, session: Session, job: Job, recording: Recording, made: Derivative, won: WonBack | None) -> Job:
    done = _ended(desk, job, JobState.DONE, "")
    stored = stored_as(desk, recording, job.what, made)
    with desk.store.writing() as work:
        work.footage.add_derivative(stored)
        work.jobs.update(done)
        data: dict[str, object] = {
            "kind": job.what, "exhibit": recording.exhibit, "parent_sha256": stored.parent_sha256,
            "sha256": stored.sha256, "size": stored.size, "tool": stored.tool, "parameters": stored.parameters,
        }  # fmt: skip
        record(desk, work, session, "media.derived", Subject("recording", recording.id), data=data)
        if won is not None:
            keep_salvaged(desk, work, session, won, job, made)
            queue_pieces(desk, work, won.recording)
    return done


def stored_as(desk: Desk, recording: Recording, what: str, made: Derivative) -> StoredDerivative:
    """A derivative as the catalogue keeps it."""
    return StoredDerivative(
        recording=recording.id,
        kind=what,
        path=made.path.relative_to(desk.folder).as_posix(),
        sha256=made.sha256,
        size=made.size,
        parent_sha256=made.parent_sha256,
        tool=f"{made.tool} {made.tool_version}",
        parameters=dict(made.parameters),
    )


def _ended(desk: Desk, job: Job, state: JobState, error: str) -> Job:
    return replace(job, state=state, error=error, owner="", ended_at=desk.now_us())


def retry(desk: Desk, session: Session, jobs: Sequence[str] = ()) -> tuple[Job, ...]:
    """Queue jobs that failed or were cancelled again, those named or all. Raises PermissionDenied, NotFound."""
    return _change(desk, session, jobs, (JobState.FAILED, JobState.CANCELLED), "media.derive_asked_again")


def cancel(desk: Desk, session: Session, jobs: Sequence[str] = ()) -> tuple[Job, ...]:
    """Cancel jobs that wait or run, those named or all; a running one stops within seconds, wherever it runs.

    Raises PermissionDenied, NotFound.
    """
    return _change(desk, session, jobs, (JobState.QUEUED, JobState.RUNNING), "media.derive_cancelled")


def _change(
    desk: Desk, session: Session, named: Sequence[str], states: tuple[JobState, ...], act: str
) -> tuple[Job, ...]:
    allow(desk, session, PERMISSION)
    changed = []
    with desk.store.writing() as work:
        for job in [work.jobs.job(one) for one in named] or work.jobs.all():
            if job.state not in states:
                continue
            after = _changed(desk, job)
            work.jobs.update(after)
            changed.append(after)
            data = {"kind": job.what, "job": job.id}
            record(desk, work, session, act, Subject("recording", job.recording), data=data)
    return tuple(changed)


def _changed(desk: Desk, job: Job) -> Job:
    match job.state:
        case JobState.RUNNING:
            return replace(job, state=JobState.STOPPING)
        case JobState.QUEUED:
            return _ended(desk, job, JobState.CANCELLED, "")
    return replace(job, state=JobState.QUEUED, attempts=0, error="", ended_at=None)
