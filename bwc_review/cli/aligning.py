"""``incident align``: where the machine thinks cameras lie on one clock, by their sound, and a person adopting it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import TaskID
from typer.core import TyperGroup

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
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
from bwc_review.domain.aligning import ProposedClock, figures_text, proposal_text
from bwc_review.domain.ids import CameraId, ExhibitNo, IncidentId, RecordingId
from bwc_review.domain.times import ClockMap, clock_text
from bwc_review.errors import NotFound
from bwc_review.ports.records import Session
from bwc_review.ports.times import Adoption
from bwc_review.review.aligning import LOOK, adopt_alignment, alignments_of, propose_alignments
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import PERMISSION

WORKSPACE = Path(DEFAULT_WORKSPACE)
OPEN = "open"


class OpensByNumber(TyperGroup):
    """``incident IR-1 ...`` stays what it was: what is no command of the group opens an incident."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``open`` before what names no command."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [OPEN, *args]
        return super().parse_args(ctx, args)


def align(
    number: Annotated[str, typer.Argument(help="The incident's number, e.g. IR-2026-0001.")],
    exhibits: Annotated[list[str] | None, typer.Argument(help="Recordings to place; all others when none.")] = None,
    against: Annotated[str | None, typer.Option(help="The camera whose clock is followed.")] = None,
    adopt: Annotated[str | None, typer.Option(help="Adopt the proposal with this id.", metavar="ID")] = None,
    reason: Annotated[str, typer.Option(help="Why it is believed; it goes into the custody log.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="Show what was proposed and adopted so far.")] = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
    json_: JsonOption = False,
) -> None:
    """Propose from the sound where cameras lie on one clock; adopt a proposal with --adopt and --reason."""
    desk, incident = desk_at(workspace), IncidentId(number)
    if list_:
        with look_at(desk, LOOK, as_, purpose) as session:
            _show(desk, incident, alignments_of(desk, session, incident), json_=json_)
        return
    with session_at(desk, PERMISSION, as_, purpose) as session:
        if adopt is not None:
            placed = adopt_alignment(desk, session, adopt, reason)
            if json_:
                print_json({"recording": placed.recording, "clock": clock_row(placed.clock), "source": placed.source})
            else:
                out.print(plain(f"{placed.recording} now starts at {clock_text(placed.clock.offset)}, by the sound."))
            return
        found = _propose(desk, session, incident, exhibits or [], against)
    _show(desk, incident, [(one, None) for one in found], json_=json_)


def _propose(
    desk: Desk, session: Session, incident: IncidentId, exhibits: Sequence[str], against: str | None
) -> tuple[ProposedClock, ...]:
    wanted = _recordings(desk, exhibits)
    with progress_bar() as bar:
        task: TaskID = bar.add_task("Listening to the cameras together", total=None)

        def watch(exhibit: str, done: int, of: int) -> None:
            bar.update(task, description=f"{exhibit} against the other camera", completed=done, total=of)

        camera = CameraId(against) if against else None
        return propose_alignments(desk, session, incident, recordings=wanted, against=camera, progress=watch)


def _recordings(desk: Desk, exhibits: Sequence[str]) -> tuple[RecordingId, ...]:
    with desk.store.reading() as work:
        by_number = {one.exhibit: one.id for one in work.footage.recordings()}
    missing = [name for name in exhibits if ExhibitNo(name) not in by_number]
    if missing:
        raise NotFound(f"No recording is exhibit {', '.join(missing)}. `bwc-review list` shows those there are.")
    return tuple(by_number[ExhibitNo(name)] for name in exhibits)


def _show(
    desk: Desk, incident: IncidentId, found: Sequence[tuple[ProposedClock, Adoption | None]], *, json_: bool
) -> None:
    with desk.store.reading() as work:
        case = work.reviews.incident(incident)
        names = {one.recording: work.footage.recording(one.recording).exhibit for one, _ in found}
    if json_:
        print_json([alignment_row(one, names[one.recording], adoption) for one, adoption in found])
        return
    for one, adoption in found:
        out.print(plain(f"{names[one.recording]}  {proposal_text(one, case.clock_of(one.recording))}"))
        out.print(plain(f"    {figures_text(one)}"), style="dim")
        if adoption is not None:
            out.print(plain(f"    adopted by {adoption.by}: {adoption.reason}"))
        elif one.clock is not None:
            said = f"    proposed, not adopted. `bwc-review incident align {incident} --adopt {one.id} --reason WHY`"
            out.print(plain(said))
    if not found:
        out.print(plain("Nothing was proposed yet."))


def clock_row(clock: ClockMap) -> dict[str, object]:
    """A clock for a program."""
    rate = {"num": clock.rate_num, "den": clock.rate_den}
    return {"offset_us": clock.offset, "uncertainty_us": clock.uncertainty, "rate": rate}


def alignment_row(one: ProposedClock, exhibit: str, adoption: Adoption | None) -> dict[str, object]:
    """A proposal for a program."""
    return {
        "id": one.id,
        "recording": one.recording,
        "exhibit": exhibit,
        "against": [ref.recording for ref in one.references],
        "clock": None if one.clock is None else clock_row(one.clock),
        "error_us": one.error if one.clock is not None else None,
        "doubt": one.doubt,
        "figures": dict(one.figures),
        "adopted_by": None if adoption is None else adoption.by,
        "reason": None if adoption is None else adoption.reason,
    }
