"""``devicelog import | list | offset``: what a device wrote about itself, and how far its clock was off."""

from __future__ import annotations

from collections import Counter
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
from bwc_review.cli.incidents import IncidentOption, incident_named
from bwc_review.cli.rosters import DelimiterOption, EncodingOption, TwiceOption
from bwc_review.domain.device_log import ClockOffset, DeviceEvent, DeviceLog
from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.reconciling_words import moment
from bwc_review.domain.times import Micros, seconds_text
from bwc_review.errors import InputRefused
from bwc_review.review.device_logs import ADOPT, IMPORT, LOOK, adopt_offset, device_logs_of, import_device_log
from ingest.local_times import Twice
from ingest.names import shown_text

WORKSPACE = Path(DEFAULT_WORKSPACE)
commands = typer.Typer(help="Logs of devices and of dispatch, as evidence of their own.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="devicelog")


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The log, as CSV.")],
    mapping: Annotated[Path, typer.Option(help="Which column is what, as TOML (docs/device-logs.md).")],
    twice: TwiceOption = Twice.REFUSE,
    encoding: EncodingOption = "",
    delimiter: DelimiterOption = "",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "device_log",
    json_: JsonOption = False,
) -> None:
    """Keep a device's log and the mapping it is read by; every row becomes an event."""
    desk = desk_at(workspace)
    with session_at(desk, IMPORT, as_, purpose) as session:
        log = import_device_log(desk, session, file, mapping, twice=twice, encoding=encoding, delimiter=delimiter)
    if json_:
        print_json(log_row(log))
        return
    out.print(plain(f"{log.exhibit}  {_counts(log)}; kept as {log.id}"))
    out.print("Its clock is its own. `bwc-review devicelog offset` says how far it was off, and for which incident.")


@commands.command("list")
def list_(
    log: Annotated[str | None, typer.Argument(help="The log's id, to see its events; all logs when none.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "device_log",
    json_: JsonOption = False,
) -> None:
    """Show the imported logs, or the events of one by its own clock."""
    desk = desk_at(workspace)
    with session_at(desk, LOOK, as_, purpose) as session:
        found = [one for one in device_logs_of(desk, session) if log in (None, one.id)]
    with desk.store.reading() as work:
        views = [view for case in work.reviews.incidents() for view in work.device_logs.views(case.id)]
    if log is not None and not found:
        raise InputRefused(f"There is no device log {log}. `bwc-review devicelog list` shows those there are.")
    if json_:
        print_json([log_row(one, [view for view in views if view.log == one.id]) for one in found])
        return
    for one in found:
        out.print(plain(f"{one.exhibit}  {one.id}  {_counts(one)}, read by {one.form} ({one.mapping})"))
        for view in views:
            if view.log == one.id:
                out.print(plain(f"    {_view_text(view)}"), style="dim")
        if log is not None:
            out.print(_events(one))
    if not found:
        out.print("No device log was imported yet.")


@commands.command("offset")
def offset(
    log: Annotated[str, typer.Argument(help="The log's id.")],
    seconds: Annotated[str, typer.Option("--offset", help="True time minus the device's, in seconds (-2.3).")],
    uncertainty: Annotated[str, typer.Option(help="How sure that is, in seconds either way.")],
    reason: Annotated[str, typer.Option(help="What it rests on; it goes into the custody log.")],
    incident: IncidentOption = None,
    officer: Annotated[str, typer.Option(help="Who carried the device, where that is known.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
    json_: JsonOption = False,
) -> None:
    """Adopt how far a device's clock was off, for one incident. The log itself stays as it is."""
    desk = desk_at(workspace)
    off, unsure = _micros(seconds, "--offset"), _micros(uncertainty, "--uncertainty")
    who = ParticipantId(officer) if officer else None
    with session_at(desk, ADOPT, as_, purpose) as session:
        case = incident_named(desk, incident)
        view = adopt_offset(desk, session, case, log, offset=off, uncertainty=unsure, officer=who, reason=reason)
    if json_:
        print_json(view_row(view))
    else:
        out.print(plain(_view_text(view)))


def _micros(text: str, option: str) -> Micros:
    try:
        value = Decimal(text.replace(",", "."))
        if not value.is_finite() or abs(value) > 10**10:
            raise InvalidOperation
    except InvalidOperation as bad:
        raise InputRefused(f"{option} '{text[:40]}' is no number of seconds.") from bad
    return Micros(int(value * 1_000_000))


def _counts(log: DeviceLog) -> str:
    counted = Counter(one.kind.value.replace("_", " ") for one in log.events)
    return f"{len(log.events)} events: " + ", ".join(f"{n} {name}" for name, n in sorted(counted.items()))


def _view_text(view: ClockOffset) -> str:
    carried = f", carried by {view.officer}" if view.officer else ""
    return (
        f"{view.incident}: true time = the device's {'-' if view.offset < 0 else '+'} "
        f"{seconds_text(abs(view.offset))} ± {seconds_text(view.uncertainty)}{carried}; by {view.by}: {view.reason}"
    )


def _events(log: DeviceLog) -> Table:
    table = Table("line", "by the device's clock", "event", "length", "cycle", "device", "as written", box=None)
    for one in log.events:
        length = "-" if one.length is None else seconds_text(one.length)
        cells = (str(one.line), moment(one.at), one.kind.value.replace("_", " "), length)
        more = ("-" if one.cycle is None else str(one.cycle), shown_text(one.device), shown_text(one.text))
        table.add_row(*map(plain, (*cells, *more)))
    return table


def log_row(log: DeviceLog, views: list[ClockOffset] | None = None) -> dict[str, object]:
    """A device log for a program."""
    return {
        "id": log.id,
        "exhibit": log.exhibit,
        "sha256": log.sha256,
        "mapping_exhibit": log.mapping,
        "mapping_sha256": log.mapping_sha256,
        "mapping": log.form,
        "imported_at_us": log.imported_at,
        "events": [_event_row(one) for one in log.events],
        "offsets": [view_row(view) for view in views or ()],
    }


def _event_row(one: DeviceEvent) -> dict[str, object]:
    return {
        "line": one.line,
        "kind": one.kind.value,
        "device": one.device,
        "at_us": one.at,
        "uncertainty_us": one.uncertainty,
        "length_us": one.length,
        "length_uncertainty_us": one.length_uncertainty,
        "cycle": one.cycle,
        "text": one.text,
    }


def view_row(view: ClockOffset) -> dict[str, object]:
    """A view of a device's clock for a program."""
    return {
        "incident": view.incident,
        "log": view.log,
        "offset_us": view.offset,
        "uncertainty_us": view.uncertainty,
        "officer": view.officer,
        "reason": view.reason,
        "by": view.by,
        "at_us": view.at,
    }
