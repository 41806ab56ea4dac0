"""``transcribe`` and ``candidates``: have the machine listen, and see what it proposes a person should listen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bwc_review.bootstrap import engine as engine_called
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
    progress_bar,
    session_at,
)
from bwc_review.cli.jobs import make_ready
from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.coverage import audible
from bwc_review.domain.recording import Recording
from bwc_review.domain.speech import Transcript
from bwc_review.domain.times import Micros, clock_text, total
from bwc_review.errors import NotFound
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.listening import PERMISSION, propose, transcribe
from bwc_review.review.reading import VIEW, recordings

WORKSPACE = Path(DEFAULT_WORKSPACE)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("transcribe")(transcribe_)
    app.command("candidates")(candidates)


def with_sound(desk: Desk) -> tuple[Recording, ...]:
    """Recordings that carry sound which can be decoded, by exhibit number."""
    with desk.store.reading() as work:
        return tuple(
            one
            for one in work.footage.recordings()
            if any(made.kind == "audio" for made in work.footage.derivatives(one.id))
        )


def chosen(desk: Desk, exhibits: Sequence[str]) -> tuple[Recording, ...]:
    """The recordings named by exhibit number, or all with sound. Raises NotFound."""
    found = with_sound(desk)
    if not exhibits:
        return found
    by_number = {str(one.exhibit): one for one in found}
    missing = [name for name in exhibits if name not in by_number]
    if missing:
        raise NotFound(
            f"No recording with sound is exhibit {', '.join(missing)}. `bwc-review list` shows those there are."
        )
    return tuple(by_number[name] for name in exhibits)


def listen_to(desk: Desk, session: Session, wanted: Sequence[Recording], bar: Progress) -> list[Transcript]:
    """Transcribe recordings one after the other under one bar, and find candidates in each."""
    total_us = sum(one.span.end for one in wanted)
    task = bar.add_task("Listening", total=total_us)
    before = 0
    made = []
    for one in wanted:
        bar.update(task, description=f"Listening to {one.exhibit}, camera {one.camera}")

        def moved(done: Micros, _of: Micros, start: int = before) -> None:
            bar.update(task, completed=start + done)

        made.append(transcribe(desk, session, one.id, progress=moved, cancelled=lambda: False))
        propose(desk, session, one.id)
        before += one.span.end
        bar.update(task, completed=before)
    return made


def transcribe_(
    exhibits: Annotated[list[str] | None, typer.Argument(help="Exhibit numbers; all recordings when none.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = "transcription",
    engine: Annotated[str, typer.Option(help="faster-whisper, or openai-whisper (an optional extra).")] = "",
    json_: JsonOption = False,
) -> None:
    """Transcribe on this machine and find candidate warnings, orders, interventions and requests for aid."""
    desk = desk_at(workspace)
    if engine:
        chosen_engine = engine_called(engine)  # an unknown or missing one is said before anything begins
        desk = replace(desk, transcriber=lambda: chosen_engine)
    with session_at(desk, PERMISSION, as_, purpose) as session:
        make_ready(desk, session, {"audio"})  # what a crash or a stop kept from being made
        wanted = chosen(desk, exhibits or [])
        with progress_bar() as bar:
            made = listen_to(desk, session, wanted, bar)
    if json_:
        print_json([transcript_row(one, found) for one, found in zip(wanted, made, strict=True)])
        return
    for one, found in zip(wanted, made, strict=True):
        out.print(plain(heard_line(one, found)))


def transcript_row(recording: Recording, transcript: Transcript) -> dict[str, object]:
    """A transcript for a program. Times in microseconds of media time, confidences per mille."""
    return {
        "exhibit": recording.exhibit,
        "sha256": transcript.digest,
        "model": transcript.heard.engine.model,
        "segments": [
            {
                "start_us": one.span.start,
                "end_us": one.span.end,
                "text": one.text,
                "doubtful": one.doubtful,
                "words": [[w.span.start, w.span.end, w.text, w.confidence] for w in one.words],
            }
            for one in transcript.heard.segments
        ],
        "untranscribed_us": [[span.start, span.end] for span in transcript.heard.untranscribed],
        "usable_us": [[span.start, span.end] for span in transcript.heard.usable],
    }


def heard_line(recording: Recording, transcript: Transcript) -> str:
    """What was heard on one recording, in one line; speech without words is never left out."""
    heard = transcript.heard
    words = sum(len(segment.words) for segment in heard.segments)
    doubtful = sum(1 for segment in heard.segments if segment.doubtful)
    engine = heard.engine
    return (
        f"{recording.exhibit}  heard by {engine.name} ({engine.model}): "
        f"{words} words in {len(heard.segments)} lines ({doubtful} doubtful); "
        f"usable audio {clock_text(total(audible(recording, heard.usable)))} of {clock_text(recording.span.end)}; "
        f"speech, not transcribed {clock_text(total(heard.untranscribed))}"
    )


def candidates(
    exhibits: Annotated[list[str] | None, typer.Argument(help="Exhibit numbers; all recordings when none.")] = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    purpose: PurposeOption = LOOKING,
    json_: JsonOption = False,
) -> None:
    """List what the machine proposes. Nothing counts until a person has listened."""
    desk = desk_at(workspace)
    listed = chosen(desk, exhibits or [])
    with (
        look_at(desk, VIEW, as_, purpose) as session,
        recordings(desk, session, [one.id for one in listed]) as work,
    ):
        decisions = work.reviews.decisions()
        found = [(one, work.reviews.candidates(one.id)) for one in listed]
    rows = [
        (recording, one, decisions[one.id].state if one.id in decisions else CandidateState.OPEN)
        for recording, listed in found
        for one in listed
    ]
    if json_:
        print_json([candidate_row(*row) for row in rows])
        return
    out.print(candidate_table(rows))
    out.print("[dim]No candidate is not the same as nothing said: phrases alone find little more than half.[/dim]")


def candidate_row(recording: Recording, one: Candidate, state: CandidateState) -> dict[str, object]:
    """A candidate for a program."""
    return {
        "id": one.id,
        "exhibit": recording.exhibit,
        "camera": recording.camera,
        "start_us": one.span.start,
        "end_us": one.span.end,
        "code": one.code,
        "words": one.words,
        "phrase": one.phrase,
        "confidence": one.confidence,
        "flags": list(one.flags),
        "state": state.value,
    }


def candidate_table(rows: Sequence[tuple[Recording, Candidate, CandidateState]]) -> Table:
    """Candidates by time: when, what, the words, the phrase that matched, how sure, what was decided."""
    table = Table("at", "exhibit", "proposed", "words", "phrase", "sure", "state", box=None)
    for recording, one, state in rows:
        words = Text(f"“{one.words}”")
        if "low_confidence" in one.flags:
            words.append(" doubtful", "dim yellow")
        table.add_row(
            clock_text(one.span.start),
            recording.exhibit,
            one.code,
            words,
            one.phrase,
            f"{one.confidence / 1000:.2f}",
            state.value,
        )
    return table
