"""A roster or dispatch list as it comes, read into expected rows. Format: docs/reconciliation.md. Pure.

Whatever a row leaves open is refused with its line; nothing is repaired in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from bwc_review.domain.expected import Expectation, Expected
from bwc_review.domain.ids import CameraId, ExhibitNo, ParticipantId
from bwc_review.domain.times import Micros
from bwc_review.errors import RosterRefused
from ingest.local_times import NoSuchTime, Read, Twice, read_time, zone_named
from ingest.names import shown_text
from ingest.tables import Line, Table

COLUMNS = ("id", "kind", "officer", "camera", "start", "end", "category", "dock_by")
NEEDED = ("id", "start", "end")
LONGEST_NAME = 100
LONGEST_ROW_US = 7 * 24 * 3600 * 1_000_000  # a slip of the pen, not a duty
SHOWN = 5


@dataclass(frozen=True, slots=True)
class RosterForm:
    """How to read what the file leaves to its reader: the zone of local times, and a time that was twice."""

    zone: str
    twice: Twice = Twice.REFUSE


def expected_rows(table: Table, name: str, form: RosterForm) -> tuple[Expected, ...]:
    """The rows of a list named ``name``, their exhibit still empty. Raises RosterRefused, naming lines."""
    shown = shown_text(name)
    columns = {one.lower(): one for one in table.columns}
    lacking = [one for one in NEEDED if one not in columns]
    if lacking or not {"officer", "camera"} & set(columns):
        raise RosterRefused(
            f"{shown} has no column {', '.join(lacking) or 'officer or camera'}. "
            f"A roster has the columns {', '.join(COLUMNS)} (docs/reconciliation.md); it has {_headed(table)}."
        )
    try:
        zone = zone_named(form.zone)
    except NoSuchTime as none:
        raise RosterRefused(f"{none}. Name the zone of the list's times with --zone.") from none
    rows: list[Expected] = []
    wrong: list[str] = []
    lines: dict[str, int] = {}
    for line in table.lines:
        try:
            row = _row({key: line.cells.get(head, "") for key, head in columns.items()}, line, zone, form.twice)
            if row.id in lines:
                raise RosterRefused(f"the id {shown_text(row.id)} stands on line {lines[row.id]} already")
            lines[row.id] = line.number
            rows.append(row)
        except RosterRefused as bad:
            wrong.append(f"line {line.number}: {bad.text}")
    if wrong:
        more = f" And {len(wrong) - SHOWN} more lines." if len(wrong) > SHOWN else ""
        said = "; ".join(wrong[:SHOWN])
        raise RosterRefused(f"{shown} was not taken. {said}.{more} Nothing of it was kept: mend these lines.")
    if not rows:
        raise RosterRefused(f"{shown} holds no rows under its heading. Name the list that was meant.")
    return tuple(rows)


def _headed(table: Table) -> str:
    return ", ".join(shown_text(one) for one in table.columns[:12]) or "none"


def _row(cells: Mapping[str, str], line: Line, zone: tzinfo, twice: Twice) -> Expected:
    ident, officer, camera = (_name(cells, key) for key in ("id", "officer", "camera"))
    if not ident:
        raise RosterRefused("the row has no id")
    if not officer and not camera:
        raise RosterRefused("neither an officer nor a camera is named")
    kind = cells.get("kind", "").lower() or Expectation.DUTY.value
    if kind not in {one.value for one in Expectation}:
        raise RosterRefused(f"the kind '{shown_text(kind)[:40]}' is neither duty nor call")
    start, end = (_time(cells, key, zone, twice) for key in ("start", "end"))
    if end.at < start.at:
        raise RosterRefused("it ends before it starts; a duty over midnight needs the next day's date")
    if end.at - start.at > LONGEST_ROW_US:
        raise RosterRefused("it lasts longer than a week; split it, or mend its dates")
    due = _time(cells, "dock_by", zone, twice).at if cells.get("dock_by") else None
    return Expected(
        exhibit=ExhibitNo(""),
        line=line.number,
        id=ident,
        kind=Expectation(kind),
        officer=ParticipantId(officer) if officer else None,
        camera=CameraId(camera) if camera else None,
        start=start.at,
        end=end.at,
        uncertainty=Micros(max(start.uncertainty, end.uncertainty)),
        category=_name(cells, "category"),
        dock_by=due,
    )


def _name(cells: Mapping[str, str], key: str) -> str:
    text = cells.get(key, "")
    if len(text) > LONGEST_NAME or shown_text(text) != text:
        raise RosterRefused(f"the {key} '{shown_text(text)[:40]}' is too long or holds characters no name has")
    return text


def _time(cells: Mapping[str, str], key: str, zone: tzinfo, twice: Twice) -> Read:
    try:
        return read_time(cells.get(key, ""), "iso", zone, twice)
    except NoSuchTime as bad:
        raise RosterRefused(f"{key}: {shown_text(str(bad))}") from bad
