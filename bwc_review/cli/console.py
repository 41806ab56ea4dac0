"""How the command line speaks: to people through rich, to programs as JSON, and in both cases without a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.passphrases import ask_log_passphrase, ask_operator_passphrase
from bwc_review.errors import LogContradicted
from bwc_review.ports.records import Acquisition, Session
from bwc_review.review.desk import Desk, operator_for
from bwc_review.review.sessions import end_session, start_session, unlogged_session

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

WORKSPACE_VARIABLE = "BWC_REVIEW_WORKSPACE"
DEFAULT_WORKSPACE = "workspace"
OPERATOR_VARIABLE = "BWC_REVIEW_OPERATOR"  # who works at this terminal, where several could act
LOOKING = "look_up"

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar=WORKSPACE_VARIABLE, help="The workspace folder."),
]
AsOption = Annotated[str | None, typer.Option("--as", help="The operator who acts.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of text.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="Why, as a code; it goes into the custody log.")]

OUTCOME_STYLE = {"taken": "green", "duplicate": "cyan", "refused": "yellow", "failed": "red"}


def plain(text: str) -> Text:
    """Text from outside, never read as markup."""
    return Text(text)


def print_json(value: Any) -> None:
    """One JSON document, sorted, for a program."""
    typer.echo(json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1))


def desk_at(workspace: Path) -> Desk:
    """Open the workspace."""
    return open_workspace(workspace, ask_log_passphrase, ask_operator_passphrase)


@contextmanager
def session_at(desk: Desk, permission: str, named: str | None, purpose: str) -> Iterator[Session]:
    """A session for one command. It is ended in the log whatever happens, short of the process dying."""
    usual = os.environ.get(OPERATOR_VARIABLE, "")
    session = start_session(desk, operator_for(desk, permission, named, usual), purpose)
    try:
        yield session
    finally:
        end_session(desk, session)


@contextmanager
def look_at(desk: Desk, permission: str, named: str | None, purpose: str) -> Iterator[Session]:
    """As ``session_at``, for a command that only reads: a stopped log is read all the same, and that is said."""
    with ExitStack() as ends:
        try:
            session = ends.enter_context(session_at(desk, permission, named, purpose))
        except LogContradicted as stopped:
            who = operator_for(desk, permission, named, os.environ.get(OPERATOR_VARIABLE, ""))
            session = unlogged_session(desk, who, purpose)
            err.print(plain(f"{stopped.message()} This look is on no record."))
        yield session


def progress_bar() -> Progress:
    """A bar for anything that may take more than a second. Goes to standard error so that JSON stays clean."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=True,
    )


STEPS = {
    "examined": "examined",
    "index": "frame index",
    "audio": "sound",
    "peaks": "waveform",
    "proxy": "480p proxy",
    "sprite": "preview strip",
    "audio-2": "sound track 2",
    "salvage": "salvaged copy",
    "queued": "asked for",
}


def acquisition_line(one: Acquisition) -> Text:
    """One file met, in one line."""
    text = Text("  ")
    text.append(f"{one.outcome.value:<10}", OUTCOME_STYLE[one.outcome.value])
    text.append(f"{one.exhibit or '-':<12} {one.size:>11,} B  ")
    text.append(one.name)
    text.append(f"  {one.reason}", "dim")
    return text


def counts_line(acquisitions: Sequence[Acquisition]) -> str:
    """ "12 files met: 8 taken, 1 duplicate, 3 refused"."""
    found: dict[str, int] = {}
    for one in acquisitions:
        found[one.outcome.value] = found.get(one.outcome.value, 0) + 1
    return f"{len(acquisitions)} files met: " + ", ".join(f"{n} {name}" for name, n in sorted(found.items()))


def as_row(value: Mapping[str, object]) -> dict[str, object]:
    """A mapping whose tuples and enums a JSON writer understands."""
    return {name: list(one) if isinstance(one, tuple) else one for name, one in value.items()}
