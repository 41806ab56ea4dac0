"""``export-log`` and ``erase``: the log as files for the verifier alone, and a content gone for good, on record."""

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
from bwc_review.errors import InputRefused
from bwc_review.review.erasing import PERMISSION, clean, erase
from bwc_review.review.handing_over import Texts, export_log
from bwc_review.review.reading import READ_LOG

WORKSPACE = Path(DEFAULT_WORKSPACE)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("export-log")(export_log_)
    app.command("erase")(erase_)


def export_log_(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    texts: Annotated[bool, typer.Option("--texts", help="Hand over names and free texts too.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "audit",
    json_: JsonOption = False,
) -> None:
    """Write the custody log as files, for whoever checks it with the verifier alone."""
    desk = desk_at(workspace)
    with session_at(desk, READ_LOG, as_, purpose) as session:
        done = export_log(desk, session, folder, Texts.INCLUDED if texts else Texts.LEFT_OUT)
    if json_:
        print_json({"folder": str(done.folder), "size": done.size, "entries": done.entries, "texts": done.texts})
        return
    out.print(plain(f"{done.entries} of {done.size} entries and {done.texts} texts written to {done.folder}"))
    out.print(plain(f"Check it with: python -m chain_of_custody verify-log {done.folder} --key KEYFILE"))


def erase_(
    commitments: Annotated[
        list[str] | None, typer.Argument(help="Commitments, as `bwc-review log --json` shows them.")
    ] = None,
    text: Annotated[str, typer.Option(help="Also every content that reads exactly like this.")] = "",
    reason: Annotated[str, typer.Option(help="Why, as a code, e.g. court_order.")] = "",
    why: Annotated[str, typer.Option(help="Why, as a sentence for the log.")] = "",
    clean_: Annotated[
        bool, typer.Option("--clean", help="Only clean the database's files of what was erased before.")
    ] = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "erasure",
    json_: JsonOption = False,
) -> None:
    """Erase names or texts that the log only commits to. A tombstone stays and the log still verifies."""
    if not clean_ and not commitments and not text:
        raise InputRefused("Name what is to be erased: commitments, or --text with the exact words.")
    desk = desk_at(workspace)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        if clean_:
            clean(desk, session)
            out.print("The database's files hold nothing of what was erased.")
            return
        done = erase(desk, session, commitments or [], text=text, reason=reason, why=why)
    if json_:
        row = {"tombstone": done.tombstone.seq, "contents": done.contents, "copies": done.copies}
        print_json({**row, "still_shown": list(done.still_shown)})
        return
    out.print(plain(f"{done.contents} contents and {done.copies} copies erased; entry {done.tombstone.seq} says so."))
    if done.still_shown:
        out.print("The same words still stand here, where they are no copy of what was erased:")
        for place in done.still_shown:
            out.print(plain(f"  {place}"))
    out.print("Bundles, receipts and backups that were made before are not changed by this.")
