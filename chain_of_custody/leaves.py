"""The leaf hashes of a log as one sequence that costs 32 bytes a leaf: a million entries must fit a small machine.

What the hashes mean: merkle.py, docs/custody-format.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from chain_of_custody.errors import ProofRefused
from chain_of_custody.merkle import HASH_BYTES


class Leaves(Sequence[bytes]):
    """Leaf hashes in order (custody-format section 5). Raises ProofRefused for one that is not 32 bytes."""

    __slots__ = ("_joined",)

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        joined = bytearray()
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise ProofRefused("hash_length", detail=f"every hash is {HASH_BYTES} bytes")
            joined += leaf
        self._joined = joined

    def __len__(self) -> int:
        return len(self._joined) // HASH_BYTES

    def __iter__(self) -> Iterator[bytes]:
        joined = self._joined
        for at in range(0, len(joined), HASH_BYTES):
            yield bytes(joined[at : at + HASH_BYTES])

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Leaves: ...
    def __getitem__(self, at: int | slice) -> bytes | Leaves:
        places = range(len(self))[at]
        if isinstance(places, int):
            return bytes(self._joined[places * HASH_BYTES : (places + 1) * HASH_BYTES])
        return Leaves(self[one] for one in places)
