"""``export``, ``verify`` and ``log``: a bundle for a commission, the check of one, and the custody log itself."""

from __future__ import annotations

import json
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
    look_at,
    out,
    plain,
    print_json,
    progress_bar,
    session_at,
)
from bwc_review.cli.incidents import IncidentOption, incident_named
from bwc_review.cli.verifying import level_named, show_report, verify_live_log
from bwc_review.domain.ids import IncidentId
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session, StoredBundle
from bwc_review.review.checking import DEFAULT_LEVEL
from bwc_review.review.desk import Desk
from bwc_review.review.exporting import PERMISSION, export_bundle
from bwc_review.review.reading import READ_LOG, log_entries
from chain_of_custody.clock import format_at
from chain_of_custody.entry import Entry
from chain_of_custody.verify import verify_bundle

WORKSPACE = Path(DEFAULT_WORKSPACE)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("export")(export)
    app.command("verify")(verify)
    app.command("log")(log)


def export_under_bar(desk: Desk, session: Session, incident: IncidentId, into: Path) -> StoredBundle:
    """Export with a progress bar."""
    with progress_bar() as bar:
        task = bar.add_task("Exporting", total=None)

        def moved(step: str, done: int, of: int) -> None:
            bar.update(task, description=step, completed=done, total=of)

        return export_bundle(desk, session, incident, into, progress=moved)


def export(
    into: Annotated[Path | None, typer.Option(help="Folder the bundle is written into.")] = None,
    incident: IncidentOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "export_to_commission",
    json_: JsonOption = False,
) -> None:
    """Write and seal an evidence bundle that proves itself offline."""
    desk = desk_at(workspace)
    case = incident_named(desk, incident)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        bundle = export_under_bar(desk, session, case, into or workspace / "bundles")
    if json_:
        print_json({"name": bundle.name, "path": bundle.path, "tagmanifest_sha256": bundle.tagmanifest_sha256})
        return
    out.print(plain(f"{bundle.name} sealed: {bundle.path}"))
    out.print(plain(f"Check it with: python -m chain_of_custody verify {bundle.path}"))


def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    key: Annotated[Path | None, typer.Option(help="File with the log's key, obtained by another way.")] = None,
    json_: JsonOption = False,
) -> None:
    """Check a bundle: every file, the log, the signatures and the seal."""
    if not (bundle / "bagit.txt").exists():
        raise InputRefused(f"There is no bundle in {bundle}. Name the folder that holds bagit.txt.")
    with progress_bar() as bar:
        task = bar.add_task("Reading every file", total=None)

        def moved(step: str, done: int, of: int) -> None:
            bar.update(task, description=step, completed=done, total=of)

        report = verify_bundle(bundle, trusted_vkey=key.read_text("utf-8") if key else None, progress=moved)
    raise typer.Exit(show_report(report, json_=json_))


def log(
    workspace: WorkspaceOption = WORKSPACE,
    last: Annotated[int, typer.Option(help="How many entries to show; 0 for all.")] = 40,
    check: Annotated[bool, typer.Option("--verify", help="Verify the log instead.")] = False,
    level: Annotated[str, typer.Option(help="With --verify: how deep, L0 to L4; L4 reads every original again.")] = (
        DEFAULT_LEVEL.name
    ),
    full: Annotated[
        bool, typer.Option("--full", help="With --verify: also what an earlier verification found to hold.")
    ] = False,
    key: Annotated[Path | None, typer.Option(help="With --verify: the log's key, obtained by another way.")] = None,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show the custody log, or verify it."""
    desk = desk_at(workspace)
    if check:
        raise typer.Exit(verify_live_log(desk, level_named(level), key=key, full=full, named=as_, json_=json_))
    with look_at(desk, READ_LOG, as_, purpose) as session:
        entries = log_entries(desk, session, last)
    if json_:
        print_json([json.loads(raw) for raw in entries])
        return
    table = Table("", "when (UTC)", "act", "outcome", "who", "about", box=None)
    for entry in map(Entry.from_bytes, entries):
        about = f"{entry.subject.kind} {entry.subject.id}"
        cells = (str(entry.seq), format_at(entry.at), entry.type, entry.outcome, entry.actor.id, about)
        table.add_row(*map(plain, cells))
    out.print(table)
