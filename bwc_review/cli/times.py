"""``times show | adopt | enter``: what says when a recording began, and a person's word for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

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
    session_at,
)
from bwc_review.domain.clocks import AdoptedStart, Series
from bwc_review.domain.recording import Recording, TimeClaim
from bwc_review.domain.times import Micros, seconds_text
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.review.adopting import PERMISSION, adopt_claim, enter_start, moment_of, recording_named
from bwc_review.review.desk import Desk
from bwc_review.review.reading import METADATA, shelf

WORKSPACE = Path(DEFAULT_WORKSPACE)
PURPOSE = "clock_adoption"
_LENGTH = re.compile(r"([+-]?\d{1,9})(?:\.(\d{1,6}))?(ms|s|min|h)?", re.ASCII)
_UNITS = {"ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000}
DOUBTS = {
    "ambiguous": "this local time occurred twice: a person says which",
    "nonexistent": "this local time never occurred: it names no moment",
    "no-zone": "local time, and nothing says of which zone",
}

commands = typer.Typer(help="When recordings began: every claim, and the one a person adopts.", no_args_is_help=True)

RecordingArgument = Annotated[str, typer.Argument(help="Exhibit number or id of the recording.", metavar="RECORDING")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why this time is believed; it goes into the log.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(commands, name="times")


@commands.command("show")
def show(
    recording: RecordingArgument,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show every claim of a recording's start, with source, meaning, zone and uncertainty, and what was adopted."""
    desk = desk_at(workspace)
    with look_at(desk, METADATA, as_, purpose) as session, shelf(desk, session) as shown:
        found = recording_named(shown.recordings, recording)
        adoptions = shown.work.clocks.adoptions(found.id)
        series = shown.work.clocks.series_of(found.id)
    if json_:
        print_json(
            {
                "exhibit": found.exhibit,
                "claims": [_claim_row(n, one) for n, one in enumerate(found.claims, start=1)],
                "adopted": [_adopted_row(one) for one in adoptions],
                "series": series and series_row(series),
            }
        )
        return
    out.print(plain(f"{found.exhibit}  {found.name}"))
    for number, claim in enumerate(found.claims, start=1):
        out.print(plain(_claim_text(number, claim)), soft_wrap=True)
    if not found.claims:
        out.print(plain("  Nothing says when it began."))
    if series is not None:
        out.print(plain(f"  {series_text(series, found)}"), soft_wrap=True)
    for one in adoptions:
        state = "adopted" if one is adoptions[-1] else "superseded"
        out.print(plain(f"  {state}: {_adopted_text(one)}"), soft_wrap=True)
    if not adoptions:
        out.print(plain("  Nobody has adopted a start yet: its clock is not verified."))


@commands.command("adopt")
def adopt(
    recording: RecordingArgument,
    claim: Annotated[int, typer.Option(help="Which claim, as `times show` numbers them.")],
    reason: ReasonOption,
    reading: Annotated[
        int | None, typer.Option(help="1 or 2: which moment of a local time that occurred twice.")
    ] = None,
    camera_fast: Annotated[
        str, typer.Option(help="How fast the camera's clock was at the dock, e.g. 2.5s or -30s; it is taken off.")
    ] = "0s",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
) -> None:
    """Adopt one claim as the recording's start. The claims stay; a later adoption supersedes this one."""
    desk = desk_at(workspace)
    fast = length_of(camera_fast)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        found = _found(desk, session, recording)
        chosen = None if reading is None else reading - 1
        adopted = adopt_claim(
            desk, session, found.id, claim=claim - 1, reason=reason, reading=chosen, camera_fast=fast
        )
    out.print(plain(f"{found.exhibit}: {_adopted_text(adopted)}"), soft_wrap=True)


