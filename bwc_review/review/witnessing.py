"""Asking witnesses to cosign this log: what each has not cosigned, sent over HTTP or carried as files.

C2SP tlog-witness (docs/custody-format.md section 14). Offline is not an error: what is not cosigned waits, and the
log itself says since when. A witness that saw another history, or more than this log holds, stops the log; the
evidence is kept outside the database (``review.log_watch``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bwc_review.errors import InputRefused, LogContradicted, NotFound, WitnessUnreachable
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.ports.witnesses import Contradicted, Contradiction, Cosignature, KnownWitness, WitnessAnswer
from bwc_review.review.desk import Desk, allow, record
from chain_of_custody.anchors import cosigned_data
from chain_of_custody.checkpoint import Checkpoint, parse_decimal
from chain_of_custody.cosignatures import cosigned, with_lines
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.errors import NoteRefused, WitnessRefused
from chain_of_custody.merkle import consistency_proof
from chain_of_custody.note import Note, Signature
from chain_of_custody.witness_request import AddCheckpoint, accept_answer

PERMISSION = "custody.append_note"
TRIES = 4  # the size shown, the size the witness names, and twice more for another program of this log


class State(StrEnum):
    """What became of one request."""

    COSIGNED = "cosigned"
    WAITING = "waiting"
    """No answer: offline. It is sent again next time."""
    REFUSED = "refused"
    """The witness answered, and did not cosign; nothing follows from it for this log."""
    STOPPED = "stopped"
    """The witness's answer contradicts this log: nothing is appended any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """One witness, the size of the checkpoint shown to it, and what became of it; ``said`` for a person."""

    witness: str
    size: int
    state: State
    said: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was sent or written, and what it was made from."""

    witness: KnownWitness
    old: int
    size: int
    note: bytes
    request: bytes


def named(desk: Desk, name: str) -> KnownWitness:
    """The witness of that name. Raises NotFound."""
    known = desk.witnesses.known()
    if name not in known:
        raise NotFound(f"No witness {name} is in the settings. Known: {', '.join(known) or 'none yet'}.")
    return known[name]


def last_cosigned(work: Work, witness: KnownWitness) -> int:
    """How many entries that witness has cosigned, as far as this log knows; 0 for none."""
    mine = [one.size for one in work.cosignatures.all() if one.vkey == witness.vkey.format()]
    return max(mine, default=0)


def send(desk: Desk, session: Session) -> Sequence[Told]:
    """Ask every witness reached over HTTP for what it has not cosigned: sealed bundles first, then the newest.

    One that gives no answer leaves it waiting. Raises InputRefused (no such witness, nothing signed yet),
    LogContradicted (the log was stopped before), PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    asked = [one for one in desk.witnesses.known().values() if not one.by_files]
    if not asked:
        raise InputRefused(
            "No witness with an address is in the settings. Add a [[witnesses]] table with name, key and address to "
            "workspace.toml, or carry requests as files with `bwc-review witness request`."
        )
    told: list[Told] = []
    for witness in asked:
        told += _send_to(desk, session, witness)
        if told and told[-1].state is State.STOPPED:
            break
    return told


def cosign_seal(desk: Desk, session: Session, size: int) -> bytes:
    """Show the checkpoint over ``size`` entries to every witness reached over HTTP; the signature lines it got.

    For the seal of a bundle: what none answered comes later or not at all. Raises LogContradicted when a witness
    has seen another history, for then nothing should be handed out.
    """
    for witness in desk.witnesses.known().values():
        told = None if witness.by_files else _show(desk, session, witness, size)
        if told is not None and told.state is State.STOPPED:
            raise LogContradicted(told.said)
    with desk.store.reading() as work:
        return lines_over(work, size)


def lines_over(work: Work, size: int) -> bytes:
    """The signature lines kept over the checkpoint of ``size`` entries, as ``seal/cosignatures`` has them."""
    return b"".join(one.line for one in work.cosignatures.all() if one.size == size)


