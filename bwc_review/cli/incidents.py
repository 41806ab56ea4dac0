"""``incident`` and ``measures``: recordings on one clock, and what the confirmed tags allow to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures import describe
from bwc_review.domain.recording import Playability, Recording
from bwc_review.domain.times import clock_text
from bwc_review.errors import InputRefused, NotFound
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import PERMISSION, open_incident
from bwc_review.review.measuring import measures_of

WORKSPACE = Path(DEFAULT_WORKSPACE)
IncidentOption = Annotated[
    str | None, typer.Option("--incident", "-i", help="The incident; the only one when not given.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("incident")(incident)
    app.command("measures")(measures)


def incident_named(desk: Desk, named: str | None) -> IncidentId:
    """The incident asked for, or the only one there is. Raises NotFound, InputRefused."""
    with desk.store.reading() as work:
        known = [one.id for one in work.reviews.incidents()]
    if named is not None:
        if IncidentId(named) not in known:
            raise NotFound(f"There is no incident {named}. `bwc-review list` shows those there are.")
        return IncidentId(named)
    if len(known) != 1:
        raise InputRefused(
            f"Say which incident with --incident. There are {len(known)}: {', '.join(known) or 'none'}."
        )
    return known[0]


def playable(desk: Desk, exhibits: Sequence[str]) -> list[Recording]:
    """The recordings named by exhibit number, or all that can be played. Raises NotFound."""
    with desk.store.reading() as work:
        recordings = work.footage.recordings()
    if not exhibits:
        return [one for one in recordings if one.playability is not Playability.UNPLAYABLE]
    by_number = {str(one.exhibit): one for one in recordings}
    missing = [name for name in exhibits if name not in by_number]
    if missing:
        raise NotFound(f"No recording is exhibit {', '.join(missing)}. `bwc-review list` shows those there are.")
    return [by_number[name] for name in exhibits]


def incident(
    number: Annotated[str, typer.Argument(help="The incident's number, e.g. IR-2026-0001.")],
    exhibits: Annotated[list[str] | None, typer.Argument(help="Exhibit numbers; all playable when none.")] = None,
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """Open an incident: put recordings of several cameras on one clock."""
    desk = desk_at(workspace)
    recordings = [one.id for one in playable(desk, exhibits or [])]
    with session_at(desk, PERMISSION, as_, purpose) as session:
        opened = open_incident(desk, session, title or number, recordings, IncidentId(number))
    for placed in opened.placements:
        text = f"{placed.recording}  starts at {clock_text(placed.clock.offset)}  by {placed.source}"
        out.print(plain(f"  {text}, ± {placed.clock.uncertainty} µs"))


def measures(
    incident: IncidentOption = None, workspace: WorkspaceOption = WORKSPACE, json_: JsonOption = False
) -> None:
    """Compute the measures of the taxonomy from the confirmed tags, with status, uncertainty and coverage."""
    desk = desk_at(workspace)
    found = measures_of(desk, incident_named(desk, incident))
    if json_:
        print_json([measure_row(one) for one in found])
        return
    table = Table("", "what", "value", "status", box=None)
    for one in found:
        table.add_row(
            one.code, plain(one.name.replace("_", " ")), plain(describe(one, desk.taxonomy)), one.status.value
        )
    out.print(table)


def measure_row(one: Measure) -> dict[str, object]:
    """A measure for a program. Fractions become {num, den}; times are microseconds."""
    row = asdict(one)
    coverage = one.coverage
    row["coverage"] = {"audio": _share(coverage.audio), "video": _share(coverage.video)} if coverage else None
    row["value"] = dict(one.value) if isinstance(one.value, Mapping) else one.value
    return row


def _share(value: Fraction) -> dict[str, int]:
    return {"num": value.numerator, "den": value.denominator}
