"""``init`` and ``list``: a workspace, and what it holds. Cards are taken in ``cli.docks``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.bootstrap import Settings, VaultSettings, check_settings, create_workspace
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
)
from bwc_review.cli.times import series_row, series_text
from bwc_review.cli.vault import protection_named
from bwc_review.cli.witnesses import predecessor_to
from bwc_review.domain.clocks import Series
from bwc_review.domain.operators import read_operator
from bwc_review.domain.recording import Playability, Recording
from bwc_review.domain.times import clock_text
from bwc_review.errors import InputRefused
from bwc_review.review.reading import METADATA, shelf

WORKSPACE = Path(DEFAULT_WORKSPACE)
RECOVERY_ADVICE = (
    "Whoever loses that loses every original: add a recipient kept elsewhere with `bwc-review vault add-recovery`."
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("init")(init)
    app.command("list")(list_)


def init(
    workspace: WorkspaceOption = WORKSPACE,
    agency: Annotated[str, typer.Option(help="The agency's domain name; the first part of the log's name.")] = "",
    workstation: Annotated[str, typer.Option(help="This workstation's short name, e.g. ws1.")] = "ws1",
    operator: Annotated[
        list[str] | None, typer.Option(help="ID:ROLE or ID:ROLE:UNIT, e.g. clerk-0042:evidence_clerk:north.")
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone of the agency's clocks, e.g. America/Vancouver.")] = "",
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the log key's passphrase; asked for when not given.")
    ] = None,
    succeeds: Annotated[
        Path | None, typer.Option(help="Workspace whose log cannot be continued; the new log says it succeeds it.")
    ] = None,
    reason: Annotated[str, typer.Option(help="With --succeeds: why, in words.")] = "",
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
    people = [read_operator(one) for one in operator or []]
    if not people:
        raise InputRefused("Name at least one operator, e.g. --operator clerk-0042:evidence_clerk:north.")
    units = {who: unit for who, _, unit in people if unit}
    protection, name = protection_named(vault_key) if encrypt else ("", "")
    settings = Settings(
        agency,
        workstation,
        {who: role for who, role, _ in people},
        units=units,
        zone=zone,
        vault=VaultSettings(protection, name, vault_storage),
    )
    check_settings(workspace, settings)  # before anybody is asked for a passphrase
    old = predecessor_to(settings, succeeds, reason)
    if passphrase_file is not None:
        passphrase = passphrase_file.read_text(encoding="utf-8").strip()
    else:
        passphrase = str(
            typer.prompt("New passphrase of the log key", hide_input=True, confirmation_prompt=True, err=True)
        )
    desk = create_workspace(workspace, settings, passphrase, succeeds=old, why=reason)
    out.print(plain(f"Workspace made in {workspace.resolve()}"))
    if old is not None:
        out.print(plain(f"Its log says that it succeeds {old.log}, found {old.state.replace('_', ' ')}."))
    if encrypt:
        out.print(plain(f"The vault is encrypted and opened by: {protection}. {RECOVERY_ADVICE}"))
    out.print(plain(f"Give this key to whoever must check your log, by another way than the bundles:\n{desk.vkey}"))


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
        "notes": list(one.facts.notes) if one.facts else [],
    }


IN_WORDS = {
    Playability.PLAYABLE: "can be played",
    Playability.DAMAGED: "is damaged; what is whole of it can be played",
    Playability.SALVAGED: "plays from a salvaged copy",
    Playability.UNPLAYABLE: "is preserved as it is and cannot be played",
}


def list_(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show the recordings and incidents of a workspace that you may see."""
    desk = desk_at(workspace)
    with look_at(desk, METADATA, as_, purpose) as session, shelf(desk, session) as found:
        recordings, incidents, elsewhere = found.recordings, found.incidents, found.elsewhere
        series = {one.id: found.work.clocks.series_of(one.id) for one in recordings}
        adopted = {one.id: found.work.clocks.adopted(one.id) for one in recordings}
        heard = {one.id for one in recordings if found.work.reviews.transcript(one.id) is not None}
    if json_:
        rows = [{"id": one.id, "title": one.title, "recordings": len(one.placements)} for one in incidents]
        joined = {one.id: one for one in series.values() if one}
        print_json(
            {
                "recordings": [recording_row(one) for one in recordings],
                "incidents": rows,
                "series": [series_row(one) for one in joined.values()],
                "adopted": {key: one.start for key, one in adopted.items() if one},
            }
        )
        return
    table = Table("exhibit", "camera", "worn by", "length", "part", "start", "state", "transcript", "name", box=None)
    for one in recordings:
        cells = [
            one.exhibit,
            one.camera,
            one.wearer or "not stated",
            clock_text(one.span.end),
            _part(series[one.id], one),
            "adopted" if adopted[one.id] else "claimed",
            one.playability.value,
            "yes" if one.id in heard else "no",
            one.name,
        ]
        table.add_row(*map(plain, cells))
    out.print(table)
    for joined_one in {one.id: one for one in series.values() if one}.values():
        _say_series(joined_one, recordings)
    for one in recordings:
        if one.facts and one.facts.damage:
            out.print(plain(f"{one.exhibit} {IN_WORDS[one.playability]}. {' '.join(one.facts.damage)}"))
    for incident in incidents:
        out.print(plain(f"incident {incident.id}  {incident.title}  ({len(incident.placements)} recordings)"))
    if elsewhere:
        out.print(f"{elsewhere} recordings and incidents of other units are not shown.")


def _part(series: Series | None, recording: Recording) -> str:
    return f"{series.place_of(recording.id)} of {len(series.parts)}" if series else "-"


def _say_series(series: Series, recordings: Sequence[Recording]) -> None:
    by_id = {one.id: one for one in recordings}
    parts = [by_id[part.recording] for part in series.parts if part.recording in by_id]
    out.print(plain(f"one recording of {series.camera} in {len(parts)} parts: {series.why}"))
    for one in parts:
        out.print(plain(f"  {one.exhibit}  {series_text(series, one)}"))
