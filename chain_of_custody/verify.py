"""The verifier: a bundle in eleven numbered steps, a live log or its files in levels, in the specification's order.

Authority: docs/custody-format.md section 11. The steps that a log alone allows: steps.py; those of a bundle: bag.py,
bundle_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from chain_of_custody.audit import Audit
from chain_of_custody.bag import Progress, inspect_bag
from chain_of_custody.bundle_checks import check_media, check_seal, sealed_notes
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import NoteRefused
from chain_of_custody.findings import Collector, Finding
from chain_of_custody.log_folder import ENTRIES, inspect_folder
from chain_of_custody.media_checks import MediaReader
from chain_of_custody.payload_checks import Payloads
from chain_of_custody.policy import Policy
from chain_of_custody.policy_checks import check_policy
from chain_of_custody.report import BY_HAND, Report, Step
from chain_of_custody.source import CUSTODY, BundleSource, EntrySource, FolderSource, split_vkeys
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

__all__ = ["Level", "parse_vkeys", "verify_bundle", "verify_log", "verify_log_folder"]

BAG = "Bag complete, nothing else in it, every file re-hashed with SHA-256 and SHA-512"
MEDIA = "Media are the files that were taken in"
SEAL = "Seal: the log holds an entry for exactly this bag"
FOLDER = "Folder: what a log is and nothing else, no links"
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
    Custody-format section 11.
    """
    trusted = _trusted(trusted_vkey)
    bag = inspect_bag(path, progress)
    found = {title: Collector() for title in _AFTER_BAG}
    source = BundleSource(path)
    audit = _open_audit(source, found[CHAIN]) if bag.sound else None
    if audit is None:
        _not_run(found)
    else:
        run = Run(Level.L3, Trust(trusted, policy), found, progress, Payloads.AS_THE_POLICY_SAYS)
        sealed: list[tuple[str, bytes]] = []
        with refusals_into(found[SEAL]):
            sealed = sealed_notes(path, bag.digests)
        run.check(audit, sealed=sealed)
        with refusals_into(found[FORM]):
            check_policy(source, audit, run.contents, _names_in(f"{CUSTODY}/{ENTRIES}", bag.digests), found[FORM])
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
    Custody-format section 11.
    """
    found = {title: Collector() for title in titles(level)}
    audit = _open_audit(source, found[CHAIN])
    if audit is not None:
        Run(level, Trust(tuple(trusted), policy, since), found, progress).check(audit, reader)
    return Report("log" if audit is None else audit.log, _numbered(_collected(found)))


def verify_log_folder(
    path: Path,
    level: Level = Level.L3,
    *,
    trusted_vkey: str | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify a log that was handed over as the files of custody-format section 7, L0 to L3 of section 11.

    As `verify_bundle`; there are no recordings to read, so L4 is L3. Raises NoteRefused, WeakKey for `trusted_vkey`.
    """
    trusted, deep = _trusted(trusted_vkey), min(level, Level.L3)
    found, source = {title: Collector() for title in titles(deep)}, FolderSource(path)
    shape, files = Collector(), None
    with refusals_into(shape):
        files = inspect_folder(path, shape)
    audit = None if files is None else _open_audit(source, found[CHAIN])
    if files is None or audit is None:
        _not_run(found)
    else:
        run = Run(deep, Trust(trusted, policy), found, progress, Payloads.AS_THE_POLICY_SAYS)
        run.check(audit)
        if deep >= Level.L1:
            with refusals_into(found[FORM]):
                check_policy(source, audit, run.contents, _names_in(ENTRIES, files), found[FORM])
        if deep >= Level.L2:
            check_timestamps(files, found[WITNESSES])
    steps = _numbered({FOLDER: shape.all(), **_collected(found)})
    return Report((path.name or str(path)) if audit is None else audit.log, steps)


def _trusted(vkey: str | None) -> tuple[VerifierKey, ...]:
    keys = () if vkey is None else parse_vkeys(split_vkeys(vkey.encode("utf-8", "replace")))
    if vkey is not None and not keys:
        raise NoteRefused("no_key_given")
    return keys


def _names_in(folder: str, paths: Iterable[str]) -> Iterator[str]:
    return (path.removeprefix(folder) for path in paths if path.startswith(folder))


def _not_run(found: Mapping[str, Collector]) -> None:
    for collector in found.values():
        collector.unreadable("not_run", "", "Not run: what it builds on could not be read, or not safely")


def _open_audit(source: EntrySource, chain: Collector) -> Audit | None:
    with refusals_into(chain):
        return Audit.open(source)
    return None


def _collected(found: Mapping[str, Collector]) -> dict[str, tuple[Finding, ...]]:
    return {title: collector.all() for title, collector in found.items()}


def _numbered(found: Mapping[str, tuple[Finding, ...]]) -> tuple[Step, ...]:
    return tuple(Step(number, title, findings) for number, (title, findings) in enumerate(found.items(), 1))
