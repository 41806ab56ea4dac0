"""``witness send | request | import | list | seal | settle``: checkpoints cosigned by somebody outside the house."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.bootstrap import Settings, predecessor_at
from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    err,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.errors import InputRefused, LogContradicted
from bwc_review.export.receipt import moment
from bwc_review.review.checkpoints import sign_now
from bwc_review.review.desk import operator_for
from bwc_review.review.settling import PERMISSION as SETTLE_PERMISSION
from bwc_review.review.settling import settle
from bwc_review.review.succession import Predecessor
from bwc_review.review.witness_files import take_answers, write_requests
from bwc_review.review.witness_overview import Overview, WitnessRow, overview, standing
from bwc_review.review.witness_seal import cosign_bundle
from bwc_review.review.witnessing import PERMISSION, State, Told, send
from chain_of_custody.errors import WitnessRefused

WORKSPACE = Path(DEFAULT_WORKSPACE)
PURPOSE = "witnessing"
NameArgument = Annotated[str, typer.Argument(help="The witness's name in the settings.", metavar="NAME")]

commands = typer.Typer(help="Witnesses that cosign the log's checkpoints.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="witness")


def predecessor_to(settings: Settings, succeeds: Path | None, reason: str) -> Predecessor | None:
    """What ``init --succeeds`` names. Raises InputRefused without a reason or where the new log has the old name."""
    if succeeds is None:
        if reason:
            raise InputRefused("--reason says why a log is succeeded. Name the old workspace with --succeeds.")
        return None
    if not reason.strip():
        raise InputRefused("Say with --reason why the old log cannot be continued; the new log begins with it.")
    old = predecessor_at(succeeds)
    if old.log == settings.origin:
        raise InputRefused(
            f"The new log would be named {old.log} like the old one, and every witness would refuse it. "
            "Give it a name of its own with --workstation."
        )
    return old


@commands.command("send")
def send_(
    sign: Annotated[
        bool, typer.Option("--sign", help="First sign a checkpoint over everything; may ask for the passphrase.")
    ] = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
    json_: JsonOption = False,
) -> None:
    """Ask every witness with an address for what it has not cosigned. Being offline is no error: it waits."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        if sign:
            sign_now(desk, session)
        told = send(desk, session)
        _report(told, json_=json_)
    if not json_:
        _show(overview(desk))
    _leave_with(told)


@commands.command("request")
def request(
    name: NameArgument,
    into: Annotated[Path, typer.Option(help="Folder the request files are written into, such as a stick.")],
    since: Annotated[
        int | None, typer.Option(help="Size the witness says it cosigned last, where it answered with a number.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
    json_: JsonOption = False,
) -> None:
    """Write what a witness has not cosigned as files, to be carried there and signed in the order of their names."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        files = [str(file) for file in write_requests(desk, session, name, into, since=since)]
    if json_:
        print_json(files)
    else:
        out.print(plain("\n".join(files) or f"{name} has cosigned the newest checkpoint; nothing waits."))


@commands.command("import")
def import_(
    name: NameArgument,
    files: Annotated[list[Path], typer.Argument(help="The witness's answers.", metavar="FILE...")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
    json_: JsonOption = False,
) -> None:
    """Take a witness's answers back; each is verified before it is kept."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        told = take_answers(desk, session, name, files)
        _report(told, json_=json_)
    _leave_with(told)


@commands.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE, json_: JsonOption = False) -> None:
    """Say what each witness cosigned, how much of the log lies after it, and since when it waits."""
    desk = desk_at(workspace)
    found, compared = overview(desk), standing(desk)
    if json_:
        stopped = compared.message() if compared.stopped else ""
        print_json({**_fields(found), "state": compared.state.value, "stopped": stopped})
    else:
        _show(found)
    if compared.stopped:
        raise LogContradicted(compared.message())


@commands.command("seal")
def seal(
    bundle: Annotated[Path, typer.Argument(help="The folder of a bundle this log sealed.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
) -> None:
    """Add witnesses' cosignatures over a finished bundle's seal to it; asks those that have not answered."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        added = cosign_bundle(desk, session, bundle)
    out.print(plain(f"{added} cosignatures added to the seal of {bundle.name}."))


@commands.command("settle")
def settle_(
    reason: Annotated[str, typer.Option(help="What the commission found, in words; it goes into the custody log.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
) -> None:
    """Go on after a witness contradicted this log and was itself at fault. Its evidence stays on file."""
    desk = desk_at(workspace)
    count = settle(desk, operator_for(desk, SETTLE_PERMISSION, as_), reason, purpose)
    out.print(plain(f"{count} contradictions put aside; the custody log says why and by whom."))


def _report(told: Sequence[Told], *, json_: bool) -> None:
    if json_:
        fields = ("witness", "said")
        rows = [{name: getattr(one, name) for name in fields} | {"size": one.size} for one in told]
        print_json([{**row, "state": one.state.value} for row, one in zip(rows, told, strict=True)])
        return
    for one in told:
        if one.state is State.COSIGNED:
            out.print(plain(f"{one.witness} cosigned the first {one.size} entries."))
        else:
            err.print(plain(one.said))
    if not told:
        out.print(plain("Every witness has cosigned the newest checkpoint; nothing waits."))


def _leave_with(told: Sequence[Told]) -> None:
    """The exit code of the worst answer. Waiting is no error."""
    states = {one.state for one in told}
    if State.STOPPED in states:
        raise typer.Exit(LogContradicted.exit_code)
    if State.REFUSED in states:
        raise typer.Exit(WitnessRefused.exit_code)


def _show(found: Overview) -> None:
    said = f"Log: {found.size} entries, the last checkpoint covers {found.covered}."
    if found.locked:
        said += " A checkpoint is overdue because the log key is locked: `bwc-review witness send --sign` signs one."
    out.print(plain(said))
    table = Table("witness", "reached", "cosigned", "at (UTC)", "entries after", "waiting since (UTC)", box=None)
    for one in found.witnesses:
        cells = (one.name, one.address or "by files", str(one.cosigned), *_times(one))
        table.add_row(*map(plain, (*cells[:3], cells[3], str(one.after), cells[4])))
    if found.witnesses:
        out.print(table)
    else:
        out.print("No witness is in the settings: nobody outside could show that this log was rewritten.")
    for place in found.away:
        err.print(plain(f"{place}, where witnessed checkpoints are remembered too, cannot be reached now."))


def _times(one: WitnessRow) -> tuple[str, str]:
    stamp = moment(one.stamp * 1_000_000) if one.stamp else "never"
    return stamp, moment(one.waiting_since) if one.waiting_since else "-"


def _fields(found: Overview) -> dict[str, object]:
    rows = [{name: getattr(one, name) for name in WitnessRow.__slots__} for one in found.witnesses]
    plain_fields = ("size", "covered", "overdue", "locked", "witnessed")
    return {**{name: getattr(found, name) for name in plain_fields}, "away": list(found.away), "witnesses": rows}
