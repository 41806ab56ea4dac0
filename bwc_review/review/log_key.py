"""The log key hands over to another: one entry signed by both, a checkpoint by the old before it and the new after.

The new sealed file is written aside first; the entry and both checkpoints are one transaction; only then do the files
follow. Killed before the transaction nothing changed; killed after it, the next opening of the workspace finishes
(``KeyFiles.settle_log_key``). docs/custody-format.md section 6, "Rotation of the log key".
"""

from __future__ import annotations

from collections.abc import Sequence

from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, actor_of, allow, checkpoint, unlock
from bwc_review.review.remembering import forget_ended
from bwc_review.review.vault_keys import following_log_key
from chain_of_custody.entry import Draft, Subject
from chain_of_custody.keys import LogKey, seal_key
from chain_of_custody.log_keys import LOG_ROTATED, log_rotation
from chain_of_custody.signing import SigningKey, generate
from chain_of_custody.vkey import ED25519, VerifierKey

PERMISSION = "system.configure"


def rotate_log_key(desk: Desk, session: Session, passphrase: str, alg: int = ED25519) -> VerifierKey:
    """Make a new log key under ``passphrase`` and let it take over from here on; the old sealed file is kept aside.

    Raises PermissionDenied, WrongPassphrase (of the old key, logged; or an empty new one), KeyUnusable (another
    program rotated it meanwhile), VaultBusy (the vault's key follows, and something is being taken in now).
    """
    allow(desk, session, PERMISSION)
    old = unlock(desk, session)
    new = generate(LogKey, old.name, alg=alg, entropy=desk.salt)
    sealed = seal_key(new, passphrase, entropy=desk.salt)
    desk.key_files.keep_next_log_key(new.vkey, sealed)
    # the file stays whatever happens: a commit that seemed to fail may have held, and then it is the log's only key
    with following_log_key(desk, session, passphrase):
        with desk.store.writing() as work:
            checkpoint(desk, work, old)
            _append(desk, work, session, old, new)
            checkpoint(desk, work, new)
        desk.key_files.settle_log_key(new.vkey)
    forget_ended(desk, old.vkey)
    return new.vkey


def _append(desk: Desk, work: Work, session: Session, old: LogKey, new: LogKey) -> None:
    held = desk.open_keys.valid(session.id, work.log)
    signers: Sequence[SigningKey] = [*([held.key] if held else []), old, new]
    subject, data = Subject("log", old.name), log_rotation(new.vkey, old.vkey)
    work.log.append(Draft(LOG_ROTATED, "ok", actor_of(session, held), subject, "", data, {}), (), signers)
