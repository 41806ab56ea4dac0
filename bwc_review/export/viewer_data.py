"""What the offline viewer shows, gathered on the incident's one clock. Words and looks are the viewer's affair.

Everything here also stands in data/review and data/custody; the viewer must not be the only place of a fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from unicodedata import category

from bwc_review.domain.coverage import CameraCoverage
from bwc_review.domain.ids import CameraId, RecordingId
from bwc_review.domain.recording import Recording
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Span
from bwc_review.export.history import history
from bwc_review.export.layout import Layout
from bwc_review.export.review_files import candidate_record, measure_records, on_incident, tag_record
from bwc_review.export.sound import Sound
from bwc_review.export.texts import plain
from bwc_review.export.transcript_rows import row_records
from bwc_review.export.verify_text import witnessed_text
from bwc_review.ports.bundle import BundleContent

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Unicode Bidi_Control; joiners stay, because languages are written with them."""


def viewer_data(
    content: BundleContent, layout: Layout, sounds: Mapping[RecordingId, Sound] = MappingProxyType({})
) -> dict[str, object]:
    """Return ``window.BUNDLE``: JSON types only, times in integer microseconds on the incident's clock.

    Characters that hide or turn text round are spelt out, so that a name cannot look like another one.
    """
    return {str(name): spelt_out(value) for name, value in _gathered(content, layout, sounds).items()}


def spelt_out(value: object) -> object:
    """``value`` with every control and direction character in its texts written as ``<U+202E>``."""
    if isinstance(value, str):
        return "".join(f"<U+{ord(c):04X}>" if _turns_or_hides(c) else c for c in value)
    if isinstance(value, Mapping):
        return {spelt_out(key): spelt_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spelt_out(item) for item in value]
    return value


def _turns_or_hides(char: str) -> bool:
    return (category(char) == "Cc" and char != "\n") or char in _DIRECTIONS


def _gathered(content: BundleContent, layout: Layout, sounds: Mapping[RecordingId, Sound]) -> dict[str, object]:
    return {
        "format": "bwc-review/viewer@1",
        "name": content.name,
        "incident": {"id": content.incident.id, "title": content.incident.title, "zero": content.incident.zero},
        "exported": {"at": content.exported_at, "by": content.exported_by, "app": content.app},
        "end": content.coverage.end,
        "cameras": [_camera(camera, content, layout) for camera in _cameras(content)],
        "unplaced": [_clip(one, content, layout) for one in content.recordings if not _placed(one, content)],
        "rows": row_records(content),
        "sounds": plain(sounds),
        "tags": [_tag(tag, content) for tag in content.tags],
        "candidates": [candidate_record(one, content) for one in content.candidates],
        "measures": measure_records(content),
        "files": _files(content, layout),
        "history": history(content.log),
        "log": {
            "origin": content.log.origin,
            "entries": len(content.log.leaves),
            "disclosed": len(content.log.entries),
            "withheld_reason": content.log.withheld_reason,
            "vkey": content.log.vkey,
            "witnessed": witnessed_text(content),
        },
        "chunks": _chunk_roots(content, layout),
    }


def _cameras(content: BundleContent) -> list[CameraId]:
    order = [one.camera for one in content.coverage.cameras] + [one.camera for one in content.recordings]
    return list(dict.fromkeys(order))


def _placed(recording: Recording, content: BundleContent) -> bool:
    return on_incident(content.incident, recording.id, recording.span) is not None


def _camera(camera: CameraId, content: BundleContent, layout: Layout) -> dict[str, object]:
    clips = [one for one in content.recordings if one.camera == camera and _placed(one, content)]
    covered = next(
        (one for one in content.coverage.cameras if one.camera == camera), CameraCoverage(camera, None, (), ())
    )
    wearer = covered.wearer or next((one.wearer for one in clips if one.wearer), None)
    return {
        "id": camera,
        "wearer": wearer,
        "audio": plain(covered.audio),
        "video": plain(covered.video),
        "speech": plain([span for one in clips for span in _speech(one, content)]),
        "clips": sorted((_clip(one, content, layout) for one in clips), key=_clip_start),
    }


def _clip_start(clip: dict[str, object]) -> tuple[int, str]:
    start = clip["start"]
    return (start if isinstance(start, int) else 0, str(clip["exhibit"]))


def _speech(recording: Recording, content: BundleContent) -> list[Span]:
    transcript = content.transcripts.get(recording.id)
    clock = content.incident.clock_of(recording.id)
    return [clock.span_to_incident(span) for span in (transcript.heard.speech if transcript else ())]


def _clip(recording: Recording, content: BundleContent, layout: Layout) -> dict[str, object]:
    facts = recording.facts
    row: dict[str, object] = {
        "recording": recording.id,
        "exhibit": recording.exhibit,
        "sha256": recording.sha256,
        "size": recording.size,
        "name": recording.name,
        "camera": recording.camera,
        "path": layout.originals.get(recording.exhibit),
        "proxy": layout.proxies.get(recording.id),
        "playability": recording.playability.value,
        "damage": list(facts.damage) if facts else [],
        "duration": recording.span.end,
        "video": plain(facts.video) if facts else None,
        "audio": plain(facts.audio) if facts else None,
        "claims": plain(recording.claims),
        "silent_lead": recording.silent_lead,
    }
    for placement in content.incident.placements:
        if placement.recording == recording.id:
            span = placement.clock.span_to_incident(recording.span)
            row |= {"start": span.start, "end": span.end, "clock": plain(placement.clock)}
            row |= {"source": placement.source, "reason": placement.reason}
    return row


def _tag(tag: Tag, content: BundleContent) -> dict[str, object]:
    return {**tag_record(tag, content), "shown_end": tag.span(content.coverage.end).end}


def _files(content: BundleContent, layout: Layout) -> list[dict[str, object]]:
    return [
        {
            "docking": met.docking, "name": met.name, "size": met.size, "outcome": met.outcome.value,
            "reason": met.reason, "exhibit": met.exhibit, "sha256": met.sha256,
            "path": layout.originals.get(met.exhibit) if met.exhibit else None,
        }
        for met in content.acquisitions
    ]  # fmt: skip


def _chunk_roots(content: BundleContent, layout: Layout) -> dict[str, str]:
    return {layout.originals[one.number]: one.chunk_root for one in content.exhibits}
