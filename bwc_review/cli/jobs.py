"""``jobs``, ``derive`` and ``salvage``: what is made of recordings in the background, made again, or won back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    STEPS,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    err,
    out,
    plain,
    print_json,
    progress_bar,
    session_at,
)
from bwc_review.domain.recording import Recording
from bwc_review.errors import InputRefused, NotFound
from bwc_review.ports.jobs import Job, JobState
from bwc_review.ports.records import Session
from bwc_review.review.deriving import PERMISSION, Worked, cancel, retry, work_off
from bwc_review.review.desk import Desk
from bwc_review.review.rederiving import Compared, compare_again
from bwc_review.review.salvaged import ask_salvage

WORKSPACE = Path(DEFAULT_WORKSPACE)
PURPOSE = "routine_docking"
STATES = {
    JobState.QUEUED: "waits", JobState.RUNNING: "being made", JobState.STOPPING: "stopping", JobState.DONE: "made",
    JobState.FAILED: "failed", JobState.CANCELLED: "cancelled",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("jobs")(jobs)
    app.command("derive")(derive)
    app.command("salvage")(salvage)


class JobBar:
    """``JobWatch`` as a bar that counts jobs. Ctrl-C ends the process; what was begun is gone on with next time."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("Making what review needs", total=None)
        self._done = 0

    def working(self, job: Job, recording: Recording, left: int) -> None:
        """Say what is being made."""
        words = f"{recording.exhibit}: {STEPS.get(job.what, job.what)}"
        self._bar.update(self._task, description=words, total=self._done + left + 1, completed=self._done)

    def ended(self, job: Job, recording: Recording) -> None:
        """Count it; say what failed."""
        self._done += 1
        self._bar.update(self._task, completed=self._done)
        if job.state is JobState.FAILED:
            self._bar.console.print(
                plain(f"  {recording.exhibit}: {STEPS.get(job.what, job.what)} failed. {job.error}")
            )

    def cancelled(self) -> bool:
        """Ctrl-C ends the process instead."""
        return False


def make_ready(desk: Desk, session: Session, only: Collection[str] | None = None) -> Worked:
    """Work off everything that waits, or these pieces of it, under a bar on standard error."""
    with progress_bar() as bar:
        return work_off(desk, session, JobBar(bar), only=only)


def jobs(
    workspace: WorkspaceOption = WORKSPACE,
    work: Annotated[bool, typer.Option("--work", help="Work off what waits, also what a crash cut short.")] = False,
    retry_: Annotated[
        bool, typer.Option("--retry", help="Try again what failed or was cancelled, then work.")
    ] = False,
    cancel_: Annotated[bool, typer.Option("--cancel", help="Cancel what waits and what runs.")] = False,
    job: Annotated[list[str] | None, typer.Option(help="Only these jobs, for --retry and --cancel.")] = None,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
    json_: JsonOption = False,
) -> None:
    """Show what is made of recordings in the background: frame index, sound, waveform, previews, salvaged copies."""
    if sum((work, retry_, cancel_)) > 1:
        raise InputRefused("Choose one of --work, --retry and --cancel.")
    desk = desk_at(workspace)
    if work or retry_ or cancel_:
        with session_at(desk, PERMISSION, as_, purpose) as session:
            if cancel_:
                cancel(desk, session, job or ())
            else:
                if retry_:
                    retry(desk, session, job or ())
                make_ready(desk, session)
    with desk.store.reading() as read:
        found = [(one, read.footage.recording(one.recording)) for one in read.jobs.all()]
    if json_:
        print_json([_job_row(desk, one, recording) for one, recording in found])
        return
    table = Table("job", "exhibit", "what", "state", "begun", "why it failed", box=None)
    for one, recording in found:
        cells = (
            one.id,
            recording.exhibit,
            STEPS.get(one.what, one.what),
            _state(desk, one),
            f"{one.attempts}x",
            one.error,
        )
        table.add_row(*map(plain, cells))
    out.print(table)


