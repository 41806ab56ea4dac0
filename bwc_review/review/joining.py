"""Files of one recording, cut by the camera, joined as a series: stated with order, gaps and reason, and logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bwc_review.domain.clocks import Series, SeriesPart
from bwc_review.domain.recording import Recording
from bwc_review.domain.times import Micros
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, record
from chain_of_custody.entry import Subject
from ingest.clips import NamedClip
from ingest.names import FoundName
from ingest.profile_values import Profile
from ingest.segments import Joined, Measured, join

Described = Sequence[tuple[NamedClip, Recording]]


def join_parts(desk: Desk, session: Session, profile: Profile, described: Described) -> tuple[Series, ...]:
    """Join what belongs together among the recordings of one docking; what is joined so already stays as it is."""
    by_name = {clip.name: recording for clip, recording in described}
    measured = [Measured(clip, recording.span.length) for clip, recording in described]
    return tuple(_kept(desk, session, found, by_name) for found in join(measured, profile.segments))


def _kept(desk: Desk, session: Session, found: Joined, by_name: Mapping[FoundName, Recording]) -> Series:
    recordings = [by_name[part.clip.name] for part in found.parts]
    parts = tuple(
        SeriesPart(
            recording.id, part.clip.segment, part.offset_us, part.gap_us, Micros(part.uncertainty_us), part.source
        )
        for part, recording in zip(found.parts, recordings, strict=True)
    )
    with desk.store.writing() as work:
        known = work.clocks.series_of(parts[0].recording)
        if known is not None and {one.recording for one in parts} <= {one.recording for one in known.parts}:
            return known
        series = Series(desk.ids(), recordings[0].camera, parts, found.why, desk.now_us())
        work.clocks.join(series)
        data = {
            "recordings": [str(part.recording) for part in parts],
            "gaps": [
                {"before": place, "us": part.gap, "uncertainty_us": part.uncertainty}
                for place, part in enumerate(parts, start=1)
                if part.gap is not None
            ],
            "missing": list(series.missing),
        }
        record(
            desk, work, session, "media.joined", Subject("series", series.id), data=data,
            texts={"why": found.why},
        )  # fmt: skip
    return series
