"""``incident`` and ``measures``: recordings on one clock, and what the confirmed tags allow to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.cli.aligning import OPEN, OpensByNumber, align
from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    LOOKING,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    look_at,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures import describe
from bwc_review.domain.recording import Playability, Recording
from bwc_review.domain.times import clock_text
from bwc_review.errors import InputRefused, NotFound
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import PERMISSION, open_incident
from bwc_review.review.measuring import PERMISSION as MEASURES
from bwc_review.review.measuring import measures_of

WORKSPACE = Path(DEFAULT_WORKSPACE)
IncidentOption = Annotated[
    str | None, typer.Option("--incident", "-i", help="The incident; the only one when not given.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    commands = typer.Typer(cls=OpensByNumber, help="Put recordings of several cameras on one clock.")
    commands.command(OPEN)(incident)
    commands.command("align")(align)
    app.add_typer(commands, name="incident")
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
    incident: IncidentOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Compute the measures of the taxonomy from the confirmed tags, with status, uncertainty and coverage."""
    desk = desk_at(workspace)
    case = incident_named(desk, incident)
    with look_at(desk, MEASURES, as_, purpose) as session:
        found = measures_of(desk, session, case)
    if json_:
        print_json([measure_row(one) for one in found])
        return
    table = Table("", "what", "value", "status", box=None)
    for one in found:
        table.add_row(
            one.code, plain(one.name.replace("_", " ")), plain(describe(one, desk.taxonomy)), one.status.value
        )
    out.print(table)
    undecided = open_candidates(desk, case)
    if undecided:
        out.print(f"{undecided} candidates are not decided yet; what they say is in none of these values.")


def open_candidates(desk: Desk, incident: IncidentId) -> int:
    """How many candidates of an incident nobody has decided yet: what they say is in no measure."""
    with desk.store.reading() as work:
        decided = work.reviews.decisions()
        return sum(
            1
            for placed in work.reviews.incident(incident).placements
            for one in work.reviews.candidates(placed.recording)
            if one.id not in decided or decided[one.id].state is CandidateState.OPEN
        )


def measure_row(one: Measure) -> dict[str, object]:
    """A measure for a program. Fractions become {num, den}; times are microseconds."""
    return {
        "code": one.code,
        "name": one.name,
        "subject": one.subject,
        "value": _plain(one.value),
        "unit": one.unit,
        "status": one.status.value,
        "basis": list(one.basis),
        "uncertainty_us": one.uncertainty,
        "coverage": {"audio": _plain(one.coverage.audio), "video": _plain(one.coverage.video)}
        if one.coverage
        else None,
        "flags": list(one.flags),
        "sources": list(one.sources),
    }


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return {"num": value.numerator, "den": value.denominator}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
