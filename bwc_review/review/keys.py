"""Operators' keys: made by their holder, enrolled by an administrator, rotated by the holder, revoked by either.

Every event is one entry signed by whoever must sign it, judged in the same transaction by the verifier's own rules
(docs/custody-format.md section 6); a checkpoint follows it. A refusal is logged. The log key: log_key.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, NotFound
from bwc_review.ports.keys import Given
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, actor_of, allow, checkpoint, record, unlock
from bwc_review.review.remembering import forget_ended
from bwc_review.review.unlocked import Unlocked, known_keys, valid_key_of
from chain_of_custody.entry import Draft, Entry, Subject
from chain_of_custody.entry_signatures import check_signed, key_id
from chain_of_custody.errors import CustodyError, KeyRefused
from chain_of_custody.keys import LogKey, open_key_of, seal_key
from chain_of_custody.operators import (
    ADMINISTRATOR,
    ENROLLED,
    GRANTS,
    REVOKED,
    ROTATED,
    HeldKey,
    enrolment,
    revocation,
    rotation,
)
from chain_of_custody.signing import OperatorKey, SigningKey, generate
from chain_of_custody.vkey import ED25519, VerifierKey

MANAGE = "user.manage"
OWN = "key.own"

VALID, ENDED, NOT_ENROLLED = "valid", "ended", "not_enrolled"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that the log or a file knows. ``since`` and ``until``: entries that brought it in and ended it."""

    vkey: VerifierKey
    operator: str
    grants: str
    state: str
    since: int | None
    until: int | None
    file_here: bool

    @property
    def id(self) -> str:
        """What entries name it by."""
        return key_id(self.vkey)


def list_keys(desk: Desk) -> Sequence[KnownKey]:
    """Every key the log ever enrolled, in that order, then those whose file waits to be enrolled."""
    here = desk.key_files.operator_keys()
    with desk.store.reading() as work:
        held = known_keys(work.log).held
    enrolled = [_enrolled(one, one.vkey in here) for one in sorted(held.values(), key=lambda one: one.since)]
    waiting = [one for one in here if key_id(one) not in held]
    return [*enrolled, *(KnownKey(one, one.name, "", NOT_ENROLLED, None, None, True) for one in waiting)]


def _enrolled(held: HeldKey, here: bool) -> KnownKey:
    state = VALID if held.until is None else ENDED
    return KnownKey(held.vkey, held.operator, held.grants, state, held.since, held.until, here)


def make_key(desk: Desk, session: Session, passphrase: str, alg: int = ED25519) -> VerifierKey:
    """Make a key for the session's operator and seal it. It signs nothing before an administrator enrols it.

    Raises PermissionDenied, WrongPassphrase (empty or too long).
    """
    allow(desk, session, OWN)
    return _made(desk, session, passphrase, alg).vkey


def enrol(desk: Desk, session: Session, waiting: VerifierKey, given: Given, grants: str) -> Entry:
    """Bring in a key that waits: the administrator signs, and the new key signs too, which proves its holder agrees.

    The log's first key is the administrator's own and vouches for itself. ``given`` opens the new key. Raises
    PermissionDenied, InputRefused, KeyRefused, WrongPassphrase; each refusal of a key is logged.
    """
    allow(desk, session, MANAGE)
    operator = OperatorId(waiting.name)
    if operator not in desk.operators or grants not in GRANTS:
        known = ", ".join(sorted(desk.operators))
        raise InputRefused(f"'{operator}' with '{grants}' cannot be enrolled. Operators here: {known}.")
    log_key = unlock(desk, session)
    new = _opened(desk, session, waiting, given)
    signing = desk.open_keys.of(session.id)
    with desk.store.reading() as work:
        registry = known_keys(work.log)
        if valid_key_of(registry, operator) is not None:
            raise InputRefused(f"{operator} has a valid key already. Rotate it, or revoke it first.")
    first = not registry.held
    if first and operator == session.operator:
        signing = Unlocked(new, given.how)
    act = _KeyAct(ENROLLED, new.vkey, enrolment(new.vkey, operator, grants), signing, (new,))
    entry = _log_key_act(desk, session, act, log_key)
    if first:
        desk.open_keys.hold(session.id, Unlocked(new, given.how))
    return entry


def rotate(desk: Desk, session: Session, passphrase: str, alg: int = ED25519) -> VerifierKey:
    """Replace the operator's own key by a new one; both sign the entry, and from then on only the new one signs.

    Raises PermissionDenied, InputRefused where the session has no key, WrongPassphrase.
    """
    allow(desk, session, OWN)
    old = desk.open_keys.of(session.id)
    if old is None:
        raise InputRefused(f"{session.operator} has no enrolled key to rotate. Make one with `bwc-review keys new`.")
    log_key = unlock(desk, session)
    new = _made(desk, session, passphrase, alg)
    act = _KeyAct(ROTATED, new.vkey, rotation(new.vkey, old.key.vkey), old, (new,))
    _log_key_act(desk, session, act, log_key)
    desk.open_keys.hold(session.id, Unlocked(new, old.auth))
    forget_ended(desk, old.key.vkey)
    return new.vkey


