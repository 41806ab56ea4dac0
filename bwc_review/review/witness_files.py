"""Requests and answers carried as files, for a witness without a network (docs/custody-format.md section 14).

As a file the answer is the body alone: it begins with an em dash, or is a number, or is a sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.ports.witnesses import Contradicted, KnownWitness
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.witnessing import (
    PERMISSION,
    Asked,
    State,
    Told,
    ask_for,
    contradicted,
    due_sizes,
    keep,
    last_cosigned,
    named,
    refused,
)
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.errors import BundleUnreadable, WitnessRefused
from chain_of_custody.files import read_bounded
from chain_of_custody.witness_request import MAX_REQUEST_BYTES, accept_answer

REQUESTED = "checkpoint.witness_requested"
PROOF_REFUSED = b"refused: proof_"
"""How the ground package's witness begins the sentence that stands for status 422."""


def write_requests(
    desk: Desk, session: Session, name: str, into: Path, *, since: int | None = None
) -> Sequence[Path]:
    """Write what that witness has not cosigned as requests, to be signed in the order of their names.

    ``since``: the size the witness says it cosigned last; None for what this log knows of it. Empty when nothing
    waits. Raises NotFound, InputRefused (nothing signed yet, a size beyond it), PermissionDenied, OSError.
    """
    allow(desk, session, PERMISSION)
    witness = named(desk, name)
    files = []
    with desk.store.writing() as work:
        old = last_cosigned(work, witness) if since is None else since
        sizes = due_sizes(work, old) or ([old] if since is not None else [])
        into.mkdir(parents=True, exist_ok=True)
        for size in sizes:
            asked = ask_for(work, witness, size, old)
            file = into / f"{size:08d}-{witness.name}.request"
            file.write_bytes(asked.request)
            files.append(file)
            data = {"size": size, "old": old, "request_sha256": hashlib.sha256(asked.request).hexdigest()}
            record(desk, work, session, REQUESTED, Subject("witness", witness.name), data=data)
            old = size
    return files


def take_answers(desk: Desk, session: Session, name: str, files: Sequence[Path]) -> Sequence[Told]:
    """Take that witness's answers back; each cosignature is verified against a checkpoint of this log and kept.

    Raises NotFound, InputRefused (a file that cannot be read, nothing was requested), PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    witness = named(desk, name)
    return [_take(desk, session, witness, file) for file in files]


def _take(desk: Desk, session: Session, witness: KnownWitness, file: Path) -> Told:
    try:
        answer = read_bounded(file, MAX_REQUEST_BYTES)
    except (OSError, BundleUnreadable) as unreadable:
        raise InputRefused(f"{file} cannot be read. Name the witness's answer file.") from unreadable
    with desk.store.reading() as work:
        requested = _requested(work, witness)
        holds = work.log.head().size
        last = ask_for(work, witness, *requested[0])
        notes = (work.cosignatures.checkpoint_at(size) for size, _ in requested)
        try:
            whole = _cosigned_one(answer, (note for note in notes if note is not None), witness)
        except WitnessRefused as unfit:
            whole, why = b"", unfit
    if whole:
        return keep(desk, session, witness, whole)
    if why.reason == "conflict":
        return _conflict(desk, session, last, int(why.detail), holds, answer)
    if why.reason == "refused":
        return _sentence(desk, session, last, answer)
    return refused(desk, session, last, why.reason, answer)


def _cosigned_one(answer: bytes, notes: Iterable[bytes], witness: KnownWitness) -> bytes:
    """The checkpoint among ``notes`` that the answer cosigns. Raises WitnessRefused for none, or no cosignature."""
    for note in notes:
        try:
            return accept_answer(answer, note, (witness.vkey,))
        except WitnessRefused as unfit:
            if unfit.reason in ("conflict", "refused"):
                raise
    raise WitnessRefused("answers_nothing_asked", "answer")


def _requested(work: Work, witness: KnownWitness) -> Sequence[tuple[int, int]]:
    """Size and old size of the requests written for that witness, newest first. Raises InputRefused for none."""
    found: dict[tuple[int, int], None] = {}
    for raw in work.log.about(witness.name):
        entry = Entry.from_bytes(raw)
        size, old = entry.data.get("size"), entry.data.get("old")
        if entry.type == REQUESTED and isinstance(size, int) and isinstance(old, int):
            found.pop((size, old), None)
            found[size, old] = None
    if not found:
        raise InputRefused(
            f"Nothing was requested of {witness.name} as a file. Write a request first: `bwc-review witness request`."
        )
    return list(reversed(found))


def _conflict(desk: Desk, session: Session, last: Asked, seen: int, holds: int, answer: bytes) -> Told:
    if seen > holds:
        return contradicted(desk, session, last, Contradicted.SEEN_MORE, seen, answer)
    if seen == last.size == last.old:
        return contradicted(desk, session, last, Contradicted.FORKED, seen, answer)
    told = refused(desk, session, last, "another_size", answer)
    said = (
        f"{last.witness.name} last cosigned {seen} entries, not {last.old}. Write the request from there: "
        f"`bwc-review witness request {last.witness.name} --since {seen} --into FOLDER`."
    )
    return Told(told.witness, told.size, State.REFUSED, said)


def _sentence(desk: Desk, session: Session, last: Asked, answer: bytes) -> Told:
    if answer.startswith(PROOF_REFUSED):
        return contradicted(desk, session, last, Contradicted.FORKED, last.old, answer)
    return refused(desk, session, last, "sentence", answer)
