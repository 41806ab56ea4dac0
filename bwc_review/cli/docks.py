"""``docks``, ``ingest`` and ``dockings``: what is there, taking it, and where each docking stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    LOOKING,
    AsOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    counts_line,
    desk_at,
    err,
    look_at,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.cli.docking_bars import DockingBar, docking_bars
from bwc_review.cli.footage import recording_row
from bwc_review.cli.jobs import make_ready
from bwc_review.domain.camera_clock import REPORTED, CameraClock, read_display
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Acquisition
from bwc_review.review.desk import Desk
from bwc_review.review.docking import PERMISSION, DockingReport
from bwc_review.review.docking_several import Docked, DockRequest, import_cards, refuse_incomplete
from bwc_review.review.dockings import LOOK, DockingState, docking_states
from bwc_review.review.docks import DockChange, DockView, watch_docks

WORKSPACE = Path(DEFAULT_WORKSPACE)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("docks")(docks)
    app.command("ingest")(ingest)
    app.command("dockings")(dockings)


def docks(
    workspace: WorkspaceOption = WORKSPACE,
    watch: Annotated[bool, typer.Option(help="Stay, and say what comes and goes, until Ctrl-C.")] = False,
    json_: JsonOption = False,
) -> None:
    """Show the cards, disks and drop folders that are there now, and whether anything could write to them."""
    looking = watch_docks(desk_at(workspace))
    looking.look()
    if json_ and not watch:
        print_json([_dock(one) for one in looking.present])
        return
    for trouble in looking.troubles:
        err.print(plain(f"{trouble} Check the settings under [docks] and whether the share is there."))
    for one in looking.present:
        _say_dock(DockChange(one, True))
    if watch:
        for change in looking.follow(lambda: False):
            _say_dock(change)
    elif not looking.present:
        out.print(
            "No card is there now. Put one in and wait until it is mounted, or name its folder to "
            "`bwc-review ingest`. A drop folder's sub-folder counts once nothing in it has changed for a while."
        )


def _dock(one: DockView) -> dict[str, object]:
    return {
        "root": str(one.root),
        "label": one.label,
        "kind": one.kind,
        "device": one.device,
        "maker": one.maker,
        "protection": one.protection,
        "advice": one.advice,
    }


def _say_dock(change: DockChange) -> None:
    dock = change.dock
    text = Text("+ " if change.came else "- ", "green" if change.came else "yellow")
    text.append(dock.label, "bold")
    text.append(f"  {dock.kind} on {dock.device}{', ' + dock.maker if dock.maker else ''}  {dock.root}")
    if change.came:
        text.append(f"\n    {dock.advice}")
    out.print(text)


def ingest(
    sources: Annotated[list[Path], typer.Argument(help="Folders that are a camera's card.", metavar="SOURCE...")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "routine_docking",
    profile: Annotated[str | None, typer.Option(help="Camera profile, when several fit.")] = None,
    camera_clock: Annotated[
        str | None,
        typer.Option(help="What the camera's display shows at this moment, with its zone: 09:40:10+01:00."),
    ] = None,
    clock_offset: Annotated[
        float | None,
        typer.Option(help="Seconds the camera's clock is ahead of this one, as its dock reports; negative: behind."),
    ] = None,
    clock_uncertainty: Annotated[
        float | None, typer.Option(help="How sure the camera's clock is, in seconds; needed with --clock-offset.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Take everything one or several cards hold: listed, copied, hashed, read back, logged. Goes on after a pull."""
    desk = desk_at(workspace)
    clock = _clock(desk, camera_clock, clock_offset, clock_uncertainty)
    if clock is not None and len(sources) > 1:
        raise InputRefused("A camera's clock belongs to one camera. Dock that card alone to give its clock.")
    with session_at(desk, PERMISSION, as_, purpose) as session, docking_bars() as bars:

        def say(line: Text) -> None:
            if not json_:
                bars.console.print(line)

        requests = [
            DockRequest(source, DockingBar(bars, source.name or str(source), say), profile, clock)
            for source in sources
        ]
        docked = import_cards(desk, session, requests)
        make_ready(desk, session)
    _tell(docked, as_json=json_)
    refuse_incomplete(docked)


def _clock(desk: Desk, shown: str | None, offset_s: float | None, uncertainty_s: float | None) -> CameraClock | None:
    """The camera's clock as it was typed. Raises InputRefused."""
    if shown is None and offset_s is None:
        return None
    if shown is not None and offset_s is not None:
        raise InputRefused("Give what the camera's display shows, or the offset its dock reports, not both.")
    now = desk.now_us()
    sure = None if uncertainty_s is None else Micros(round(uncertainty_s * 1_000_000))
    try:
        if shown is not None:
            read = read_display(shown, now)
            return read if sure is None else CameraClock(read.offset, sure, read.source, now)
        if offset_s is None or sure is None:
            raise ValueError("An offset needs --clock-uncertainty, in seconds: nobody can use it otherwise.")
        return CameraClock(Micros(round(offset_s * 1_000_000)), sure, REPORTED, now)
    except (ValueError, OverflowError) as unfit:
        raise InputRefused(str(unfit)) from unfit


def _tell(docked: tuple[Docked, ...], *, as_json: bool) -> None:
    reports = [one.report for one in docked if one.report is not None]
    if as_json:
        print_json([_report(one) for one in reports])
        return
    for one in reports:
        out.print(plain(f"{one.docking.label}: {counts_line(one.acquisitions)}"))


def _report(report: DockingReport) -> dict[str, object]:
    return {
        "docking": report.docking.id,
        "label": report.docking.label,
        "profile": report.docking.profile,
        "state": report.docking.state,
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


def dockings(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show where each docking stands and what to do next, newest first."""
    desk = desk_at(workspace)
    with look_at(desk, LOOK, as_, purpose) as session:
        found = docking_states(desk, session)
    if json_:
        print_json([_standing(one) for one in found])
        return
    if not found:
        out.print("No card was docked here yet.")
    for one in found:
        out.print(Text.assemble((one.docking.label, "bold"), f"  docking {one.docking.id}"))
        out.print(plain(f"    {one.words} {one.next_step}"))


def _standing(one: DockingState) -> dict[str, object]:
    docking, clock = one.docking, one.docking.clock
    return {
        "docking": docking.id,
        "label": docking.label,
        "state": docking.state,
        "ended_by": docking.ended_by,
        "resumable": one.resumable,
        "met": one.met,
        "left": one.left,
        "left_bytes": one.left_bytes,
        "outcomes": {outcome.value: number for outcome, number in one.outcomes.items()},
        "words": one.words,
        "next": one.next_step,
        "camera_clock": None
        if clock is None
        else {
            "offset_us": clock.offset,
            "uncertainty_us": clock.uncertainty,
            "source": clock.source,
            "read_at_us": clock.read_at,
        },
    }
