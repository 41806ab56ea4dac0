"""From preserved bytes to a recording that can be reviewed: probe, claims of time, and what is to be made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwc_review.domain.ids import CameraId, ParticipantId, RecordingId
from bwc_review.domain.recording import (
    Playability,
    Recording,
    TimeClaim,
)
from bwc_review.domain.times import Micros
from bwc_review.errors import StoreDamaged
from bwc_review.ports.records import Session
from bwc_review.review.deriving import queue_pieces
from bwc_review.review.desk import Desk, record
from bwc_review.review.joining import join_parts
from bwc_review.review.pieces import examined, media_facts
from chain_of_custody.entry import Subject
from ingest.clips import NamedClip, companions, describe, with_companion, with_header
from ingest.embedded_facts import embedded_in, with_embedded
from ingest.listing import FoundFile, Listing
from ingest.names import FoundName
from ingest.profiles import Profile, Role
from ingest.times import Claim

SIDECAR_BYTES = 1 << 20
NO_ZONE = Micros(14 * 3600 * 1_000_000)


class PreparingWatch(Protocol):
    """Whoever looks on while a recording is made ready."""

    def preparing(self, recording: Recording, step: str) -> None:
        """What is being made of a recording."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file of this docking whose bytes lie in the vault."""

    file: FoundFile
    role: Role
    sha256: str


def recordings_of(
    desk: Desk,
    session: Session,
    listing: Listing,
    profile: Profile,
    arrived: Sequence[Arrived],
    watch: PreparingWatch,
) -> tuple[Recording, ...]:
    """The recordings among what arrived; those not known yet are examined and kept with their log entry."""
    digests = {one.file.name: one.sha256 for one in arrived}
    found: dict[str, Recording] = {}
    described: list[tuple[NamedClip, Recording]] = []
    for one in arrived:
        if one.role is not Role.VIDEO or one.sha256 in found:
            continue
        if desk.vault.quarantine.holds(one.sha256):
            continue  # nobody opens it before it is released; docked again after that, it becomes a recording
        known = _known(desk, one.sha256)
        clip = _described(desk, listing, profile, one.file, digests)
        if known is None:
            known = _examined(desk, session, one, profile, clip)
        found[one.sha256] = known
        described.append((clip, known))
        watch.preparing(known, "examined")
    join_parts(desk, session, profile, described)
    return tuple(found.values())


def _known(desk: Desk, sha256: str) -> Recording | None:
    with desk.store.reading() as work:
        return next((one for one in work.footage.recordings() if one.sha256 == sha256), None)


def _described(
    desk: Desk, listing: Listing, profile: Profile, file: FoundFile, digests: Mapping[FoundName, str]
) -> NamedClip:
    """What name and companions say. Companions are read from the vault: the bytes that were preserved."""
    clip = describe(file, profile, desk.zone)
    for companion in companions(file, listing, profile):
        digest = digests.get(companion.file.name)
        readable = digest is not None and not desk.vault.quarantine.holds(digest)
        if digest is not None and readable and companion.file.size <= SIDECAR_BYTES:
            with desk.vault.open(digest) as reader:
                clip = with_companion(clip, companion, reader.read(SIDECAR_BYTES), desk.zone)
    return clip


def _examined(desk: Desk, session: Session, arrived: Arrived, profile: Profile, clip: NamedClip) -> Recording:
    facts = examined(desk.vault, arrived.sha256)
    clip = with_header(clip, facts.creation_time, profile, desk.zone)
    with desk.vault.for_child(arrived.sha256) as handed:
        inside = embedded_in(handed, profile)
    clip = with_embedded(clip, inside, profile, desk.zone)
    duration = facts.duration_us or 0
    with desk.store.writing() as work:
        exhibit = work.footage.exhibit(arrived.sha256)
        if exhibit is None:
            raise StoreDamaged(f"{arrived.file.name.shown} is preserved but is no exhibit. Dock it again.")
        recording = Recording(
            id=RecordingId(desk.ids()),
            exhibit=exhibit.number,
            sha256=exhibit.sha256,
            size=exhibit.size,
            name=exhibit.name,
            camera=CameraId(clip.device_id or f"unknown camera ({profile.id})"),
            profile=profile.id,
            wearer=ParticipantId(clip.officer_id) if clip.officer_id else None,
            playability=Playability(facts.playable.value),
            facts=media_facts(facts),
            claims=(*(time_claim(one, duration) for one in clip.claims), file_system_claim(arrived.file, duration)),
            silent_lead=Micros(0 if profile.prebuffer_audio else clip.prebuffer_us or 0),
        )
        work.footage.add_recording(recording)
        data = {
            "exhibit": recording.exhibit,
            "sha256": recording.sha256,
            "playability": recording.playability.value,
            "duration_us": duration,
            "frames": facts.video.frames if facts.video else 0,
            "claims_us": [one.start for one in recording.claims],
        }
        texts = {"camera": recording.camera, "damage": "\n".join(facts.damage), "notes": "\n".join(clip.notes)}
        texts["place"] = inside.place
        subject = Subject("recording", recording.id)
        said = {name: text for name, text in texts.items() if text}
        record(desk, work, session, "media.examined", subject, data=data, texts=said)
    return recording


def time_claim(claim: Claim, duration_us: int) -> TimeClaim:
    """A claim of a name, a companion or a header, as a claim of the recording's start."""
    return TimeClaim(
        source=claim.source.value,
        start=claim.start_us(duration_us),
        uncertainty=Micros(claim.start_uncertainty_us(duration_us)),
        text=claim.text,
        where=claim.where,
        means=claim.means.value,
        zone=claim.zone,
        doubt=claim.doubt.value,
        readings=claim.start_readings(duration_us),
    )


def file_system_claim(file: FoundFile, duration_us: int) -> TimeClaim:
    """The last resort: the card's own time of last writing, taken as the recording's end.

    FAT keeps local time without saying which zone (anything from UTC-12 to UTC+14) in steps of two seconds.
    """
    written = file.mtime_ns // 1000
    text = f"last written at {written} us since 1970"
    where = "the card's file system"
    return TimeClaim("file-system", written - duration_us, NO_ZONE, text, where, "end", "not known", "no-zone")


def prepare(desk: Desk, session: Session, recording: Recording, watch: PreparingWatch) -> None:
    """Ask for what review needs of an original; ``review.deriving`` makes it, now or after a restart."""
    with desk.store.writing() as work:
        if queue_pieces(desk, work, recording):
            watch.preparing(recording, "queued")