def _state(desk: Desk, job: Job) -> str:
    if job.state is JobState.RUNNING and not desk.presence.alive(job.owner):
        return "cut short; --work goes on"
    return STATES[job.state]


def _job_row(desk: Desk, job: Job, recording: Recording) -> dict[str, object]:
    return {
        "id": job.id, "recording": job.recording, "exhibit": recording.exhibit, "what": job.what,
        "state": job.state.value, "in_words": _state(desk, job), "attempts": job.attempts, "error": job.error,
    }  # fmt: skip


def derive(
    exhibit: Annotated[str, typer.Argument(help="The recording's exhibit number.")],
    workspace: WorkspaceOption = WORKSPACE,
    again: Annotated[
        bool, typer.Option("--again", help="Make each anew from the original and compare the digests.")
    ] = False,
    as_: AsOption = None,
    purpose: PurposeOption = "integrity_check",
    json_: JsonOption = False,
) -> None:
    """Show what was made from a recording, with tool, version and parent; or prove it by making it again."""
    desk = desk_at(workspace)
    recording = recording_named(desk, exhibit)
    compared: tuple[Compared, ...] = ()
    if again:
        with session_at(desk, PERMISSION, as_, purpose) as session, _working(f"{exhibit}: making all of it again"):
            compared = compare_again(desk, session, recording.id)
    with desk.store.reading() as read:
        made = read.footage.derivatives(recording.id)
    said = {one.what: one for one in compared}
    if json_:
        print_json([
            {
                "kind": one.kind, "path": one.path, "sha256": one.sha256, "size": one.size, "tool": one.tool,
                "parent_sha256": one.parent_sha256, "parameters": dict(one.parameters),
                **({"again": said[one.kind].verdict.value} if one.kind in said else {}),
            }
            for one in made
        ])  # fmt: skip
        return
    if not made:
        out.print(
            plain(f"Nothing was made from {exhibit}. " + " ".join(recording.facts.damage if recording.facts else ()))
        )
    for one in made:
        out.print(plain(f"{STEPS.get(one.kind, one.kind)}: {one.path}"))
        out.print(plain(f"  SHA-256 {one.sha256}, {one.size} bytes, made by {one.tool} from {one.parent_sha256}"))
        if one.kind in said:
            out.print(plain(f"  made again: {said[one.kind].words}"))


def salvage(
    exhibit: Annotated[str, typer.Argument(help="The recording that cannot be played, by exhibit number.")],
    workspace: WorkspaceOption = WORKSPACE,
    like: Annotated[str, typer.Option(help="A healthy recording of the same camera, by exhibit number.")] = "",
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
) -> None:
    """Win pictures and sound back from a recording whose index was never written. The original stays as it is."""
    desk = desk_at(workspace)
    broken = recording_named(desk, exhibit)
    lender = recording_named(desk, like).id if like else None
    with session_at(desk, PERMISSION, as_, purpose) as session:
        job = ask_salvage(desk, session, broken.id, lender)
        make_ready(desk, session)
    with desk.store.reading() as read:
        ended, now = read.jobs.job(job.id), read.footage.recording(broken.id)
    if ended.state is JobState.FAILED:
        err.print(plain(ended.error), style="bold")
        raise typer.Exit(SALVAGE_FAILED)
    out.print(plain(f"{now.exhibit}: {now.facts.damage[0] if now.facts and now.facts.damage else ''}"))


SALVAGE_FAILED = 89


def recording_named(desk: Desk, exhibit: str) -> Recording:
    """The recording with this exhibit number. Raises NotFound."""
    with desk.store.reading() as read:
        for one in read.footage.recordings():
            if exhibit in (one.exhibit, one.id):
                return one
    raise NotFound(f"No recording is exhibit {exhibit}. `bwc-review list` shows those there are.")


@contextmanager
def _working(words: str) -> Iterator[None]:
    with progress_bar() as bar:
        bar.add_task(words, total=None)
        yield
