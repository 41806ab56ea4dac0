"""Operator signatures while the entries pass by: each named key was valid there and signed exactly this entry (L3).

docs/custody-format.md sections 6 and 11. What nobody signed is counted and called by its name: attested by the
workstation only. The registry of keys: operators.py.
"""

from __future__ import annotations

from chain_of_custody.entry import Entry
from chain_of_custody.entry_signatures import check_signed
from chain_of_custody.errors import KeyRefused
from chain_of_custody.findings import Collector
from chain_of_custody.log_keys import LOG_ROTATED, rotation_of
from chain_of_custody.operators import Registry
from chain_of_custody.seen import Seen

_UNKNOWN = frozenset({"unknown_key"})


class OperatorSignatures:
    """Listener of level L3. Entries before `since` were checked in an earlier run; their key events are replayed.

    Custody-format section 6.
    """

    def __init__(self, operators: Collector, since: int = 0) -> None:
        self._operators, self._since = operators, since
        self._registry = Registry()
        self._next, self._gaps = 0, False
        self._signed = self._alone = self._earlier = 0

    def hear(self, seq: int, seen: Seen, leaf: bytes, raw: bytes, signed: bytes | None) -> None:
        self._gaps = self._gaps or seq != self._next
        self._next = seq + 1
        if not (seen.key or signed or seen.type.startswith("key.")):
            self._alone += 1
        elif seq < self._since and not seen.type.startswith("key."):
            self._earlier += 1
        else:
            self._check(Entry.from_bytes(raw), leaf, signed)

    def _check(self, entry: Entry, leaf: bytes, signed: bytes | None) -> None:
        where = f"entry {entry.seq}"
        try:
            signers = self._registry.signers(entry)
            if entry.type == LOG_ROTATED and (turn := rotation_of(entry)) is not None:
                signers |= turn.signers
            check_signed(leaf, signed, signers)
            first = not self._registry.held
            self._registry = self._registry.after(entry)
        except KeyRefused as refused:
            if refused.reason in _UNKNOWN and self._gaps:
                text = "The entry that enrolled its key may be among those withheld"
                self._operators.unchecked("key_enrolment_withheld", where, text)
            else:
                self._operators.failed(refused.reason, where, refused.message())
            return
        if signers:
            self._signed += 1
        else:
            self._alone += 1
        if first and self._registry.held:
            text = f"The first key vouches for itself; compare its id with its holder: {entry.actor.key}"
            self._operators.note("first_operator_key", where, text)

    def finish(self) -> None:
        """Say what was signed and what was not. Call once, after the pass."""
        if self._alone:
            text = f"{self._alone} entries are attested by the workstation only; that is not non-repudiation"
            self._operators.note("attested_by_the_workstation_only", "", text)
        if self._signed:
            self._operators.note("signed_by_operators", "", f"{self._signed} entries are signed by their operators")
            if self._gaps:
                text = "A revocation could be among the withheld entries; exporters must disclose every key.* entry"
                self._operators.note("revocation_may_be_withheld", "", text)
        if self._earlier:
            text = f"Signatures of {self._earlier} entries before {self._since} were checked in an earlier run"
            self._operators.note("checked_earlier", "", text)
