"""What every use case is handed: the store, the vault, the clocks and the engines, and how an act is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bwc_review.domain.ids import OperatorId
from bwc_review.domain.lexicon import Lexicon
from bwc_review.domain.speech import Heard
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.errors import InputRefused, LogRefused, PermissionDenied
from bwc_review.ports.bundle import BundleWriter
from bwc_review.ports.presence import Presence
from bwc_review.ports.receipts import ReceiptPrinter
from bwc_review.ports.records import Session
from bwc_review.ports.store import Store, Work
from bwc_review.ports.timestamps import StampAuthorities
from bwc_review.ports.transcriber import Transcriber
from bwc_review.ports.vault_access import VaultAccess
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import Clock, epoch_us
from chain_of_custody.entry import Actor, Draft, Entry, Subject
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import LogKey
from chain_of_custody.payload import SALT_BYTES, Payload
from ingest.vault import Vault

WITHHELD = "-"


@dataclass(frozen=True)
class Desk:
    """One workstation's ports, put together by ``bwc_review.bootstrap``.

    ``operators`` maps an operator to the role held here. ``signer`` unlocks the log key and may raise
    WrongPassphrase. ``transcriber`` loads the speech engine when first called.
    """

    folder: Path
    store: Store
    presence: Presence
    vault: Vault
    vault_access: VaultAccess
    clock: Clock
    ids: Callable[[], str]
    salt: Callable[[int], bytes]
    taxonomy: Taxonomy
    lexicon: Lexicon
    operators: Mapping[OperatorId, str]
    transcriber: Callable[[], Transcriber]
    encode_heard: Callable[[Heard], bytes]
    bundles: BundleWriter
    receipts: ReceiptPrinter
    authorities: StampAuthorities
    signer: Callable[[], LogKey]
    vkey: str
    workstation: str
    app: str

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return epoch_us(self.clock.now())

    def payload(self, content: str | bytes) -> Payload:
        """Text or bytes that must not stand in a custody entry, with a salt of their own."""
        return Payload(self.salt(SALT_BYTES), content.encode() if isinstance(content, str) else content)


def actor_of(session: Session) -> Actor:
    """Who acts. No operator keys yet: the workstation attests, and the entry says so (``key`` is empty)."""
    return Actor(id=session.operator, role=session.role, session=session.id, auth="none", key="")


def record(
    desk: Desk,
    work: Work,
    session: Session,
    act: str,
    subject: Subject,
    *,
    outcome: str = "ok",
    reason: str = "",
    data: Mapping[str, object] | None = None,
    texts: Mapping[str, str | bytes] | None = None,
) -> Entry:
    """Write one custody entry in the caller's transaction.

    ``data`` holds codes, numbers and digests; names and free text go into ``texts`` and lie in the payload
    table, committed to by a salted digest. Raises LogRefused, and then the act does not take place.
    """
    payloads = {name: desk.payload(text) for name, text in (texts or {}).items()}
    try:
        draft = Draft(
            type=act,
            outcome=outcome,
            actor=actor_of(session),
            subject=subject,
            reason=reason,
            data=data or {},
            commit={name: payload.commitment for name, payload in payloads.items()},
        )
    except CustodyError as unfit:
        raise LogRefused(f"The act {act} cannot be logged, so it did not take place. {unfit.message()}") from unfit
    return work.log.append(draft, list(payloads.values()))


def allow(desk: Desk, session: Session, permission: str) -> None:
    """Raise PermissionDenied, and log the refusal, unless the session's role has the permission.

    Matrix: taxonomy ``permissions``. Scopes (own unit, assigned cases, dual control) come with the programme.
    """
    if desk.taxonomy.permission(permission, session.role) != WITHHELD:
        return
    with desk.store.writing() as work:
        subject = Subject("permission", permission)
        record(desk, work, session, "access.denied", subject, outcome="refused", reason="role")
    raise PermissionDenied(
        f"{session.operator} works as {session.role}, a role that may not do this ({permission}). "
        "The refusal is in the custody log. Choose an operator whose role allows it."
    )


def unlock(desk: Desk, session: Session) -> LogKey:
    """The log's signing key, before an act that needs it. Raises what the keystore raises, after logging it."""
    try:
        return desk.signer()
    except CustodyError as refused:
        with desk.store.writing() as work:
            subject = Subject("log", work.log.head().log)
            record(desk, work, session, "key.unlock_failed", subject, outcome="refused", reason=refused.reason)
        raise


def operator_for(desk: Desk, permission: str, named: str | None) -> OperatorId:
    """The operator to act as: the one named, else the only one here whose role has the permission.

    Raises InputRefused when the name is unknown here or the choice is not obvious.
    """
    if named is not None:
        if OperatorId(named) not in desk.operators:
            known = ", ".join(sorted(desk.operators)) or "nobody yet"
            raise InputRefused(f"No operator {named} works at this desk. Known: {known}.")
        return OperatorId(named)
    fit = [who for who, role in desk.operators.items() if desk.taxonomy.permission(permission, role) != WITHHELD]
    if len(fit) == 1:
        return fit[0]
    found = ", ".join(sorted(fit)) or "nobody"
    raise InputRefused(f"Say who acts with --as: this needs the permission {permission}; it is held by {found}.")


def checkpoint(desk: Desk, work: Work, key: LogKey) -> bytes:
    """Sign the log as it stands in this transaction (C2SP checkpoint) and keep the note."""
    head = work.log.head()
    note = Checkpoint(origin=head.log, size=head.size, root=head.tree.root).sign(key)
    work.log.add_checkpoint(head.size, note)
    return note
