"""The small interface through which the verifier reads a log, and its reader for a custody folder.

The application's store implements the same interface over its database. Layout: docs/custody-format.md section 7.
Columns: section 11, level L1.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from chain_of_custody.canonical import MAX_BYTES, parse
from chain_of_custody.errors import BundleUnreadable, PayloadRefused
from chain_of_custody.fields import HEX32, Fields
from chain_of_custody.files import open_regular, read_bounded
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.payload import Payload

MAX_LEAVES = 5_000_000
MAX_PAYLOADS_BYTES = 256 << 20
MAX_CHECKPOINTS = 1_000_000
MAX_KEY_BYTES = 4096
MAX_SIGNATURE_BYTES = 4096
CUSTODY = "data/custody"

_PAYLOAD_KEYS = frozenset({"salt", "content"})
_LEAF_LINE = 65


Columns = tuple[object, ...]
"""A database's copies of an entry's fields, in the order of seen.COLUMNS."""


class EntrySource(Protocol):
    """One log as it stands at one moment; every method may be called again and gives the same.

    Custody-format section 7.
    """

    @property
    def log(self) -> str:
        """The log's origin."""
        ...

    def leaves(self) -> Iterator[bytes]:
        """The leaf hash (32 bytes) of every entry, in order, withheld ones included."""
        ...

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        """The stored bytes of entries start..stop-1, None for one that is withheld."""
        ...

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, Columns | None]]:
        """As `entries`, each with the database's copies of its fields, None where there are none."""
        ...

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        """The signature file of entries start..stop-1 (custody-format section 6), None where nobody signed."""
        ...

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        """(commitment, payload) for each payload that is present."""
        ...

    def checkpoints(self) -> Iterator[bytes]:
        """Every checkpoint ever signed, as signed notes, in order."""
        ...

    def vkeys(self) -> Sequence[str]:
        """Verifier keys that come with the log; they prove nothing unless obtained elsewhere too."""
        ...


class FolderSource:
    """A custody folder (custody-format section 7). Bounded reads; raises BundleUnreadable and its kin, or OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def log(self) -> str:
        return Fields(self.policy(), POLICY_KEYS, BundleUnreadable, "policy.json").text("log")

    def policy(self) -> dict[str, object]:
        """What was withheld, as the exporter says (custody-format section 7)."""
        return parse(read_bounded(self._folder / "policy.json", MAX_BYTES))

    def leaves(self) -> Iterator[bytes]:
        with open_regular(self._folder / "leaves.txt") as raw, io.BufferedReader(raw) as file:
            count = 0
            while line := file.readline(_LEAF_LINE + 1):
                text = line[:-1].decode("ascii", "replace")
                if len(line) != _LEAF_LINE or line[-1:] != b"\n" or not HEX32.fullmatch(text):
                    raise BundleUnreadable("leaf_line", "leaves.txt", f"line {count + 1}")
                if count == MAX_LEAVES:
                    raise BundleUnreadable("too_large", "leaves.txt")
                count += 1
                yield bytes.fromhex(text)

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        return self._each(start, stop, entry_name, MAX_BYTES)

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        return self._each(start, stop, signature_name, MAX_SIGNATURE_BYTES)

    def _each(self, start: int, stop: int, name: Callable[[int], str], limit: int) -> Iterator[bytes | None]:
        for seq in range(start, stop):
            file = self._folder / "entries" / name(seq)
            yield read_bounded(file, limit) if file.exists() else None

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, Columns | None]]:
        for raw in self.entries(start, stop):
            yield raw, None  # a folder has the bytes only

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        table = parse(read_bounded(self._folder / "payloads.json", MAX_PAYLOADS_BYTES), max_bytes=MAX_PAYLOADS_BYTES)
        for commitment, row in table.items():
            got = Fields(row, _PAYLOAD_KEYS, PayloadRefused, commitment[:16])
            try:
                content = base64.b64decode(got.text("content"), validate=True)
            except (binascii.Error, ValueError) as broken:
                raise PayloadRefused("base64", commitment[:16]) from broken
            yield commitment, Payload(got.hexadecimal("salt"), content)

    def checkpoints(self) -> Iterator[bytes]:
        for number in range(MAX_CHECKPOINTS):
            file = self._folder / "checkpoints" / checkpoint_name(number)
            if not file.exists():
                return
            yield read_bounded(file, MAX_NOTE_BYTES)

    def vkeys(self) -> Sequence[str]:
        return split_vkeys(read_bounded(self._folder / "keys" / "log.vkey", MAX_KEY_BYTES))


class BundleSource(FolderSource):
    """The custody folder of a bundle (custody-format section 7)."""

    def __init__(self, bundle: Path) -> None:
        super().__init__(bundle / CUSTODY)


POLICY_KEYS = frozenset(
    {
        "v",
        "log",
        "size",
        "entries_disclosed",
        "entries_withheld",
        "payloads_disclosed",
        "payloads_withheld",
        "withheld",
    }
)


def entry_name(seq: int) -> str:
    """File name of a disclosed entry (custody-format section 7)."""
    return f"{seq:08d}.json"


def signature_name(seq: int) -> str:
    """File name of the operator signatures beside a disclosed entry (custody-format section 7)."""
    return f"{seq:08d}.sig"


def checkpoint_name(number: int) -> str:
    """File name of the checkpoint with that number, counted from 0 in the order they were signed.

    Custody-format section 7.
    """
    return f"{number:04d}.note"


def split_vkeys(raw: bytes) -> tuple[str, ...]:
    """The lines of a key file, one vkey a line (custody-format section 7)."""
    return tuple(line for line in raw.decode("utf-8", "replace").splitlines() if line)
