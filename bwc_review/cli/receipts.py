"""``receipt``: the paper that goes out of the house when a card was docked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from bwc_review.review.receipts import PERMISSION, print_receipt

WORKSPACE = Path(DEFAULT_WORKSPACE)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("receipt")(receipt)


def receipt(
    docking: Annotated[str | None, typer.Argument(help="The docking's id; the latest when not named.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder the receipt is written into.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "routine_docking",
    json_: JsonOption = False,
) -> None:
    """Print the receipt of a docked card: what was taken, every digest, and the signed checkpoint as a QR code."""
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        made = print_receipt(desk, session, docking, into or workspace / "receipts")
    if json_:
        one = made.receipt
        files = [str(file) for file in made.files]
        print_json({"docking": one.docking.id, "checkpoint_size": one.checkpoint.size, "files": files})
        return
    out.print(plain(f"Receipt of '{made.receipt.docking.label}' written:"))
    for file in made.files:
        out.print(plain(f"  {file}"))
