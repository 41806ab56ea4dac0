"""Docking a card: every file met is listed; taken, duplicate, refused or failed with a reason; nothing is lost.

The copying itself is done by a process of the source's device (``ingest.crew``); rows and custody entries are written
here (``docking_record``). A card that was pulled, or whose import was cut short, goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.recording import Recording
from bwc_review.errors import InputRefused, ReviewError
from bwc_review.ports.records import Acquisition, Docking, Outcome, Session
from bwc_review.review import docking_record as records
from bwc_review.review.desk import Desk, allow, record, unlock
from bwc_review.review.docking_record import ENDED_BY, DockJob, last_word, unfinished_docking
from bwc_review.review.preparing import Arrived, prepare, recordings_of
from chain_of_custody.entry import Subject
from ingest.crew import WorkerProcess
from ingest.docks import Dock, dock_at
from ingest.errors import IngestError
from ingest.listing import Listing, list_dock
from ingest.names import shown_text
from ingest.plan import IngestPlan, Refuse, Take, plan
from ingest.profiles import Profile, load_profiles, recognise
from ingest.resume import is_still

PERMISSION = "ingest.dock"
OWN_PROFILES = "profiles"  # a folder of the workspace: camera profiles of the agency's own


class ImportWatch(Protocol):
    """Whoever looks on while a card is taken: told of everything, asked whether to stop."""

    def waiting(self) -> None:
        """Another source on the same device is being read; this one follows."""

    def attached(self, docking: Docking, kept: Sequence[Acquisition]) -> None:
        """The docking is on record. ``kept`` was settled before a card that was put back had been pulled."""

    def listed(self, files: int, size: int) -> None:
        """How many entries are still to be settled and how many bytes will be copied."""

    def copying(self, name: str, done: int, size: int) -> None:
        """Bytes of the current file."""

    def settled(self, acquisition: Acquisition) -> None:
        """What became of one file."""

    def preparing(self, recording: Recording, step: str) -> None:
        """What is being made of a recording."""

    def cancelled(self) -> bool:
        """Whether a person asked to stop."""


@dataclass(frozen=True, slots=True)
class DockingReport:
    """The acquisition record of one docking: every file met, and the recordings among them."""

    docking: Docking
    acquisitions: tuple[Acquisition, ...]
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True)
class _Begun:
    job: DockJob
    plan: IngestPlan
    left: tuple[Take | Refuse, ...]
    kept: tuple[Acquisition, ...]


def import_card(
    desk: Desk,
    session: Session,
    source: Path,
    *,
    watch: ImportWatch,
    profile: str | None = None,
    clock: CameraClock | None = None,
) -> DockingReport:
    """Take everything a card holds into the vault and make it ready for review; go on where an earlier try stopped.

    ``profile`` names the camera profile when the card fits several equally well; ``clock`` is the camera's clock as
    measured now. Raises NotADock, SourceVanished, DiskFull, CopyStopped, WorkerLost (each after the log says so, and
    each can be resumed), InputRefused, PermissionDenied, WrongPassphrase.
    """
    allow(desk, session, PERMISSION)
    unlock(desk, session)  # a wrong passphrase must show before anything is copied
    dock = _dock(desk, session, source)
    with desk.crew.worker(dock.device, waiting=watch.waiting, cancelled=watch.cancelled) as worker:
        begun = _begin(desk, session, dock, profile, clock)
        watch.attached(begun.job.docking, begun.kept)
        try:
            taken = _copy(begun, worker, watch)
        except BaseException as ended:
            _interrupted(begun.job, ended)
            raise
    return _conclude(begun, taken, watch)


def _dock(desk: Desk, session: Session, source: Path) -> Dock:
    try:
        return dock_at(source)
    except IngestError as refused:
        _say_refused(desk, session, source, refused)
        raise


def _list(desk: Desk, session: Session, source: Path) -> Listing:
    try:
        return list_dock(source)
    except IngestError as refused:
        _say_refused(desk, session, source, refused)
        raise


def _say_refused(desk: Desk, session: Session, source: Path, refused: IngestError) -> None:
    with desk.store.writing() as work:
        subject = Subject("docking", desk.ids())
        texts = {"source": shown_text(str(source)), "message": refused.message()}
        record(desk, work, session, "dock.attached", subject, outcome="refused", texts=texts)


def _choose(listing: Listing, own_profiles: Path, wanted: str | None) -> Profile:
    profiles = load_profiles(own_profiles)
    if wanted is not None:
        named = [profile for profile in profiles if profile.id == wanted]
        if not named:
            known = ", ".join(profile.id for profile in profiles)
            raise InputRefused(f"There is no camera profile {shown_text(wanted)}. Known: {known}.")
        return named[0]
    matches = recognise(listing, profiles)
    best = [match.profile for match in matches if match.score == matches[0].score]
    if len(best) > 1:
        names = ", ".join(profile.id for profile in best)
        raise InputRefused(
            f"The card '{listing.label}' fits several camera profiles: {names}. Choose one with --profile."
        )
    return best[0]


def _begin(desk: Desk, session: Session, dock: Dock, profile: str | None, clock: CameraClock | None) -> _Begun:
    """List, plan, and put the docking on record: as a new one, or as one that goes on."""
    listing = _list(desk, session, dock.root)
    chosen = _choose(listing, desk.folder / OWN_PROFILES, profile)
    planned = plan(listing, chosen)
    earlier = unfinished_docking(desk, dock, listing)
    if earlier is not None:
        return _go_on(DockJob(desk, session, earlier, listing, chosen), planned, clock)
    docking = Docking(
        desk.ids(), listing.label, chosen.id, chosen.digest, records.OPEN, desk.now_us(), session.id,
        seen_as=listing.seen_as, volume=dock.volume, device=dock.device, protection=dock.protection.value,
    )  # fmt: skip
    job = DockJob(desk, session, _with_clock(docking, clock), listing, chosen)
    records.attach(job, planned, " ".join(filter(None, (dock.vendor, dock.product, dock.serial))))
    return _Begun(job, planned, planned.steps, ())


def _go_on(job: DockJob, planned: IngestPlan, clock: CameraClock | None) -> _Begun:
    """What is settled and still lies there unchanged is not read again; everything else is."""
    with job.desk.store.reading() as work:
        settled = last_word(work.footage.acquisitions(job.docking.id))
    kept = tuple(step for step in planned.steps if _is_settled(job, step, settled.get(step.file.seen_as)))
    left = tuple(step for step in planned.steps if step not in set(kept))
    records.take_up(job, planned, left, clock)
    going = replace(job, docking=replace(_with_clock(job.docking, clock), state=records.OPEN, ended_by=""))
    return _Begun(going, planned, left, tuple(settled[step.file.seen_as] for step in kept))


def _is_settled(job: DockJob, step: Take | Refuse, found: Acquisition | None) -> bool:
    if found is None or found.outcome is Outcome.FAILED:
        return False
    if found.sha256 is None:
        return isinstance(step, Refuse)
    return is_still(job.listing.root, step.file, job.desk.vault, found.sha256)


def _with_clock(docking: Docking, clock: CameraClock | None) -> Docking:
    if clock is None:
        return docking
    return replace(
        docking,
        clock_offset=clock.offset,
        clock_uncertainty=clock.uncertainty,
        clock_source=clock.source,
        clock_read_at=clock.read_at,
    )


def _copy(begun: _Begun, worker: WorkerProcess, watch: ImportWatch) -> dict[str, Acquisition]:
    """Settle every step that is left; what was settled before and now, by entry of the listing."""
    watch.listed(len(begun.left), sum(step.file.size for step in begun.left if isinstance(step, Take)))
    settled = {one.seen_as: one for one in begun.kept}
    for step in begun.left:
        if isinstance(step, Refuse):
            acquisition = records.refuse(begun.job, step)
        else:
            acquisition = _take(begun, worker, step, watch)
        settled[step.file.seen_as] = acquisition
        watch.settled(acquisition)
    return settled


def _take(begun: _Begun, worker: WorkerProcess, step: Take, watch: ImportWatch) -> Acquisition:
    name, size = step.file.name.shown, step.file.size
    records.intend(begun.job, step)
    try:
        taken = worker.take(
            begun.job.listing.root,
            step.file,
            progress=lambda done: watch.copying(name, done, size),
            cancelled=watch.cancelled,
        )
    except IngestError as failed:
        if isinstance(failed, tuple(ENDED_BY)):
            records.cut_off(begun.job, step, failed)
            raise
        return records.fail(begun.job, step, failed)
    watch.copying(name, size, size)
    return records.keep(begun.job, step, taken)


def _interrupted(job: DockJob, ended: BaseException) -> None:
    """Say it where it can be said: a log that cannot be written is found cut short by the next session."""
    code = next((code for kind, code in ENDED_BY.items() if isinstance(ended, kind)), "error")
    with suppress(ReviewError):
        records.interrupt(job, "stopped" if isinstance(ended, KeyboardInterrupt) else code)


def _conclude(begun: _Begun, settled: dict[str, Acquisition], watch: ImportWatch) -> DockingReport:
    """Everything is copied: examine what arrived, close the docking, then make what review needs."""
    job = begun.job
    desk, session = job.desk, job.session
    arrived = [
        Arrived(step.file, step.role, digest)
        for step in begun.plan.takes
        if (digest := settled[step.file.seen_as].sha256) is not None
    ]
    with desk.crew.bench:
        recordings = recordings_of(desk, session, job.listing, job.profile, arrived, watch)
    docking, acquisitions = records.finish(job)
    for recording in recordings:
        if watch.cancelled():
            break
        with desk.crew.bench:
            prepare(desk, session, recording, watch)
    return DockingReport(docking, acquisitions, recordings)
