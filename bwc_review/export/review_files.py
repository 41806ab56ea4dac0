"""The review as files a recipient can read with anything: JSON, CSV. All times integer microseconds.

The machine's proposals, people's decisions and measures stand in files of their own. Transcript formats come from
outside this layer. How the viewer wants the same facts is viewer_data.py's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Incident
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Span, clock_text
from bwc_review.export.layout import Layout
from bwc_review.export.originals import Copied
from bwc_review.export.texts import csv_bytes, json_bytes, plain
from bwc_review.ports.bundle import BundleContent

_TAG_COLUMNS = (
    "id", "code", "label", "state", "start_us", "end_us", "end_status", "start", "end", "uncertainty_us", "actor",
    "target", "modality", "source", "attributes", "note", "by", "recorded_at_us", "supersedes", "candidate",
)  # fmt: skip


def review_files(content: BundleContent, layout: Layout) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every file under data/review except transcripts."""
    tags = [tag_record(tag, content) for tag in content.tags]
    yield "data/review/tags.json", json_bytes(_headed("tags", content, tags))
    yield "data/review/tags.csv", csv_bytes(_TAG_COLUMNS, (_tag_row(tag, content) for tag in content.tags))
    candidates = [candidate_record(one, content) for one in content.candidates]
    yield "data/review/candidates.json", json_bytes(_headed("candidates", content, candidates))
    yield "data/review/measures.json", json_bytes(_headed("measures", content, measure_records(content)))
    yield "data/review/review.json", json_bytes(_review(content, layout))


def tag_record(tag: Tag, content: BundleContent) -> dict[str, object]:
    """One tag with its label, as JSON types."""
    return {**_object(tag), "label": content.labels.get(tag.code, "")}


def candidate_record(candidate: Candidate, content: BundleContent) -> dict[str, object]:
    """One candidate with its label, state, decision and its stretch on the incident's clock (None: not placed)."""
    decision = content.decisions.get(candidate.id)
    placed = on_incident(content.incident, candidate.recording, candidate.span)
    return {
        **_object(candidate),
        "label": content.labels.get(candidate.code, ""),
        "state": (decision.state if decision else CandidateState.OPEN).value,
        "decision": plain(decision),
        "incident_span": plain(placed),
    }


def measure_records(content: BundleContent) -> list[dict[str, object]]:
    """Every measure with the line that says it in words."""
    return [
        {**_object(measure), "line": line}
        for measure, line in zip(content.measures, content.measure_lines, strict=True)
    ]


def on_incident(incident: Incident, recording: RecordingId, span: Span) -> Span | None:
    """``span`` on the incident's clock, None when the recording was not placed on it."""
    if recording not in {placement.recording for placement in incident.placements}:
        return None
    return incident.clock_of(recording).span_to_incident(span)


def _review(content: BundleContent, layout: Layout) -> dict[str, object]:
    exhibits = [{**_object(one), "path": layout.originals[one.number]} for one in content.exhibits]
    return {
        "format": "bwc-review/review@1",
        "unit": "microseconds",
        "incident": plain(content.incident),
        "recordings": plain(content.recordings),
        "exhibits": exhibits,
        "acquisitions": plain(content.acquisitions),
        "coverage": plain(content.coverage),
        "transcripts": [
            {"id": one.id, "recording": one.recording, "digest": one.digest, "made_at": one.made_at,
             "engine": plain(one.heard.engine)}
            for one in content.transcripts.values()
        ],
        "exported": {"at": content.exported_at, "by": content.exported_by, "app": content.app},
        "taxonomy_sha256": content.taxonomy_sha256,
        "lexicon_sha256": content.lexicon_sha256,
        "labels": plain(content.labels),
        "log": {
            "origin": content.log.origin, "entries": len(content.log.leaves),
            "disclosed": len(content.log.entries), "withheld_reason": content.log.withheld_reason,
        },
    }  # fmt: skip


WITHOUT_A_CLIP = "The original is in this bundle bit for bit; no copy for viewing could be made of it."


def derived_index(
    content: BundleContent, proxies: Mapping[RecordingId, Copied], salvages: Mapping[RecordingId, Copied]
) -> dict[str, object]:
    """Return data/derived/index.json: every derivative with its digest and what it was made from, and why some
    recordings have none."""
    made = [
        *((recording, content.proxies[recording], one) for recording, one in proxies.items()),
        *((recording, content.salvages[recording], one) for recording, one in salvages.items()),
    ]
    return {
        "format": "bwc-review/derived@1",
        "note": "Made from the originals for viewing. Not the evidence.",
        "files": {
            one.path.removeprefix("data/derived/"): {
                "kind": derivative.kind,
                "sha256": one.digests.sha256,
                "parent_sha256": derivative.parent_sha256,
                "recording": recording,
                "tool": derivative.tool,
                "parameters": plain(derivative.parameters),
            }
            for recording, derivative, one in made
        },
        "without_a_clip": {
            one.exhibit: " ".join((WITHOUT_A_CLIP, *(one.facts.damage if one.facts else ())))
            for one in content.recordings
            if one.id not in proxies
        },
    }


def _headed(kind: str, content: BundleContent, rows: Iterable[object]) -> dict[str, object]:
    return {
        "format": f"bwc-review/{kind}@1",
        "incident": content.incident.id,
        "unit": "microseconds",
        kind: list(rows),
    }


def _tag_row(tag: Tag, content: BundleContent) -> tuple[object, ...]:
    attributes = "; ".join(f"{name}={_cell(value)}" for name, value in sorted(tag.attrs.items()))
    ended = "" if tag.end is None else clock_text(tag.end)
    return (
        tag.id, tag.code, content.labels.get(tag.code, ""), tag.state.value, tag.start, tag.end,
        tag.end_status.value, clock_text(tag.start), ended, tag.uncertainty, tag.actor, tag.target,
        tag.modality.value, tag.source.value, attributes, tag.note, tag.by, tag.recorded_at, tag.supersedes,
        tag.candidate,
    )  # fmt: skip


def _cell(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _object(value: object) -> dict[str, object]:
    return cast(dict[str, object], plain(value))
