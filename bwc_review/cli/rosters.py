"""``roster import | show`` and ``reconcile``: what was expected, and what arrived."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
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
from bwc_review.cli.reconciled_rows import comparison_csv, comparison_row, expected_row, roster_row
from bwc_review.domain.expected import Expected
from bwc_review.domain.reconciling import Belongs
from bwc_review.domain.reconciling_words import moment
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused
from bwc_review.review.reconciling import IMPORT, LOOK, Comparison, import_roster, reconcile_rosters, rosters_of
from bwc_review.review.roster_csv import RosterForm
from ingest.local_times import NoSuchTime, Twice, read_time, zone_named

WORKSPACE = Path(DEFAULT_WORKSPACE)
HOUR_US = 3_600_000_000
STYLE = {"arrived": "green", "missing": "red", "not_over": "dim"}

TwiceOption = Annotated[
    Twice, typer.Option("--twice", help="Which is meant of a local time that was twice when clocks were put back.")
]
EncodingOption = Annotated[str, typer.Option(help="utf-8, utf-16, cp1252 or latin-1; by default what the file says.")]
DelimiterOption = Annotated[str, typer.Option(help="What parts the columns, when the heading leaves it open.")]

commands = typer.Typer(help="Rosters and dispatch lists: what footage was expected.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="roster")
    app.command("reconcile")(reconcile)


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The list, as CSV (docs/reconciliation.md).")],
    zone: Annotated[str, typer.Option(help="The zone of its local times: utc, +01:00, Europe/Berlin.")],
    twice: TwiceOption = Twice.REFUSE,
    encoding: EncodingOption = "",
    delimiter: DelimiterOption = "",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "reconciliation",
    json_: JsonOption = False,
) -> None:
    """Keep a roster or dispatch list as evidence of its own."""
    desk = desk_at(workspace)
    form = RosterForm(zone, twice)
    with session_at(desk, IMPORT, as_, purpose) as session:
        roster = import_roster(desk, session, file, form, encoding=encoding, delimiter=delimiter)
    if json_:
        print_json(roster_row(roster))
        return
    out.print(
        plain(f"{roster.exhibit}  {len(roster.rows)} rows, kept as {roster.id}. `bwc-review reconcile` uses it.")
    )


@commands.command("show")
def show(
    roster: Annotated[str | None, typer.Argument(help="The roster's id; all rosters when none.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "reconciliation",
    json_: JsonOption = False,
) -> None:
    """Show the imported rosters, or the rows of one."""
    desk = desk_at(workspace)
    with session_at(desk, LOOK, as_, purpose) as session:
        found = rosters_of(desk, session)
    if roster is not None:
        found = [one for one in found if one.id == roster]
        if not found:
            raise InputRefused(f"There is no roster {roster}. `bwc-review roster show` lists those there are.")
    if json_:
        rows = [{**roster_row(one), "expected": [expected_row(row) for row in one.rows]} for one in found]
        print_json(rows)
        return
    for one in found:
        said = (
            f"{one.exhibit}  {one.id}  {len(one.rows)} rows, imported {moment(one.imported_at)}, times in {one.zone}"
        )
        out.print(plain(said))
        if roster is not None:
            out.print(_rows_table(one.rows))
    if not found:
        out.print("No roster was imported yet.")


def reconcile(
    roster: Annotated[
        list[str] | None, typer.Option("--roster", help="Roster id; the newest when not given.")
    ] = None,
    due_after: Annotated[
        str, typer.Option(help="Hours after a row's end by which the agency wants its camera docked.")
    ] = "",
    as_of: Annotated[str, typer.Option(help="Compare as of this time (ISO, UTC) instead of now.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the rows to this new CSV file as well.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "reconciliation",
    json_: JsonOption = False,
) -> None:
    """Hold what was expected against what arrived; each row says why. Overdue is only what --due-after makes so."""
    desk = desk_at(workspace)
    with session_at(desk, LOOK, as_, purpose) as session:
        found = reconcile_rosters(
            desk, session, rosters=roster or (), as_of=_as_of(as_of), due_after=_hours(due_after)
        )
    if csv is not None:
        _write_new(csv, comparison_csv(found.result))
    if json_:
        print_json(comparison_row(found))
        return
    _tell(found, only_overdue=overdue)


def _as_of(text: str) -> int | None:
    if not text:
        return None
    try:
        return read_time(text, "iso", zone_named("utc")).at
    except NoSuchTime as bad:
        raise InputRefused(f"--as-of: {bad}.") from bad


def _hours(text: str) -> Micros | None:
    if not text:
        return None
    try:
        hours = Decimal(text)
        if not 0 <= hours <= 24 * 3660:
            raise InvalidOperation
    except InvalidOperation as bad:
        raise InputRefused(f"--due-after '{text}' is no number of hours.") from bad
    return Micros(int(hours * HOUR_US))


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as handle:
            handle.write(content)
    except OSError as refused:
        raise InputRefused(f"{file} was not written ({refused.strerror}). Name a new file.") from refused


def _rows_table(rows: Sequence[Expected]) -> Table:
    table = Table("line", "id", "kind", "officer", "camera", "from", "to", "category", box=None)
    for one in rows:
        cells = (str(one.line), one.id, one.kind.value, one.officer or "-", one.camera or "-")
        table.add_row(*map(plain, (*cells, moment(one.start), moment(one.end), one.category or "-")))
    return table


def _tell(found: Comparison, *, only_overdue: bool) -> None:
    result = found.result
    lists = ", ".join(one.exhibit for one in found.rosters)
    out.print(plain(f"Against {lists}, as of {moment(result.as_of)}"), style="bold")
    for row in result.overdue if only_overdue else result.rows:
        state = plain(f"  {row.state.value.replace('_', ' '):<19} ")
        state.stylize(STYLE.get(row.state.value, "yellow"))
        out.print(state + plain(row.words))
        for finding in row.findings:
            out.print(plain(f"    {finding.words}"))
    if only_overdue:
        return
    strangers = [one for one in result.arrivals if one.belongs is not Belongs.EXPECTED]
    if strangers:
        out.print("Footage nobody was on the list for, or of which it cannot be told", style="bold")
    for one in strangers:
        out.print(plain(f"  {one.belongs.value.replace('_', ' '):<19} {one.words}"))
