"""RFC 9162 trees: our own cases reach every branch, the public vectors (when present) are not ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.errors import ProofRefused
from chain_of_custody.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "rfc6962"
LEAVES = [leaf_hash(bytes([n])) for n in range(33)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 9162 section 2.1.1 writes it down."""
    if len(leaves) == 1:
        return leaves[0]
    split = max(2**power for power in range(10) if 2**power < len(leaves))
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def reason_of(check: Callable[[], None]) -> str:
    with pytest.raises(ProofRefused) as refused:
        check()
    return refused.value.reason


def test_roots_are_those_of_the_definition() -> None:
    assert root([]) == EMPTY_ROOT
    for size in range(1, len(LEAVES) + 1):
        assert root(LEAVES[:size]) == naive_root(LEAVES[:size])


def test_a_compact_range_survives_its_database_row() -> None:
    tree = CompactRange()
    for leaf in LEAVES:
        tree = CompactRange.from_hex(tree.size, tree.to_hex()).append(leaf)
        assert len(tree.hashes) == tree.size.bit_count()
    assert tree.root == naive_root(LEAVES)


@pytest.mark.parametrize(
    ("size", "hashes", "reason"),
    [
        (2, ["00" * 32] * 2, "compact_range_size"),
        (-1, ["00" * 32], "compact_range_size"),
        (1, ["00" * 31], "hash_length"),
        (1, ["zz" * 32], "not_hexadecimal"),
    ],
)
def test_a_damaged_head_row_is_refused(size: int, hashes: list[str], reason: str) -> None:
    assert reason_of(lambda: _discard(CompactRange.from_hex(size, hashes))) == reason


def _discard(_: object) -> None: ...


@given(st.integers(1, len(LEAVES)), st.data())
def test_every_inclusion_proof_holds_and_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion_proof(LEAVES[:size], index), root(LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, proof, top)
    other = data.draw(st.integers(0, size))
    if other != index:
        assert reason_of(lambda: verify_inclusion(LEAVES[index], other, size, proof, top))
    assert reason_of(lambda: verify_inclusion(LEAVES[index], index, size, [*proof, top], top)) == "proof_too_long"
    wrong = leaf_hash(b"wrong")
    assert reason_of(lambda: verify_inclusion(LEAVES[index], index, size, proof, wrong)) == "root_differs"
    if proof:
        assert reason_of(lambda: verify_inclusion(LEAVES[index], index, size, proof[:-1], top)) == "proof_too_short"


@given(st.integers(1, len(LEAVES)), st.data())
def test_every_consistency_proof_holds_and_cannot_be_stretched(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(LEAVES[:new], old)
    was, now = root(LEAVES[:old]), root(LEAVES[:new])
    verify_consistency(old, was, new, now, proof)
    assert reason_of(lambda: verify_consistency(old, was, new, now, [*proof, now])) == "proof_too_long"
    wrong = leaf_hash(b"wrong")
    assert reason_of(lambda: verify_consistency(old, was, new, wrong, proof)) == "root_differs"
    assert reason_of(lambda: verify_consistency(old, wrong, new, now, proof)) in ("root_differs", "old_root_differs")
    if proof:
        assert reason_of(lambda: verify_consistency(old, was, new, now, proof[:-1])) == "proof_too_short"


def test_a_rewritten_past_gives_no_consistency() -> None:
    forged = [leaf_hash(b"forged"), *LEAVES[1:7]]
    proof = consistency_proof(forged, 3)
    assert reason_of(lambda: verify_consistency(3, root(LEAVES[:3]), 7, root(forged), proof)) == "old_root_differs"


def test_flipping_any_bit_of_a_proof_is_refused() -> None:
    inclusion, growth = inclusion_proof(LEAVES[:11], 6), consistency_proof(LEAVES[:11], 6)
    for proof, check in (
        (inclusion, lambda p: verify_inclusion(LEAVES[6], 6, 11, p, root(LEAVES[:11]))),
        (growth, lambda p: verify_consistency(6, root(LEAVES[:6]), 11, root(LEAVES[:11]), p)),
    ):
        for at in range(len(proof) * 32):
            changed = bytearray(b"".join(proof))
            changed[at] ^= 0x80
            cut = [bytes(changed[n : n + 32]) for n in range(0, len(changed), 32)]
            assert reason_of(lambda check=check, cut=cut: check(cut))  # type: ignore[misc]


def test_sizes_that_prove_nothing_are_refused() -> None:
    leaf = LEAVES[0]
    assert reason_of(lambda: verify_inclusion(leaf, 0, 0, [], leaf)) == "index_beyond_size"
    assert reason_of(lambda: verify_inclusion(leaf, -1, 1, [], leaf)) == "index_beyond_size"
    assert reason_of(lambda: verify_inclusion(leaf[:12], 0, 1, [], leaf)) == "hash_length"
    assert reason_of(lambda: verify_consistency(0, EMPTY_ROOT, 1, leaf, [])) == "empty_tree"
    assert reason_of(lambda: verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])) == "empty_tree"
    assert reason_of(lambda: verify_consistency(2, leaf, 1, leaf, [])) == "sizes_reversed"
    assert reason_of(lambda: verify_consistency(1, leaf, 2, leaf, [leaf[:31]])) == "hash_length"
    assert reason_of(lambda: verify_consistency(1, leaf, 2, leaf, [])) == "proof_too_short"
    assert reason_of(lambda: _discard(inclusion_proof(LEAVES, len(LEAVES)))) == "index_beyond_size"
    assert reason_of(lambda: _discard(consistency_proof(LEAVES, 0))) == "sizes"


def _cases(kind: str) -> list[Path]:
    return sorted((VECTORS / kind).rglob("*.json"))


def _hash(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside the repository")
def test_public_inclusion_vectors_are_judged_as_their_authors_do() -> None:
    cases = _cases("inclusion")
    assert len(cases) > 90
    for path in cases:
        case = json.loads(path.read_text())
        proof = [_hash(one) for one in case["proof"] or []]
        try:
            verify_inclusion(_hash(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, _hash(case["root"]))
        except ProofRefused:
            assert case["wantErr"], path
        else:
            assert not case["wantErr"], path


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside the repository")
def test_public_consistency_vectors_are_judged_as_their_authors_do_except_for_a_root_of_12_bytes() -> None:
    cases = _cases("consistency")
    assert len(cases) > 90
    for path in cases:
        case = json.loads(path.read_text())
        first, second = _hash(case["root1"]), _hash(case["root2"])
        refuse = case["wantErr"] or len(first) != 32 or len(second) != 32
        try:
            verify_consistency(case["size1"], first, case["size2"], second, [_hash(p) for p in case["proof"] or []])
        except ProofRefused:
            assert refuse, path
        else:
            assert not refuse, path
