"""The verifier: a bundle in nine numbered steps, a live log in levels L0 to L2. It reads as the specification's list.

Authority: docs/custody-format.md section 11. What each step looks at: bag.py, audit.py, bundle_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from chain_of_custody.audit import Audit, Listener
from chain_of_custody.bag import Progress, inspect_bag
from chain_of_custody.bundle_checks import check_media, check_policy, check_seal
from chain_of_custody.errors import CustodyError, NoteRefused
from chain_of_custody.findings import Collector, Finding
from chain_of_custody.log_checks import check_checkpoints, check_payloads, check_signatures
from chain_of_custody.observers import Contents, TimeRule
from chain_of_custody.report import BY_HAND, Report, Step
from chain_of_custody.source import BundleSource, EntrySource, split_vkeys
from chain_of_custody.vkey import VerifierKey, parse_vkeys

__all__ = ["Level", "parse_vkeys", "verify_bundle", "verify_log"]

_BAG = "Bag complete, nothing else in it, every file re-hashed with SHA-256 and SHA-512"
_FORM = "Disclosed entries in canonical form, as many as the policy says"
_CHAIN = "Chain: every entry follows the one before it, withheld ones by their leaf hash"
_TREE = "Tree: every checkpoint is the root over these leaves, hence consistent with every other"
_SIGNATURES = "Signatures of the checkpoints"
_PAYLOADS = "Payloads match their commitments"
_MEDIA = "Media are the files that were taken in"
_TIME = "Time rule: no entry dated more than 2 s before the one before it"
_SEAL = "Seal: the log holds an entry for exactly this bag"
_AFTER_BAG = (_FORM, _CHAIN, _TREE, _SIGNATURES, _PAYLOADS, _MEDIA, _TIME, _SEAL)


class Level(IntEnum):
    """How deep a live log is verified (custody-format section 11)."""

    L0 = 0
    L1 = 1
    L2 = 2


_STEPS_OF_LEVEL = {Level.L0: 1, Level.L1: 3, Level.L2: 6}


@dataclass(frozen=True, slots=True)
class _Run:
    """One verification: how deep, with which keys, the findings by step, who hears of progress."""

    level: Level
    trusted: Sequence[VerifierKey]
    found: Mapping[str, Collector]
    progress: Progress | None
    contents: Contents = field(default_factory=Contents)

    def check_log(self, audit: Audit) -> None:
        """Every step that a log alone allows, as far as the level goes."""
        found = self.found
        with _refusals_into(found[_CHAIN]):
            if self.level == Level.L0:
                audit.walk_chain(found[_CHAIN], self.progress)
            else:
                audit.walk_entries(found[_FORM], found[_CHAIN], self._listeners(), self.progress)
        if self.level >= Level.L1:
            with _refusals_into(found[_PAYLOADS]):
                check_payloads(audit, self.contents, found[_PAYLOADS])
        if self.level >= Level.L2:
            with _refusals_into(found[_TREE]):
                check_checkpoints(audit, found[_TREE])
            with _refusals_into(found[_SIGNATURES]):
                keys = _keys(audit.source, self.trusted, found[_SIGNATURES])
                check_signatures(audit, keys, found[_SIGNATURES])

    def _listeners(self) -> list[Listener]:
        listeners: list[Listener] = [self.contents.hear]
        if self.level >= Level.L2:
            listeners.append(TimeRule(self.found[_TIME]).hear)
        return listeners


def verify_bundle(path: Path, *, trusted_vkey: str | None = None, progress: Progress | None = None) -> Report:
    """Verify the bundle at `path` offline. `trusted_vkey`: key lines obtained elsewhere than in the bundle.

    Hostile content gives findings, never an error; only a malformed `trusted_vkey` raises (NoteRefused, WeakKey).
    """
    trusted = () if trusted_vkey is None else parse_vkeys(split_vkeys(trusted_vkey.encode("utf-8", "replace")))
    if trusted_vkey is not None and not trusted:
        raise NoteRefused("no_key_given")
    bag = inspect_bag(path, progress)
    found = {title: Collector() for title in _AFTER_BAG}
    source = BundleSource(path)
    audit = _open_audit(source, found[_CHAIN]) if bag.sound else None
    if audit is None:
        for title in _AFTER_BAG:
            found[title].unreadable("not_run", "", "Not run: what it builds on could not be read, or not safely")
    else:
        run = _Run(Level.L2, trusted, found, progress)
        run.check_log(audit)
        with _refusals_into(found[_FORM]):
            check_policy(source, audit, run.contents, bag.digests, found[_FORM])
        with _refusals_into(found[_MEDIA]):
            check_media(path, bag.digests, run.contents, found[_MEDIA])
        with _refusals_into(found[_SEAL]):
            check_seal(path, audit, bag.digests, _keys(source, trusted, Collector()), found[_SEAL])
    return Report(path.name or str(path), _numbered({_BAG: bag.findings, **_collected(found)}), BY_HAND)


def verify_log(
    source: EntrySource, level: Level, *, trusted: Sequence[VerifierKey] = (), progress: Progress | None = None
) -> Report:
    """Verify a live log: L0 chain; L1 + form, columns, payloads; L2 + checkpoints, signatures, time rule.

    Without `trusted` keys the signatures are checked against the log's own and reported as not obtained elsewhere.
    """
    titles = (_CHAIN, _FORM, _PAYLOADS, _TREE, _SIGNATURES, _TIME)[: _STEPS_OF_LEVEL[level]]
    found = {title: Collector() for title in titles}
    audit = _open_audit(source, found[_CHAIN])
    if audit is not None:
        _Run(level, trusted, found, progress).check_log(audit)
    return Report("log" if audit is None else audit.log, _numbered(_collected(found)))


def _keys(source: EntrySource, trusted: Sequence[VerifierKey], signatures: Collector) -> Sequence[VerifierKey]:
    """The keys to verify with: those obtained elsewhere, else those that came along, which is said."""
    own = parse_vkeys(source.vkeys())
    if not trusted:
        for key in own:
            text = f"Compare the key with one obtained elsewhere; its SHA-256 is {key.fingerprint}"
            signatures.unchecked("key_not_obtained_elsewhere", key.format(), text)
        return own
    for key in own:
        if key not in trusted:
            signatures.failed("key_replaced", key.format(), "This key came along, but it is not the trusted one")
    return trusted


def _open_audit(source: EntrySource, chain: Collector) -> Audit | None:
    with _refusals_into(chain):
        return Audit.open(source)
    return None


@contextmanager
def _refusals_into(collector: Collector) -> Iterator[None]:
    """Turn what stops a check into a finding: refused content is failed, a read error says nothing."""
    try:
        yield
    except CustodyError as refused:
        collector.failed(refused.reason, refused.where, refused.message())
    except OSError as unreadable:
        collector.unreadable(
            "unreadable", str(unreadable.filename or ""), f"It cannot be read: {unreadable.strerror}"
        )


def _collected(found: Mapping[str, Collector]) -> dict[str, tuple[Finding, ...]]:
    return {title: collector.all() for title, collector in found.items()}


def _numbered(found: Mapping[str, tuple[Finding, ...]]) -> tuple[Step, ...]:
    return tuple(Step(number, title, findings) for number, (title, findings) in enumerate(found.items(), 1))
