"""``vault status | rotate-key | add-recovery | recover | scrub | quarantine``: caring for the originals."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    LOOKING,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    desk_at,
    out,
    plain,
    print_json,
    progress_bar,
    session_at,
)
from bwc_review.errors import InputRefused
from bwc_review.ports.preservation import QuarantineRow
from bwc_review.ports.records import Exhibit
from bwc_review.review import quarantine as setting_aside
from bwc_review.review import scrubbing, vault_keys
from bwc_review.review.reading import METADATA
from bwc_review.review.vault_keys import VaultStatus

WORKSPACE = Path(DEFAULT_WORKSPACE)
MAX_IDENTITY_BYTES = 65_536

commands = typer.Typer(help="The vault: its keys, reading originals again, quarantine.", no_args_is_help=True)
quarantine = typer.Typer(help="Originals set aside because their bytes differ.", no_args_is_help=True)
commands.add_typer(quarantine, name="quarantine")

FINDINGS = {
    "scrub_differs": "a scrub found other bytes",
    "orphan_differs": "found at a start with other bytes than its name promises",
    "second_reading_differs": "the card gave other bytes when it was read a second time",
}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="vault")


@commands.command("status")
def status(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show what the vault holds, how it is protected, and what waits for attention."""
    desk = desk_at(workspace)
    with session_at(desk, METADATA, as_, purpose) as session:
        found = vault_keys.vault_status(desk, session)
    if json_:
        print_json(asdict(found))
        return
    for line in _lines(found):
        out.print(plain(line))


def _lines(found: VaultStatus) -> list[str]:
    lines = [
        f"{found.originals} originals, {found.size:,} bytes, in {found.place}",
        f"encrypted, opened by: {found.protection}" if found.encrypted else "not encrypted",
    ]
    if found.unknown:
        lines.append(f"{found.unknown} of them are no exhibit yet: dock their card again")
    if found.waiting:
        lines.append(f"{found.waiting} interrupted copies wait for their card")
    if found.quarantined:
        lines.append(f"{len(found.quarantined)} in quarantine: bwc-review vault quarantine list")
    run = found.scrub
    said = "no scrub yet" if run is None else f"last scrub: {run.done} read, {run.failed} differ ({run.state})"
    return [*lines, said]


@commands.command("rotate-key")
def rotate_key(
    workspace: WorkspaceOption = WORKSPACE, as_: AsOption = None, purpose: PurposeOption = "vault_care"
) -> None:
    """Change the vault key: every object's key is wrapped anew. Safe to stop; run it again to go on."""
    desk = desk_at(workspace)
    with session_at(desk, vault_keys.PERMISSION, as_, purpose) as session, progress_bar() as bar:
        task = bar.add_task("Wrapping keys anew", total=None)
        done = vault_keys.rotate_key(desk, session, progress=lambda count: bar.update(task, completed=count))
    out.print(plain(f"The vault has a new key; {done} objects' keys were wrapped anew."))


@commands.command("add-recovery")
def add_recovery(
    recipient: Annotated[str, typer.Argument(help="An age recipient: age1...")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "vault_care",
) -> None:
    """Seal the vault's keys to somebody who keeps an age identity elsewhere, in vault/recovery.age."""
    desk = desk_at(workspace)
    with session_at(desk, vault_keys.PERMISSION, as_, purpose) as session:
        recipients = vault_keys.add_recovery(desk, session, recipient.strip())
    out.print(
        plain(f"The recovery file opens for {len(recipients)} recipients now. Keep a copy of it elsewhere too.")
    )


@commands.command("recover")
def recover(
    identity: Annotated[Path, typer.Argument(help="File with the age identity (AGE-SECRET-KEY-1...).")],
    workspace: WorkspaceOption = WORKSPACE,
    protect: Annotated[str, typer.Option(help="What opens the vault then: passphrase, keyring, file:PATH.")] = "",
    as_: AsOption = None,
    purpose: PurposeOption = "vault_recovery",
) -> None:
    """Open the vault with a recovery identity, and let a new secret open it from now on."""
    kind, name = protection_named(protect or "passphrase")
    try:
        with identity.open("rb") as file:
            text = file.read(MAX_IDENTITY_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise InputRefused(
            f"The identity file {identity} cannot be read. Name the file age-keygen made."
        ) from unreadable
    desk = desk_at(workspace)
    with session_at(desk, vault_keys.PERMISSION, as_, purpose) as session:
        vault_keys.recover_vault(desk, session, text, kind, name)
    out.print(plain("The vault opens again, with the new secret."))


def protection_named(text: str) -> tuple[str, str]:
    """``passphrase``, ``keyring`` or ``file:PATH`` as kind and name. Raises InputRefused."""
    kind, _, name = text.partition(":")
    if (
        kind not in ("passphrase", "keyring", "file")
        or (kind == "file" and not name)
        or (kind == "passphrase" and name)
    ):
        raise InputRefused(f"'{text}' is no way to open a vault. Say passphrase, keyring or file:PATH.")
    return kind, str(Path(name).resolve()) if name else ""


class _ScrubBar:
    """``ScrubWatch`` as a bar."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID = bar.add_task("Reading originals again", total=None)

    def reading(self, exhibit: Exhibit, number: int, total: int) -> None:
        """Say which original is read."""
        self._bar.update(self._task, description=f"Reading {exhibit.number}", completed=number - 1, total=total)

    def cancelled(self) -> bool:
        """Ctrl-C ends the process instead; the run is gone on with."""
        return False


@commands.command("scrub")
def scrub(
    share: Annotated[int, typer.Option(help="How many percent of the originals are read.")] = 100,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "scrub",
    json_: JsonOption = False,
) -> None:
    """Read originals again and compare their digests; a run that was cut short goes on."""
    desk = desk_at(workspace)
    with session_at(desk, scrubbing.PERMISSION, as_, purpose) as session, progress_bar() as bar:
        run = scrubbing.scrub(desk, session, share, watch=_ScrubBar(bar))
    if json_:
        print_json(asdict(run))
        return
    out.print(plain(f"{run.done} originals read again, {run.failed} differ and were set aside."))


@quarantine.command("list")
def list_(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show what is set aside and why."""
    desk = desk_at(workspace)
    with session_at(desk, METADATA, as_, purpose) as session:
        rows = setting_aside.quarantined(desk, session)
    if json_:
        print_json([asdict(row) for row in rows])
        return
    out.print(plain("\n".join(map(_row, rows)) or "Nothing is in quarantine."))


def _row(row: QuarantineRow) -> str:
    return f"{row.exhibit or 'no exhibit':<14} {FINDINGS.get(row.finding, row.finding)}  {row.sha256}"


@quarantine.command("release")
def release(
    exhibit: Annotated[str, typer.Argument(help="The exhibit's number or digest.")],
    reason: Annotated[str, typer.Option(help="Why it may be used again, in a sentence.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "quarantine_release",
) -> None:
    """Let an original be used again once its bytes are right: restored, or taken from its card again."""
    desk = desk_at(workspace)
    with session_at(desk, setting_aside.PERMISSION, as_, purpose) as session:
        setting_aside.release(desk, session, exhibit, reason)
    out.print(plain(f"{exhibit} has its own bytes again and may be used."))
