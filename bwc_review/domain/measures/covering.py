"""What camera tags take away from coverage, and coverage built from them alone. No measure is computed here."""

from __future__ import annotations

from collections.abc import Iterable

from bwc_review.domain.coverage import CameraCoverage, Coverage
from bwc_review.domain.ids import CameraId, ParticipantId
from bwc_review.domain.tags import Tag, TagState
from bwc_review.domain.times import Micros, Span, union, without

_SILENT = frozenset({"CAM.MUTED", "CAM.AUDIO_POOR", "CAM.GAP"})
_DARK = frozenset({"CAM.OBSTRUCTED", "CAM.GAP"})


def narrowed(coverage: Coverage, tags: Iterable[Tag]) -> Coverage:
    """Return ``coverage`` without what confirmed camera tags say could not be heard or seen.

    Muted, poor, missing or buffered-without-sound stretches carry no usable audio, obstructed or missing ones no
    video (taxonomy ``statuses.not_observable``). A tag without an actor is taken off every camera.
    """
    confirmed = [tag for tag in tags if tag.state is TagState.CONFIRMED]
    cameras = []
    for camera in coverage.cameras:
        own = [tag for tag in confirmed if tag.actor in (None, camera.wearer)]
        silent = [tag.span(coverage.end) for tag in own if _takes_audio(tag)]
        dark = [tag.span(coverage.end) for tag in own if tag.code in _DARK]
        cameras.append(
            CameraCoverage(camera.camera, camera.wearer, _cut(camera.audio, silent), _cut(camera.video, dark))
        )
    return Coverage(tuple(cameras), coverage.end)


def coverage_from_tags(tags: Iterable[Tag], end: Micros) -> Coverage:
    """Return coverage as the camera tags alone tell it: one camera a wearer, from its buffer or activation on.

    For incidents whose recordings are not at hand. A camera without CAM.ACTIVATED covers nothing.
    """
    confirmed = sorted((t for t in tags if t.state is TagState.CONFIRMED), key=lambda t: (t.start, t.id))
    wearers = dict.fromkeys(t.actor for t in confirmed if t.code == "CAM.ACTIVATED" and t.actor is not None)
    return narrowed(Coverage(tuple(_camera(w, confirmed, end) for w in wearers), end), confirmed)


def _camera(wearer: ParticipantId, tags: list[Tag], end: Micros) -> CameraCoverage:
    own = [tag for tag in tags if tag.actor == wearer]
    on: list[Span] = [tag.span(end) for tag in own if tag.code == "CAM.BUFFER"]
    stops = [tag.start for tag in own if tag.code == "CAM.DEACTIVATED"]
    for tag in own:
        if tag.code == "CAM.ACTIVATED":
            stop = min((s for s in stops if s > tag.start), default=max(end, tag.start))
            on.append(Span(tag.start, stop))
    recorded = union(on)
    return CameraCoverage(CameraId(f"camera of {wearer}"), wearer, recorded, recorded)


def _takes_audio(tag: Tag) -> bool:
    return tag.code in _SILENT or (tag.code == "CAM.BUFFER" and tag.attrs.get("audio") is False)


def _cut(spans: tuple[Span, ...], holes: list[Span]) -> tuple[Span, ...]:
    return tuple(part for span in spans for part in without(span, holes))
