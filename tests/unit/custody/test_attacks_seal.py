"""Attacks on the seal and the keys, each with the check that must catch it.

Where only a trusted key or a witness can tell, the test says so. docs/custody-format.md section 13.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path

from chain_of_custody import merkle
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.head import LogHead
from chain_of_custody.report import Report
from chain_of_custody.seal import seal_data, write_seal
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof
from chain_of_custody.verify import Level, verify_bundle, verify_log
from tests.unit.custody.scene import (
    KEY,
    ORIGIN,
    MemoryLog,
    bag_up,
    key_named,
    lay_out,
    made_log,
    make_bundle,
    remanifest,
    seal_up,
)

VKEY = KEY.vkey.format()
ENTRY = "data/custody/entries/00000001.json"
BAG, FORM, CHAIN, TREE, SIGNATURES, PAYLOADS, MEDIA, TIME, SEAL = range(1, 10)


def caught(report: Report) -> dict[int, set[str]]:
    """Step number -> codes that failed there."""
    assert report.verdict is Verdict.FAILED, report.to_text()
    failed = {step.number: {f.code for f in step.findings if f.severity is Severity.FAILED} for step in report.steps}
    return {number: codes for number, codes in failed.items() if codes}


def verified(root: Path) -> dict[int, set[str]]:
    return caught(verify_bundle(root, trusted_vkey=VKEY))


def live(log: MemoryLog) -> set[str]:
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    return set().union(*caught(report).values())


# --- the seal ------------------------------------------------------------------------------------------------------


def test_a_missing_seal_is_a_failure_not_a_doubt(bundle: Path) -> None:
    shutil.rmtree(bundle / "seal")
    assert verified(bundle) == {SEAL: {"missing"}}


def test_a_stray_file_beside_the_seal_is_caught_by_its_allow_list(bundle: Path) -> None:
    (bundle / "seal/note.txt").write_bytes(b"")
    assert verified(bundle) == {SEAL: {"stray_seal_file"}}


def test_the_seal_of_another_bundle_of_the_same_log_is_caught(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    log = made_log()
    lay_out(other, log)
    (other / "VERIFY.txt").write_text("another bundle\n")
    seal_up(other, log, bag_up(other))
    shutil.rmtree(bundle / "seal")
    (other / "seal").rename(bundle / "seal")
    assert verified(bundle) == {SEAL: {"bag_differs"}}


def test_a_forged_seal_under_the_thiefs_own_key_is_caught_by_the_key_obtained_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "IR"
    root.mkdir()
    log = made_log()
    log.key = key_named("thief")
    log.notes.clear()
    log.checkpoint()
    lay_out(root, log)
    seal_up(root, log, bag_up(root))
    assert verified(root) == {SIGNATURES: {"key_replaced", "unknown_key"}, SEAL: {"unknown_key"}}
    assert verify_bundle(root).verdict is Verdict.VERIFIED_WITH_UNCHECKED


def test_a_low_order_key_in_the_bundle_is_caught_on_load(bundle: Path) -> None:
    public = b"\x01" + bytes(31)
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4].hex()
    material = base64.b64encode(b"\x01" + public).decode()
    vkey = f"{ORIGIN}+{key_id}+{material}\n"
    (bundle / "data/custody/keys/log.vkey").write_text(vkey)
    found = caught(verify_bundle(bundle))
    assert found[SIGNATURES] == {"low_order"}
    assert found[SEAL] - {"bag_differs"} == {"unknown_key"}


def _seal_parts(log: MemoryLog, seq: int) -> tuple[bytes, bytes]:
    """An entry's inclusion file and the checkpoint it leads to."""
    note = log.notes[-1]
    return TlogProof(seq, merkle.inclusion_proof(log.leaf_list, seq), note).format(), note


