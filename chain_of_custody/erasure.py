"""Erasing a payload's content: the tombstone entry that says so, written and read.

What it does and does not allow: docs/custody-format.md section 4. Who misses what without one: log_checks.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chain_of_custody.errors import EntryRefused
from chain_of_custody.fields import HEX32

ERASED = "retention.payload_erased"


def erasure_data(commitments: Collection[str]) -> dict[str, object]:
    """`data` of the tombstone for these commitments (custody-format section 4). Raises EntryRefused."""
    data: dict[str, object] = {"commitments": sorted(set(commitments))}
    erased_by(data)
    return data


def erased_by(data: Mapping[str, object]) -> tuple[bytes, ...]:
    """The commitments a tombstone names, 32 bytes each (custody-format section 4). Raises EntryRefused."""
    named = data.get("commitments")
    if not isinstance(named, list) or not named:
        raise EntryRefused("tombstone_malformed", "data", "it names no commitments")
    if any(not isinstance(one, str) or not HEX32.fullmatch(one) for one in named):
        raise EntryRefused("tombstone_malformed", "data", "a commitment is 64 hexadecimal digits")
    return tuple(bytes.fromhex(one) for one in named)
