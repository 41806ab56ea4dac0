"""The custody log of a bundle's content behind the ground package's reading interface, and its seal.

The files themselves are written by chain_of_custody, which also verifies them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bwc_review.export.timestamp_files import write_timestamps
from bwc_review.ports.bundle import DisclosedLog, LaidOut, Seal
from bwc_review.ports.timestamps import Timestamp
from chain_of_custody.custody_folder import write_custody
from chain_of_custody.merkle import consistency_proof
from chain_of_custody.payload import Payload
from chain_of_custody.seal import SEAL_COSIGNATURES, write_seal
from chain_of_custody.source import CUSTODY, BundleSource
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof

_NOT_CODE = re.compile(r"[^a-z0-9_]+")


class DisclosedSource:
    """A DisclosedLog as an EntrySource. Holds nothing of its own."""

    def __init__(self, log: DisclosedLog) -> None:
        self._log = log

    @property
    def log(self) -> str:
        """The log's origin."""
        return self._log.origin

    def leaves(self) -> Iterator[bytes]:
        """Every leaf hash, in order."""
        return iter(self._log.leaves)

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        """The disclosed entries of a range, None where one is withheld."""
        return (self._log.entries.get(seq) for seq in range(start, stop))

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, None]]:
        """The same with no columns: a bundle has the bytes only."""
        return ((raw, None) for raw in self.entries(start, stop))

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        """The signature files of a range, None where nobody signed or the entry is withheld."""
        return (self._log.signatures.get(seq) for seq in range(start, stop))

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """Every disclosed payload."""
        return ((name, Payload(salt, content)) for name, (salt, content) in self._log.payloads.items())

    def checkpoints(self) -> Iterator[bytes]:
        """Every signed checkpoint, oldest first."""
        return iter(self._log.checkpoints)

    def vkeys(self) -> Sequence[str]:
        """The log's own key; it proves nothing unless it was obtained elsewhere too."""
        return (self._log.vkey,)


def write_custody_files(root: Path, log: DisclosedLog, timestamps: Sequence[Timestamp] = ()) -> None:
    """Write data/custody. Raises CustodyError when the log is not consistent in itself."""
    held = len(log.leaves) - len(log.entries)
    reason = _NOT_CODE.sub("_", log.withheld_reason.lower()).strip("_")[:64] or "not_stated"
    write_custody(
        root,
        DisclosedSource(log),
        disclosed=log.entries.keys(),
        payloads=log.payloads.keys(),
        withheld={reason: held} if held else {},
    )
    write_timestamps(root / CUSTODY / "timestamps", timestamps, log.checkpoints)


def write_seal_files(laid: LaidOut, seal: Seal) -> None:
    """Write seal/: entry, checkpoint, inclusion proof, and that the bundle's log is a prefix of the sealed one.

    Raises CustodyError when the seal is another bag's.
    """
    old_size = sum(1 for _ in BundleSource(laid.folder).leaves())
    grown = ConsistencyProof(old_size, len(seal.leaves), consistency_proof(seal.leaves, old_size))
    write_seal(
        laid.folder,
        entry=seal.entry,
        proof=TlogProof(seal.index, tuple(seal.proof), seal.checkpoint),
        checkpoint=seal.checkpoint,
        consistency=grown,
        companions={SEAL_COSIGNATURES: seal.cosignatures} if seal.cosignatures else {},
    )
