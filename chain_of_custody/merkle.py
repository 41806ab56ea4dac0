"""The Merkle tree over the log: hashes, compact ranges, inclusion and consistency proofs.

SHA-256 as in RFC 9162 section 2.1 (RFC 6962 section 2.1). Every hash is 32 bytes; every refusal has a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from chain_of_custody.errors import ProofRefused

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data) (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right) (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The roots of the full subtrees of a log, largest first: all that appending needs, at most 53 hashes.

    Custody-format section 5.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ProofRefused("compact_range_size", detail=f"{len(self.hashes)} hashes for {self.size} leaves")
        _check_hashes(self.hashes)

    def append(self, leaf: bytes) -> CompactRange:
        """The range with one more leaf hash; O(log n)."""
        hashes = [*self.hashes, leaf]
        full = self.size
        while full & 1:
            right = hashes.pop()
            hashes[-1] = node_hash(hashes[-1], right)
            full >>= 1
        return CompactRange(self.size + 1, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The tree's root; SHA-256 of nothing for the empty tree."""
        if not self.hashes:
            return EMPTY_ROOT
        found = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            found = node_hash(left, found)
        return found

    def to_hex(self) -> list[str]:
        """The hashes as a database's head row keeps them."""
        return [one.hex() for one in self.hashes]

    @classmethod
    def from_hex(cls, size: int, hashes: Iterable[str]) -> CompactRange:
        """The inverse of `to_hex`. Raises ProofRefused if count or length do not fit `size`."""
        try:
            return cls(size, tuple(bytes.fromhex(one) for one in hashes))
        except ValueError as broken:
            raise ProofRefused("not_hexadecimal") from broken


class TreeBuilder:
    """A compact range that grows in place, for trees over millions of leaf hashes (32 bytes each).

    Custody-format section 5.
    """

    __slots__ = ("_hashes", "size")

    def __init__(self) -> None:
        self._hashes: list[bytes] = []
        self.size = 0

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; about one node hash of work."""
        hashes, full = self._hashes, self.size
        while full & 1:
            leaf = _sha256(b"\x01" + hashes.pop() + leaf).digest()
            full >>= 1
        hashes.append(leaf)
        self.size += 1

    def range(self) -> CompactRange:
        """The tree so far, as a value."""
        return CompactRange(self.size, tuple(self._hashes))


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in order (custody-format section 5)."""
    tree = TreeBuilder()
    for leaf in leaves:
        tree.append(leaf)
    return tree.range().root


def roots_at(leaves: Iterable[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root over the first n leaves, for each n of `sizes` that the log reaches, and for 0.

    Custody-format section 5.
    """
    tree, last = TreeBuilder(), max(sizes, default=0)
    roots = {0: EMPTY_ROOT}
    for leaf in islice(leaves, last):
        tree.append(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.range().root
    return roots


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Proof that leaf `index` stands in the tree over `leaves` (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise ProofRefused("index_beyond_size", detail=f"{index} of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*inclusion_proof(left, index), root(right))
    return (*inclusion_proof(right, index - split), root(left))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Raise ProofRefused unless `proof` leads from `leaf` at `index` to the root (RFC 9162 section 2.1.3.2)."""
    _check_hashes((leaf, root_hash, *proof))
    if not 0 <= index < size:
        raise ProofRefused("index_beyond_size", detail=f"{index} of {size}")
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofRefused("proof_too_long")
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("proof_too_short")
    if found != root_hash:
        raise ProofRefused("root_differs")


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Proof that the first `old_size` leaves are a prefix of `leaves` (RFC 9162 section 2.1.4.1)."""
    if not 0 < old_size <= len(leaves):
        raise ProofRefused("sizes", detail=f"{old_size} of {len(leaves)}")
    return _subproof(leaves, old_size, known=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, known: bool) -> tuple[bytes, ...]:
    if old_size == len(leaves):
        return () if known else (root(leaves),)
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if old_size <= split:
        return (*_subproof(left, old_size, known=known), root(right))
    return (*_subproof(right, old_size - split, known=False), root(left))


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ProofRefused unless the old tree is a prefix of the new one (RFC 9162 section 2.1.4.2).

    From an empty tree nothing can be proved, so it is refused rather than waved through.
    """
    _check_hashes((old_root, new_root, *proof))
    if old_size > new_size:
        raise ProofRefused("sizes_reversed", detail=f"{old_size} > {new_size}")
    if old_size <= 0:
        raise ProofRefused("empty_tree")
    if old_size == new_size:
        if proof:
            raise ProofRefused("proof_too_long")
        if old_root != new_root:
            raise ProofRefused("root_differs")
        return
    _verify_growth(old_size, old_root, new_size, new_root, proof)


def _verify_growth(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if len(path) < 2:
        raise ProofRefused("proof_too_short")
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofRefused("proof_too_long")
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("proof_too_short")
    if old != old_root:
        raise ProofRefused("old_root_differs")
    if new != new_root:
        raise ProofRefused("root_differs")


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofRefused("hash_length", detail=f"every hash is {HASH_BYTES} bytes")
