"""The second phase of a bundle: a log entry binds the bag, a checkpoint covers it, `seal/` carries both.

bag -> digests of the tag manifests -> entry `bundle.sealed` -> checkpoint -> seal/. docs/custody-format.md section 9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from chain_of_custody.bag import MAX_TAG_BYTES, TAG_MANIFESTS, BagDigests
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BagRefused
from chain_of_custody.files import read_bounded
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof

SEAL_TYPE = "bundle.sealed"
SEAL_ENTRY, SEAL_CHECKPOINT = "seal-entry.json", "checkpoint"
SEAL_PROOF, SEAL_CONSISTENCY = "seal.tlog-proof", "consistency"
SEAL_COSIGNATURES, SEAL_TIMESTAMP = "cosignatures", "timestamp.tsr"
SEAL_FILES = frozenset({SEAL_ENTRY, SEAL_CHECKPOINT, SEAL_PROOF, SEAL_CONSISTENCY})
SEAL_COMPANIONS = frozenset({SEAL_COSIGNATURES, SEAL_TIMESTAMP, "timestamp.tsq", "tsa.pem"})
"""What may come later: witnesses' signature lines, an RFC 3161 response with its request and certificates."""


def seal_data(bag: BagDigests, log_size: int) -> dict[str, object]:
    """`data` of the `bundle.sealed` entry. `log_size`: entries listed in the bundle's leaves.txt.

    Custody-format section 9.
    """
    return {
        "tagmanifest_sha256": bag.tagmanifest_sha256,
        "tagmanifest_sha512": bag.tagmanifest_sha512,
        "payload_bytes": bag.payload_bytes,
        "payload_files": bag.payload_files,
        "log_size": log_size,
    }


def write_seal(
    bundle: Path,
    *,
    entry: bytes,
    proof: TlogProof,
    checkpoint: bytes,
    consistency: ConsistencyProof,
    companions: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write `seal/`. Raises BagRefused when the entry seals another bag or the proof carries another checkpoint.

    Custody-format section 9.
    """
    sealed = Entry.from_bytes(entry)
    manifest = read_bounded(bundle / TAG_MANIFESTS[0], MAX_TAG_BYTES)
    if sealed.type != SEAL_TYPE or sealed.data.get("tagmanifest_sha256") != hashlib.sha256(manifest).hexdigest():
        raise BagRefused("entry_seals_another_bag", SEAL_ENTRY)
    if proof.checkpoint != checkpoint or proof.index != sealed.seq:
        raise BagRefused("proof_of_another_entry", SEAL_PROOF)
    if odd := set(companions) - SEAL_COMPANIONS:
        raise BagRefused("not_part_of_a_seal", min(odd))
    folder = bundle / "seal"
    folder.mkdir()
    (folder / SEAL_ENTRY).write_bytes(entry)
    (folder / SEAL_CHECKPOINT).write_bytes(checkpoint)
    (folder / SEAL_PROOF).write_bytes(proof.format())
    (folder / SEAL_CONSISTENCY).write_bytes(consistency.format())
    for name, content in companions.items():
        (folder / name).write_bytes(content)
