"""From preserved bytes to a recording that can be reviewed: probe, claims of time, and the derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol

from bwc_review.domain.ids import CameraId, ParticipantId, RecordingId
from bwc_review.domain.recording import (
    AudioFacts,
    MediaFacts,
    Playability,
    Recording,
    TimeClaim,
    VideoFacts,
)
from bwc_review.domain.times import Micros
from bwc_review.errors import StoreDamaged
from bwc_review.ports.records import Session, StoredDerivative
from bwc_review.review.desk import Desk, record
from chain_of_custody.entry import Subject
from ingest.clips import NamedClip, companions, describe, with_companion, with_header
from ingest.derivatives import Derivative
from ingest.derive import make_audio, make_frame_index, make_proxy, make_waveform
from ingest.errors import DerivativeFailed, DiskFull, Quarantined
from ingest.listing import FoundFile, Listing
from ingest.names import FoundName
from ingest.probe import ProbeFacts, probe
from ingest.profiles import Profile, Role

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
    for one in arrived:
        if one.role is not Role.VIDEO or one.sha256 in found:
            continue
        if desk.vault.quarantine.holds(one.sha256):
            continue  # nobody opens it before it is released; docked again after that, it becomes a recording
        known = _known(desk, one.sha256)
        if known is None:
            clip = _described(desk, listing, profile, one.file, digests)
            known = _examined(desk, session, one, profile, clip)
        found[one.sha256] = known
        watch.preparing(known, "examined")
    return tuple(found.values())


def _known(desk: Desk, sha256: str) -> Recording | None:
    with desk.store.reading() as work:
        return next((one for one in work.footage.recordings() if one.sha256 == sha256), None)


def _described(
    desk: Desk, listing: Listing, profile: Profile, file: FoundFile, digests: Mapping[FoundName, str]
) -> NamedClip:
    """What name and companions say. Companions are read from the vault: the bytes that were preserved."""
    clip = describe(file, profile, UTC)
    for companion in companions(file, listing, profile):
        digest = digests.get(companion.file.name)
        readable = digest is not None and not desk.vault.quarantine.holds(digest)
        if digest is not None and readable and companion.file.size <= SIDECAR_BYTES:
            with desk.vault.open(digest) as reader:
                clip = with_companion(clip, companion, reader.read(SIDECAR_BYTES), UTC)
    return clip


def examined(desk: Desk, sha256: str) -> ProbeFacts:
    """What an isolated child finds out about a preserved original. Raises VaultDamaged, VaultLocked, Quarantined."""
    with desk.vault.for_child(sha256) as handed:
        return probe(handed)


def _examined(desk: Desk, session: Session, arrived: Arrived, profile: Profile, clip: NamedClip) -> Recording:
    facts = examined(desk, arrived.sha256)
    clip = with_header(clip, facts.creation_time, profile, UTC)
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
            claims=(
                *(
                    TimeClaim(one.source.value, one.start_us(duration), Micros(one.uncertainty_us), one.text)
                    for one in clip.claims
                ),
                file_system_claim(arrived.file, duration),
            ),
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
        subject = Subject("recording", recording.id)
        said = {name: text for name, text in texts.items() if text}
        record(desk, work, session, "media.examined", subject, data=data, texts=said)
    return recording


def file_system_claim(file: FoundFile, duration_us: int) -> TimeClaim:
    """The last resort: the card's own time of last writing, taken as the recording's end.

    FAT keeps local time without saying which zone (anything from UTC-12 to UTC+14) in steps of two seconds.
    """
    written = file.mtime_ns // 1000
    return TimeClaim("file-system", written - duration_us, NO_ZONE, f"last written at {written} us since 1970")


def media_facts(facts: ProbeFacts) -> MediaFacts:
    """What probing found, as the domain keeps it."""
    video, audio = facts.video, facts.audio[0] if facts.audio else None
    return MediaFacts(
        container=facts.container,
        duration=Micros(facts.duration_us or 0),
        video=VideoFacts(
            video.codec, video.width, video.height, video.frames, video.rate_num, video.rate_den, video.rotation
        )
        if video
        else None,
        audio=AudioFacts(audio.codec, audio.rate, audio.channels) if audio else None,
        damage=facts.damage,
    )


def prepare(desk: Desk, session: Session, recording: Recording, watch: PreparingWatch) -> None:
    """Make what review needs from an original, each piece kept as soon as it is whole, none made twice.

    A piece that cannot be made is said in the log and left out; DiskFull stops everything.
    """
    if recording.playability is Playability.UNPLAYABLE:
        return
    with desk.store.reading() as work:
        have = {one.kind for one in work.footage.derivatives(recording.id)}
    vault, sha256 = desk.vault, recording.sha256
    facts = recording.facts
    if facts is not None and facts.video is not None:
        _make(desk, session, recording, "index", have, watch, lambda: make_frame_index(vault, sha256))
    if facts is not None and facts.audio is not None:
        _make(desk, session, recording, "audio", have, watch, lambda: make_audio(vault, sha256))
        _make(
            desk, session, recording, "peaks", have, watch,
            lambda: make_waveform(vault, sha256, make_audio(vault, sha256)),
        )  # fmt: skip
    _make(
        desk, session, recording, "proxy", have, watch,
        lambda: make_proxy(vault, sha256, examined(desk, sha256)),
    )  # fmt: skip


def _make(
    desk: Desk,
    session: Session,
    recording: Recording,
    kind: str,
    have: set[str],
    watch: PreparingWatch,
    make: Callable[[], Derivative],
) -> None:
    if kind in have:
        return
    watch.preparing(recording, kind)
    subject = Subject("recording", recording.id)
    try:
        made = make()
    except DiskFull:
        raise
    except (DerivativeFailed, Quarantined) as failed:
        with desk.store.writing() as work:
            said = {"kind": kind, "exhibit": recording.exhibit}
            texts = {"message": failed.message()}
            record(desk, work, session, "media.derived", subject, outcome="failed", data=said, texts=texts)
        return
    stored = StoredDerivative(
        recording=recording.id,
        kind=kind,
        path=made.path.relative_to(desk.folder).as_posix(),
        sha256=made.sha256,
        size=made.size,
        parent_sha256=made.parent_sha256,
        tool=f"{made.tool} {made.tool_version}",
        parameters=dict(made.parameters),
    )
    with desk.store.writing() as work:
        work.footage.add_derivative(stored)
        data: dict[str, object] = {
            "kind": kind,
            "exhibit": recording.exhibit,
            "parent_sha256": stored.parent_sha256,
            "sha256": stored.sha256,
            "size": stored.size,
            "tool": stored.tool,
            "parameters": stored.parameters,
        }
        record(desk, work, session, "media.derived", subject, data=data)
