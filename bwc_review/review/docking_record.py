"""What a docking leaves behind: its row, what was met, what became of each file, and the custody entries of all that.

Intent and outcome are separate entries, so an import cut short says so. A row and its entry are one transaction; the
bytes are safe in the vault by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.ports.records import Acquisition, Docking, Exhibit, Met, Outcome, Session
from bwc_review.review.desk import Desk, record
from chain_of_custody.entry import Subject
from ingest.docks import Dock
from ingest.errors import CopyStopped, DiskFull, IngestError, SourceVanished, WorkerLost
from ingest.listing import FoundFile, Listing
from ingest.plan import IngestPlan, Refuse, Take, settle
from ingest.profiles import Profile
from ingest.worker_messages import Settled

OPEN, DONE, FAILED, INTERRUPTED = "open", "done", "failed", "interrupted"
RESUMABLE = (INTERRUPTED, FAILED)
ENDED_BY: dict[type[IngestError], str] = {
    SourceVanished: "source_removed",
    CopyStopped: "stopped",
    DiskFull: "disk_full",
    WorkerLost: "worker_lost",
}
"""The errors that end a docking, as codes; whatever else does is ``error``."""


@dataclass(frozen=True, slots=True)
class DockJob:
    """One docking under way, as everything that writes about it needs it."""

    desk: Desk
    session: Session
    docking: Docking
    listing: Listing
    profile: Profile

    @property
    def subject(self) -> Subject:
        """What its entries are about."""
        return Subject("docking", self.docking.id)


def last_word(acquisitions: Sequence[Acquisition]) -> dict[str, Acquisition]:
    """What finally became of each file: a later try settles what an earlier one left failed."""
    best: dict[str, Acquisition] = {}
    for one in acquisitions:
        key = one.seen_as or one.id
        if key not in best or best[key].outcome is Outcome.FAILED:
            best[key] = one
    return best


def unfinished_docking(desk: Desk, dock: Dock, listing: Listing) -> Docking | None:
    """The newest docking of this very card that still waits for something that lies on it.

    A card is the same when its listing is, or when its file system is and an entry that waits is still listed.
    """
    there = {entry.seen_as for entry in listing.entries}
    seen_as = listing.seen_as
    with desk.store.reading() as work:
        for one in reversed(work.footage.dockings()):
            same_volume = bool(one.volume) and one.volume == dock.volume
            if one.state not in RESUMABLE or not (one.seen_as == seen_as or same_volume):
                continue
            if one.volume and dock.volume and not same_volume:
                continue
            settled = last_word(work.footage.acquisitions(one.id))
            waiting = [
                met.seen_as
                for met in work.footage.met(one.id)
                if met.seen_as not in settled or settled[met.seen_as].outcome is Outcome.FAILED
            ]
            if there.intersection(waiting):
                return one
    return None


def attach(job: DockJob, planned: IngestPlan, device: str) -> None:
    """A source was docked: its row, every entry met, and ``dock.attached``."""
    docking = job.docking
    data = {
        "profile": docking.profile,
        "profile_sha256": docking.profile_sha256,
        "files": len(planned.steps),
        "bytes": planned.bytes_to_copy,
        "listing_sha256": docking.seen_as,
        "protection": docking.protection,
        **_clock_data(docking.clock),
    }
    texts = {"label": docking.label, "device": device}
    with job.desk.store.writing() as work:
        work.footage.add_docking(docking)
        work.footage.add_met([_met(docking, step.file) for step in planned.steps])
        said = {name: text for name, text in texts.items() if text}
        record(job.desk, work, job.session, "dock.attached", job.subject, data=data, texts=said)


def take_up(job: DockJob, planned: IngestPlan, left: Sequence[Take | Refuse], clock: CameraClock | None) -> None:
    """A source was put back: what was not met before is added, and ``dock.resumed`` says what is kept and left."""
    docking = job.docking
    data = {
        "was": docking.state,
        "ended_by": docking.ended_by,
        "profile": job.profile.id,
        "profile_sha256": job.profile.digest,
        "files": len(planned.steps),
        "kept": len(planned.steps) - len(left),
        "kept_by": "listing_and_samples",
        "left": len(left),
        "left_bytes": sum(step.file.size for step in left if isinstance(step, Take)),
        "listing_sha256": job.listing.seen_as,
        **_clock_data(clock),
    }
    with job.desk.store.writing() as work:
        before = {one.seen_as for one in work.footage.met(docking.id)}
        new = [step.file for step in planned.steps if step.file.seen_as not in before]
        work.footage.add_met([_met(docking, file) for file in new])
        work.footage.resume_docking(docking.id, job.session.id)
        if clock is not None:
            work.footage.set_docking_clock(docking.id, clock)
        record(job.desk, work, job.session, "dock.resumed", job.subject, data=data)


def intend(job: DockJob, step: Take) -> None:
    """A copy is about to begin."""
    with job.desk.store.writing() as work:
        data = {"size": step.file.size, "role": step.role.value}
        texts = {"name": step.file.name.raw}
        record(job.desk, work, job.session, "media.ingest_started", job.subject, data=data, texts=texts)


def refuse(job: DockJob, step: Refuse) -> Acquisition:
    """An entry is listed and not copied."""
    acquisition = _acquisition(job, step.file, Outcome.REFUSED, step.reason)
    _settle(job, step.file, acquisition, "media.ingest_refused", "refused", {})
    return acquisition


def fail(job: DockJob, step: Take, failed: IngestError) -> Acquisition:
    """One file could not be taken; the docking goes on."""
    acquisition = _acquisition(job, step.file, Outcome.FAILED, failed.message())
    data: dict[str, object] = {"error": type(failed).__name__}
    _settle(job, step.file, acquisition, "media.ingest_failed", "failed", data)
    return acquisition


def cut_off(job: DockJob, step: Take, failed: IngestError) -> None:
    """The copy of a file was cut off by what ends the docking: it still waits, and the log says why."""
    data = {"error": type(failed).__name__, "size": step.file.size}
    texts: dict[str, str | bytes] = {"name": step.file.name.raw, "reason": failed.message()}
    with job.desk.store.writing() as work:
        entry = "media.ingest_failed"
        record(job.desk, work, job.session, entry, job.subject, outcome="failed", data=data, texts=texts)


def keep(job: DockJob, step: Take, settled: Settled) -> Acquisition:
    """The bytes are in the vault: exhibit, acquisition and ``media.ingested``, all or none."""
    with job.desk.store.writing() as work:
        known = work.footage.exhibit(settled.sha256)
        exhibit = known or Exhibit(
            number=work.footage.next_exhibit_number(job.desk.workstation.upper()),
            sha256=settled.sha256,
            sha512=settled.sha512,
            chunk_root=settled.chunk_root,
            size=settled.size,
            kind=step.role.value,
            name=step.file.name.shown,
        )
        if known is None:
            work.footage.add_exhibit(exhibit)
        outcome = Outcome(settle(settled.sha256, [known.sha256] if known else []).value)
        reason = f"the same bytes as {exhibit.number}" if known else step.reason
        acquisition = _acquisition(job, step.file, outcome, reason, exhibit)
        work.footage.add_acquisition(acquisition)
        data = _ingested(job, exhibit, acquisition)
        if settled.resumed_at:
            data["resumed_at"] = settled.resumed_at
        subject, texts = Subject("exhibit", exhibit.number), {"name": step.file.name.raw}
        record(job.desk, work, job.session, "media.ingested", subject, data=data, texts=texts)
    return acquisition


def _ingested(job: DockJob, exhibit: Exhibit, acquisition: Acquisition) -> dict[str, object]:
    data: dict[str, object] = {
        "exhibit": exhibit.number,
        "size": exhibit.size,
        "sha256": exhibit.sha256,
        "sha512": exhibit.sha512,
        "chunk_root": exhibit.chunk_root,
        "docking": job.docking.id,
        "profile_sha256": job.profile.digest,
        "arrival": acquisition.outcome.value,
    }
    if job.docking.clock_offset is not None:
        data["camera_clock_offset_us"] = job.docking.clock_offset
    return data


def interrupt(job: DockJob, ended_by: str) -> None:
    """The docking ends before everything was settled. It can be taken up again, and a checkpoint covers it."""
    with job.desk.store.writing() as work:
        settled = last_word(work.footage.acquisitions(job.docking.id))
        left = [one for one in work.footage.met(job.docking.id) if one.seen_as not in settled]
        work.footage.set_docking_state(job.docking.id, INTERRUPTED, ended_by)
        data = {"ended_by": ended_by, "left": len(left), "left_bytes": sum(one.size for one in left)}
        record(job.desk, work, job.session, "dock.interrupted", job.subject, outcome="failed", data=data)


def finish(job: DockJob) -> tuple[Docking, tuple[Acquisition, ...]]:
    """Everything met is settled: the card is no longer needed, or is kept because some of it could not be read."""
    with job.desk.store.writing() as work:
        settled = tuple(last_word(work.footage.acquisitions(job.docking.id)).values())
        counts: dict[str, object] = {
            outcome.value: sum(1 for one in settled if one.outcome is outcome) for outcome in Outcome
        }
        state = FAILED if counts[Outcome.FAILED.value] else DONE
        work.footage.set_docking_state(job.docking.id, state)
        outcome = "failed" if state == FAILED else "ok"
        record(job.desk, work, job.session, "dock.finished", job.subject, outcome=outcome, data=counts)
        docking = next(one for one in work.footage.dockings() if one.id == job.docking.id)
    return docking, settled


def _clock_data(clock: CameraClock | None) -> dict[str, object]:
    if clock is None:
        return {}
    measured = asdict(clock)
    return {"camera_clock": {**{f"{name}_us": measured[name] for name in _CLOCK_TIMES}, "source": clock.source}}


_CLOCK_TIMES = ("offset", "uncertainty", "read_at")


def _met(docking: Docking, file: FoundFile) -> Met:
    return Met(docking.id, file.seen_as, file.name.shown, file.size)


def _acquisition(
    job: DockJob, file: FoundFile, outcome: Outcome, reason: str, exhibit: Exhibit | None = None
) -> Acquisition:
    return Acquisition(
        id=job.desk.ids(),
        docking=job.docking.id,
        name=file.name.shown,
        size=file.size,
        outcome=outcome,
        reason=reason,
        sha256=exhibit.sha256 if exhibit else None,
        exhibit=exhibit.number if exhibit else None,
        seen_as=file.seen_as,
    )


def _settle(
    job: DockJob, file: FoundFile, acquisition: Acquisition, act: str, outcome: str, data: Mapping[str, object]
) -> None:
    said = {**data, "size": file.size}
    texts: dict[str, str | bytes] = {"name": file.name.raw, "reason": acquisition.reason}
    with job.desk.store.writing() as work:
        work.footage.add_acquisition(acquisition)
        record(job.desk, work, job.session, act, job.subject, outcome=outcome, data=said, texts=texts)
