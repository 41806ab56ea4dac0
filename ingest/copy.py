"""Taking one file from a source into the vault: one pass of copy and hash, read back before it gets its name.

Order (crash-safe): write part and journal, fsync, read back and compare, key record, rename, fsync folder. Nothing
half-written ever stands under a final name. Which files to take is ``ingest.plan``'s business; many small files
together are ``ingest.copy_together``'s.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chain_of_custody.digest import Digests
from ingest.copy_troubles import differs, gone_on_disk, source_trouble, stopped, vanished, vault_trouble
from ingest.errors import CopyStopped, SourceChanged, SourceVanished, VaultDamaged
from ingest.files import forget_cached
from ingest.journal import BLOCK_BYTES
from ingest.listing import FoundFile
from ingest.resuming import Resumable, begin, go_on
from ingest.source import open_found
from ingest.vault import Vault
from ingest.vault_reader import VaultReader

BUFFER_BYTES = 256 * 1024
WRITEBACK_BYTES = 8 * 1024 * 1024

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]
Throttle = Callable[[int], None]


class Verify(StrEnum):
    """``readback`` compares what the vault's disk gives; ``double-read`` also reads the source a second time."""

    READBACK = "readback"
    DOUBLE_READ = "double-read"


@dataclass(frozen=True, slots=True)
class Taken:
    """What arrived: its digests, and whether the vault already held the same bytes.

    ``resumed_at``: how many bytes an earlier, interrupted copy had brought; 0 for a copy in one go.
    """

    digests: Digests
    duplicate: bool
    resumed_at: int = 0


def no_progress(copied: int) -> None:
    """A progress sink for callers that show none; ``copied`` is bytes of this file so far."""


def never_cancelled() -> bool:
    """A stop signal that is never given."""
    return False


def no_throttle(count: int) -> None:
    """For callers that let a copy run as fast as it can; ``count`` is the bytes just copied."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whoever looks on while a file is copied, is asked whether to stop, and may slow the copy down by waiting."""

    progress: Progress = no_progress
    cancelled: Cancelled = never_cancelled
    throttle: Throttle = no_throttle


def take_file(
    source_root: Path,
    found: FoundFile,
    vault: Vault,
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
    throttle: Throttle = no_throttle,
    verify: Verify = Verify.READBACK,
) -> Taken:
    """Copy ``found`` from below ``source_root`` into ``vault`` and return its digests.

    ``progress`` gets the bytes of this file copied so far after each buffer; ``cancelled`` is asked before each;
    ``throttle`` gets each buffer's bytes and may wait. Raises SourceUnreadable, SourceVanished, SourceChanged,
    ReadsDiffer, DiskFull, VaultDamaged, VaultLocked, CopyStopped. Of a file whose source vanished or whose copy was
    stopped, whole blocks of 4 MiB wait in staging for another try; else nothing of it is left in the vault.
    """
    hooks = Hooks(progress, cancelled, throttle)
    source = open_source(source_root, found)
    try:
        check_unchanged(source, found)
        try:
            work = go_on(vault, found, source) or begin(vault, found)
        except OSError as error:
            raise vault_trouble(error, found, vault) from error
        try:
            return _take(source, source_root, found, vault, work, hooks, verify)
        except (SourceVanished, CopyStopped, KeyboardInterrupt):
            work.leave()
            raise
        except OSError as error:
            work.discard()
            raise vault_trouble(error, found, vault) from error
        finally:
            work.discard()
    finally:
        os.close(source)


def _take(
    source: int, root: Path, found: FoundFile, vault: Vault, work: Resumable, hooks: Hooks, verify: Verify
) -> Taken:
    part, resumed_at = work.part, work.part.size
    digests = copy_into(source, root, found, work, hooks)
    check_unchanged(source, found)
    if vault.has(digests.sha256):
        check_held(vault, digests)
        return Taken(digests, duplicate=True, resumed_at=resumed_at)
    part.finish()
    part.sync()
    with part.read_back() as reader:
        check_read_back(reader, digests, found)
    same = verify is Verify.READBACK or _second_reading(source, found) == digests.sha256
    vault.keep_original(part, digests.sha256)
    if not same:
        vault.quarantine.set_aside(digests.sha256, "second_reading_differs")
        raise differs(found)
    return Taken(digests, duplicate=False, resumed_at=resumed_at)


