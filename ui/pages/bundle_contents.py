"""What a bundle of an incident will hold, making one, and what the open verifier says of it, in words. No widget."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.tags import TagState
from bwc_review.ports.records import Session, StoredBundle
from bwc_review.review.desk import Desk
from bwc_review.review.exporting import export_bundle
from bwc_review.review.reading import shelf
from ui.tasks import Told
from ui.words import word


@dataclass(frozen=True, slots=True)
class Step:
    """How far the export is."""

    words: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Incidents by number and title, and the bundles made so far."""

    incidents: tuple[tuple[str, str], ...]
    bundles: tuple[StoredBundle, ...]


def read_offer(desk: Desk, session: Session) -> Offer:
    """What can be exported and what was. Raises PermissionDenied, StoreDamaged, WorkspaceBusy."""
    with shelf(desk, session) as found:
        incidents = tuple((str(one.id), one.title) for one in found.incidents)
        shown = {number for number, _ in incidents}
        return Offer(incidents, tuple(one for one in found.work.reviews.bundles() if one.incident in shown))


def read_contents(desk: Desk, session: Session, incident: IncidentId) -> str:
    """What a bundle of the incident will hold, counted, in words. Raises PermissionDenied, NotFound."""
    with shelf(desk, session) as found:
        work = found.work
        case = work.reviews.incident(incident)
        recordings = [work.footage.recording(placed.recording) for placed in case.placements]
        heard = sum(1 for one in recordings if work.reviews.transcript(one.id) is not None)
        candidates = [one.id for recording in recordings for one in work.reviews.candidates(recording.id)]
        decisions = work.reviews.decisions()
        tags = work.reviews.tags(incident)
        entries = work.log.head().size
    states = [decisions[one].state if one in decisions else CandidateState.OPEN for one in candidates]
    current = sum(1 for tag in tags if tag.state is TagState.CONFIRMED)
    return "\n".join(
        f"–  {line}"
        for line in (
            f"{len(recordings)} recordings with their originals, bit for bit, from "
            f"{len({one.camera for one in recordings})} cameras, and what came on the same cards",
            f"{heard} of {len(recordings)} recordings transcribed; machine text as it was written",
            f"{current} tags, and {len(tags) - current} earlier revisions or withdrawn ones",
            f"{len(candidates)} suggestions: {states.count(CandidateState.CONFIRMED)} confirmed, "
            f"{states.count(CandidateState.REJECTED)} rejected (they go along), "
            f"{states.count(CandidateState.OPEN)} still open",
            f"the custody log: all {entries} entries as digests, in words those of this incident",
            "an offline viewer (index.html) and an open verifier's instructions",
        )
    )


def run_export(
    desk: Desk, session: Session, incident: IncidentId, into: Path, told: Told[StoredBundle]
) -> StoredBundle:
    """Make the bundle, in the caller's thread. Raises what ``export_bundle`` raises, Cancelled when stopped."""

    def progress(step: str, done: int, of: int) -> None:
        told.go_on()
        told.report(Step(step, done, of))

    into.mkdir(parents=True, exist_ok=True)
    return export_bundle(desk, session, incident, into, progress=progress)


def verdict_text(report: str) -> str:
    """What the verifier's report (its JSON) comes to, in one sentence; its own words when it is no report."""
    try:
        told = json.loads(report)
        verdict = word("verdicts", str(told["verdict"]))
        left = [f"{step['title']}" for step in told["steps"] if step["verdict"] != "verified"]
    except (ValueError, KeyError, TypeError):
        return f"could not be checked: {report.splitlines()[-1] if report else 'the verifier did not start'}"
    return f"{verdict}. See: {'; '.join(left)}." if left else f"{verdict}."