def due_sizes(work: Work, after: int) -> Sequence[int]:
    """Sizes of checkpoints worth a witness's signature beyond ``after``: those that seal a bundle, and the newest."""
    newest = work.cosignatures.newest_checkpoint()
    if newest is None:
        raise InputRefused("No checkpoint was signed yet, so there is nothing to witness. Dock a card first.")
    sealed = {one.log_size for one in work.reviews.bundles()}
    known = {size for size in sealed if work.cosignatures.checkpoint_at(size) is not None}
    return sorted(size for size in known | {newest[0]} if size > after)


def ask_for(work: Work, witness: KnownWitness, size: int, old: int) -> Asked:
    """The request that shows the checkpoint over ``size`` entries to somebody who has seen ``old``."""
    note = work.cosignatures.checkpoint_at(size)
    if note is None:
        raise InputRefused(f"No checkpoint over {size} entries was signed.")
    proof: Sequence[bytes] = ()
    if 0 < old < size:
        proof = consistency_proof(list(islice(work.log.leaves(), size)), old)
    return Asked(witness, old, size, note, AddCheckpoint(old, tuple(proof), note).format())


def keep(desk: Desk, session: Session, witness: KnownWitness, note: bytes) -> Told:
    """Keep a cosignature that holds: outside the database first, then the row and its entry in one transaction.

    ``note``: the checkpoint with that witness's line among its signatures.
    """
    held = cosigned(note, (witness.vkey,))
    stamp, size = held.stamps[witness.vkey], held.checkpoint.size
    mine = (witness.vkey.name, witness.vkey.key_id)
    line = next(one for one in Note.parse(note).signatures if (one.name, one.key_id) == mine)
    desk.witnesses.memory.remember(note)
    with desk.store.writing() as work:
        kept = Cosignature(size, witness.vkey.format(), stamp, line.format().encode(), desk.now_us())
        if work.cosignatures.add(kept):
            _record(desk, work, session, witness, "cosigned", data=cosigned_data(note))
    return Told(witness.name, size, State.COSIGNED)


def contradicted(desk: Desk, session: Session, asked: Asked, kind: Contradicted, seen: int, answer: bytes) -> Told:
    """Log it, keep request and answer outside the database, and thereby stop the log."""
    found = Contradiction(asked.witness.name, kind, asked.size, seen, desk.now_us(), asked.request, answer)
    with desk.store.writing() as work:
        _refusal(desk, work, session, asked, answer, kind.value, seen)
    desk.witnesses.memory.contradict(found)
    said = (
        f"The witness {asked.witness.name} has seen another history of this log."
        if kind is Contradicted.FORKED
        else f"The witness {asked.witness.name} has seen {seen} entries of this log, more than it holds."
    )
    return Told(asked.witness.name, asked.size, State.STOPPED, f"{said} Nothing is added to the log any more.")


def refused(desk: Desk, session: Session, asked: Asked, reason: str, answer: bytes) -> Told:
    """Log an answer that is no cosignature and contradicts nothing."""
    with desk.store.writing() as work:
        _refusal(desk, work, session, asked, answer, reason, asked.old)
    shown = ascii(answer.decode("utf-8", "replace").strip())[1:200]
    return Told(asked.witness.name, asked.size, State.REFUSED, f"{asked.witness.name} did not cosign: {shown}")


def _send_to(desk: Desk, session: Session, witness: KnownWitness) -> Iterator[Told]:
    """In order of size: a witness cosigns no checkpoint smaller than its last."""
    with desk.store.reading() as work:
        sizes = due_sizes(work, last_cosigned(work, witness))
    for size in sizes:
        told = _show(desk, session, witness, size)
        yield told
        if told.state is not State.COSIGNED:
            return


def _show(desk: Desk, session: Session, witness: KnownWitness, size: int) -> Told:
    """Show one checkpoint; where the witness names another size it saw, prove growth from there."""
    with desk.store.reading() as work:
        asked = ask_for(work, witness, size, last_cosigned(work, witness))
    for _ in range(TRIES):
        try:
            answer = desk.witnesses.ask(witness, asked.request)
        except WitnessUnreachable as silent:
            return _waiting(desk, session, asked, silent)
        again = _judge(desk, session, asked, answer)
        if isinstance(again, Told):
            return again
        asked = again
    return refused(desk, session, asked, "moving", b"the witness named another size each time")


