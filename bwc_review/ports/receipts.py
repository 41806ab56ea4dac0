"""What a docking receipt says, and who prints it. Its looks are the printer's, its facts the use case's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bwc_review.ports.records import Acquisition, Docking, Met
from chain_of_custody.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who took the card and what the custody log says of it: the docking's entries are ``first`` to ``last``.

    ``auth`` and ``key`` are those of the closing entry; an empty ``key`` means the workstation alone attests.
    Times are microseconds since 1970 UTC, by the workstation's clock.
    """

    operator: str
    role: str
    auth: str
    key: str
    first: int
    last: int
    finished_at: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything a docking receipt says. ``note`` is the signed checkpoint, verbatim; ``checkpoint`` what it says."""

    docking: Docking
    acquisitions: Sequence[Acquisition]
    attested: Attestation
    checkpoint: Checkpoint
    note: bytes
    vkey: str
    workstation: str
    app: str
    printed_at: int
    printed_by: str
    waiting: Sequence[Met] = ()
    """What was met and is settled by no acquisition yet: it lies on the card only."""


@dataclass(frozen=True, slots=True)
class RenderedReceipt:
    """One rendering of a receipt, whole in memory. ``name`` is a safe file name."""

    name: str
    content: bytes


class ReceiptPrinter(Protocol):
    """Renders receipts and puts them on the disk."""

    def render(self, receipt: Receipt) -> Sequence[RenderedReceipt]:
        """Every form the receipt is handed out in. Pure: the same receipt gives the same bytes."""

    def write(self, rendered: Sequence[RenderedReceipt], into: Path) -> Sequence[Path]:
        """Write each whole under a name that was free. Raises ReceiptFailed; then none of them is left."""
