"""The passphrase of a key in the operating system's keyring: kept or removed because its holder said so, and logged.

What is kept is opened with first, so that nothing wrong is remembered. Nothing of it stands in the log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from bwc_review.errors import InputRefused, KeyringUnusable
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, allow, record
from chain_of_custody.entry import Subject
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import open_key, open_key_of
from chain_of_custody.signing import OperatorKey
from chain_of_custody.vkey import VerifierKey

OWN, CONFIGURE = "key.own", "system.configure"


def remember_own(desk: Desk, session: Session, passphrase: str) -> VerifierKey:
    """Keep the passphrase of the session's own key. Raises KeyringUnusable, WrongPassphrase, PermissionDenied."""
    allow(desk, session, OWN)
    vkey = _own(desk, session)
    _keep(desk, session, vkey, passphrase)
    return vkey


def remember_log_key(desk: Desk, session: Session, passphrase: str) -> VerifierKey:
    """Keep the passphrase of the log key. Raises as ``remember_own``."""
    allow(desk, session, CONFIGURE)
    vkey = VerifierKey.parse(desk.vkey)
    _keep(desk, session, vkey, passphrase)
    return vkey


def forget_own(desk: Desk, session: Session) -> bool:
    """Remove the passphrase of the session's own key; whether one was kept. Raises KeyringUnusable."""
    allow(desk, session, OWN)
    return _forget(desk, session, _own(desk, session))


def forget_log_key(desk: Desk, session: Session) -> bool:
    """Remove the passphrase of the log key; whether one was kept. Raises KeyringUnusable."""
    allow(desk, session, CONFIGURE)
    return _forget(desk, session, VerifierKey.parse(desk.vkey))


def forget_ended(desk: Desk, vkey: VerifierKey) -> None:
    """A key that ended needs no passphrase any more; a machine without a keyring has none to remove."""
    with contextlib.suppress(KeyringUnusable):
        desk.keeper.forget(vkey)


def _own(desk: Desk, session: Session) -> VerifierKey:
    held = desk.open_keys.of(session.id)
    if held is None:
        raise InputRefused(f"{session.operator} has no enrolled key, so there is no passphrase to keep or remove.")
    return held.key.vkey


def _keep(desk: Desk, session: Session, vkey: VerifierKey, passphrase: str) -> None:
    try:
        if vkey.format() == desk.vkey:
            open_key(desk.key_files.log_key(), passphrase)
        else:
            open_key_of(OperatorKey, desk.key_files.operator_key(vkey), passphrase)
        desk.keeper.remember(vkey, passphrase)
    except (CustodyError, KeyringUnusable) as refused:
        reason = refused.reason if isinstance(refused, CustodyError) else "no_keyring"
        _log(desk, session, "key.remembered", vkey, outcome="refused", reason=reason)
        raise
    _log(desk, session, "key.remembered", vkey)


def _forget(desk: Desk, session: Session, vkey: VerifierKey) -> bool:
    try:
        found = desk.keeper.forget(vkey)
    except KeyringUnusable:
        _log(desk, session, "key.forgotten", vkey, outcome="refused", reason="no_keyring")
        raise
    if found:
        _log(desk, session, "key.forgotten", vkey)
    return found


def _log(desk: Desk, session: Session, act: str, vkey: VerifierKey, *, outcome: str = "ok", reason: str = "") -> None:
    data: Mapping[str, object] = {"key": key_id(vkey)}
    with desk.store.writing() as work:
        subject = Subject("key", key_id(vkey))
        record(desk, work, session, act, subject, outcome=outcome, reason=reason, data=data)
