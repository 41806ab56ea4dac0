"""What every use case is handed: the store, the vault, the clocks and the engines, and how an act is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from bwc_review.domain.ids import OperatorId
from bwc_review.domain.lexicon import Lexicon
from bwc_review.domain.speech import Heard
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.errors import InputRefused, LogContradicted, LogRefused, PermissionDenied
from bwc_review.ports.bundle import BundleWriter
from bwc_review.ports.keys import KeyFiles, PassphraseKeeper, Passphrases
from bwc_review.ports.presence import Presence
from bwc_review.ports.receipts import ReceiptPrinter
from bwc_review.ports.records import Session
from bwc_review.ports.store import Store, Work
from bwc_review.ports.timestamps import StampAuthorities
from bwc_review.ports.transcriber import Transcriber
from bwc_review.ports.vault_access import VaultAccess
from bwc_review.ports.verified import VerifiedPoint
from bwc_review.ports.witnesses import Witnesses
from bwc_review.review.cadence import sign_checkpoint
from bwc_review.review.own_unit import is_own
from bwc_review.review.unlocked import OpenKeys, Unlocked
from chain_of_custody.clock import Clock, epoch_us
from chain_of_custody.entry import Actor, Draft, Entry, Subject
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import LogKey
from chain_of_custody.payload import SALT_BYTES, Payload
from ingest.crew import Crew
from ingest.docks import DockPoller
from ingest.vault import Vault

WITHHELD, BUNDLE_ONLY = "-", "B"  # a bundle's recipient has rights over the bundle, none at this desk
METADATA_ONLY, OWN_UNIT = "M", "U"
NO_AUTH = "none"


@dataclass(frozen=True)
class Desk:
    """One workstation's ports, put together by ``bwc_review.bootstrap``.

    ``operators`` maps an operator to the role held here, ``units`` to the unit, if one is named. ``docks`` begins to
    watch where cards turn up. ``signer`` unlocks the log key in use and may raise WrongPassphrase; ``key_in_hand`` is
    that key if it opens without asking anybody. ``open_keys`` holds the operators' unlocked keys, in memory only.
    ``transcriber`` loads the speech engine when
    first called.
    """

    folder: Path
    store: Store
    presence: Presence
    vault: Vault
    crew: Crew
    docks: Callable[[], DockPoller]
    vault_access: VaultAccess
    clock: Clock
    ids: Callable[[], str]
    salt: Callable[[int], bytes]
    taxonomy: Taxonomy
    lexicon: Lexicon
    operators: Mapping[OperatorId, str]
    units: Mapping[OperatorId, str]
    transcriber: Callable[[], Transcriber]
    encode_heard: Callable[[Heard], bytes]
    bundles: BundleWriter
    receipts: ReceiptPrinter
    authorities: StampAuthorities
    witnesses: Witnesses
    signer: Callable[[], LogKey]
    key_in_hand: Callable[[], LogKey | None]
    key_files: KeyFiles
    passphrases: Passphrases
    keeper: PassphraseKeeper
    open_keys: OpenKeys
    verified: VerifiedPoint
    workstation: str
    app: str
    zone: tzinfo | None = None  # what the agency's clocks are set to; None: nobody has said

    @property
    def vkey(self) -> str:
        """The log key in use, as a verifier key line; another program may have rotated it since the last look."""
        return self.key_files.log_vkey()

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return epoch_us(self.clock.now())

    def payload(self, content: str | bytes) -> Payload:
        """Text or bytes that must not stand in a custody entry, with a salt of their own."""
        return Payload(self.salt(SALT_BYTES), content.encode() if isinstance(content, str) else content)


def actor_of(session: Session, held: Unlocked | None) -> Actor:
    """Who acts. Without an unlocked key the workstation attests, and the entry says so (``key`` is empty)."""
    auth, key = (held.auth, held.id) if held else (NO_AUTH, "")
    return Actor(id=session.operator, role=session.role, session=session.id, auth=auth, key=key)


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
    table, committed to by a salted digest. The session's operator signs where a key is unlocked. Raises LogRefused,
    or KeyUnusable where that key ended meanwhile, and then the act does not take place.
    """
    held = desk.open_keys.valid(session.id, work.log)
    payloads = {name: desk.payload(text) for name, text in (texts or {}).items()}
    try:
        draft = Draft(
            type=act,
            outcome=outcome,
            actor=actor_of(session, held),
            subject=subject,
            reason=reason,
            data=data or {},
            commit={name: payload.commitment for name, payload in payloads.items()},
        )
    except CustodyError as unfit:
        raise LogRefused(f"The act {act} cannot be logged, so it did not take place. {unfit.message()}") from unfit
    return work.log.append(draft, list(payloads.values()), (held.key,) if held else ())


