"""``profiles list | show | check``: the camera profiles, and what they make of a folder without taking anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.bootstrap import zone_at
from bwc_review.cli.card_text import card_row, card_text
from bwc_review.cli.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, out, plain, print_json
from bwc_review.domain.zones import zone_named
from bwc_review.errors import NotFound
from bwc_review.review.docking import OWN_PROFILES
from ingest.explain import explain, inside, outside
from ingest.listing import list_dock
from ingest.profiles import Profile, load_profiles, read_profile

WORKSPACE = Path(DEFAULT_WORKSPACE)

commands = typer.Typer(help="Camera profiles: what is known of each camera family.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="profiles")


@commands.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE, json_: JsonOption = False) -> None:
    """List the profiles of the program and of the workspace, with what each rests on."""
    found = load_profiles(workspace / OWN_PROFILES)
    if json_:
        print_json([_row(one) for one in found])
        return
    table = Table("profile", "vendor", "camera", "rests on", box=None)
    for one in found:
        table.add_row(*map(plain, (one.id, one.vendor, one.model, one.grade.value)))
    out.print(table)


@commands.command("show")
def show(
    profile: Annotated[str, typer.Argument(help="The profile's id.")],
    workspace: WorkspaceOption = WORKSPACE,
    json_: JsonOption = False,
) -> None:
    """Show one profile: what it looks for, and what each thing it knows rests on."""
    found = [one for one in load_profiles(workspace / OWN_PROFILES) if one.id == profile]
    if not found:
        raise NotFound(f"There is no camera profile {profile[:80]}. `profiles list` shows those there are.")
    if json_:
        print_json(_row(found[0]))
        return
    out.print(plain(_profile_text(found[0])))


@commands.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="The folder that is a camera's card, or a copy of one.")],
    profile: Annotated[
        Path | None, typer.Option("--profile", help="A profile's file to try; it reads the card whatever its score.")
    ] = None,
    inside_: Annotated[
        bool, typer.Option("--inside", help="Open each recording too, for its header, satellite data and length.")
    ] = False,
    zone: Annotated[str, typer.Option(help="The time zone of the agency's clocks; else the workspace's.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    json_: JsonOption = False,
) -> None:
    """Explain what every profile makes of a card, and what each file would be taken as. Takes and writes nothing."""
    tried = read_profile(profile) if profile else None
    known = load_profiles(workspace / OWN_PROFILES)
    if tried is not None:
        known = (*(one for one in known if one.id != tried.id), tried)
    agency = zone_named(zone) if zone else zone_at(workspace)
    card = explain(list_dock(folder), known, agency, tried, inside if inside_ else outside)
    if json_:
        print_json(card_row(card))
    else:
        out.print(plain(card_text(card)), soft_wrap=True)


def _profile_text(one: Profile) -> str:
    lines = [f"{one.id}: {one.vendor} {one.model}", f"  rests on: {one.grade.value}"]
    if one.note:
        lines.append(f"  {one.note}")
    lines += [f"  {known.grade.value}: {known.what}" for known in one.known]
    lines.append(f"  recognised from {one.minimum} points:")
    lines += [f"    {rule.weight:>4}  {rule.glob}" for rule in one.tree]
    lines += [f"    {rule.weight:>4}  the volume is named like {rule.expression}" for rule in one.labels]
    if one.prebuffer_us and not one.prebuffer_audio:
        lines.append(f"  the first {one.prebuffer_us / 1e6:g} s have no sound, unless a side file says otherwise")
    lines.append(f"  SHA-256 {one.digest}")
    return "\n".join(lines)


def _row(one: Profile) -> dict[str, object]:
    return {
        "id": one.id,
        "vendor": one.vendor,
        "model": one.model,
        "evidence": one.grade.value,
        "note": one.note,
        "known": [{"what": known.what, "from": known.grade.value} for known in one.known],
        "min": one.minimum,
        "tree": [{"glob": rule.glob, "weight": rule.weight} for rule in one.tree],
        "volume_label": [{"re": rule.expression, "weight": rule.weight} for rule in one.labels],
        "sha256": one.digest,
    }
