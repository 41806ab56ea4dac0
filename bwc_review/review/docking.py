"""Docking a card: every file met is listed; taken, duplicate, refused or failed with a reason; nothing is lost.

Intent and outcome are separate custody entries, so an import cut short says so. The row and the outcome entry
are one transaction; the bytes are already safe in the vault by then, and a re-run finds them there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bwc_review.domain.recording import Recording
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Acquisition, Docking, Exhibit, Outcome, Session
from bwc_review.review.desk import Desk, allow, record, unlock
from bwc_review.review.preparing import Arrived, prepare, recordings_of
from chain_of_custody.entry import Subject
from ingest.copy import Taken, take_file
from ingest.errors import CopyStopped, DiskFull, IngestError, SourceVanished
from ingest.listing import FoundFile, Listing, list_dock
from ingest.names import shown_text
from ingest.plan import Refuse, Take, plan, settle
from ingest.profiles import Profile, load_profiles, recognise

PERMISSION = "ingest.dock"
OWN_PROFILES = "profiles"  # a folder of the workspace: camera profiles of the agency's own
ENDS_THE_DOCKING = (SourceVanished, DiskFull, CopyStopped)


class ImportWatch(Protocol):
    """Whoever looks on while a card is taken: told of everything, asked whether to stop."""

    def listed(self, files: int, size: int) -> None:
        """How many entries were found and how many bytes will be copied."""

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
class _Import:
    desk: Desk
    session: Session
    docking: Docking
    listing: Listing
    watch: ImportWatch

    @property
    def subject(self) -> Subject:
        return Subject("docking", self.docking.id)


def import_card(
    desk: Desk, session: Session, source: Path, *, watch: ImportWatch, profile: str | None = None
) -> DockingReport:
    """Take everything a card holds into the vault and make it ready for review.

    ``profile`` names the camera profile when the card fits several equally well. Raises NotADock, SourceVanished,
    DiskFull, CopyStopped (each after the log says so), InputRefused, PermissionDenied, WrongPassphrase.
    """
    allow(desk, session, PERMISSION)
    unlock(desk, session)  # a wrong passphrase must show before anything is copied
    listing = _list(desk, session, source)
    chosen = _choose(listing, desk.folder / OWN_PROFILES, profile)
    planned = plan(listing, chosen)
    docking = Docking(desk.ids(), listing.label, chosen.id, chosen.digest, "open", desk.now_us(), session.id)
    job = _Import(desk, session, docking, listing, watch)
    _attach(job, len(planned.steps), planned.bytes_to_copy)
    watch.listed(len(planned.steps), planned.bytes_to_copy)
    acquired: list[Acquisition] = []
    arrived: list[Arrived] = []
    for step in planned.steps:
        if isinstance(step, Refuse):
            acquired.append(_refuse(job, step))
        else:
            acquisition = _take(job, step)
            acquired.append(acquisition)
            if acquisition.sha256 is not None:
                arrived.append(Arrived(step.file, step.role, acquisition.sha256))
    recordings = recordings_of(desk, session, listing, chosen, arrived, watch)
    for recording in recordings:
        if watch.cancelled():
            break
        prepare(desk, session, recording, watch)
    with desk.store.writing() as work:
        work.footage.set_docking_state(docking.id, "done")
        counts = {outcome.value: sum(1 for one in acquired if one.outcome is outcome) for outcome in Outcome}
        record(desk, work, session, "dock.finished", job.subject, data=counts)
    return DockingReport(docking, tuple(acquired), recordings)


def _list(desk: Desk, session: Session, source: Path) -> Listing:
    try:
        return list_dock(source)
    except IngestError as refused:
        with desk.store.writing() as work:
            subject = Subject("docking", desk.ids())
            texts = {"source": str(source), "message": refused.message()}
            record(desk, work, session, "dock.attached", subject, outcome="refused", texts=texts)
        raise


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


def _attach(job: _Import, files: int, size: int) -> None:
    docking = job.docking
    data = {"profile": docking.profile, "profile_sha256": docking.profile_sha256, "files": files, "bytes": size}
    with job.desk.store.writing() as work:
        work.footage.add_docking(docking)
        record(job.desk, work, job.session, "dock.attached", job.subject, data=data, texts={"label": docking.label})


def _refuse(job: _Import, step: Refuse) -> Acquisition:
    acquisition = _acquisition(job, step.file, Outcome.REFUSED, step.reason)
    _settle(job, step.file, acquisition, "media.ingest_refused", "refused", {})
    return acquisition


def _take(job: _Import, step: Take) -> Acquisition:
    name = step.file.name
    with job.desk.store.writing() as work:
        data = {"size": step.file.size, "role": step.role.value}
        record(job.desk, work, job.session, "media.ingest_started", job.subject, data=data, texts={"name": name.raw})
    try:
        taken = take_file(
            job.listing.root,
            step.file,
            job.desk.vault,
            progress=lambda done: job.watch.copying(name.shown, done, step.file.size),
            cancelled=job.watch.cancelled,
        )
    except IngestError as failed:
        return _failed(job, step, failed)
    return _taken(job, step, taken)


def _failed(job: _Import, step: Take, failed: IngestError) -> Acquisition:
    acquisition = _acquisition(job, step.file, Outcome.FAILED, failed.message())
    data: dict[str, object] = {"error": type(failed).__name__}
    _settle(job, step.file, acquisition, "media.ingest_failed", "failed", data)
    if isinstance(failed, ENDS_THE_DOCKING):
        with job.desk.store.writing() as work:
            work.footage.set_docking_state(job.docking.id, "failed")
            record(job.desk, work, job.session, "dock.finished", job.subject, outcome="failed", data=data)
        raise failed
    return acquisition


def _taken(job: _Import, step: Take, taken: Taken) -> Acquisition:
    digests = taken.digests
    with job.desk.store.writing() as work:
        known = work.footage.exhibit(digests.sha256)
        exhibit = known or Exhibit(
            number=work.footage.next_exhibit_number(job.desk.workstation.upper()),
            sha256=digests.sha256,
            sha512=digests.sha512,
            chunk_root=digests.chunk_root,
            size=digests.size,
            kind=step.role.value,
            name=step.file.name.shown,
        )
        if known is None:
            work.footage.add_exhibit(exhibit)
        acquisition = _acquisition(
            job,
            step.file,
            Outcome(settle(digests.sha256, [known.sha256] if known else []).value),
            f"the same bytes as {exhibit.number}" if known else step.reason,
            exhibit,
        )
        work.footage.add_acquisition(acquisition)
        data = {
            "exhibit": exhibit.number,
            "size": digests.size,
            "sha256": digests.sha256,
            "sha512": digests.sha512,
            "chunk_root": digests.chunk_root,
            "docking": job.docking.id,
            "profile_sha256": job.docking.profile_sha256,
            "arrival": acquisition.outcome.value,
        }
        subject = Subject("exhibit", exhibit.number)
        texts = {"name": step.file.name.raw}
        record(job.desk, work, job.session, "media.ingested", subject, data=data, texts=texts)
    job.watch.settled(acquisition)
    return acquisition


def _acquisition(
    job: _Import, file: FoundFile, outcome: Outcome, reason: str, exhibit: Exhibit | None = None
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
    )


def _settle(
    job: _Import, file: FoundFile, acquisition: Acquisition, act: str, outcome: str, data: dict[str, object]
) -> None:
    with job.desk.store.writing() as work:
        work.footage.add_acquisition(acquisition)
        texts: dict[str, str | bytes] = {"name": file.name.raw, "reason": acquisition.reason}
        record(
            job.desk,
            work,
            job.session,
            act,
            job.subject,
            outcome=outcome,
            data={**data, "size": file.size},
            texts=texts,
        )
    job.watch.settled(acquisition)