def test_a_seal_whose_parts_come_from_different_moments_is_caught(
    bundle: Path, pristine: tuple[Path, MemoryLog]
) -> None:
    log = pristine[1]
    (bundle / "seal/checkpoint").write_bytes(Checkpoint(ORIGIN, 6, merkle.root(log.leaf_list[:6])).sign(KEY))
    found = verified(bundle)[SEAL]
    assert {"another_checkpoint", "consistency_sizes"} <= found
    assert any(code.startswith("inclusion_") for code in found)


def test_a_proof_of_another_entry_is_caught(bundle: Path, pristine: tuple[Path, MemoryLog]) -> None:
    (bundle / "seal/seal.tlog-proof").write_bytes(_seal_parts(pristine[1], 5)[0])
    found = verified(bundle)[SEAL]
    assert "another_entry" in found and any(code.startswith("inclusion_") for code in found)


def test_an_ordinary_entry_in_place_of_the_seal_entry_is_caught(
    bundle: Path, pristine: tuple[Path, MemoryLog]
) -> None:
    (bundle / "seal/seal-entry.json").write_bytes(pristine[1].stored[5])
    assert verified(bundle) == {SEAL: {"not_a_seal_of_this_log"}}


def test_a_checkpoint_of_another_log_in_the_seal_is_caught(bundle: Path, pristine: tuple[Path, MemoryLog]) -> None:
    other = key_named("log key", "agency.example/bwc/ws-18")
    log = pristine[1]
    note = Checkpoint(other.name, 7, merkle.root(log.leaf_list[:7])).sign(other)
    (bundle / "seal/checkpoint").write_bytes(note)
    report = verify_bundle(bundle, trusted_vkey=f"{VKEY}\n{other.vkey.format()}")
    assert "another_origin" in caught(report)[SEAL]


def test_leaves_cut_short_are_caught_by_the_seals_own_count(bundle: Path) -> None:
    file = bundle / "data/custody/leaves.txt"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n", newline="\n")
    remanifest(bundle)
    found = verified(bundle)
    assert "log_cut" in found[TREE]
    assert {"log_size_differs", "bag_differs", "consistency_sizes"} <= found[SEAL]


def test_a_seal_entry_that_claims_a_place_inside_the_exported_log_is_caught(tmp_path: Path) -> None:
    root = tmp_path / "IR"
    root.mkdir()
    lay_out(root, made_log())
    bag, fork = bag_up(root), MemoryLog()
    for _ in range(4):
        fork.add("media.viewed")
    entry = fork.add("bundle.sealed", seal_data(bag, 5))
    note = fork.checkpoint()
    proof = TlogProof(4, merkle.inclusion_proof(fork.leaf_list, 4), note)
    write_seal(root, entry=entry.to_bytes(), proof=proof, checkpoint=note, consistency=ConsistencyProof(5, 5, ()))
    assert verified(root) == {SEAL: {"log_size_differs", "consistency_root_differs"}}


def test_a_seal_entry_that_follows_other_leaves_is_caught_by_prev(tmp_path: Path) -> None:
    root = tmp_path / "IR"
    root.mkdir()
    log = made_log()
    lay_out(root, log)
    bag = bag_up(root)
    log.head = LogHead(log.log, 5, merkle.leaf_hash(b"other"), log.head.last_at, log.head.tree)
    entry = log.add("bundle.sealed", seal_data(bag, 5))
    note = log.checkpoint()
    write_seal(
        root,
        entry=entry.to_bytes(),
        proof=TlogProof(5, merkle.inclusion_proof(log.leaf_list, 5), note),
        checkpoint=note,
        consistency=ConsistencyProof(5, 6, merkle.consistency_proof(log.leaf_list, 5)),
    )
    assert verified(root) == {SEAL: {"prev_differs"}}


def test_an_old_bundle_replayed_verifies_here_and_only_a_witness_or_a_later_checkpoint_can_tell(
    tmp_path: Path,
) -> None:
    root = tmp_path / "IR"
    log = make_bundle(root)
    log.add("review.amended")
    log.checkpoint()
    assert verify_bundle(root, trusted_vkey=VKEY).verdict is Verdict.VERIFIED
