"""How much of the encounter the cameras kept: M28. What was not kept bounds every other measure."""

from __future__ import annotations

from bwc_review.domain.coverage import Coverage
from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures.case import Case
from bwc_review.domain.measures.results import apart, computed
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros, Span, clip, total, union

NO_START = "encounter_start_unknown"
_MUTED = ("CAM.MUTED",)
_OBSTRUCTED = ("CAM.OBSTRUCTED",)


def recording_coverage(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M28, per officer and for the incident, record: activation delay, shares heard and seen, what was muted.

    Shares are exact fractions of the encounter. The delay counts from CTX.ENCOUNTER_START to CAM.ACTIVATED (the
    buffer before it does not count as recording) and is None where either is not tagged; negative: already on.
    """
    starts = case.of("CTX.ENCOUNTER_START")
    ends = case.of("CTX.ENCOUNTER_END")
    start = starts[0].start if starts else Micros(0)
    window = Span(start, max(start, ends[-1].start if ends else case.end))
    flags = () if starts else (NO_START,)
    per_officer = tuple(_officer(case, taxonomy, o, window, starts, flags) for o in _officers(case))
    return (*per_officer, _incident(case, taxonomy, window, flags))


def _officers(case: Case) -> tuple[ParticipantId, ...]:
    worn = [camera.wearer for camera in case.coverage.cameras]
    tagged = [tag.actor for tag in case.of("CAM.", "CTX.OFFICER_PRESENT") if tag.code != "CAM.ABSENT"]
    return tuple(dict.fromkeys(o for o in (*worn, *tagged, *_without_footage(case)) if o is not None))


def _without_footage(case: Case) -> tuple[ParticipantId, ...]:
    """Officers tagged as absent from the footage, or present without a camera among the recordings."""
    wearers = {camera.wearer for camera in case.coverage.cameras}
    absent = [str(t.attrs.get("officer") or t.actor) for t in case.of("CAM.ABSENT")]
    present = [t.actor for t in case.of("CTX.OFFICER_PRESENT") if t.actor is not None and t.actor not in wearers]
    return tuple(dict.fromkeys(ParticipantId(officer) for officer in (*absent, *present)))


def _officer(
    case: Case,
    taxonomy: Taxonomy,
    officer: ParticipantId,
    window: Span,
    starts: tuple[Tag, ...],
    flags: tuple[str, ...],
) -> Measure:
    own = [tag for tag in case.of("CAM.") if tag.actor == officer]
    activated = [tag for tag in own if tag.code == "CAM.ACTIVATED"][:1]
    cameras = tuple(c for c in case.coverage.cameras if c.wearer == officer)
    share = Coverage(cameras, case.end).share(window)
    delay = activated[0].start - starts[0].start if activated and starts else None
    value = {
        "activation_delay_us": delay,
        "audio_share": share.audio,
        "video_share": share.video,
        **_lost(case, own, window),
    }
    basis = (*starts[:1], *own)
    unsure = apart(starts[0], activated[0]) if delay is not None else None
    return computed(
        case, taxonomy.measures["M28"], officer, value, window,
        unit="record", basis=basis, uncertainty=unsure, flags=flags,
    )  # fmt: skip


def _lost(case: Case, tags: list[Tag], window: Span) -> dict[str, Micros]:
    force = union(tag.span(case.end) for tag in case.force())
    lost: dict[str, Micros] = {}
    for name, codes in (("muted", _MUTED), ("obstructed", _OBSTRUCTED)):
        spans = clip([tag.span(case.end) for tag in tags if tag.code in codes], window)
        during = [part for span in force for part in clip(spans, span)]
        lost[f"{name}_us"] = total(spans)
        lost[f"{name}_during_force_us"] = total(during)
    return lost


def _incident(case: Case, taxonomy: Taxonomy, window: Span, flags: tuple[str, ...]) -> Measure:
    share = case.coverage.share(window)
    value = {
        "audio_share": share.audio,
        "video_share": share.video,
        "officers_without_footage": _without_footage(case),
    }
    basis = case.of("CTX.ENCOUNTER_START", "CTX.ENCOUNTER_END", "CAM.")
    return computed(
        case, taxonomy.measures["M28"], "incident", value, window, unit="record", basis=basis, flags=flags
    )
