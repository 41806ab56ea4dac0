"""Unlocked operator keys of the running sessions, and which keys the log itself says are valid.

The log is the only authority: its `key.*` entries are replayed with their signatures checked, and one that breaks a
rule changes nothing, as in the verifier (docs/custody-format.md section 6).
"""

from __future__ import annotations

from dataclasses import dataclass

from bwc_review.errors import KeyUnusable
from bwc_review.ports.store import CustodyLog
from chain_of_custody.entry import Entry
from chain_of_custody.entry_signatures import check_signed, check_signed_by, key_id
from chain_of_custody.errors import KeyRefused
from chain_of_custody.log_keys import LOG_ROTATED, rotation_of
from chain_of_custody.operators import ENROLLED, REVOKED, ROTATED, Registry
from chain_of_custody.signing import LogKey, OperatorKey
from chain_of_custody.vkey import VerifierKey

OPERATOR_EVENTS = (ENROLLED, ROTATED, REVOKED)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """An operator's key in memory, and how its passphrase came (``auth`` of the entries it signs)."""

    key: OperatorKey
    auth: str

    @property
    def id(self) -> str:
        """What ``actor.key`` names it by."""
        return key_id(self.key.vkey)


class OpenKeys:
    """Which session signs with which key. Lives and dies with the process."""

    def __init__(self) -> None:
        self._held: dict[str, Unlocked] = {}
        self._known: tuple[str, bytes | None, Registry] = ("", None, Registry())

    def hold(self, session: str, unlocked: Unlocked) -> None:
        """Let a session sign with this key from now on."""
        self._held[session] = unlocked

    def drop(self, session: str) -> None:
        """Forget the session's key, if it has one."""
        self._held.pop(session, None)

    def of(self, session: str) -> Unlocked | None:
        """The session's key, whether or not it is still valid."""
        return self._held.get(session)

    def valid(self, session: str, log: CustodyLog) -> Unlocked | None:
        """The session's key; None where it has none. Raises KeyUnusable when the key ended since it was unlocked."""
        held = self._held.get(session)
        if held is None:
            return None
        head = log.head()
        try:
            self._registry(log, head.log).valid(held.id, head.size)
        except KeyRefused as ended:
            raise KeyUnusable(
                f"The key of {held.key.name} was rotated or revoked while this session was open, so the act did not "
                "take place. End the session and sign in again.",
                detail=ended.message(),
            ) from ended
        return held

    def _registry(self, log: CustodyLog, name: str) -> Registry:
        newest = log.newest_of(OPERATOR_EVENTS)
        if self._known[:2] != (name, newest):
            self._known = (name, newest, known_keys(log))
        return self._known[2]


def known_keys(log: CustodyLog) -> Registry:
    """Every operator key the log brought in and how it ended."""
    registry = Registry()
    for raw in log.of_types(OPERATOR_EVENTS):
        try:
            entry = Entry.from_bytes(raw)
            check_signed(entry.leaf, _signature(log, entry.seq), registry.signers(entry))
            registry = registry.after(entry)
        except KeyRefused:
            continue  # level L3 names it; here it simply enrols nobody
    return registry


def valid_key_of(registry: Registry, operator: str) -> VerifierKey | None:
    """The operator's key that may sign the next entry, the newest of several; None where there is none."""
    own = [held for held in registry.held.values() if held.operator == operator and held.until is None]
    return max(own, key=lambda held: held.since).vkey if own else None


def rotated_log_key(log: CustodyLog) -> VerifierKey | None:
    """The log key that the newest rotation brought in; None while the log has its first key."""
    current: VerifierKey | None = None
    for raw in log.of_types((LOG_ROTATED,)):
        entry = Entry.from_bytes(raw)
        try:
            turn = rotation_of(entry)
            if turn is None or current not in (None, turn.old):
                continue
            check_signed_by(entry.leaf, _signature(log, entry.seq), turn.signers)
        except KeyRefused:
            continue  # levels L2 and L3 name it; here it rotates nothing
        current = turn.new
    return current


def check_in_use(log: CustodyLog, key: LogKey) -> None:
    """Raise KeyUnusable unless ``key`` is the log key in use."""
    current = rotated_log_key(log)
    if current is not None and current != key.vkey:
        raise KeyUnusable(
            "The log key was rotated while this program was open, so the act did not take place. Try again; the "
            "passphrase of the new key may be asked for."
        )


def _signature(log: CustodyLog, seq: int) -> bytes | None:
    return next((file for _, file in log.signatures(seq, seq + 1)), None)
