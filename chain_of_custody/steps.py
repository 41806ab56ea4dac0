"""The steps a log alone allows, in order, as deep as the level goes; and how what stops a step becomes a finding.

Authority: docs/custody-format.md section 11. What each step looks at: audit.py, log_checks.py, observers.py,
anchors.py, witness_checks.py, operator_checks.py, media_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from chain_of_custody.anchors import AnchorRule
from chain_of_custody.audit import Audit, Listener
from chain_of_custody.bag import Progress
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.log_checks import check_checkpoints, check_signatures, log_keys_for
from chain_of_custody.log_keys import LogKeys, Rotations
from chain_of_custody.media_checks import MediaReader, check_held_media
from chain_of_custody.merkle import roots_at
from chain_of_custody.observers import Contents, TimeRule
from chain_of_custody.operator_checks import OperatorSignatures
from chain_of_custody.payload_checks import Payloads, check_payloads
from chain_of_custody.policy import Policy
from chain_of_custody.vkey import VerifierKey
from chain_of_custody.witness_checks import Met, check_witnesses, gather, upper_anchors

FORM = "Disclosed entries in canonical form, as many as the policy says"
CHAIN = "Chain: every entry follows the one before it, withheld ones by their leaf hash"
TREE = "Tree: every checkpoint is the root over these leaves, hence consistent with every other"
SIGNATURES = "Signatures of the checkpoints, by keys in use at their size"
PAYLOADS = "Payloads match their commitments"
TIME = "Time rule: no entry dated more than 2 s before the one before it, none outside its anchors"
WITNESSES = "Witnesses: cosignatures, quorum, timestamps"
OPERATORS = "Operators: every signature by a key valid at that entry"
HELD_MEDIA = "Recordings read again and hashed"


class Level(IntEnum):
    """How deep a log is verified (custody-format section 11)."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4


_OF_LEVEL = {
    Level.L0: (CHAIN,),
    Level.L1: (FORM, PAYLOADS),
    Level.L2: (TREE, SIGNATURES, TIME, WITNESSES),
    Level.L3: (OPERATORS,),
    Level.L4: (HELD_MEDIA,),
}


def titles(level: Level) -> tuple[str, ...]:
    """The steps of a level and of those below it (custody-format section 11)."""
    return tuple(title for one in Level if one <= level for title in _OF_LEVEL[one])


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier brings along: log keys and a witness policy obtained elsewhere, an earlier verified point.

    Custody-format section 11.
    """

    log_keys: tuple[VerifierKey, ...] = ()
    policy: Policy | None = None
    since: Checkpoint | None = None


@dataclass(slots=True)
class Run:
    """One verification of a log: how deep, what is trusted, the findings by step, who hears of progress, which
    contents must be there (custody-format section 11)."""

    level: Level
    trust: Trust
    found: Mapping[str, Collector]
    progress: Progress | None = None
    due: Payloads = Payloads.ALL
    contents: Contents = field(default_factory=Contents)
    keys: LogKeys = field(default_factory=LogKeys)

    def check(
        self, audit: Audit, reader: MediaReader | None = None, sealed: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Every step of the level. `sealed`: notes from beside the log, which may carry cosignatures."""
        if self.level == Level.L0:
            with refusals_into(self.found[CHAIN]):
                audit.walk_chain(self.found[CHAIN], self.progress)
        elif self.level == Level.L1:
            self._walk(audit, [])
        else:
            self._check_deep(audit, sealed)
        if self.level >= Level.L4:
            self._check_media(reader)

    def _walk(self, audit: Audit, listeners: Sequence[Listener]) -> None:
        with refusals_into(self.found[CHAIN]):
            audit.walk_entries(
                self.found[FORM],
                self.found[CHAIN],
                [self.contents.hear, *listeners],
                self.progress,
                signed=self.level >= Level.L3,
            )
        with refusals_into(self.found[PAYLOADS]):
            check_payloads(audit, self.contents, self.found[PAYLOADS], self.due)

    def _check_deep(self, audit: Audit, sealed: Sequence[tuple[str, bytes]]) -> None:
        found, policy = self.found, self.trust.policy
        met: tuple[Met, ...] = ()
        with refusals_into(found[WITNESSES]):
            notes = [(f"checkpoint {number}", raw) for number, raw in enumerate(audit.source.checkpoints())]
            met = gather([*notes, *sealed], policy, found[WITNESSES])
        keys = () if policy is None else tuple(policy.witnesses.values())
        anchors = AnchorRule(upper_anchors(met, audit.log), keys, found[TIME])
        rotations, listeners = Rotations(), [TimeRule(found[TIME]).hear]
        operators = OperatorSignatures(found[OPERATORS], self._since(audit)) if self.level >= Level.L3 else None
        if keys:
            listeners.append(anchors.hear)
        if operators is not None:
            listeners.append(operators.hear)
        self._walk(audit, [*listeners, rotations.hear])
        if operators is not None:
            operators.finish()
        with refusals_into(found[TREE]):
            check_checkpoints(audit, found[TREE])
        with refusals_into(found[SIGNATURES]):
            turns = rotations.checked(audit.source, found[SIGNATURES])
            self.keys = log_keys_for(audit.source, self._log_keys(), turns, found[SIGNATURES])
            check_signatures(audit, self.keys, found[SIGNATURES])
        with refusals_into(found[WITNESSES]):
            check_witnesses(audit, policy, met, anchors.held, found[WITNESSES])

    def _log_keys(self) -> tuple[VerifierKey, ...]:
        policy = self.trust.policy
        return self.trust.log_keys or (() if policy is None else policy.logs)

    def _since(self, audit: Audit) -> int:
        """Up to where an earlier run checked the operators' signatures, provided the log still begins as it did."""
        since = self.trust.since
        if since is None:
            return 0
        if since.origin != audit.log or roots_at(audit.leaves, {since.size}).get(since.size) != since.root:
            text = "The log no longer begins as it did when it was last verified: rewritten, or cut"
            self.found[TREE].failed("verified_point_differs", f"size {since.size}", text)
            return 0
        return since.size

    def _check_media(self, reader: MediaReader | None) -> None:
        media = self.found[HELD_MEDIA]
        if reader is None:
            media.unchecked("no_reader", "", "Nobody gave access to the recordings")
            return
        check_held_media(self.contents, reader, media, self.progress)


@contextmanager
def refusals_into(collector: Collector) -> Iterator[None]:
    """Turn what stops a check into a finding: refused content is failed, a read error says nothing.

    Custody-format section 11.
    """
    try:
        yield
    except CustodyError as refused:
        collector.failed(refused.reason, refused.where, refused.message())
    except OSError as unreadable:
        collector.unreadable(
            "unreadable", str(unreadable.filename or ""), f"It cannot be read: {unreadable.strerror}"
        )
