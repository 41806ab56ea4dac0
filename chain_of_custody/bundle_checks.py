"""Checks only a bundle needs: the media against their ingest entries, and the seal.

The log's own checks: audit.py; the policy's counts: policy_checks.py. Authority: docs/custody-format.md sections 7, 9
and 10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from chain_of_custody.audit import Audit
from chain_of_custody.bag import MEDIA_FOLDER, TAG_MANIFESTS
from chain_of_custody.canonical import load
from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.cosignatures import parse_lines, with_lines
from chain_of_custody.digest import Digests, FileDigests
from chain_of_custody.entry import Entry
from chain_of_custody.errors import EntryRefused, ProofRefused
from chain_of_custody.files import read_bounded
from chain_of_custody.findings import Collector
from chain_of_custody.log_keys import LogKeys
from chain_of_custody.merkle import verify_consistency, verify_inclusion
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.observers import INGEST_FIELDS, Contents
from chain_of_custody.seal import (
    SEAL_CHECKPOINT,
    SEAL_COMPANIONS,
    SEAL_CONSISTENCY,
    SEAL_COSIGNATURES,
    SEAL_ENTRY,
    SEAL_FILES,
    SEAL_PROOF,
    SEAL_TYPE,
)
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof

MEDIA_INDEX = "index.json"
MAX_INDEX_BYTES = 64 << 20


def check_media(bundle: Path, digests: Mapping[str, FileDigests], contents: Contents, media: Collector) -> None:
    """Every file under data/media is indexed and agrees with a disclosed media.ingested entry in every digest.

    Custody-format sections 9 and 10.
    """
    found = {
        path.removeprefix(MEDIA_FOLDER): digest
        for path, digest in digests.items()
        if isinstance(digest, Digests) and not _is_companion(path.removeprefix(MEDIA_FOLDER))
    }
    index: Mapping[str, object] = {}
    if found or f"{MEDIA_FOLDER}{MEDIA_INDEX}" in digests:
        index = load(read_bounded(bundle / MEDIA_FOLDER / MEDIA_INDEX, MAX_INDEX_BYTES), max_bytes=MAX_INDEX_BYTES)
    by_digest: defaultdict[object, list[Mapping[str, object]]] = defaultdict(list)
    for _, _, data in contents.ingested:
        sha256 = data.get("sha256")
        if isinstance(sha256, str):
            by_digest[sha256].append(data)
    for name, digest in found.items():
        if index.get(name) != digest.sha256:
            media.failed("index_differs", name, f"{MEDIA_INDEX} does not give this file's SHA-256")
        arrivals = by_digest[digest.sha256]
        if not arrivals:
            media.failed("media_without_ingest", name, "No disclosed entry says that these bytes were taken in")
        elif any(any(data.get(f) != getattr(digest, f) for f in INGEST_FIELDS) for data in arrivals):
            media.failed("media_differs", name, "Its digests are not all those of its media.ingested entry")
    for name in sorted(set(index) - set(found)):
        media.failed("media_missing", name, f"Listed in {MEDIA_INDEX}, but there is no such file")


def _is_companion(name: str) -> bool:
    """Files beside media that are not footage: the index, and ASC MHL v2 histories."""
    folder, _, base = name.rpartition("/")
    in_history = f"/{folder}".endswith("/ascmhl") and (base.endswith(".mhl") or base == "ascmhl_chain.xml")
    return name == MEDIA_INDEX or in_history


def check_seal(
    bundle: Path,
    audit: Audit,
    digests: Mapping[str, FileDigests],
    keys: LogKeys,
    seal: Collector,
) -> None:
    """The seal entry names this bag's tag manifests, lies in a signed tree, and that tree grew from these leaves.

    Custody-format sections 9 and 10.
    """
    for path in digests:
        if path.startswith("seal/") and path.removeprefix("seal/") not in SEAL_FILES | SEAL_COMPANIONS:
            seal.failed("stray_seal_file", path, "This file does not belong into the seal")
    raw = {name: read_bounded(bundle / "seal" / name, MAX_NOTE_BYTES) for name in sorted(SEAL_FILES)}
    entry = Entry.from_bytes(raw[SEAL_ENTRY])
    _check_seal_entry(entry, audit, digests, seal)
    checkpoint = open_checkpoint(raw[SEAL_CHECKPOINT], keys.at(Checkpoint.parse(raw[SEAL_CHECKPOINT]).size))
    if checkpoint.origin != audit.log:
        seal.failed("another_origin", f"seal/{SEAL_CHECKPOINT}", f"The checkpoint is of log {checkpoint.origin}")
    proof = TlogProof.parse(raw[SEAL_PROOF])
    if proof.checkpoint != raw[SEAL_CHECKPOINT]:
        seal.failed("another_checkpoint", f"seal/{SEAL_PROOF}", "The proof carries another checkpoint")
    if proof.index != entry.seq:
        seal.failed("another_entry", f"seal/{SEAL_PROOF}", f"The proof is of entry {proof.index}")
    _check_proofs(entry, proof, ConsistencyProof.parse(raw[SEAL_CONSISTENCY]), checkpoint, audit, seal)


def sealed_notes(bundle: Path, digests: Mapping[str, FileDigests]) -> list[tuple[str, bytes]]:
    """The seal's checkpoint with the cosignatures beside it, as one note. Raises NoteRefused, BundleUnreadable.

    Custody-format sections 9 and 10.
    """
    note = read_bounded(bundle / "seal" / SEAL_CHECKPOINT, MAX_NOTE_BYTES)
    where = f"seal/{SEAL_COSIGNATURES}"
    if where not in digests:
        return [(f"seal/{SEAL_CHECKPOINT}", note)]
    return [(where, with_lines(note, parse_lines(read_bounded(bundle / where, MAX_NOTE_BYTES))))]


def _check_seal_entry(entry: Entry, audit: Audit, digests: Mapping[str, FileDigests], seal: Collector) -> None:
    where = f"seal/{SEAL_ENTRY}"
    if (entry.type, entry.outcome, entry.log) != (SEAL_TYPE, "ok", audit.log):
        raise EntryRefused("not_a_seal_of_this_log", where)
    for name, algorithm in zip(TAG_MANIFESTS, ("sha256", "sha512"), strict=True):
        actual = getattr(digests.get(name), algorithm, None)
        if actual is None or entry.data.get(f"tagmanifest_{algorithm}") != actual:
            seal.failed("bag_differs", name, "The sealed entry names another tag manifest: the bag was made again")
    if entry.data.get("log_size") != len(audit.leaves) or entry.seq < len(audit.leaves):
        seal.failed("log_size_differs", where, f"leaves.txt has {len(audit.leaves)} entries, the seal says otherwise")
    if entry.seq == len(audit.leaves) and audit.leaves and entry.prev != audit.leaves[-1].hex():
        seal.failed("prev_differs", where, "The sealed entry does not follow the last entry of leaves.txt")


def _check_proofs(
    entry: Entry,
    proof: TlogProof,
    growth: ConsistencyProof,
    checkpoint: Checkpoint,
    audit: Audit,
    seal: Collector,
) -> None:
    try:
        verify_inclusion(entry.leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    except ProofRefused as refused:
        seal.failed(f"inclusion_{refused.reason}", f"seal/{SEAL_PROOF}", refused.message())
    if (growth.old_size, growth.new_size) != (len(audit.leaves), checkpoint.size):
        seal.failed("consistency_sizes", f"seal/{SEAL_CONSISTENCY}", "The proof joins other sizes")
    try:
        verify_consistency(len(audit.leaves), audit.root, checkpoint.size, checkpoint.root, growth.hashes)
    except ProofRefused as refused:
        seal.failed(f"consistency_{refused.reason}", f"seal/{SEAL_CONSISTENCY}", refused.message())
