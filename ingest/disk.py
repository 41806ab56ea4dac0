"""The acts on a local disk that durability rests on: every write, fsync, rename and unlink of the vault goes here.

One small class, so that a test can stop at each act and take away what was never synced. No policy lives here.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from pathlib import Path

from ingest.files import make_folder, sync_folder, write_all

_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Disk:
    """A local file system. Every method raises OSError."""

    def create(self, path: Path) -> int:
        """A new empty file for this user only, open for reading and writing."""
        return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)

    def reopen(self, path: Path) -> int:
        """An existing file, open for reading and writing."""
        return os.open(path, _FLAGS | getattr(os, "O_NOFOLLOW", 0))

    def close(self, descriptor: int) -> None:
        """Give the descriptor back; says nothing about durability."""
        os.close(descriptor)

    def write(self, descriptor: int, data: bytes | bytearray | memoryview) -> None:
        """Every byte, where the descriptor stands."""
        write_all(descriptor, memoryview(data))

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut to ``size`` bytes and stand at the end."""
        os.ftruncate(descriptor, size)
        os.lseek(descriptor, size, os.SEEK_SET)

    def sync(self, descriptor: int) -> None:
        """The file's bytes are on the disk."""
        os.fsync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """``new`` is what ``old`` was, at once and as a whole."""
        old.replace(new)

    def unlink(self, path: Path) -> None:
        """The name is gone; it may be gone already."""
        path.unlink(missing_ok=True)

    def make_folder(self, folder: Path) -> None:
        """The folder and those above it, each durable under its parent."""
        make_folder(folder)

    def make_folder_unsynced(self, folder: Path) -> None:
        """The folder and those above it, durable only after ``sync_everything``."""
        folder.mkdir(parents=True, exist_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """The names in the folder are on the disk."""
        sync_folder(folder)

    @property
    def syncs_everything(self) -> bool:
        """Whether one act can flush a whole file system here (Linux syncfs(2))."""
        return _SYNCFS is not None

    def sync_everything(self, folder: Path) -> None:
        """Everything written to the file system that holds ``folder`` is on its disk; one flush for many files.

        Only where ``syncs_everything``. Failed write-back is reported since Linux 5.8; reading back finds the rest.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            if _SYNCFS is None or _SYNCFS(descriptor) != 0:
                number = ctypes.get_errno() or errno.ENOSYS
                raise OSError(number, os.strerror(number))
        finally:
            os.close(descriptor)


def _found_syncfs() -> ctypes._NamedFuncPointer | None:
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None, use_errno=True).syncfs
    return None


_SYNCFS = _found_syncfs()
