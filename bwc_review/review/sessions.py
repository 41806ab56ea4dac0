"""Sessions: who sat down at the desk and for what; a session that never ended is said to have been interrupted.

An operator with an enrolled key opens it first: without its passphrase no session starts, and the log says so.
"""

from __future__ import annotations

from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, KeyUnusable
from bwc_review.ports.keys import PASSPHRASE, Given
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, record
from bwc_review.review.quarantine import look_after_start
from bwc_review.review.unlocked import Unlocked, known_keys, valid_key_of
from chain_of_custody.entry import Subject
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.errors import CustodyError, KeyRefused
from chain_of_custody.keys import open_key_of
from chain_of_custody.signing import OperatorKey
from chain_of_custody.vkey import VerifierKey

INTERRUPTED = "interrupted"


def key_to_unlock(desk: Desk, operator: OperatorId) -> VerifierKey | None:
    """The enrolled key this operator must open to act here; None where the workstation alone attests."""
    with desk.store.reading() as work:
        return valid_key_of(known_keys(work.log), operator)


def keyed_operators(desk: Desk) -> frozenset[OperatorId]:
    """Everybody here who must open a key to act."""
    with desk.store.reading() as work:
        registry = known_keys(work.log)
    return frozenset(who for who in desk.operators if valid_key_of(registry, who) is not None)


def unlock_operator(desk: Desk, operator: OperatorId, purpose: str, passphrase: str | None = None) -> Unlocked | None:
    """Open the operator's enrolled key, which takes a good part of a second; None where there is none to open.

    ``passphrase`` is what was typed; None lets the desk look in the file named, the machine's keyring, or ask.
    Raises WrongPassphrase, KeystoreDamaged, KeyRefused or KeyUnusable, each after it was logged; InputRefused or
    Cancelled where no passphrase was given.
    """
    role = _role(desk, operator)
    vkey = key_to_unlock(desk, operator)
    if vkey is None:
        return None
    try:
        sealed = desk.key_files.operator_key(vkey)
        given = Given(passphrase, PASSPHRASE) if passphrase is not None else desk.passphrases.of_operator_key(vkey)
        key = open_key_of(OperatorKey, sealed, given.passphrase)
        if key.vkey != vkey:
            raise KeyRefused("another_key_in_the_file", detail=f"it is {key.name}'s {key_id(key.vkey)[:16]}")
    except (CustodyError, KeyUnusable) as refused:
        reason = refused.reason if isinstance(refused, CustodyError) else "key_file_missing"
        nobody = Session("", operator, role, purpose, desk.now_us())
        with desk.store.writing() as work:
            subject = Subject("key", key_id(vkey))
            record(desk, work, nobody, "session.refused", subject, outcome="refused", reason=reason)
        raise
    return Unlocked(key, given.how)


def start_session(desk: Desk, operator: OperatorId, purpose: str, unlocked: Unlocked | None = None) -> Session:
    """Begin a session. What a crash left behind is said in the log first: sessions and dockings whose program is no
    longer running are closed as interrupted, and half-copied parts are removed from the vault's staging folder.

    ``purpose`` is a code ([a-z0-9_]). ``unlocked`` is the operator's key where it was opened already. Raises
    InputRefused for an operator nobody enrolled, and what ``unlock_operator`` raises.
    """
    role = _role(desk, operator)
    signing = unlocked or unlock_operator(desk, operator, purpose)
    if signing is not None and signing.key.name != operator:
        raise InputRefused(f"The key that was opened is {signing.key.name}'s. Sign in anew as {operator}.")
    session = Session(desk.ids(), operator, role, purpose, desk.now_us(), desk.units.get(operator, ""))
    desk.presence.hold(session.id)
    swept = desk.vault.sweep()
    if signing is not None:
        desk.open_keys.hold(session.id, signing)
    with desk.store.writing() as work:
        _say_what_was_cut_short(desk, work, session)
        if swept.removed:
            data = {"parts": len(swept.removed), "bytes": swept.bytes_freed}
            record(desk, work, session, "media.parts_swept", Subject("workstation", desk.workstation), data=data)
        work.desks.open(session)
        unit = {"unit": session.unit} if session.unit else {}
        record(desk, work, session, "session.started", Subject("session", session.id), reason=purpose, data=unit)
    look_after_start(desk, session)
    return session


def unlogged_session(desk: Desk, operator: OperatorId, purpose: str) -> Session:
    """For looking only, at a log that takes no entry any more: this session stands in no record.

    Raises InputRefused for an operator nobody enrolled, and what ``unlock_operator`` raises.
    """
    role = _role(desk, operator)
    unlock_operator(desk, operator, purpose)
    return Session("", operator, role, purpose, desk.now_us(), desk.units.get(operator, ""))


def _role(desk: Desk, operator: OperatorId) -> str:
    role = desk.operators.get(operator)
    if role is None:
        raise InputRefused(f"No operator {operator} works at this desk. `bwc-review init` enrols the first.")
    return role


def _say_what_was_cut_short(desk: Desk, work: Work, session: Session) -> None:
    gone = [left for left in work.desks.unfinished() if not desk.presence.alive(left.id)]
    for left in gone:
        work.desks.close(left.id, INTERRUPTED)
        data = {"operator": left.operator, "purpose": left.purpose}
        record(desk, work, session, "session.interrupted", Subject("session", left.id), outcome="failed", data=data)
    for docking in work.footage.dockings():
        if docking.state == "open" and docking.session in {left.id for left in gone}:
            work.footage.set_docking_state(docking.id, INTERRUPTED, "program_ended")
            subject = Subject("docking", docking.id)
            record(desk, work, session, "media.ingest_interrupted", subject, outcome="failed")


def end_session(desk: Desk, session: Session) -> None:
    """End a session in the log; without a signature where its key ended before it."""
    with desk.store.writing() as work:
        try:
            desk.open_keys.valid(session.id, work.log)
        except KeyUnusable:
            desk.open_keys.drop(session.id)
        work.desks.close(session.id, "ended")
        record(desk, work, session, "session.ended", Subject("session", session.id))
    desk.open_keys.drop(session.id)
    desk.presence.release(session.id)
