"""A copy that can be gone on with: its part, its journal, and the state of its digests.

What an earlier try left is believed as far as the part gives the digests in the journal; then the source is asked
for the same bytes at the beginning and the end of every block, so that no other file's beginning is continued.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from chain_of_custody.digest import MediaHasher
from ingest.errors import VaultDamaged, VaultLocked
from ingest.journal import BLOCK_BYTES, JOURNAL, Journal, Mark, Noted, identity_of, read_journal
from ingest.listing import FoundFile
from ingest.locks import is_owned
from ingest.object_keys import wrap
from ingest.parts import Part
from ingest.vault import Vault
from ingest.vault_reader import WHOLE

SAMPLE_BYTES = 64 * 1024


@dataclass(eq=False)
class Resumable:
    """One copy under way. ``journal`` is None for a file too small to have blocks, or where none could be begun."""

    part: Part
    hasher: MediaHasher
    journal: Journal | None
    _waiting: list[Mark] = field(default_factory=list)
    _left: bool = False

    def mark(self, at: int, sha256: str) -> None:
        """A whole block was written whose digest with everything before it is this."""
        self._waiting.append(Mark(at, sha256))

    def note(self) -> None:
        """Note the blocks that stand in the file by now; a sealed part holds its last segment in memory."""
        while self.journal is not None and self._waiting and self._waiting[0].at <= self.part.flushed:
            ready = self._waiting.pop(0)
            self.journal.mark(ready.at, ready.sha256)

    def leave(self) -> None:
        """Let what is there wait for another try, if the journal marks any of it."""
        if self.journal is not None and self.part.flushed >= BLOCK_BYTES:
            self.journal.close()
            self.part.close()
            self._left = True

    def discard(self) -> None:
        """Remove part and journal, unless they were left or the part is kept by now."""
        if self._left:
            return
        if self.journal is not None:
            self.journal.discard()
        self.part.discard()


def begin(vault: Vault, found: FoundFile) -> Resumable:
    """A copy from the first byte. Raises OSError, VaultLocked, VaultBusy."""
    if found.size <= BLOCK_BYTES:
        return Resumable(vault.new_part(), MediaHasher(), None)
    path = vault.staging / f"{identity_of(found)}.part"
    try:
        part = vault.parts.named(path) or vault.new_part()
    except FileExistsError:  # the same file is being taken elsewhere
        part = vault.new_part()
    journal = Journal(part.path.with_suffix(JOURNAL), vault.disk, _record(vault, part))
    return Resumable(part, MediaHasher(), journal)


def go_on(vault: Vault, found: FoundFile, source: int) -> Resumable | None:
    """The copy an earlier try began, with the source standing where it goes on; None when there is none to trust.

    What cannot be trusted is removed. Raises OSError, VaultLocked, VaultBusy.
    """
    path = vault.staging / f"{identity_of(found)}.part"
    noted = read_journal(path.with_suffix(JOURNAL))
    if found.size <= BLOCK_BYTES or not path.exists() or is_owned(path):
        return None
    part = _reopened(vault, path, noted) if noted is not None and noted.marks else None
    if part is not None and noted is not None:
        os.lseek(source, 0, os.SEEK_SET)
        hasher, at = _believed(part, noted, found, source)
        if at:
            part.cut(at)
            os.lseek(source, at, os.SEEK_SET)
            journal = Journal(path.with_suffix(JOURNAL), vault.disk, noted.record)
            resumed = Resumable(part, hasher, journal)
            _again(journal, noted, at)
            return resumed
        os.lseek(source, 0, os.SEEK_SET)
        part.close()
    vault.disk.unlink(path)
    vault.disk.unlink(path.with_suffix(JOURNAL))
    return None


def _again(journal: Journal, noted: Noted, at: int) -> None:
    for mark in noted.marks:
        if mark.at <= at:
            journal.mark(mark.at, mark.sha256)


def _record(vault: Vault, part: Part) -> str:
    key = part.sealed_with
    return "" if key is None else wrap(key, "", vault.keys.ring()).decode("ascii")


def _reopened(vault: Vault, path: Path, noted: Noted) -> Part | None:
    """The part as it was left; None when the vault is encrypted now and was not then, or its key is gone."""
    if bool(noted.record) != vault.encrypted:
        return None
    try:
        return vault.parts.left(path, noted.record.encode())
    except (VaultDamaged, VaultLocked):  # not the file it was, or a rotation dropped the key it waited under
        return None


def _believed(part: Part, noted: Noted, found: FoundFile, source: int) -> tuple[MediaHasher, int]:
    """The digests of the longest beginning that part, journal and source agree on, and its length."""
    hasher, running, at = MediaHasher(), hashlib.sha256(), 0
    with contextlib.suppress(OSError), contextlib.closing(part.pieces()) as pieces:
        for mark in noted.marks:
            block = b"".join(islice(pieces, BLOCK_BYTES // WHOLE)) if mark.at == at + BLOCK_BYTES else b""
            ahead = running.copy()
            ahead.update(block)
            if len(block) != BLOCK_BYTES or ahead.hexdigest() != mark.sha256:
                break
            if mark.at > found.size or not _source_agrees(source, at, block):
                break
            running = ahead
            hasher.update(memoryview(block))
            at = mark.at
    return hasher, at


def _source_agrees(source: int, at: int, block: bytes) -> bool:
    for start in (0, len(block) - SAMPLE_BYTES):
        os.lseek(source, at + start, os.SEEK_SET)
        if os.read(source, SAMPLE_BYTES) != block[start : start + SAMPLE_BYTES]:
            return False
    return True
