"""Salvage: a copy won back from a recording whose index was never written, asked for and kept as what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Playability, Recording
from bwc_review.errors import InputRefused
from bwc_review.ports.jobs import Job, JobState
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.pieces import SALVAGE, media_facts, new_job
from chain_of_custody.entry import Subject
from ingest.derivatives import Derivative
from ingest.errors import SalvageRefused
from ingest.findings import Trait, found
from ingest.more_derivatives import read_label
from ingest.probe import probe
from ingest.vault import Vault

PERMISSION = "media.derive"


def ask_salvage(desk: Desk, session: Session, recording: RecordingId, like: RecordingId | None = None) -> Job:
    """Ask for a salvaged copy of a recording that cannot be played, with settings lent by a healthy one.

    ``like`` names the healthy recording; without it one of the same camera is taken. Asking again after a failure
    tries again. Raises InputRefused (it plays, it was salvaged, nobody can lend), PermissionDenied, NotFound.
    """
    allow(desk, session, PERMISSION)
    with desk.store.writing() as work:
        broken = work.footage.recording(recording)
        _refuse_what_needs_none(broken)
        lender = work.footage.recording(like) if like else _lender(broken, work)
        wanted = {"lender": lender.sha256, "exhibit": str(lender.exhibit)}
        known = [one for one in work.jobs.all() if (one.recording, one.what) == (recording, SALVAGE)]
        job = new_job(desk, recording, SALVAGE, **wanted)
        if not known:
            work.jobs.add(job)
        elif known[0].state in (JobState.FAILED, JobState.CANCELLED):
            job = replace(job, id=known[0].id)
            work.jobs.update(job)
        else:
            return known[0]
        data = {"exhibit": broken.exhibit, "lender": lender.exhibit, "lender_sha256": lender.sha256}
        record(desk, work, session, "media.salvage_asked", Subject("recording", recording), data=data)
    return job


def _refuse_what_needs_none(broken: Recording) -> None:
    if broken.playability is Playability.SALVAGED:
        raise InputRefused(f"{broken.exhibit} was salvaged already. `bwc-review derive {broken.exhibit}` shows it.")
    if broken.playability is not Playability.UNPLAYABLE:
        raise InputRefused(f"{broken.exhibit} can be played, so there is nothing to win back. Review it as it is.")


def _lender(broken: Recording, work: Work) -> Recording:
    """A healthy recording of the same camera, else of the same camera family; the last one made before it."""
    healthy = [one for one in work.footage.recordings() if _can_lend(one)]
    same = [one for one in healthy if one.camera == broken.camera] or [
        one for one in healthy if one.profile == broken.profile
    ]
    if not same:
        raise InputRefused(
            f"No healthy recording of {broken.camera} is here, and a salvage needs its settings. Dock another card "
            "of this camera, or name a recording of the same model with --like."
        )
    return same[-1]


def _can_lend(one: Recording) -> bool:
    video = one.facts.video if one.facts else None
    return one.playability is Playability.PLAYABLE and video is not None and video.codec == "h264"


@dataclass(frozen=True, slots=True)
class WonBack:
    """What a salvaged copy turned out to be: the recording as it stands now, and the counts of the copy's label."""

    recording: Recording
    label: Mapping[str, object]


def examine_salvaged(vault: Vault, recording: Recording, job: Job, made: Derivative) -> WonBack:
    """Examine a copy just made. Raises SalvageRefused when it is no labelled copy or does not play, VaultDamaged."""
    with vault.kept_for_child(made.path, made.sha256) as handed:
        label = read_label(handed)
        facts = probe(handed)
    if facts.playable.value == Playability.UNPLAYABLE.value or label.get("salvaged_from") != recording.sha256:
        raise SalvageRefused(
            f"What was won back from {recording.exhibit} does not play. The original is preserved as it is."
        )
    audio = facts.audio[0] if facts.audio else None
    seconds = int(label["sound_samples"]) / audio.rate if audio else 0.0
    words = found(
        Trait.SALVAGED, pictures=int(label["pictures"]), sound=f"{seconds:.1f}",
        rate=f"{label['rate_num']}/{label['rate_den']}", lender=job.wanted["exhibit"],
        lost=int(label["not_decodable"]) + int(label["before_first_key_picture"]),
        unknown=int(label["unknown_bytes"]) + int(label["torn_bytes"]),
    ).words()  # fmt: skip
    before = recording.facts.damage if recording.facts else ()
    now = replace(media_facts(facts), damage=(words, *before, *facts.damage))
    return WonBack(replace(recording, playability=Playability.SALVAGED, facts=now), label)


def keep_salvaged(desk: Desk, work: Work, session: Session, won: WonBack, job: Job, made: Derivative) -> None:
    """The recording plays from its salvaged copy from now on, and the log says what was assumed and lost."""
    now = won.recording
    if now.facts is None:
        return
    work.footage.set_facts(now.id, now.playability, now.facts)
    data = {
        "exhibit": now.exhibit, "parent_sha256": now.sha256, "sha256": made.sha256,
        "lender_sha256": job.wanted["lender"], **won.label,
    }  # fmt: skip
    texts = {"words": now.facts.damage[0]}
    record(desk, work, session, "media.salvaged", Subject("recording", now.id), data=data, texts=texts)