def allow(desk: Desk, session: Session, permission: str, on: Subject | None = None) -> str:
    """Raise PermissionDenied, and log the refusal, unless the role has the permission; return what is granted.

    Matrix and values: taxonomy ``permissions``. "B" grants nothing at this desk. "U" is refused for a recording or an
    incident ``on`` of another unit. "M" is for the caller to keep to. "K" and "D" count as granted: assigned cases,
    conflicts and a second person come with the programme. Never called inside ``writing``: the refusal is a
    transaction of its own, so that no act that is rolled back takes it along.
    """
    grant = desk.taxonomy.permission(permission, session.role)
    if grant in (WITHHELD, BUNDLE_ONLY):
        log_refusal(desk, session, permission, "role", None)
        raise PermissionDenied(
            f"{session.operator} works as {session.role}, a role that may not do this ({permission}). "
            "The refusal is in the custody log. Choose an operator whose role allows it."
        )
    if grant == OWN_UNIT and on is not None and not _own(desk, session, on):
        log_refusal(desk, session, permission, "unit", on)
        raise PermissionDenied(
            f"{session.operator} may do this ({permission}) for the own unit only; the {on.kind} {on.id} is another "
            "unit's. The refusal is in the custody log. Ask somebody of that unit, or professional standards."
        )
    return grant


def _own(desk: Desk, session: Session, on: Subject) -> bool:
    with desk.store.reading() as work:
        return is_own(work, session, on)


def log_refusal(desk: Desk, session: Session, permission: str, reason: str, on: Subject | None) -> None:
    """Log that a permission was refused, in a transaction of its own. ``reason``: "role", "unit" or "texts"."""
    data = {} if on is None else {"kind": on.kind, "id": on.id}
    # a log that takes nothing any more cannot say so; the refusal stands all the same
    with suppress(LogContradicted), desk.store.writing() as work:
        subject = Subject("permission", permission)
        record(desk, work, session, "access.denied", subject, outcome="refused", reason=reason, data=data)


def unlock(desk: Desk, session: Session) -> LogKey:
    """The log's signing key, before an act that needs it. Raises what the keystore raises, after logging it."""
    try:
        return desk.signer()
    except CustodyError as refused:
        with desk.store.writing() as work:
            subject = Subject("log", work.log.head().log)
            record(desk, work, session, "key.unlock_failed", subject, outcome="refused", reason=refused.reason)
        raise


def operator_for(desk: Desk, permission: str, named: str | None, usual: str = "") -> OperatorId:
    """The operator to act as: the one named, else the only one here whose role has the permission, else the ``usual``
    one of this terminal where several have it.

    Raises InputRefused when the name is unknown here or the choice is not obvious.
    """
    if named is not None:
        if OperatorId(named) not in desk.operators:
            known = ", ".join(sorted(desk.operators)) or "nobody yet"
            raise InputRefused(f"No operator {named} works at this desk. Known: {known}.")
        return OperatorId(named)
    nothing = (WITHHELD, BUNDLE_ONLY)
    fit = [who for who, role in desk.operators.items() if desk.taxonomy.permission(permission, role) not in nothing]
    if len(fit) == 1:
        return fit[0]
    if usual in fit:
        return OperatorId(usual)
    found = ", ".join(sorted(fit)) or "nobody"
    raise InputRefused(f"Say who acts with --as: this needs the permission {permission}; it is held by {found}.")


def checkpoint(desk: Desk, work: Work, key: LogKey) -> bytes:
    """Sign the log as it stands in this transaction (C2SP checkpoint) and keep the note.

    Raises KeyUnusable when another program rotated the log key since ``key`` was unlocked.
    """
    return sign_checkpoint(work, key)
