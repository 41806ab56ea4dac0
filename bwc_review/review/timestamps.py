"""Timestamps over checkpoints: asked for, queued while nobody can be reached, and kept only when they hold.

The newest checkpoint stands for all before it, because the log only grows; so a request is made for it and not for
each. Every request, every answer kept and every failure is a custody entry (custody.md section 3).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bwc_review.errors import AuthorityUnreachable, InputRefused, TimestampRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.ports.timestamps import StampAuthority, StampState, Timestamp
from bwc_review.review.desk import Desk, allow, record
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.note import Note

PERMISSION, CHECK = "custody.append_note", "bundle.verify"
MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one request. ``trouble`` is empty when the answer was kept, else said for a person."""

    timestamp: Timestamp
    trouble: str = ""


def queue_newest(desk: Desk, session: Session) -> Sequence[Timestamp]:
    """Make a request to every authority that has none open or answered for the newest checkpoint; return all open.

    Raises InputRefused (no authority in the settings, nothing signed yet), PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    authorities = _authorities(desk)
    with desk.store.writing() as work:
        known = work.timestamps.all()
        body, size = _newest(work)
        alive = {one.authority for one in known if one.body == body and one.state is not StampState.FAILED}
        for authority in authorities.values():
            if authority.name not in alive:
                request = authority.request(body)
                made = Timestamp(desk.ids(), size, body, authority.name, request, desk.now_us())
                work.timestamps.add(made)
                _record(desk, work, session, made, "requested")
        return [one for one in work.timestamps.all() if one.state is StampState.QUEUED]


def send(desk: Desk, session: Session) -> Sequence[Sent]:
    """Queue the newest checkpoint and ask for everything that is open.

    An authority that gives no answer leaves its requests open; an answer that does not hold closes its request as
    failed. Raises as ``queue_newest``.
    """
    return [_ask(desk, session, one) for one in queue_newest(desk, session)]


def write_requests(desk: Desk, session: Session, into: Path) -> Sequence[Path]:
    """Queue the newest checkpoint and write every open request to a file, for a station without a network.

    Raises as ``queue_newest``, and OSError.
    """
    files = []
    into.mkdir(parents=True, exist_ok=True)
    for one in queue_newest(desk, session):
        file = into / f"{one.size:08d}-{one.authority}-{one.id[:8]}.tsq"
        file.write_bytes(one.request)
        files.append(file)
    return files


def take_answers(desk: Desk, session: Session, files: Sequence[Path]) -> Sequence[Sent]:
    """Take answers that came as files. Each is matched to the open request whose nonce it repeats.

    Raises TimestampRefused for the first that answers no open request (a replay, or somebody else's), after logging
    it; InputRefused for a file too large or not there; PermissionDenied.
    """
    allow(desk, session, PERMISSION)
    authorities = _authorities(desk)
    return [_take(desk, session, authorities, file) for file in files]


def recheck(desk: Desk, session: Session) -> Iterator[tuple[Timestamp, str]]:
    """Every timestamp of this log, each kept one verified again with the certificates it was kept with.

    Those are the ones the custody log names: a database in which somebody put others is found out. The text is
    empty where there is nothing to say against it. Raises PermissionDenied, and InputRefused without the package that
    verifies.
    """
    allow(desk, session, CHECK)
    return _rechecked(desk)


def _rechecked(desk: Desk) -> Iterator[tuple[Timestamp, str]]:
    with desk.store.reading() as work:
        found = list(work.timestamps.all())
        signed = {_body(note) for note in work.log.checkpoints()}
        logged = {one.id: _is_logged(work, one) for one in found if one.state is StampState.KEPT}
    for one in found:
        if one.body not in signed:
            yield one, "no checkpoint of this log says what was stamped: the log was rewritten or cut back"
        elif one.state is not StampState.KEPT:
            yield one, one.reason
        elif not logged[one.id]:
            yield one, "the custody log does not say that this answer was kept with these certificates"
        else:
            yield one, _trouble_with(desk, one)


def _is_logged(work: Work, one: Timestamp) -> bool:
    about = (Entry.from_bytes(raw) for raw in work.log.about(str(one.size)))
    said = _said_of(one)
    return any(entry.type == "checkpoint.timestamp_kept" and entry.data == said for entry in about)


def _trouble_with(desk: Desk, one: Timestamp) -> str:
    try:
        at = desk.authorities.holding(one.authority, one.certificates).check(one.body, one.request, one.response)
    except (TimestampRefused, InputRefused) as refused:
        return refused.message()
    return "" if at == one.stamped_at else "the time in the database is not the one in the timestamp"


def _authorities(desk: Desk) -> Mapping[str, StampAuthority]:
    found = {one.name: one for one in desk.authorities.configured()}
    if not found:
        raise InputRefused(
            "No timestamp authority is in the settings. Add a [[timestamps]] table with name, address and "
            "certificates to workspace.toml."
        )
    return found


def _newest(work: Work) -> tuple[bytes, int]:
    newest = deque(work.log.checkpoints(), maxlen=1)
    if not newest:
        raise InputRefused("No checkpoint was signed yet, so there is nothing to stamp. Dock a card first.")
    return _body(newest[0]), Checkpoint.parse(newest[0]).size


def _body(note: bytes) -> bytes:
    return Note.parse(note).text.encode("utf-8")


def _ask(desk: Desk, session: Session, one: Timestamp) -> Sent:
    authority = _authorities(desk).get(one.authority)
    if authority is None:
        return Sent(one, f"The settings no longer name the timestamp authority {one.authority}.")
    try:
        response = authority.ask(one.request)
    except AuthorityUnreachable as silent:
        with desk.store.writing() as work:
            _record(desk, work, session, one, "failed", outcome="failed", reason="unreachable", said=silent.message())
        return Sent(one, silent.message())
    return _settle(desk, session, authority, one, response)


def _take(desk: Desk, session: Session, authorities: Mapping[str, StampAuthority], file: Path) -> Sent:
    response = _read(file)
    with desk.store.reading() as work:
        known = work.timestamps.all()
    for one in known:
        authority = authorities.get(one.authority)
        if one.state is StampState.QUEUED and authority is not None and authority.answers(one.request, response):
            return _settle(desk, session, authority, one, response)
    said = f"{file.name} answers no request that is open here: it was taken already, or is another station's."
    with desk.store.writing() as work:
        subject = Subject("log", work.log.head().log)
        data = {"response_sha256": _digest(response)}
        texts = {"name": file.name}
        act = "checkpoint.timestamp_failed"
        record(desk, work, session, act, subject, outcome="refused", reason="not_asked", data=data, texts=texts)
    raise TimestampRefused("not_asked", said)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE_BYTES + 1)
    except OSError as missing:
        why = f"{file} cannot be read ({missing.strerror}). Name the authority's .tsr file."
        raise InputRefused(why) from missing
    if len(content) > MAX_FILE_BYTES:
        raise InputRefused(f"{file} is far too large for a timestamp. Name the authority's .tsr file.")
    return content


def _settle(desk: Desk, session: Session, authority: StampAuthority, one: Timestamp, response: bytes) -> Sent:
    """Verify, then keep: what does not hold is kept as a failure, and never as a timestamp."""
    settled = replace(one, response=response, certificates=authority.certificates)
    trouble = ""
    try:
        at = authority.check(one.body, one.request, response)
        settled = replace(settled, state=StampState.KEPT, stamped_at=at)
    except TimestampRefused as refused:
        trouble = " ".join(filter(None, (refused.message(), refused.detail)))
        settled = replace(settled, state=StampState.FAILED, reason=refused.reason)
    with desk.store.writing() as work:
        if not work.timestamps.settle(settled):
            return Sent(one, "Another program took this answer at the same moment.")
        if settled.state is StampState.KEPT:
            _record(desk, work, session, settled, "kept")
        else:
            reason = settled.reason
            _record(desk, work, session, settled, "failed", outcome="refused", reason=reason, said=trouble)
    return Sent(settled, trouble)


def _record(
    desk: Desk,
    work: Work,
    session: Session,
    one: Timestamp,
    act: str,
    *,
    outcome: str = "ok",
    reason: str = "",
    said: str = "",
) -> None:
    texts = {"message": said} if said else {}
    subject = Subject("checkpoint", str(one.size))
    kind = f"checkpoint.timestamp_{act}"
    record(desk, work, session, kind, subject, outcome=outcome, reason=reason, data=_said_of(one), texts=texts)


def _said_of(one: Timestamp) -> Mapping[str, object]:
    """What an entry says of a timestamp: enough to know its bytes again."""
    said: dict[str, object] = {"authority": one.authority, "size": one.size, "request_sha256": _digest(one.request)}
    if one.response:
        said["response_sha256"] = _digest(one.response)
        said["certificates_sha256"] = _digest(one.certificates)
    if one.stamped_at is not None:
        said["stamped_at_us"] = one.stamped_at
    return said


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
