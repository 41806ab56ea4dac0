"""Who looked at what: the ranges actually played go into the log with the purpose given on opening."""

from __future__ import annotations

from collections.abc import Sequence

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.times import Span, union
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.own_unit import RECORDING
from chain_of_custody.entry import Subject

PERMISSION = "media.view"
MOST_RANGES = 200  # an entry stays readable; more are merged into one that says how many there were


def log_viewing(desk: Desk, session: Session, recording: RecordingId, ranges: Sequence[Span], reason: str) -> None:
    """Log the stretches of a recording that were played (media clock). Nothing is logged when nothing was.

    Raises PermissionDenied, NotFound, LogRefused.
    """
    allow(desk, session, PERMISSION, on=Subject(RECORDING, recording))
    seen = union(ranges)
    if not seen:
        return
    listed = seen if len(seen) <= MOST_RANGES else (Span(seen[0].start, seen[-1].end),)
    with desk.store.writing() as work:
        exhibit = work.footage.recording(recording).exhibit
        data = {
            "exhibit": exhibit,
            "ranges_us": [[span.start, span.end] for span in listed],
            "ranges_merged_from": len(seen),
        }
        record(desk, work, session, "media.viewed", Subject("recording", recording), reason=reason, data=data)