@commands.command("enter")
def enter(
    recording: RecordingArgument,
    time: Annotated[str, typer.Argument(help="ISO 8601, e.g. 2026-03-14T09:39:30.25Z.", metavar="TIME")],
    reason: ReasonOption,
    sure: Annotated[str, typer.Option(help="How sure: half the width, e.g. 500ms, 2s, 5min.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = PURPOSE,
) -> None:
    """Enter a start that stands in no claim, with its uncertainty and the reason."""
    desk = desk_at(workspace)
    start, uncertainty = moment_of(time, desk.zone), Micros(length_of(sure))
    with session_at(desk, PERMISSION, as_, purpose) as session:
        found = _found(desk, session, recording)
        adopted = enter_start(desk, session, found.id, start=start, uncertainty=uncertainty, reason=reason)
    out.print(plain(f"{found.exhibit}: {_adopted_text(adopted)}"), soft_wrap=True)


def _found(desk: Desk, session: Session, named: str) -> Recording:
    with shelf(desk, session) as shown:
        return recording_named(shown.recordings, named)


def length_of(text: str) -> int:
    """A typed length as microseconds: ``500ms``, ``2.5s``, ``-30s``, ``5min``, ``1h``. Raises InputRefused."""
    found = _LENGTH.fullmatch(text.strip())
    if not found:
        raise InputRefused(f"'{text[:40]}' is no length, such as 500ms, 2.5s or 5min.")
    unit = _UNITS[found[3] or "s"]
    part = int((found[2] or "").ljust(6, "0")) * unit // 1_000_000
    return int(found[1]) * unit + (-part if text.strip().startswith("-") else part)


def moment_text(us: int) -> str:
    """Microseconds since 1970 as date and time, UTC, milliseconds."""
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d} UTC"


def series_text(series: Series, recording: Recording) -> str:
    """ "part 2 of 3 (gap before it 0.000 s; part 4 is missing)"."""
    part = series.part_of(recording.id)
    said = []
    if part.gap is not None:
        what = "gap before it" if part.gap >= 0 else "overlaps the one before by"
        said.append(f"{what} {seconds_text(abs(part.gap))} ± {seconds_text(part.uncertainty)}")
    elif series.place_of(recording.id) > 1:
        said.append("nothing says how long after the part before")
    if series.missing:
        said.append(f"not here: part {', '.join(map(str, series.missing))}")
    return f"part {series.place_of(recording.id)} of {len(series.parts)}" + (f" ({'; '.join(said)})" if said else "")


def series_row(series: Series) -> dict[str, object]:
    """A series for a program. Times in microseconds."""
    parts = [{name: getattr(part, name) for name in part.__slots__} for part in series.parts]
    row = {"id": series.id, "camera": series.camera, "why": series.why}
    return {**row, "parts": parts, "missing": list(series.missing)}


def _claim_text(number: int, claim: TimeClaim) -> str:
    means = {"start": "the start", "end": "the end", "within": "some moment of it"}[claim.means]
    where = f", {claim.where}" if claim.where else ""
    sure = seconds_text(claim.uncertainty)
    text = f"  {number}  starts {moment_text(claim.start)} ± {sure}  by {claim.source}{where}"
    text += f"\n     says '{claim.text}', {means}" + (f", read as {claim.zone}" if claim.zone else "")
    if claim.doubt:
        text += f"\n     {DOUBTS[claim.doubt]}"
    for place, reading in enumerate(claim.readings, start=1):
        text += f"\n     reading {place}: starts {moment_text(reading)}"
    return text


def _claim_row(number: int, claim: TimeClaim) -> dict[str, object]:
    values = {name: getattr(claim, name) for name in claim.__slots__}
    return {"number": number, **values, "readings": list(claim.readings)}


def _adopted_text(one: AdoptedStart) -> str:
    by = "entered by hand" if one.claim is None else f"claim {one.claim + 1}, {one.source}"
    fast = f", the camera's clock {seconds_text(one.camera_fast)} fast taken off" if one.camera_fast else ""
    return f"{moment_text(one.start)} ± {seconds_text(one.uncertainty)} ({by}{fast}) by {one.by}: {one.reason}"


def _adopted_row(one: AdoptedStart) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}
