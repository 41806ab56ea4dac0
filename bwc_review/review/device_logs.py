"""Device logs and dispatch records as evidence of their own; a person says, with a reason, how far a clock was off.

The log and the mapping it was read by are both preserved as exhibits. A view of a log's clock belongs to one incident
and is never an edit: an earlier one stays on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bwc_review.domain.device_log import (
    ClockOffset,
    DeviceEvent,
    DeviceLog,
    EventKind,
    LogsGiven,
    cycles_of,
    newest_views,
    view_words,
)
from bwc_review.domain.ids import IncidentId, ParticipantId
from bwc_review.domain.times import Micros
from bwc_review.errors import DeviceLogRefused, InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.documents import exhibit_of, preserve, read_document, refused
from bwc_review.review.own_unit import INCIDENT
from chain_of_custody.entry import Subject
from ingest import device_mapping
from ingest.device_mapping import MappedRow, mapped_rows, read_mapping
from ingest.errors import MappingRefused, TableRefused
from ingest.local_times import Twice
from ingest.tables import MAX_BYTES, read_table

IMPORT = "ingest.dock"
LOOK = "media.view_metadata"
ADOPT = "tag.observe"
ACT = "media.device_log_import"
MOST_OFFSET_US = 10 * 366 * 24 * 3600 * 1_000_000


def import_device_log(
    desk: Desk,
    session: Session,
    file: Path,
    mapping: Path,
    *,
    twice: Twice = Twice.REFUSE,
    encoding: str = "",
    delimiter: str = "",
) -> DeviceLog:
    """Read a log by a mapping, preserve both and keep every row; the same log by the same mapping is kept once.

    Raises MappingRefused, TableRefused (after the log says so), InputRefused, IngestError, PermissionDenied.
    """
    allow(desk, session, IMPORT)
    document = read_document(file, MAX_BYTES)
    guide = read_document(mapping, device_mapping.MAX_BYTES)
    try:
        by = read_mapping(guide.raw, mapping.name)
        table = read_table(document.raw, file.name, encoding=encoding, delimiter=delimiter)
        events = tuple(map(_event, mapped_rows(table, by, file.name, twice)))
    except (MappingRefused, TableRefused) as bad:
        refused(desk, session, document, ACT, bad.message())
        raise
    taken, guided = (
        preserve(desk, session, document, ACT),
        preserve(desk, session, guide, "media.device_mapping_import"),
    )
    with desk.store.writing() as work:
        exhibit = exhibit_of(desk, work, document, taken, "device-log")
        guide_exhibit = exhibit_of(desk, work, guide, guided, "device-mapping")
        known = [one for one in work.device_logs.logs() if one.sha256 == exhibit.sha256]
        for one in known:
            if one.mapping == guide_exhibit.number and one.events == events:
                return one
        log = DeviceLog(
            id=desk.ids(),
            exhibit=exhibit.number,
            sha256=exhibit.sha256,
            mapping=guide_exhibit.number,
            mapping_sha256=guide_exhibit.sha256,
            form=by.id,
            imported_at=desk.now_us(),
            events=events,
        )
        work.device_logs.add(log)
        data = {
            "exhibit": exhibit.number,
            "size": exhibit.size,
            "sha256": exhibit.sha256,
            "sha512": exhibit.sha512,
            "chunk_root": exhibit.chunk_root,
            "mapping_exhibit": guide_exhibit.number,
            "mapping_sha256": guide_exhibit.sha256,
            "twice": twice.value,
            "events": dict(sorted(Counter(one.kind.value for one in events).items())),
        }
        texts = {"name": document.name.raw, "mapping": guide.name.raw}
        record(desk, work, session, f"{ACT}ed", Subject("device_log", log.id), data=data, texts=texts)
    return log


def _event(row: MappedRow) -> DeviceEvent:
    return DeviceEvent(
        line=row.line,
        kind=EventKind(row.kind),
        device=row.device,
        at=row.at,
        uncertainty=Micros(row.uncertainty),
        length=None if row.length is None else Micros(row.length),
        length_uncertainty=Micros(row.length_uncertainty),
        cycle=row.cycle,
        text=row.text,
    )


def device_logs_of(desk: Desk, session: Session) -> Sequence[DeviceLog]:
    """Every imported log, oldest first. Raises PermissionDenied."""
    allow(desk, session, LOOK)
    with desk.store.reading() as work:
        return work.device_logs.logs()


def adopt_offset(
    desk: Desk,
    session: Session,
    incident: IncidentId,
    log: str,
    *,
    offset: Micros,
    uncertainty: Micros,
    officer: ParticipantId | None,
    reason: str,
) -> ClockOffset:
    """A person says that this log belongs to the incident and how far its clock was off (true = device + offset).

    Raises InputRefused without a reason, DeviceLogRefused for a senseless offset, NotFound, PermissionDenied.
    """
    allow(desk, session, ADOPT, on=Subject(INCIDENT, incident))
    if not reason.strip():
        raise InputRefused("Say what this offset rests on (what log and footage both show); it goes into the log.")
    if uncertainty < 0 or abs(offset) > MOST_OFFSET_US:
        raise DeviceLogRefused("An offset has an uncertainty of nothing or more and lies within ten years.")
    with desk.store.writing() as work:
        found, case = work.device_logs.log(log), work.reviews.incident(incident)
        view = ClockOffset(case.id, found.id, offset, uncertainty, officer, reason, session.operator, desk.now_us())
        before = newest_views(work.device_logs.views(case.id)).get(found.id)
        work.device_logs.view(view)
        data: dict[str, object] = {
            "log": found.id,
            "exhibit": found.exhibit,
            "offset_us": offset,
            "uncertainty_us": uncertainty,
        }
        if before is not None:
            data["offset_before_us"] = before.offset
        texts = {"reason": reason, **({"officer": officer} if officer else {})}
        subject = Subject("incident", case.id)
        record(desk, work, session, "clock.device_offset_adopted", subject, data=data, texts=texts)
    return view


def logs_given(work: Work, incident: IncidentId) -> LogsGiven:
    """What measures of an incident are given of device logs: those a person placed on its clock, and no others."""
    case = work.reviews.incident(incident)
    views = newest_views(work.device_logs.views(incident))
    placed = [(work.device_logs.log(name), view) for name, view in views.items()]
    return LogsGiven(
        cycles=tuple(cycle for log, view in placed for cycle in cycles_of(log, view, case.zero)),
        officers=tuple(view.officer for _, view in placed),
        sources=tuple(view_words(log, view) for log, view in placed),
    )
