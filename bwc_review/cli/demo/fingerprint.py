"""Whether two runs of the demo came to the same: recordings, digests, transcripts, decisions, tags and measures.

Ids and times of writing differ from run to run and stay out; what a tag is, is its code, time, people and words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction

from bwc_review.domain.ids import IncidentId
from bwc_review.domain.measure import Measure
from bwc_review.domain.tags import Tag, TagState
from bwc_review.ports.store import Work


def fingerprint(work: Work, incident: IncidentId, measures: tuple[Measure, ...]) -> dict[str, str]:
    """One SHA-256 each over recordings, transcripts, candidates with their decisions, tags, and measures."""
    recordings = work.footage.recordings()
    tags = [one for one in work.reviews.tags(incident) if one.state is TagState.CONFIRMED]
    names: dict[str, str] = {tag.id: f"{tag.code}@{tag.start}" for tag in tags}
    decisions = work.reviews.decisions()
    transcripts = [(one.exhibit, found.digest) for one in recordings if (found := work.reviews.transcript(one.id))]
    candidates = sorted(
        [
            str(recording.exhibit),
            str(one.span.start),
            one.code,
            one.phrase,
            one.words,
            decisions[one.id].state.value if one.id in decisions else "open",
        ]
        for recording in recordings
        for one in work.reviews.candidates(recording.id)
    )
    return {
        "recordings": _digest([[one.exhibit, one.sha256, one.playability.value] for one in recordings]),
        "exhibits": _digest([[one.number, one.sha256] for one in work.footage.exhibits()]),
        "transcripts": _digest(transcripts),
        "candidates": _digest(candidates),
        "tags": _digest(sorted(_tag(one, names) for one in tags)),
        "measures": _digest(sorted(_measure(one, names) for one in measures)),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _tag(tag: Tag, names: Mapping[str, str]) -> str:
    attrs = {name: _named(value, names) for name, value in tag.attrs.items()}
    told = [tag.code, tag.start, tag.end, tag.actor, tag.target, tag.source.value, tag.uncertainty, tag.note, attrs]
    return json.dumps(told, sort_keys=True)


def _measure(one: Measure, names: Mapping[str, str]) -> str:
    basis = sorted(names.get(tag, tag) for tag in one.basis)
    share = [str(one.coverage.audio), str(one.coverage.video)] if one.coverage else None
    head, slash, rest = one.subject.partition("/")  # M23 has one subject a tag and officer
    subject = f"{names.get(head, head)}{slash}{rest}"
    told = [one.code, subject, _named(one.value, names), one.status.value, basis, one.uncertainty, share]
    return json.dumps(told, sort_keys=True)


def _named(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {str(names.get(str(key), str(key))): _named(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_named(one, names) for one in value]
    return value
