"""Taking one file from a source into the vault: one pass of copy and hash, read back before it gets its name.

Order (crash-safe): write part, fsync, read back and compare, rename, fsync folder. Nothing half-written
ever stands under a final name. Which files to take is ``ingest.plan``'s business.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chain_of_custody.digest import Digests, MediaHasher
from ingest.errors import (
    CopyStopped,
    DiskFull,
    IngestError,
    SourceChanged,
    SourceUnreadable,
    SourceVanished,
    VaultDamaged,
)
from ingest.files import NO_ROOM, forget_cached, write_all
from ingest.listing import FoundFile
from ingest.names import shown_text
from ingest.source import open_found
from ingest.vault import Part, Vault

BUFFER_BYTES = 256 * 1024
WRITEBACK_BYTES = 8 * 1024 * 1024
_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN, errno.ESHUTDOWN})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EINVAL})

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Taken:
    """What arrived: its digests, and whether the vault already held the same bytes."""

    digests: Digests
    duplicate: bool


def no_progress(copied: int) -> None:
    """A progress sink for callers that show none; ``copied`` is bytes of this file so far."""


def never_cancelled() -> bool:
    """A stop signal that is never given."""
    return False


def take_file(
    source_root: Path,
    found: FoundFile,
    vault: Vault,
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> Taken:
    """Copy ``found`` from below ``source_root`` into ``vault`` and return its digests.

    ``progress`` gets the bytes of this file copied so far after each buffer; ``cancelled`` is asked before
    each. Raises SourceUnreadable, SourceVanished, SourceChanged, DiskFull, VaultDamaged, CopyStopped; after
    each of them nothing of the file is left in the vault.
    """
    source = _open(source_root, found)
    try:
        _check_unchanged(source, found)
        part = _new_part(vault, found)
        try:
            digests = _copy(source, source_root, found, part, progress, cancelled)
            _check_unchanged(source, found)
            if vault.has(digests.sha256):
                _check_held(vault, digests)
                return Taken(digests, duplicate=True)
            _read_back(part, digests, found)
            vault.keep_original(part, digests.sha256)
            return Taken(digests, duplicate=False)
        except OSError as error:
            part.discard()
            raise _vault_trouble(error, found, vault) from error
        finally:
            part.discard()
    finally:
        os.close(source)


def _open(root: Path, found: FoundFile) -> int:
    try:
        return open_found(root, found.name)
    except OSError as error:
        raise _source_trouble(error, found) from error


def _check_unchanged(source: int, found: FoundFile) -> None:
    try:
        facts = os.fstat(source)
    except OSError as error:
        raise _source_trouble(error, found) from error
    if (facts.st_size, facts.st_mtime_ns) != (found.size, found.mtime_ns):
        raise SourceChanged(
            f"'{found.name.shown}' changed after it was listed: {found.size} bytes then, {facts.st_size} bytes now, "
            "or written to since. Make sure nothing still writes to the card, then read the card again."
        )


def _new_part(vault: Vault, found: FoundFile) -> Part:
    try:
        return vault.new_part()
    except OSError as error:
        raise _vault_trouble(error, found, vault) from error


def _copy(source: int, root: Path, found: FoundFile, part: Part, progress: Progress, cancelled: Cancelled) -> Digests:
    hasher = MediaHasher()
    buffer = memoryview(bytearray(BUFFER_BYTES))
    done = written_back = 0
    while True:
        if cancelled():
            raise CopyStopped(f"The copy was stopped at '{found.name.shown}'. Whole files already taken are kept.")
        count = _read(source, buffer, found)
        if count == 0:
            break
        hasher.update(buffer[:count])
        write_all(part.descriptor, buffer[:count])
        done += count
        if done - written_back >= WRITEBACK_BYTES:
            forget_cached(part.descriptor, written_back, done - written_back)
            written_back = done
        progress(done)
    if done < found.size and not _still_there(root, found):
        raise _vanished(found, detail=f"end of file at {done} of {found.size}")
    if done != found.size:
        raise SourceChanged(
            f"'{found.name.shown}' gave {done} bytes where {found.size} were listed. "
            "Make sure nothing writes to the card, then read the card again."
        )
    return hasher.finish()


def _read(source: int, buffer: memoryview, found: FoundFile) -> int:
    try:
        if hasattr(os, "readv"):
            return os.readv(source, [buffer])
        data = os.read(source, len(buffer))
    except OSError as error:
        raise _source_trouble(error, found) from error
    buffer[: len(data)] = data
    return len(data)


def _read_back(part: Part, digests: Digests, found: FoundFile) -> None:
    os.fsync(part.descriptor)
    forget_cached(part.descriptor, 0, 0)
    os.lseek(part.descriptor, 0, os.SEEK_SET)
    hasher = hashlib.sha256()
    while data := os.read(part.descriptor, BUFFER_BYTES):
        hasher.update(data)
    if hasher.hexdigest() != digests.sha256:
        raise VaultDamaged(
            f"'{found.name.shown}' reads back from the vault's disk with other bytes than were written. "
            "Nothing of it was kept. Stop using this disk, and take the card again onto another one."
        )


def _check_held(vault: Vault, digests: Digests) -> None:
    held = vault.size_of(digests.sha256)
    if held != digests.size:
        raise VaultDamaged(
            f"The preserved original {digests.sha256} has {held} bytes where it should have {digests.size}. "
            "Keep this card: set the damaged original aside, then take the card again."
        )


def _still_there(root: Path, found: FoundFile) -> bool:
    try:
        os.close(open_found(root, found.name))
    except OSError:
        return False
    return True


def _source_trouble(error: OSError, found: FoundFile) -> IngestError:
    if error.errno in _REFUSED:
        return SourceUnreadable(
            f"'{found.name.shown}' cannot be opened for reading ({error.strerror}). "
            "It stays on the card and in the record as not taken; have the card examined before it is used again.",
            detail=repr(error),
        )
    return _vanished(found, detail=repr(error))


def _vanished(found: FoundFile, *, detail: str) -> SourceVanished:
    return SourceVanished(
        f"The source was removed or stopped answering while '{found.name.shown}' was being read. "
        "Put it back and press Resume; nothing is lost.",
        detail=detail,
    )


def _vault_trouble(error: OSError, found: FoundFile, vault: Vault) -> IngestError:
    place = shown_text(str(vault.root))
    if error.errno in NO_ROOM:
        missing = max(1, found.size - shutil.disk_usage(vault.staging).free)
        return DiskFull(
            f"The vault's disk has no room for '{found.name.shown}': {missing} more bytes are needed on '{place}'. "
            "Free some space or add a disk, then press Resume; nothing is lost.",
            detail=repr(error),
        )
    return VaultDamaged(
        f"'{found.name.shown}' could not be written to the vault '{place}' ({error.strerror}). "
        "Check the vault's disk, then press Resume; nothing is lost.",
        detail=repr(error),
    )