def open_source(root: Path, found: FoundFile) -> int:
    """A descriptor of the source file. Raises SourceUnreadable, SourceVanished."""
    try:
        return open_found(root, found.name)
    except OSError as error:
        raise source_trouble(error, found) from error


def check_unchanged(source: int, found: FoundFile) -> None:
    """Raise SourceChanged when the open source is no longer what was listed."""
    try:
        facts = os.fstat(source)
    except OSError as error:
        raise source_trouble(error, found) from error
    if (facts.st_size, facts.st_mtime_ns) != (found.size, found.mtime_ns):
        raise SourceChanged(
            f"'{found.name.shown}' changed after it was listed: {found.size} bytes then, {facts.st_size} bytes now, "
            "or written to since. Make sure nothing still writes to the card, then read the card again."
        )


def copy_into(source: int, root: Path, found: FoundFile, work: Resumable, hooks: Hooks) -> Digests:
    """Copy what of the source is not in the part yet; the part is not finished. Raises as ``take_file``."""
    part, hasher, done = work.part, work.hasher, work.part.size
    buffer = memoryview(bytearray(BUFFER_BYTES))
    while True:
        if hooks.cancelled():
            raise stopped(found)
        count = read_source(source, buffer[: BLOCK_BYTES - done % BLOCK_BYTES], found)
        if count == 0:
            break
        hasher.update(buffer[:count])
        part.write(buffer[:count])
        done += count
        if done % BLOCK_BYTES == 0:
            work.mark(done, hasher.so_far())
        work.note()
        part.write_back(WRITEBACK_BYTES)
        hooks.throttle(count)
        hooks.progress(done)
    if done < found.size and not _still_there(root, found):
        raise vanished(found, detail=f"end of file at {done} of {found.size}")
    if done != found.size:
        raise SourceChanged(
            f"'{found.name.shown}' gave {done} bytes where {found.size} were listed. "
            "Make sure nothing writes to the card, then read the card again."
        )
    return hasher.finish()


def read_source(source: int, buffer: memoryview, found: FoundFile) -> int:
    """Fill ``buffer`` from where the source stands; 0 at its end. Raises SourceVanished."""
    try:
        if hasattr(os, "readv"):
            return os.readv(source, [buffer])
        data = os.read(source, len(buffer))
    except OSError as error:
        raise source_trouble(error, found) from error
    buffer[: len(data)] = data
    return len(data)


def check_read_back(reader: VaultReader, digests: Digests, found: FoundFile) -> None:
    """Raise VaultDamaged unless the vault's disk gives the bytes that were read from the source."""
    try:
        read = hashlib.file_digest(reader, "sha256").hexdigest()
    except VaultDamaged as altered:
        raise gone_on_disk(found, altered.detail) from altered
    if read != digests.sha256:
        raise gone_on_disk(found, f"read back {read}")


def check_held(vault: Vault, digests: Digests) -> None:
    """Raise VaultDamaged unless the original already held has the size of the one just read."""
    held = vault.size_of(digests.sha256)
    if held != digests.size:
        raise VaultDamaged(
            f"The preserved original {digests.sha256} has {held} bytes where it should have {digests.size}. "
            "Keep this card: set the damaged original aside, then take the card again."
        )


def _second_reading(source: int, found: FoundFile) -> str:
    forget_cached(source, 0, 0)
    hasher = hashlib.sha256()
    buffer = memoryview(bytearray(BUFFER_BYTES))
    os.lseek(source, 0, os.SEEK_SET)
    while count := read_source(source, buffer, found):
        hasher.update(buffer[:count])
    return hasher.hexdigest()


def _still_there(root: Path, found: FoundFile) -> bool:
    try:
        os.close(open_found(root, found.name))
    except OSError:
        return False
    return True
