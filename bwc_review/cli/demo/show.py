"""What the demo says: tables a person enjoys reading, found beside true, and what the machine missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bwc_review.cli.console import out, plain
from bwc_review.cli.demo.outside import OutsideCheck
from bwc_review.cli.demo.truth import KINDS, Answer, Heard, Truth, answers_to, truth_of
from bwc_review.cli.speech import heard_line
from bwc_review.domain.ids import TagId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures import describe
from bwc_review.domain.recording import Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import clock_text
from bwc_review.review.recorded import Applied


def title(number: int, text: str) -> None:
    """A heading for one step."""
    out.print()
    out.rule(f"[bold]{number}  {text}", align="left", style="dim")


def heard(pairs: Sequence[tuple[Recording, Transcript]]) -> None:
    """What was heard on each recording."""
    for recording, transcript in pairs:
        out.print(plain("  " + heard_line(recording, transcript)))


def proposals(found: Sequence[Heard]) -> None:
    """The candidates of the four kinds the scene's truth marks, on the incident's clock."""
    table = Table("at", "worn by", "proposed", "words", "phrase", "sure", box=None, padding=(0, 1))
    for one in sorted(found, key=lambda found: found.span.start):
        if not one.candidate.code.startswith(tuple(KINDS.values())):
            continue
        words = Text(f"“{one.candidate.words}”")
        if "low_confidence" in one.candidate.flags:
            words.append("  doubtful", "yellow")
        sure = f"{one.candidate.confidence / 1000:.2f}"
        table.add_row(clock_text(one.span.start), one.wearer, one.candidate.code, words, one.candidate.phrase, sure)
    out.print(table)
    others = sum(1 for one in found if not one.candidate.code.startswith(tuple(KINDS.values())))
    out.print(f"  [dim]and {others} of other kinds (identification, distress, de-escalation, radio ...)[/dim]")


def review(applied: Sequence[Applied]) -> None:
    """What the reviewer's decisions came to, and what the machine missed."""
    confirmed = sum(one.confirmed for one in applied)
    rejected = sum(one.rejected for one in applied)
    by_hand = sum(1 for one in applied if one.by_hand)
    out.print(f"  {confirmed} confirmed, {rejected} candidates rejected, {by_hand} tagged by hand")
    missed = [one for one in applied if one.missed_by_the_machine]
    for one in missed:
        words = str(one.decision.attrs.get("text", ""))
        line = f"  missed by the machine: {clock_text(one.decision.start)}  {one.decision.code}  {words}"
        out.print(plain(line), style="yellow")


def measures(found: Sequence[Measure], tags: Mapping[TagId, Tag], truth: Truth, taxonomy: Taxonomy) -> None:
    """Every measure that applies, with its status, beside what the scene's truth says of it."""
    table = Table("", "measure and what it is of", "found", "truth of the scene", box=None, padding=(0, 1))
    applying = [one for one in found if one.status is not Status.NOT_APPLICABLE]
    for one in applying:
        head, slash, rest = one.subject.partition("/")
        tag = tags.get(TagId(head))
        of = f"{tag.code} {clock_text(tag.start)}{slash}{rest}" if tag else one.subject
        what = Text(one.name.replace("_", " "))
        what.append(f"\n{of}", "dim")
        value = Text(describe(one, taxonomy))
        value.append(f"\n{one.status.value}", "dim")
        table.add_row(one.code, what, value, plain(truth_of(one, tags, truth)))
    out.print(table)
    out.print(f"  [dim]and {len(found) - len(applying)} that do not apply to this incident[/dim]")


def against_truth(found: Sequence[Answer]) -> None:
    """Found and missed per kind and camera, with onset errors."""
    table = Table("what", "camera", "found", "onset error (median, largest)", "missed", box=None, padding=(0, 1))
    for kind in KINDS:
        for camera in sorted({one.camera for one in found}):
            mine = [one for one in found if one.kind == kind and one.camera == camera]
            hits = sorted(abs(one.onset) for one in mine if one.onset is not None)
            missed = [f"{one.utterance.id} {one.code}" for one in mine if one.onset is None]
            error = f"{hits[len(hits) // 2] / 1000:.0f} ms, {hits[-1] / 1000:.0f} ms" if hits else "-"
            table.add_row(kind, camera, f"{len(hits)} of {len(mine)}", error, ", ".join(missed) or "none")
    out.print(table)


def traps(truth: Truth, found: Sequence[Heard]) -> None:
    """What became of the traps and the exculpatory lines, wherever the machine proposed something of them."""
    marked = {*truth.traps, *truth.exculpatory}
    for one in truth.utterances:
        if one.id not in marked:
            continue
        near = [h for h in answers_to(one, found) if h.candidate.code.startswith(("WRN.", "CMD.", "DTI."))]
        said = ", ".join(
            f"{h.candidate.code} on {h.wearer}'s camera {h.decision.state.value if h.decision else 'open'}"
            for h in near
        )
        out.print(plain(f"  {one.id} “{one.text}”  {said or 'nothing proposed'}"))


def checks(done: Sequence[OutsideCheck]) -> None:
    """What other people's tools said of the bundle."""
    for one in done:
        mark = {True: "[green]holds[/green]", False: "[red]FAILS[/red]", None: "[yellow]not run[/yellow]"}[one.held]
        out.print(f"  {mark:<20} {one.command:<38}", plain(one.said))


def signing(*, keys: bool) -> None:
    """Who signs what follows."""
    if keys:
        out.print("[dim]Clerk and reviewer sign their acts with keys that an invented administrator enrolled.[/dim]")
    else:
        out.print("[dim]An older workspace without keys: the workstation alone attests who acted.[/dim]")


def farewell(workspace: Path, bundle: Path, log_size: int) -> None:
    """Where everything is and how to go on."""
    out.print()
    out.rule("[bold]Ready", align="left", style="dim")
    out.print(plain(f"  workspace   {workspace}"))
    out.print(plain(f"  bundle      {bundle}"))
    out.print(plain(f"  open it     {bundle / 'index.html'}"))
    out.print(
        plain(f"  custody log {log_size} entries; `bwc-review log --workspace {workspace} --verify` checks them")
    )
    out.print(plain(f"  the window  bwc-review-desktop --workspace {workspace}"))
