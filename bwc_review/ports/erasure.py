"""What erasing a content asks of the store: who committed to it, taking it and its copies away, what still shows it.

docs/custody-format.md section 4. The contract runs on both engines: tests/contract/test_store_erasure.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Committed:
    """A content the log commits to: by which entry (``seq``), about what, under which name, in which docking."""

    commitment: str
    seq: int
    name: str
    subject: str
    docking: str = ""


class Erasures(Protocol):
    """The erasing side of one log."""

    def committed(self, commitments: Sequence[str]) -> Sequence[Committed]:
        """Who committed to these, in the log's order; one that no entry commits to is left out."""

    def erased(self) -> frozenset[str]:
        """Every commitment whose content was erased on record."""

    def erase(self, what: Committed, texts: Sequence[str], tombstone: int) -> int:
        """Take a payload away, write the mark over copies equal to one of ``texts``; return how many copies.

        ``tombstone`` is the number of the entry that says so, written before in the same transaction.
        """

    def still_shown(self, text: str) -> Sequence[str]:
        """Places of the database in which ``text`` still stands, as a person would name them."""
