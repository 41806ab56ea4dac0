"""Who held which operator key at which entry: a registry replayed from the log's own `key.*` entries. Pure.

docs/custody-format.md section 6: enrolment with proof of possession, rotation by both keys, revocation. The check
that runs while the entries pass by: operator_checks.py. Log keys: log_keys.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from chain_of_custody.entry import Entry
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.errors import CustodyError, KeyRefused
from chain_of_custody.fields import Fields
from chain_of_custody.vkey import COSIGNATURE, VerifierKey

ENROLLED, ROTATED, REVOKED = "key.enrolled", "key.rotated", "key.revoked"
ADMINISTRATOR, OPERATOR = "administrator", "operator"
GRANTS = frozenset({ADMINISTRATOR, OPERATOR})

_KEYS_OF = {
    ENROLLED: frozenset({"grants", "key", "operator", "vkey"}),
    ROTATED: frozenset({"key", "replaces", "vkey"}),
    REVOKED: frozenset({"key"}),
}


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key, the operator's id, what it grants, the entries that brought it in and ended it (None: none).

    Custody-format section 6.
    """

    vkey: VerifierKey
    operator: str
    grants: str
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """Every key the log ever brought in, by key id. Replaying is `registry = registry.after(entry)`, in order.

    Custody-format section 6.
    """

    held: Mapping[str, HeldKey] = field(default_factory=lambda: MappingProxyType({}))

    def valid(self, key: str, seq: int) -> HeldKey:
        """The key, where it may sign entry `seq`: after the entry that brought it in, up to the one that ended it.

        Raises KeyRefused: unknown_key, key_not_yet_valid, key_no_longer_valid.
        """
        found = self.held.get(key)
        if found is None:
            raise KeyRefused("unknown_key", detail=f"no entry enrols {key[:16]}")
        if seq <= found.since:
            raise KeyRefused("key_not_yet_valid", detail=f"it was brought in by entry {found.since}")
        if found.until is not None and seq > found.until:
            raise KeyRefused("key_no_longer_valid", detail=f"entry {found.until} ended it")
        return found

    def signers(self, entry: Entry) -> dict[str, VerifierKey]:
        """Key id -> key of everyone whose signature `entry` demands. Raises KeyRefused where one of them may not."""
        newcomer = newcomer_of(entry)
        new = {} if newcomer is None else {key_id(newcomer): newcomer}
        if not entry.actor.key or (self._first(entry) and entry.actor.key in new):
            return new
        held = self.valid(entry.actor.key, entry.seq)
        if held.operator != entry.actor.id:
            raise KeyRefused("key_of_another_operator", detail=f"it is {held.operator}'s")
        return {entry.actor.key: held.vkey, **new}

    def after(self, entry: Entry) -> Registry:
        """The registry after `entry`, whose signatures hold. Raises KeyRefused for an act the signer may not do."""
        if entry.type not in _KEYS_OF or entry.outcome != "ok":
            return self
        data = _data(entry)
        if entry.type == ENROLLED:
            return self._enrol(entry, data)
        if entry.type == ROTATED:
            return self._rotate(entry, data)
        return self._revoke(entry, data)

    def _first(self, entry: Entry) -> bool:
        return not self.held and entry.type == ENROLLED

    def _enrol(self, entry: Entry, data: Fields) -> Registry:
        grants, key = data.text("grants"), data.text("key")
        if grants not in GRANTS:
            raise KeyRefused("unknown_grant", "grants")
        if self._first(entry):
            if grants != ADMINISTRATOR or (entry.actor.key, entry.actor.id) != (key, data.text("operator")):
                raise KeyRefused("first_key_must_be_an_administrators")
        else:
            self._must_be_administrator(entry)
        return self._with(key, HeldKey(_vkey(data), data.text("operator"), grants, entry.seq))

    def _rotate(self, entry: Entry, data: Fields) -> Registry:
        old = self.valid(data.text("replaces"), entry.seq)
        if entry.actor.key != data.text("replaces"):
            raise KeyRefused("rotation_not_signed_by_the_old_key")
        ended = self._with(data.text("replaces"), replace(old, until=entry.seq))
        return ended._with(data.text("key"), replace(old, vkey=_vkey(data), since=entry.seq))

    def _revoke(self, entry: Entry, data: Fields) -> Registry:
        if entry.actor.key != data.text("key"):
            self._must_be_administrator(entry)
        ended = replace(self.valid(data.text("key"), entry.seq), until=entry.seq)
        return self._with(data.text("key"), ended)

    def _must_be_administrator(self, entry: Entry) -> None:
        if not entry.actor.key or self.valid(entry.actor.key, entry.seq).grants != ADMINISTRATOR:
            raise KeyRefused("not_signed_by_an_administrator")

    def _with(self, key: str, held: HeldKey) -> Registry:
        # a key that ended must not come back under another name or date
        known = self.held.get(key)
        if known is not None and (known.since, known.vkey) != (held.since, held.vkey):
            raise KeyRefused("key_enrolled_before", detail=f"by entry {known.since}")
        return Registry(MappingProxyType({**self.held, key: held}))


def newcomer_of(entry: Entry) -> VerifierKey | None:
    """The key that `entry` brings in and that must therefore sign it too. Raises KeyRefused.

    Custody-format section 6.
    """
    if entry.type not in (ENROLLED, ROTATED) or entry.outcome != "ok":
        return None
    return _vkey(_data(entry))


def enrolment(vkey: VerifierKey, operator: str, grants: str) -> dict[str, object]:
    """`data` of key.enrolled (custody-format section 6). `operator` is the actor id whose acts the key will sign."""
    return {"grants": grants, "key": key_id(vkey), "operator": operator, "vkey": vkey.format()}


def rotation(vkey: VerifierKey, replaces: VerifierKey) -> dict[str, object]:
    """`data` of key.rotated; the entry's actor.key is the old key's id (custody-format section 6)."""
    return {"key": key_id(vkey), "replaces": key_id(replaces), "vkey": vkey.format()}


def revocation(vkey: VerifierKey) -> dict[str, object]:
    """`data` of key.revoked; why stands in the entry's `reason` (custody-format section 6)."""
    return {"key": key_id(vkey)}


def _data(entry: Entry) -> Fields:
    return Fields(entry.data, _KEYS_OF[entry.type], KeyRefused, "data")


def _vkey(data: Fields) -> VerifierKey:
    try:
        vkey = VerifierKey.parse(data.text("vkey"))
    except CustodyError as refused:
        raise KeyRefused(refused.reason, "vkey", refused.detail) from refused
    if vkey.alg == COSIGNATURE or key_id(vkey) != data.text("key"):
        raise KeyRefused("key_id_differs", "vkey")
    return vkey
