"""``init``, ``ingest`` and ``list``: a workspace, the cards taken into it, and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.bootstrap import Settings, VaultSettings, check_settings, create_workspace
from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    AsOption,
    ImportBar,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    counts_line,
    desk_at,
    out,
    plain,
    print_json,
    progress_bar,
    session_at,
)
from bwc_review.cli.vault import protection_named
from bwc_review.domain.recording import Recording
from bwc_review.domain.times import clock_text
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Acquisition
from bwc_review.review.docking import PERMISSION, DockingReport, import_card

WORKSPACE = Path(DEFAULT_WORKSPACE)
RECOVERY_ADVICE = (
    "Whoever loses that loses every original: add a recipient kept elsewhere with `bwc-review vault add-recovery`."
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("init")(init)
    app.command("ingest")(ingest)
    app.command("list")(list_)


def init(
    workspace: WorkspaceOption = WORKSPACE,
    agency: Annotated[str, typer.Option(help="The agency's domain name; the first part of the log's name.")] = "",
    workstation: Annotated[str, typer.Option(help="This workstation's short name, e.g. ws1.")] = "ws1",
    operator: Annotated[
        list[str] | None, typer.Option(help="ID:ROLE of somebody who works here, e.g. clerk-0042:evidence_clerk.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the log key's passphrase; asked for when not given.")
    ] = None,
    encrypt: Annotated[
        bool, typer.Option("--encrypt/--no-encrypt", help="Encrypt the vault; without it, use an encrypted disk.")
    ] = True,
    vault_key: Annotated[
        str, typer.Option(help="What opens the vault: passphrase, keyring or file:PATH.")
    ] = "passphrase",
    vault_storage: Annotated[str, typer.Option(help="Object storage for originals, e.g. s3://bucket/prefix.")] = "",
) -> None:
    """Make a workspace: database, vault, custody log and its signing key."""
    if not agency:
        raise InputRefused(
            "Name the agency, e.g. --agency police.example. It becomes part of the log's name for ever."
        )
    operators = dict(_operator(one) for one in operator or [])
    if not operators:
        raise InputRefused("Name at least one operator, e.g. --operator clerk-0042:evidence_clerk.")
    protection, name = protection_named(vault_key) if encrypt else ("", "")
    settings = Settings(agency, workstation, operators, vault=VaultSettings(protection, name, vault_storage))
    check_settings(workspace, settings)  # before anybody is asked for a passphrase
    if passphrase_file is not None:
        passphrase = passphrase_file.read_text(encoding="utf-8").strip()
    else:
        passphrase = str(
            typer.prompt("New passphrase of the log key", hide_input=True, confirmation_prompt=True, err=True)
        )
    desk = create_workspace(workspace, settings, passphrase)
    out.print(plain(f"Workspace made in {workspace.resolve()}"))
    if encrypt:
        out.print(plain(f"The vault is encrypted and opened by: {protection}. {RECOVERY_ADVICE}"))
    out.print(plain(f"Give this key to whoever must check your log, by another way than the bundles:\n{desk.vkey}"))


def _operator(text: str) -> tuple[str, str]:
    who, _, role = text.partition(":")
    if not who or not role:
        raise InputRefused(f"'{text}' is not ID:ROLE, e.g. clerk-0042:evidence_clerk.")
    return who, role


def ingest(
    sources: Annotated[list[Path], typer.Argument(help="Folders that are a camera's card.", metavar="SOURCE...")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "routine_docking",
    profile: Annotated[str | None, typer.Option(help="Camera profile, when several fit.")] = None,
    json_: JsonOption = False,
) -> None:
    """Take everything a card holds: listed, copied, hashed, read back, logged."""
    desk = desk_at(workspace)
    reports: list[DockingReport] = []
    with session_at(desk, PERMISSION, as_, purpose) as session:
        for source in sources:
            with progress_bar() as bar:
                watch = ImportBar(bar, quiet=json_)
                reports.append(import_card(desk, session, source, watch=watch, profile=profile))
            if not json_:
                out.print(plain(f"{reports[-1].docking.label}: {counts_line(reports[-1].acquisitions)}"))
    if json_:
        print_json([_report(one) for one in reports])


def _report(report: DockingReport) -> dict[str, object]:
    return {
        "docking": report.docking.id,
        "label": report.docking.label,
        "profile": report.docking.profile,
        "files": [_acquisition(one) for one in report.acquisitions],
        "recordings": [recording_row(one) for one in report.recordings],
    }


def _acquisition(one: Acquisition) -> dict[str, object]:
    return {
        "name": one.name,
        "size": one.size,
        "outcome": one.outcome.value,
        "reason": one.reason,
        "sha256": one.sha256,
        "exhibit": one.exhibit,
    }


def recording_row(one: Recording) -> dict[str, object]:
    """A recording for a program. Times in microseconds."""
    return {
        "id": one.id,
        "exhibit": one.exhibit,
        "sha256": one.sha256,
        "size": one.size,
        "name": one.name,
        "camera": one.camera,
        "wearer": one.wearer,
        "playability": one.playability.value,
        "duration_us": one.span.end,
        "frames": one.facts.video.frames if one.facts and one.facts.video else 0,
        "damage": list(one.facts.damage) if one.facts else [],
    }


def list_(workspace: WorkspaceOption = WORKSPACE, json_: JsonOption = False) -> None:
    """Show the recordings and incidents of a workspace."""
    desk = desk_at(workspace)
    with desk.store.reading() as work:
        recordings, incidents = work.footage.recordings(), work.reviews.incidents()
        heard = {one.id for one in recordings if work.reviews.transcript(one.id) is not None}
    if json_:
        rows = [{"id": one.id, "title": one.title, "recordings": len(one.placements)} for one in incidents]
        print_json({"recordings": [recording_row(one) for one in recordings], "incidents": rows})
        return
    table = Table("exhibit", "camera", "worn by", "length", "state", "transcript", "name", box=None)
    for one in recordings:
        cells = [
            one.exhibit,
            one.camera,
            one.wearer or "not stated",
            clock_text(one.span.end),
            one.playability.value,
            "yes" if one.id in heard else "no",
            one.name,
        ]
        table.add_row(*map(plain, cells))
    out.print(table)
    for incident in incidents:
        out.print(plain(f"incident {incident.id}  {incident.title}  ({len(incident.placements)} recordings)"))
