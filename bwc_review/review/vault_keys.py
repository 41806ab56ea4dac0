"""Caring for the vault's keys: changing the key, recovery recipients, recovery, and how the vault stands.

Acts on files outside the database are an intent and an outcome in the log. No key and no secret ever enters it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from bwc_review.ports.preservation import QuarantineRow, ScrubRun
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.reading import METADATA
from chain_of_custody.entry import Subject
from ingest.errors import IngestError
from ingest.unlocking import KEYS_NAME, Unlocking
from ingest.vault_care import recover
from ingest.vault_keys import new_protection

PERMISSION = "vault.manage_keys"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """How a vault stands. ``protection`` is empty for one that is not encrypted.

    ``waiting`` counts interrupted copies that can be gone on with. ``unknown`` originals lie in the vault and are no
    exhibit: their card must be docked again.
    """

    place: str
    encrypted: bool
    protection: str
    originals: int
    size: int
    unknown: int
    waiting: int
    quarantined: tuple[QuarantineRow, ...]
    scrub: ScrubRun | None


def vault_status(desk: Desk, session: Session) -> VaultStatus:
    """How the vault stands; nothing is opened. Raises PermissionDenied, VaultDamaged, StorageUnreachable."""
    allow(desk, session, METADATA)
    vault = desk.vault
    originals = vault.list_originals()
    with desk.store.reading() as work:
        known = {one.sha256 for one in work.footage.exhibits()}
        quarantined, last = tuple(work.preservation.quarantined()), work.preservation.last_scrub()
    protection = ""
    if vault.encrypted and isinstance(vault.keys, Unlocking):
        protection = vault.keys.protection().kind
    return VaultStatus(
        place=vault.storage.place,
        encrypted=vault.encrypted,
        protection=protection,
        originals=len(originals),
        size=sum(one.size for one in originals),
        unknown=sum(one.sha256 not in known for one in originals),
        waiting=len(list(vault.staging.glob("*.journal"))),
        quarantined=quarantined,
        scrub=last,
    )


def rotate_key(desk: Desk, session: Session, *, progress: Callable[[int], None]) -> int:
    """Change the vault key; returns how many objects' keys were wrapped anew. Interrupted, a second call goes on.

    Raises PermissionDenied, InputRefused (not encrypted), VaultBusy, VaultLocked, VaultDamaged.
    """
    allow(desk, session, PERMISSION)
    care = desk.vault_access.care(desk.vault)
    _say(desk, session, "key.vault_rotation_started")
    wrapped = _logged(desk, session, "key.vault_rotated", lambda: care.rotate(progress))
    _say(desk, session, "key.vault_rotated", wrapped=wrapped, key=desk.vault.keys.ring().active.id)
    return wrapped


def add_recovery(desk: Desk, session: Session, recipient: str) -> tuple[str, ...]:
    """Seal the vault's keys to one more age recipient. Raises PermissionDenied, InputRefused, RecoveryRefused."""
    allow(desk, session, PERMISSION)
    care = desk.vault_access.care(desk.vault)
    recipients = _logged(desk, session, "key.vault_recovery_added", lambda: care.add_recovery(recipient))
    _say(desk, session, "key.vault_recovery_added", recipient=recipient, recipients=len(recipients))
    return recipients


def recover_vault(desk: Desk, session: Session, identity: str, kind: str, name: str) -> str:
    """Open the vault with a recovery identity and protect its keys with a new secret; returns the vault's name.

    Raises PermissionDenied, RecoveryRefused, InputRefused, VaultLocked.
    """
    allow(desk, session, PERMISSION)
    protection, secret = desk.vault_access.new_secret(kind, name)
    storage = desk.vault_access.storage()
    vault = _logged(desk, session, "key.vault_recovered", lambda: recover(storage, identity, protection, secret))
    _say(desk, session, "key.vault_recovered", vault=vault, protection=kind)
    return vault


@contextmanager
def following_log_key(desk: Desk, session: Session, passphrase: str) -> Iterator[None]:
    """The vault, where the log key's passphrase opens it, opens with the next one's from here on.

    When the block fails it opens as before. Raises VaultLocked, VaultBusy, VaultDamaged before anything changes.
    """
    keys = desk.vault.keys
    if not isinstance(keys, Unlocking) or not desk.vault.encrypted or keys.protection().kind != "passphrase":
        yield
        return
    storage, protection = desk.vault.storage, new_protection("passphrase")
    before = storage.read_bytes(KEYS_NAME)
    care = desk.vault_access.care(desk.vault)
    act = "key.vault_protected"
    _logged(desk, session, act, lambda: care.protect(protection, passphrase.encode()))
    try:
        yield
    except BaseException:
        storage.put_bytes(KEYS_NAME, before)
        raise
    _say(desk, session, act, protection=protection.kind)


def _logged(desk: Desk, session: Session, act: str, do: Callable[[], Result]) -> Result:
    try:
        return do()
    except IngestError as failed:
        with desk.store.writing() as work:
            data = {"error": type(failed).__name__}
            subject, texts = Subject("vault", desk.workstation), {"message": failed.message()}
            record(desk, work, session, act, subject, outcome="failed", data=data, texts=texts)
        raise


def _say(desk: Desk, session: Session, act: str, **data: object) -> None:
    with desk.store.writing() as work:
        record(desk, work, session, act, Subject("vault", desk.workstation), data=data)
