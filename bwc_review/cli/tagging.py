"""``tag``: list, add, confirm, reject, close and withdraw, as a person does it in the window."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
import yaml
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
    session_at,
)
from bwc_review.cli.incidents import IncidentOption, incident_named
from bwc_review.domain.ids import CandidateId, EventCode, ParticipantId, TagId
from bwc_review.domain.tags import AttrValue, Tag, TagState
from bwc_review.domain.times import Micros, clock_text
from bwc_review.errors import InputRefused
from bwc_review.review.deciding import CONFIRM, as_heard, confirm_candidate, reject_candidate
from bwc_review.review.reading import VIEW
from bwc_review.review.reading import case as case_of
from bwc_review.review.tagging import OBSERVE, Sighting, add_tag, close_tag, permission_for, withdraw_tag

WORKSPACE = Path(DEFAULT_WORKSPACE)
ActorOption = Annotated[str | None, typer.Option("--actor", help="Who did or said it: O1, S, B ...")]
TargetOption = Annotated[str | None, typer.Option("--target", help="To whom.")]
AttrOption = Annotated[list[str] | None, typer.Option("--attr", help="NAME=VALUE, as the taxonomy names it.")]
TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d{1,6})?)")

tags = typer.Typer(help="Tags of an incident.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(tags, name="tag")


def moment(text: str) -> Micros:
    """Read "61.684", "1:01.684" or "0:01:01.684" as microseconds. Raises InputRefused."""
    found = TIME.fullmatch(text)
    if found is None:
        raise InputRefused(f"'{text}' is no time. Write seconds or minutes and seconds: 61.684 or 1:01.684.")
    hours, minutes, seconds = found[1] or "0", found[2] or "0", found[3]
    try:
        whole = Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)
    except InvalidOperation as never:
        raise InputRefused(f"'{text}' is no time.") from never
    return Micros(int(whole * 1_000_000))


def attributes(given: list[str] | None) -> dict[str, AttrValue]:
    """Read NAME=VALUE pairs; a value may be a YAML list. Raises InputRefused."""
    found: dict[str, AttrValue] = {}
    for one in given or []:
        name, separator, text = one.partition("=")
        if not separator:
            raise InputRefused(f"'{one}' is not NAME=VALUE.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as broken:
            raise InputRefused(f"The value of {name} cannot be read: {text}") from broken
        found[name] = tuple(map(str, value)) if isinstance(value, list) else value if value is not None else text
    return found


@tags.command("list")
def list_(
    incident: IncidentOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """Show the confirmed tags of an incident."""
    desk = desk_at(workspace)
    number = incident_named(desk, incident)
    with look_at(desk, VIEW, as_, purpose) as session, case_of(desk, session, number) as work:
        found = [one for one in work.reviews.tags(number) if one.state is TagState.CONFIRMED]
    if json_:
        print_json([tag_row(one) for one in found])
        return
    out.print(tag_table(found))


def tag_row(one: Tag) -> dict[str, object]:
    """A tag for a program. Times in microseconds on the incident's clock."""
    return {
        "id": one.id,
        "code": one.code,
        "start_us": one.start,
        "end_us": one.end,
        "actor": one.actor,
        "target": one.target,
        "source": one.source.value,
        "uncertainty_us": one.uncertainty,
        "attrs": {name: list(v) if isinstance(v, tuple) else v for name, v in one.attrs.items()},
        "candidate": one.candidate,
        "by": one.by,
    }


def tag_table(found: list[Tag]) -> Table:
    """Tags by time."""
    table = Table("from", "to", "code", "who", "to whom", "words or note", "first seen by", box=None)
    for one in found:
        end = "open" if one.end is None else "" if one.end == one.start else clock_text(one.end)
        words = str(one.attrs.get("text", "")) or one.note
        table.add_row(
            clock_text(one.start),
            end,
            one.code,
            one.actor or "?",
            one.target or "",
            plain(words),
            "machine" if one.candidate else "person",
        )
    return table


@tags.command("add")
def add(
    code: Annotated[str, typer.Argument(help="A code of the taxonomy, e.g. FRC.CED_CYCLE.")],
    start: Annotated[str, typer.Argument(help="When, on the incident's clock: 61.684 or 1:01.684.")],
    end: Annotated[str | None, typer.Argument(help="Until when; 'open' for an interval that goes on.")] = None,
    actor: ActorOption = None,
    target: TargetOption = None,
    attr: AttrOption = None,
    note: Annotated[str, typer.Option(help="A note; kept as a payload of the log.")] = "",
    incident: IncidentOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """Write what you saw or heard."""
    desk = desk_at(workspace)
    case = incident_named(desk, incident)
    begins = moment(start)
    seen = Sighting(
        code=EventCode(code),
        start=begins,
        end=None if end == "open" else moment(end) if end else begins,
        actor=ParticipantId(actor) if actor else None,
        target=ParticipantId(target) if target else None,
        attrs=attributes(attr),
        note=note,
    )
    with session_at(desk, permission_for(desk, seen.code), as_, purpose) as session:
        tag = add_tag(desk, session, case, seen)
    out.print(plain(f"{tag.id}  {tag.code}  {clock_text(tag.start)}"))


@tags.command("confirm")
def confirm(
    candidate: Annotated[str, typer.Argument(help="The candidate's id.")],
    actor: ActorOption = None,
    target: TargetOption = None,
    attr: AttrOption = None,
    incident: IncidentOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """Say that you listened and it was heard."""
    desk = desk_at(workspace)
    case = incident_named(desk, incident)
    with desk.store.reading() as work:
        proposal, placed = work.reviews.candidate(CandidateId(candidate)), work.reviews.incident(case)
    heard = as_heard(
        desk,
        placed,
        proposal,
        actor=ParticipantId(actor) if actor else None,
        target=ParticipantId(target) if target else None,
        attrs=attributes(attr),
    )
    with session_at(desk, CONFIRM, as_, purpose) as session:
        tag = confirm_candidate(desk, session, case, proposal.id, heard)
    out.print(plain(f"{tag.id}  {tag.code}  {clock_text(tag.start)}"))


@tags.command("reject")
def reject(
    candidate: Annotated[str, typer.Argument(help="The candidate's id.")],
    reason: Annotated[str, typer.Option(help="Why it is not that.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """Say that you listened and it was not that."""
    desk = desk_at(workspace)
    with session_at(desk, CONFIRM, as_, purpose) as session:
        reject_candidate(desk, session, CandidateId(candidate), reason=reason)
    out.print("Rejected; the candidate and your reason stay on record.")


@tags.command("close")
def close(
    tag: Annotated[str, typer.Argument(help="The tag's id.")],
    end: Annotated[str, typer.Argument(help="When it ended, on the incident's clock.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """End an interval that was left open."""
    desk = desk_at(workspace)
    with session_at(desk, OBSERVE, as_, purpose) as session:
        closed = close_tag(desk, session, TagId(tag), moment(end))
    out.print(plain(f"{closed.id}  {closed.code}  ends {clock_text(closed.end or 0)}"))


@tags.command("withdraw")
def withdraw(
    tag: Annotated[str, typer.Argument(help="The tag's id.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "use_of_force_review",
) -> None:
    """Take a tag back; it stays on record as superseded."""
    desk = desk_at(workspace)
    with session_at(desk, OBSERVE, as_, purpose) as session:
        withdraw_tag(desk, session, TagId(tag), reason=reason)
    out.print("Withdrawn; the tag and your reason stay on record.")
