"""Exporting an evidence bundle in two phases: lay out and bag, log ``bundle.sealed``, sign a checkpoint, then seal.

The bundle gets its final name only when all of it is on the disk (custody.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.domain.measures import compute_all, describe
from bwc_review.domain.recording import Incident, Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.tags import Tag
from bwc_review.errors import ReviewError
from bwc_review.ports.bundle import BundleContent, LaidOut, Progress, Seal
from bwc_review.ports.records import Acquisition, Exhibit, Session, StoredBundle, StoredDerivative
from bwc_review.ports.store import Work
from bwc_review.ports.timestamps import StampState
from bwc_review.review.desk import Desk, allow, checkpoint, record, unlock
from bwc_review.review.disclosing import disclose
from bwc_review.review.measuring import case_in, coverage_in
from bwc_review.review.own_unit import INCIDENT
from bwc_review.review.witness_seal import witnessed
from bwc_review.review.witnessing import cosign_seal
from chain_of_custody.entry import Subject
from chain_of_custody.keys import LogKey
from chain_of_custody.merkle import inclusion_proof

PERMISSION = "export.prepare"


def export_bundle(
    desk: Desk, session: Session, incident: IncidentId, into: Path, *, progress: Progress
) -> StoredBundle:
    """Write, seal and log a bundle of one incident below ``into``; return where it stands.

    Raises ExportFailed (nothing stands under the final name and the log says so), PermissionDenied, NotFound,
    WrongPassphrase, LogContradicted (a witness asked about the seal has seen another history).
    """
    allow(desk, session, PERMISSION, on=Subject(INCIDENT, incident))
    key = unlock(desk, session)
    with desk.store.writing() as work:
        name = _next_name(work, incident, into)
        record(desk, work, session, "export.started", Subject("incident", incident), data={"bundle": name})
    with desk.store.reading() as work:
        content = gather(desk, work, session, incident, name)
    try:
        laid = desk.bundles.lay_out(content, into, progress=progress)
        with desk.store.writing() as work:
            seal = _seal(desk, work, session, key, content, laid)
        seal = replace(seal, cosignatures=cosign_seal(desk, session, len(seal.leaves)))
        path = desk.bundles.finish(laid, seal)
    except ReviewError as failed:
        with desk.store.writing() as work:
            data = {"bundle": name, "error": type(failed).__name__}
            subject = Subject("incident", incident)
            texts = {"message": failed.message()}
            record(desk, work, session, "export.failed", subject, outcome="failed", data=data, texts=texts)
        raise
    return _keep(desk, session, content, laid, seal, path)


def _next_name(work: Work, incident: IncidentId, into: Path) -> str:
    """The first number free in the records and in the folder: a bundle that stands there is never touched again."""
    taken = {bundle.name for bundle in work.reviews.bundles()}
    names = (f"{incident}_bundle-{number:02d}" for number in count(1))
    return next(name for name in names if name not in taken and not (into / name).exists())


def _seal(desk: Desk, work: Work, session: Session, key: LogKey, content: BundleContent, laid: LaidOut) -> Seal:
    """Log which bag is sealed and sign the log that says so."""
    data = {
        "bundle": content.name,
        "incident": content.incident.id,
        "tagmanifest_sha256": laid.tagmanifest_sha256,
        "tagmanifest_sha512": laid.tagmanifest_sha512,
        "payload_files": laid.files,
        "payload_bytes": laid.size,
        "log_size": len(content.log.leaves),
    }
    subject = Subject("incident", content.incident.id)
    entry = record(desk, work, session, "bundle.sealed", subject, data=data)
    leaves = tuple(work.log.leaves())
    note = checkpoint(desk, work, key)
    return Seal(entry.to_bytes(), entry.seq, inclusion_proof(leaves, entry.seq), note, leaves)


def _keep(
    desk: Desk, session: Session, content: BundleContent, laid: LaidOut, seal: Seal, path: Path
) -> StoredBundle:
    bundle = StoredBundle(
        id=desk.ids(),
        incident=content.incident.id,
        name=content.name,
        path=str(path.resolve()),
        tagmanifest_sha256=laid.tagmanifest_sha256,
        log_size=len(seal.leaves),
        sealed_at=desk.now_us(),
    )
    with desk.store.writing() as work:
        work.reviews.add_bundle(bundle)
        data = {"bundle": bundle.name, "seal": seal.index}
        record(desk, work, session, "export.finished", Subject("incident", bundle.incident), data=data)
    return bundle


def gather(desk: Desk, work: Work, session: Session, incident: IncidentId, name: str) -> BundleContent:
    """Everything about one incident, as the store holds it now."""
    case = work.reviews.incident(incident)
    recordings = [work.footage.recording(placed.recording) for placed in case.placements]
    dockings = _dockings_of(work, recordings)
    acquisitions = [one for one in work.footage.acquisitions() if one.docking in dockings]
    exhibits = _exhibits_of(work, recordings, acquisitions)
    tags = work.reviews.tags(incident)
    candidates = [one for recording in recordings for one in work.reviews.candidates(recording.id)]
    decisions = {one.id: decision for one in candidates if (decision := work.reviews.decisions().get(one.id))}
    transcripts = {one.id: found for one in recordings if (found := work.reviews.transcript(one.id))}
    coverage = coverage_in(work, case)
    measures = compute_all(case_in(desk, work, incident), desk.taxonomy)
    return BundleContent(
        name=name,
        incident=case,
        recordings=recordings,
        exhibits=exhibits,
        acquisitions=acquisitions,
        transcripts=transcripts,
        candidates=candidates,
        decisions=decisions,
        tags=tags,
        measures=measures,
        measure_lines=[describe(measure, desk.taxonomy) for measure in measures],
        coverage=coverage,
        proxies=_derived(work, recordings, "proxy"),
        peaks=_derived(work, recordings, "peaks"),
        labels={code: event.label for code, event in desk.taxonomy.events.items()},
        log=disclose(work, desk.vkey, _ids(case, recordings, exhibits, dockings, tags, candidates, transcripts)),
        exported_at=desk.now_us(),
        exported_by=session.operator,
        app=desk.app,
        taxonomy_sha256=desk.taxonomy.digest,
        lexicon_sha256=desk.lexicon.digest,
        timestamps=[one for one in work.timestamps.all() if one.state is StampState.KEPT],
        witnessed=witnessed(work),
    )


def _dockings_of(work: Work, recordings: Sequence[Recording]) -> frozenset[str]:
    """Every docking in which one of these recordings arrived, first or again."""
    digests = {recording.sha256 for recording in recordings}
    return frozenset(one.docking for one in work.footage.acquisitions() if one.sha256 in digests)


def _exhibits_of(work: Work, recordings: Sequence[Recording], acquisitions: Sequence[Acquisition]) -> list[Exhibit]:
    """The incident's recordings and the companions that lay beside them under the same name.

    Other footage on the same cards belongs to other cases: it is named in the acquisition record, not handed over.
    """
    own = {recording.sha256 for recording in recordings}
    stems = {(one.docking, _stem(one)) for one in acquisitions if one.sha256 in own}
    wanted = own | {one.sha256 for one in acquisitions if (one.docking, _stem(one)) in stems}
    return [exhibit for exhibit in work.footage.exhibits() if exhibit.sha256 in wanted]


def _stem(one: Acquisition) -> str:
    return one.name.rpartition(".")[0].casefold()


def _derived(work: Work, recordings: Sequence[Recording], kind: str) -> Mapping[RecordingId, StoredDerivative]:
    return {one.id: made for one in recordings for made in work.footage.derivatives(one.id) if made.kind == kind}


def _ids(
    case: Incident,
    recordings: Sequence[Recording],
    exhibits: Sequence[Exhibit],
    dockings: frozenset[str],
    tags: Sequence[Tag],
    candidates: Sequence[Candidate],
    transcripts: Mapping[RecordingId, Transcript],
) -> set[str]:
    return {
        case.id,
        *dockings,
        *(one.id for one in recordings),
        *(one.number for one in exhibits),
        *(one.id for one in tags),
        *(one.id for one in candidates),
        *(one.id for one in transcripts.values()),
    }
