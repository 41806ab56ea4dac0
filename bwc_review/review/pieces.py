"""The pieces review needs of a recording, and how each is made: from the original, or from its salvaged copy.

Which piece is made when, and what the log says of it, is ``review.deriving``'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import AudioFacts, MediaFacts, Playability, Recording, VideoFacts
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused
from bwc_review.ports.jobs import Job, JobState
from bwc_review.review.desk import Desk
from ingest.derivatives import Derivative
from ingest.derive import make_audio, make_frame_index, make_proxy, make_waveform
from ingest.more_derivatives import make_salvage, make_sound_track, make_sprite, setup_from
from ingest.probe import ProbeFacts, probe
from ingest.vault import Vault
from ingest.vault_views import FromSalvage

SALVAGE = "salvage"
_RANKS: Mapping[str, int] = {SALVAGE: 0, "index": 10, "audio": 10, "peaks": 20, "sprite": 30, "proxy": 40}
_FURTHER_SOUND = "audio-"
_FURTHER_RANK = 35


def rank_of(what: str) -> int:
    """Lower is made first: what listening and exact review need comes before what only makes things smoother."""
    return _RANKS.get(what, _FURTHER_RANK)


def new_job(desk: Desk, recording: RecordingId, what: str, **wanted: str) -> Job:
    """A job nobody has begun."""
    at = desk.now_us()
    return Job(desk.ids(), recording, what, wanted, rank_of(what), JobState.QUEUED, 0, "", "", at, None)


def pieces_of(recording: Recording) -> tuple[str, ...]:
    """What is to be made of a recording; nothing of one that cannot be played."""
    facts = recording.facts
    if facts is None or recording.playability is Playability.UNPLAYABLE:
        return ()
    pieces = ["index", "sprite"] if facts.video is not None else []
    if facts.audio is not None:
        further = (f"{_FURTHER_SOUND}{track}" for track in range(2, facts.audio.tracks + 1))
        pieces += ["audio", "peaks", *further]
    return (*pieces, "proxy")


def make_piece(
    desk: Desk, recording: Recording, what: str, wanted: Mapping[str, str], vault: Vault | None = None
) -> Derivative:
    """Make one piece, or find it made. ``vault`` is the desk's unless the piece is to be made elsewhere.

    Raises DerivativeFailed, ProbeFailed, SalvageRefused, DiskFull, VaultDamaged, VaultLocked, Quarantined,
    DerivingStopped.
    """
    place = vault or desk.vault
    place.quarantine.refuse(recording.sha256)
    if what == SALVAGE:
        with place.for_child(wanted["lender"]) as lender:
            setup = setup_from(lender)
        return make_salvage(place, recording.sha256, setup, wanted["lender"])
    parent = parent_of(desk, recording)
    if parent is None:
        return _made_from(place, recording.sha256, what)
    return _made_from(FromSalvage(place, *parent), parent[1], what)


def parent_of(desk: Desk, recording: Recording) -> tuple[Path, str] | None:
    """Path and digest of the salvaged copy that stands in for an original, None where the original plays itself."""
    if recording.playability is not Playability.SALVAGED:
        return None
    with desk.store.reading() as work:
        made = next(one for one in work.footage.derivatives(recording.id) if one.kind == SALVAGE)
    return desk.folder / made.path, made.sha256


def _made_from(vault: Vault, sha256: str, what: str) -> Derivative:
    match what:
        case "index":
            return make_frame_index(vault, sha256)
        case "audio":
            return make_audio(vault, sha256)
        case "peaks":
            return make_waveform(vault, sha256, make_audio(vault, sha256))
        case "sprite":
            return make_sprite(vault, sha256)
        case "proxy":
            return make_proxy(vault, sha256, examined(vault, sha256))
    if what.startswith(_FURTHER_SOUND) and what.removeprefix(_FURTHER_SOUND).isdecimal():
        return make_sound_track(vault, sha256, int(what.removeprefix(_FURTHER_SOUND)) - 1)
    raise InputRefused(f"Nothing called '{what}' is made of recordings. Known: {', '.join(_RANKS)}, audio-2 ...")


def examined(vault: Vault, sha256: str) -> ProbeFacts:
    """What an isolated child finds out about an original. Raises VaultDamaged, VaultLocked, Quarantined."""
    with vault.for_child(sha256) as handed:
        return probe(handed)


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
        audio=AudioFacts(audio.codec, audio.rate, audio.channels, len(facts.audio)) if audio else None,
        damage=facts.damage,
        notes=facts.notes,
    )
