"""``timestamps send | list | import``: the time of a checkpoint, said by an authority outside the house."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    LOOKING,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    err,
    look_at,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.errors import AuthorityUnreachable, TimestampRefused
from bwc_review.export.receipt import moment
from bwc_review.ports.timestamps import StampState, Timestamp
from bwc_review.review.timestamps import CHECK, PERMISSION, Sent, recheck, send, take_answers, write_requests

WORKSPACE = Path(DEFAULT_WORKSPACE)

commands = typer.Typer(help="RFC 3161 timestamps over the log's checkpoints.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="timestamps")


@commands.command("send")
def send_(
    into: Annotated[
        Path | None, typer.Option(help="Write the requests as files here instead of sending them.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "timestamping",
    json_: JsonOption = False,
) -> None:
    """Ask for a timestamp over the newest checkpoint, and again for all that got no answer yet."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        if into is not None:
            files = [str(file) for file in write_requests(desk, session, into)]
            if json_:
                print_json(files)
            else:
                out.print(plain("\n".join(files) or "Nothing waits for a timestamp."))
            return
        sent = send(desk, session)
    _report(sent, json_=json_)


@commands.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="The authority's answers (.tsr).", metavar="FILE...")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "timestamping",
    json_: JsonOption = False,
) -> None:
    """Take answers that came as files; each is verified before it is kept."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        taken = take_answers(desk, session, files)
    _report(taken, json_=json_)


@commands.command("list")
def list_(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show every request and answer; those kept are verified again."""
    desk = desk_at(workspace)
    with look_at(desk, CHECK, as_, purpose) as session:
        found = list(recheck(desk, session))
    if json_:
        print_json([{**_row(one), "trouble": trouble} for one, trouble in found])
    else:
        table = Table("checkpoint", "authority", "state", "stamped at (UTC)", "", box=None)
        for one, trouble in found:
            stamped = moment(one.stamped_at) if one.stamped_at is not None else "-"
            table.add_row(*map(plain, (str(one.size), one.authority, one.state.value, stamped, trouble or "-")))
        out.print(table)
    if any(trouble for one, trouble in found if one.state is StampState.KEPT):
        said = (
            "A timestamp that was kept does not hold any more. Keep the workspace as it is and tell the commission."
        )
        raise TimestampRefused("holds_no_more", said)


def _report(sent: Sequence[Sent], *, json_: bool) -> None:
    """Say what became of each request; the exit code is that of the worst."""
    if json_:
        print_json([{**_row(one.timestamp), "trouble": one.trouble} for one in sent])
    for one in sent:
        stamp = one.timestamp
        if one.trouble:
            err.print(plain(one.trouble))
        elif not json_ and stamp.stamped_at is not None:
            said = f"Checkpoint of size {stamp.size}: {stamp.authority} says {moment(stamp.stamped_at)}"
            out.print(plain(said))
    if not sent and not json_:
        out.print(plain("The newest checkpoint is stamped already and nothing waits."))
    states = {one.timestamp.state for one in sent if one.trouble}
    if StampState.FAILED in states:
        raise typer.Exit(TimestampRefused.exit_code)
    if states:
        raise typer.Exit(AuthorityUnreachable.exit_code)


def _row(one: Timestamp) -> dict[str, object]:
    return {
        "id": one.id,
        "size": one.size,
        "authority": one.authority,
        "state": one.state.value,
        "reason": one.reason,
        "asked_at_us": one.asked_at,
        "stamped_at_us": one.stamped_at,
    }