def revoke(desk: Desk, session: Session, key: str, reason: str) -> Entry:
    """End a key: an administrator any, everybody the own one. ``reason`` is a code ([a-z0-9_]).

    Raises PermissionDenied, NotFound, InputRefused (nobody could enrol a key any more), KeyRefused.
    """
    signing = desk.open_keys.of(session.id)
    own = signing is not None and signing.id == key
    allow(desk, session, OWN if own else MANAGE)
    with desk.store.reading() as work:
        held = known_keys(work.log).held
    if key not in held:
        raise NotFound(f"No key {key[:16]} was ever enrolled. `bwc-review keys list` shows those that were.")
    if held[key].until is None and _valid_administrators(held) == {key}:
        raise InputRefused(
            "This is the only administrator's key: without it nobody could enrol or revoke a key any more. "
            "Enrol a second administrator first, or rotate this one."
        )
    log_key = unlock(desk, session)
    vkey = held[key].vkey
    entry = _log_key_act(desk, session, _KeyAct(REVOKED, vkey, revocation(vkey), signing, (), reason), log_key)
    if own:
        desk.open_keys.drop(session.id)
    forget_ended(desk, vkey)
    return entry


def _valid_administrators(held: Mapping[str, HeldKey]) -> set[str]:
    return {key for key, one in held.items() if one.until is None and one.grants == ADMINISTRATOR}


def _made(desk: Desk, session: Session, passphrase: str, alg: int) -> OperatorKey:
    """A new key, its file, and the entry that says so; the file goes again if the entry cannot be written."""
    key = generate(OperatorKey, session.operator, alg=alg, entropy=desk.salt)
    desk.key_files.keep_operator_key(key.vkey, seal_key(key, passphrase, entropy=desk.salt))
    try:
        with desk.store.writing() as work:
            data = {"key": key_id(key.vkey), "vkey": key.vkey.format()}
            record(desk, work, session, "key.made", Subject("key", key_id(key.vkey)), data=data)
    except BaseException:
        desk.key_files.drop_operator_key(key.vkey)
        raise
    return key


def _opened(desk: Desk, session: Session, vkey: VerifierKey, given: Given) -> OperatorKey:
    try:
        key = open_key_of(OperatorKey, desk.key_files.operator_key(vkey), given.passphrase)
        if key.vkey != vkey:
            raise KeyRefused("another_key_in_the_file")
    except CustodyError as refused:
        with desk.store.writing() as work:
            subject = Subject("key", key_id(vkey))
            record(desk, work, session, "key.unlock_failed", subject, outcome="refused", reason=refused.reason)
        raise
    return key


@dataclass(frozen=True, slots=True)
class _KeyAct:
    """One key event: what it is about, the key that the actor signs with, and which other keys must sign along."""

    type: str
    vkey: VerifierKey
    data: Mapping[str, object]
    signing: Unlocked | None
    along: Sequence[SigningKey]
    reason: str = ""


def _log_key_act(desk: Desk, session: Session, act: _KeyAct, log_key: LogKey) -> Entry:
    """Write the event and a checkpoint, if the verifier's rules allow it; else log the refusal, raise KeyRefused."""
    subject = Subject("key", key_id(act.vkey))
    try:
        with desk.store.writing() as work:
            entry = _append(work, session, act, subject)
            checkpoint(desk, work, log_key)
    except KeyRefused as refused:
        with desk.store.writing() as work:
            data = {"key": key_id(act.vkey)}
            record(desk, work, session, act.type, subject, outcome="refused", reason=refused.reason, data=data)
        raise
    return entry


def _append(work: Work, session: Session, act: _KeyAct, subject: Subject) -> Entry:
    registry = known_keys(work.log)
    actor = actor_of(session, act.signing)
    signers = [*([act.signing.key] if act.signing else []), *act.along]
    unique = list({key_id(one.vkey): one for one in signers}.values())  # the first key signs once, not twice
    entry = work.log.append(Draft(act.type, "ok", actor, subject, act.reason, act.data, {}), (), unique)
    file = next((raw for _, raw in work.log.signatures(entry.seq, entry.seq + 1)), None)
    check_signed(entry.leaf, file, registry.signers(entry))
    registry.after(entry)
    return entry


def waiting_key(desk: Desk, operator: str, named: str | None = None) -> VerifierKey:
    """The operator's key that waits to be enrolled, by the beginning of its id where there are several.

    Raises NotFound, InputRefused.
    """
    waiting = [one for one in list_keys(desk) if one.state == NOT_ENROLLED and one.operator == operator]
    fit = [one.vkey for one in waiting if one.id.startswith(named or "")]
    if not fit:
        raise NotFound(f"No key of {operator} waits to be enrolled. Make one: `bwc-review keys new --as {operator}`.")
    if len(fit) > 1:
        ids = ", ".join(key_id(one)[:16] for one in fit)
        raise InputRefused(f"{operator} has several keys that wait: {ids}. Say which with --key.")
    return fit[0]


def enrolled_key(desk: Desk, named: str) -> KnownKey:
    """An enrolled key by the beginning of its id, or an operator's valid one. Raises NotFound, InputRefused."""
    known = [one for one in list_keys(desk) if one.state != NOT_ENROLLED]
    fit = [one for one in known if one.operator == named and one.state == VALID]
    fit = fit or [one for one in known if len(named) >= 8 and one.id.startswith(named)]
    if not fit:
        raise NotFound(f"No enrolled key answers to '{named}'. `bwc-review keys list` shows them.")
    if len(fit) > 1:
        raise InputRefused(f"'{named}' fits several keys. Name more of the key's id.")
    return fit[0]
