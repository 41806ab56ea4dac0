"""Durable small file acts the vault and the derivatives share: write all, fsync a folder, drop the cache.

POSIX calls are used where the platform has them and are harmless to lack.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Protocol


class MediaFile(Protocol):
    """A seekable file of bytes: an open file, or a ``VaultReader``."""

    def read(self, count: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


PRIVATE = 0o600
NO_ROOM = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def write_all(descriptor: int, data: memoryview) -> None:
    """Write every byte of ``data``; raises OSError."""
    while data:
        data = data[os.write(descriptor, data) :]


def sync_folder(folder: Path) -> None:
    """Make names made or changed in ``folder`` durable. Platforms without folder handles need nothing."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(file: Path, content: bytes, mode: int = 0o644) -> None:
    """A small file that is there whole or as it was before: write aside, fsync, rename, fsync the folder.

    Raises OSError.
    """
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    sync_folder(file.parent)


def forget_cached(descriptor: int, offset: int, length: int) -> None:
    """Start writing dirty pages of a range out and drop clean ones, so reading back meets the disk.

    On Linux POSIX_FADV_DONTNEED begins write-back without waiting (mm/fadvise.c); elsewhere nothing happens.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(descriptor, offset, length, os.POSIX_FADV_DONTNEED)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and the folders above it, each durable under its parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