def _judge(desk: Desk, session: Session, asked: Asked, answer: WitnessAnswer) -> Told | Asked:
    """What an answer means: done, or the request to try next."""
    if answer.status == 409:
        return _conflict(desk, session, asked, answer)
    if answer.status == 422:  # the witness saw that size, and the growth we proved is not from its tree
        return contradicted(desk, session, asked, Contradicted.FORKED, asked.old, answer.body)
    if answer.status != 200:
        return refused(desk, session, asked, f"status_{answer.status}", answer.body)
    try:
        whole = accept_answer(answer.body, asked.note, (asked.witness.vkey,))
    except WitnessRefused as unfit:
        return refused(desk, session, asked, unfit.reason, answer.body)
    return keep(desk, session, asked.witness, whole)


def _conflict(desk: Desk, session: Session, asked: Asked, answer: WitnessAnswer) -> Told | Asked:
    try:
        seen = parse_decimal(answer.body.decode("ascii", "replace").removesuffix("\n"))
    except NoteRefused:
        return refused(desk, session, asked, "no_size", answer.body)
    with desk.store.reading() as work:
        holds, newest = work.log.head().size, due_sizes(work, 0)[-1]
        if seen < asked.size and seen != asked.old:
            return ask_for(work, asked.witness, asked.size, seen)
        if seen == asked.size and asked.old != seen:
            return ask_for(work, asked.witness, asked.size, seen)
        if asked.size < seen <= newest:  # another program of this log was there first
            return ask_for(work, asked.witness, newest, seen)
    if seen > holds:
        return contradicted(desk, session, asked, Contradicted.SEEN_MORE, seen, answer.body)
    if seen == asked.size:  # shown as what it last saw, and still refused: the roots differ
        return contradicted(desk, session, asked, Contradicted.FORKED, seen, answer.body)
    return refused(desk, session, asked, "needs_a_newer_checkpoint", answer.body)


def _waiting(desk: Desk, session: Session, asked: Asked, silent: WitnessUnreachable) -> Told:
    """Log that the witness cannot be reached, once until it answers again: the rest is silence, not news."""
    with desk.store.writing() as work:
        if _last_act(work, asked.witness) != "checkpoint.witness_unreachable":
            act, data = "witness_unreachable", {"size": asked.size, "old": asked.old}
            _record(desk, work, session, asked.witness, act, outcome="failed", data=data, said=silent.message())
    return Told(asked.witness.name, asked.size, State.WAITING, silent.message())


def _last_act(work: Work, witness: KnownWitness) -> str:
    last = ""
    for raw in work.log.about(witness.name):
        entry = Entry.from_bytes(raw)
        last = entry.type if entry.subject.kind == "witness" else last
    return last


def _refusal(desk: Desk, work: Work, session: Session, asked: Asked, answer: bytes, reason: str, seen: int) -> None:
    data = {
        "size": asked.size,
        "old": asked.old,
        "seen": seen,
        "request_sha256": hashlib.sha256(asked.request).hexdigest(),
        "answer_sha256": hashlib.sha256(answer).hexdigest(),
    }
    said = answer.decode("utf-8", "replace")[:1000]
    act = "witness_refused"
    _record(desk, work, session, asked.witness, act, outcome="refused", reason=reason, data=data, said=said)


def _record(
    desk: Desk,
    work: Work,
    session: Session,
    witness: KnownWitness,
    act: str,
    *,
    outcome: str = "ok",
    reason: str = "",
    data: Mapping[str, object] | None = None,
    said: str = "",
) -> Entry:
    subject, texts = Subject("witness", witness.name), {"message": said} if said else {}
    kind = f"checkpoint.{act}"
    return record(desk, work, session, kind, subject, outcome=outcome, reason=reason, data=data, texts=texts)


def with_cosignatures(note: bytes, kept: Sequence[Cosignature]) -> bytes:
    """A checkpoint's note with the cosignatures kept over it as further lines (docs/custody-format.md section 7)."""
    size = Checkpoint.parse(note).size
    lines = [Signature.parse(one.line.decode().removesuffix("\n")) for one in kept if one.size == size]
    return with_lines(note, lines)
