"""The verifier: a bundle in eleven numbered steps, a live log in levels L0 to L4, in the specification's order.

Authority: docs/custody-format.md section 11. The steps that a log alone allows: steps.py; those of a bundle: bag.py,
bundle_checks.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chain_of_custody.audit import Audit
from chain_of_custody.bag import Progress, inspect_bag
from chain_of_custody.bundle_checks import check_media, check_policy, check_seal, sealed_notes
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import NoteRefused
from chain_of_custody.findings import Collector, Finding
from chain_of_custody.media_checks import MediaReader
from chain_of_custody.policy import Policy
from chain_of_custody.report import BY_HAND, Report, Step
from chain_of_custody.source import BundleSource, EntrySource, split_vkeys
from chain_of_custody.steps import (
    CHAIN,
    FORM,
    OPERATORS,
    PAYLOADS,
    SIGNATURES,
    TIME,
    TREE,
    WITNESSES,
    Level,
    Run,
    Trust,
    refusals_into,
    titles,
)
from chain_of_custody.vkey import VerifierKey, parse_vkeys
from chain_of_custody.witness_checks import check_timestamps

__all__ = ["Level", "parse_vkeys", "verify_bundle", "verify_log"]

BAG = "Bag complete, nothing else in it, every file re-hashed with SHA-256 and SHA-512"
MEDIA = "Media are the files that were taken in"
SEAL = "Seal: the log holds an entry for exactly this bag"
_AFTER_BAG = (FORM, CHAIN, TREE, SIGNATURES, PAYLOADS, MEDIA, TIME, SEAL, OPERATORS, WITNESSES)


def verify_bundle(
    path: Path,
    *,
    trusted_vkey: str | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify the bundle at `path` offline. `trusted_vkey`: log key lines obtained elsewhere than in the bundle.

    `policy`: witnesses whose cosignatures count, and log keys where `trusted_vkey` gives none. Hostile content gives
    findings, never an error; only a malformed `trusted_vkey` raises (NoteRefused, WeakKey).
    """
    trusted = () if trusted_vkey is None else parse_vkeys(split_vkeys(trusted_vkey.encode("utf-8", "replace")))
    if trusted_vkey is not None and not trusted:
        raise NoteRefused("no_key_given")
    bag = inspect_bag(path, progress)
    found = {title: Collector() for title in _AFTER_BAG}
    source = BundleSource(path)
    audit = _open_audit(source, found[CHAIN]) if bag.sound else None
    if audit is None:
        for title in _AFTER_BAG:
            found[title].unreadable("not_run", "", "Not run: what it builds on could not be read, or not safely")
    else:
        run = Run(Level.L3, Trust(trusted, policy), found, progress)
        sealed: list[tuple[str, bytes]] = []
        with refusals_into(found[SEAL]):
            sealed = sealed_notes(path, bag.digests)
        run.check(audit, sealed=sealed)
        with refusals_into(found[FORM]):
            check_policy(source, audit, run.contents, bag.digests, found[FORM])
        with refusals_into(found[MEDIA]):
            check_media(path, bag.digests, run.contents, found[MEDIA])
        with refusals_into(found[SEAL]):
            check_seal(path, audit, bag.digests, run.keys, found[SEAL])
        check_timestamps(bag.digests, found[WITNESSES])
    return Report(path.name or str(path), _numbered({BAG: bag.findings, **_collected(found)}), BY_HAND)


def verify_log(
    source: EntrySource,
    level: Level,
    *,
    trusted: Sequence[VerifierKey] = (),
    policy: Policy | None = None,
    since: Checkpoint | None = None,
    reader: MediaReader | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify a live log. L0 chain; L1 + form, columns, payloads; L2 + checkpoints, signatures, witnesses, time rules;
    L3 + operator signatures; L4 + the recordings read through `reader`.

    Without `trusted` keys the signatures are checked against the log's own and reported as not obtained elsewhere.
    `since`: a checkpoint up to which an earlier run checked the operators' signatures; the rest is checked in full.
    """
    found = {title: Collector() for title in titles(level)}
    audit = _open_audit(source, found[CHAIN])
    if audit is not None:
        Run(level, Trust(tuple(trusted), policy, since), found, progress).check(audit, reader)
    return Report("log" if audit is None else audit.log, _numbered(_collected(found)))


def _open_audit(source: EntrySource, chain: Collector) -> Audit | None:
    with refusals_into(chain):
        return Audit.open(source)
    return None


def _collected(found: Mapping[str, Collector]) -> dict[str, tuple[Finding, ...]]:
    return {title: collector.all() for title, collector in found.items()}


def _numbered(found: Mapping[str, tuple[Finding, ...]]) -> tuple[Step, ...]:
    return tuple(Step(number, title, findings) for number, (title, findings) in enumerate(found.items(), 1))
