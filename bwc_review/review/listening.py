"""Having a machine listen: transcripts that never change, candidates that count for nothing by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import RecordingId, TranscriptId
from bwc_review.domain.lexicon import find_candidates
from bwc_review.domain.speech import Transcript
from bwc_review.domain.times import Micros, total
from bwc_review.errors import NotFound
from bwc_review.ports.records import Session
from bwc_review.ports.transcriber import PcmAudio
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import RECORDING
from chain_of_custody.entry import Subject

PERMISSION = "transcript.run"


def sound_of(desk: Desk, recording: RecordingId) -> PcmAudio | None:
    """The recording's sound as the engine takes it, from its audio derivative; None when it carries none.

    Raises OSError when the derivative is gone, VaultDamaged when it was altered, VaultLocked.
    """
    with desk.store.reading() as work:
        made = {one.kind: one for one in work.footage.derivatives(recording)}
    if "audio" not in made:
        return None
    audio = made["audio"]
    with desk.vault.open_kept(desk.folder / audio.path, audio.sha256) as reader:
        return PcmAudio(reader.read())


def transcribe(
    desk: Desk,
    session: Session,
    recording: RecordingId,
    *,
    progress: Callable[[Micros, Micros], None],
    cancelled: Callable[[], bool],
) -> Transcript:
    """Listen to one recording and keep what was heard. A recording listened to before is not listened to again.

    Raises PermissionDenied, NotFound (no sound to listen to), ModelRefused, Cancelled.
    """
    allow(desk, session, PERMISSION, on=Subject(RECORDING, recording))
    with desk.store.reading() as work:
        known = work.reviews.transcript(recording)
        exhibit = work.footage.recording(recording).exhibit
    if known is not None:
        return known
    sound = sound_of(desk, recording)
    if sound is None:
        raise NotFound(f"{exhibit} carries no sound that can be decoded, so nothing can be heard on it.")
    engine = desk.transcriber()
    heard = engine.listen(sound, progress=progress, cancelled=cancelled)
    stored = desk.encode_heard(heard)
    digest = hashlib.sha256(stored).hexdigest()
    transcript = Transcript(TranscriptId(desk.ids()), recording, heard, digest, desk.now_us())
    data = {
        "recording": recording,
        "exhibit": exhibit,
        "sha256": digest,
        "engine": heard.engine.name,
        "engine_version": heard.engine.version,
        "model": heard.engine.model,
        "model_sha256": heard.engine.model_sha256,
        "words": sum(len(segment.words) for segment in heard.segments),
        "usable_us": total(heard.usable),
        "speech_us": total(heard.speech),
        "untranscribed_us": total(heard.untranscribed),
    }
    with desk.store.writing() as work:
        work.reviews.add_transcript(transcript, stored)
        record(desk, work, session, "transcript.made", Subject("transcript", transcript.id), data=data)
    return transcript


def propose(desk: Desk, session: Session, recording: RecordingId) -> tuple[Candidate, ...]:
    """Find candidates in the newest transcript and keep those not known yet. Raises PermissionDenied, NotFound."""
    allow(desk, session, PERMISSION, on=Subject(RECORDING, recording))
    with desk.store.reading() as work:
        transcript = work.reviews.transcript(recording)
        if transcript is None:
            raise NotFound("Nothing was transcribed on this recording yet. Run `bwc-review transcribe` first.")
        known = {one.id for one in work.reviews.candidates(recording)}
    found = find_candidates(transcript, desk.lexicon)
    new = [one for one in found if one.id not in known]
    if new:
        data = {
            "recording": recording,
            "transcript": transcript.id,
            "lexicon_sha256": desk.lexicon.digest,
            "candidates": [str(one.id) for one in new],
        }
        with desk.store.writing() as work:
            work.reviews.add_candidates(new)
            record(desk, work, session, "candidate.proposed", Subject("recording", recording), data=data)
    return found
