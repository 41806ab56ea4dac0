"""Jobs as rows. Only the one writer of a workstation's log changes them, so a claim needs no lock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bwc_review.domain.ids import RecordingId
from bwc_review.errors import NotFound
from bwc_review.ports.jobs import Job, JobState
from bwc_review.store import tables as t
from bwc_review.store.rows import Row


class SqlJobs:
    """``ports.jobs.Jobs`` over one connection, for one workstation."""

    def __init__(self, connection: Connection, workstation: str) -> None:
        self._connection = connection
        self._workstation = workstation

    def add(self, job: Job) -> None:
        """Keep a new job."""
        self._connection.execute(insert(t.job).values(**_row(job), workstation=self._workstation))

    def update(self, job: Job) -> None:
        """Keep how a job stands now. Raises NotFound."""
        changed = update(t.job).where(self._mine, t.job.c.id == job.id).values(**_row(job))
        if self._connection.execute(changed).rowcount != 1:
            raise _unknown(job.id)

    def job(self, job: str) -> Job:
        """One job. Raises NotFound."""
        found = self._connection.execute(select(t.job).where(self._mine, t.job.c.id == job)).mappings().first()
        if found is None:
            raise _unknown(job)
        return _job(found)

    def all(self) -> Sequence[Job]:
        """Every job of this workstation, in the order they are to be worked."""
        column = t.job.c
        query = select(t.job).where(self._mine).order_by(column.rank, column.asked_at, column.id)
        return [_job(row) for row in self._connection.execute(query).mappings()]

    @property
    def _mine(self) -> Any:
        return t.job.c.workstation == self._workstation


def _row(job: Job) -> dict[str, Any]:
    values = {name: getattr(job, name) for name in Job.__slots__}
    return {**values, "wanted": dict(job.wanted), "state": job.state.value}


def _job(row: Row) -> Job:
    values = {name: row[name] for name in Job.__slots__}
    return Job(**{**values, "recording": RecordingId(row["recording"]), "state": JobState(row["state"])})


def _unknown(job: str) -> NotFound:
    return NotFound(f"There is no job {job}. `bwc-review jobs` shows those there are.")
