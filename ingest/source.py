"""Opening what lies on a source: read-only, relative to its root, following no symbolic link, leaving no trace.

The only module that turns a ``FoundName`` into an open file or folder. Nothing here writes, and where the platform
lets us (Linux ``O_NOATIME``, for the owner of a file) reading does not move a time of last access either.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.names import FoundName

_FILE_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO put in a file's place must not hang the copy
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_UNSEEN = getattr(os, "O_NOATIME", 0)
_BY_FOLDER_HANDLE = os.open in os.supports_dir_fd
_SCAN_BY_HANDLE = _BY_FOLDER_HANDLE and os.scandir in os.supports_fd


def open_found(root: Path, name: FoundName) -> int:
    """A file descriptor of the regular file ``name`` below ``root``; the caller closes it.

    Raises OSError; ELOOP when a part of the name is a symbolic link, EINVAL when it is no regular file.
    """
    descriptor = _open_by_handles(root, name) if _BY_FOLDER_HANDLE else _open_by_path(root, name)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


@contextmanager
def scan(root: Path, folder: FoundName | None) -> Iterator[Iterator[os.DirEntry[str] | os.DirEntry[bytes]]]:
    """The entries of ``folder`` below ``root``, of ``root`` itself for None. Raises OSError as ``open_found``."""
    if not _SCAN_BY_HANDLE:
        path = root if folder is None else _path_of(root, folder)
        with os.scandir(os.fsencode(path)) as by_path:
            yield by_path
        return
    descriptor = _open_unseen(root, _FOLDER_FLAGS, None)
    try:
        for part in folder.parts if folder is not None else ():
            descriptor = _step_into(descriptor, part)
        with os.scandir(descriptor) as by_handle:
            yield by_handle
    finally:
        os.close(descriptor)


def _open_by_handles(root: Path, name: FoundName) -> int:
    *folders, last = name.parts
    here = _open_unseen(root, _FOLDER_FLAGS, None)
    try:
        for part in folders:
            here = _step_into(here, part)
        return _open_unseen(last, _FILE_FLAGS, here)
    finally:
        os.close(here)


def _step_into(here: int, part: bytes) -> int:
    """The folder ``part`` of the open folder ``here``, which is closed once the next is open."""
    inner = _open_unseen(part, _FOLDER_FLAGS | _NO_FOLLOW, here)
    os.close(here)
    return inner


def _open_unseen(path: Path | bytes, flags: int, here: int | None) -> int:
    """Open without moving the time of last access; Linux refuses that (EPERM) to all but the owner."""
    if _UNSEEN:
        try:
            return os.open(path, flags | _UNSEEN, dir_fd=here)
        except PermissionError:
            pass
    return os.open(path, flags, dir_fd=here)


def _open_by_path(root: Path, name: FoundName) -> int:
    return os.open(_path_of(root, name), _FILE_FLAGS)


def _path_of(root: Path, name: FoundName) -> Path:
    path = root
    for part in name.parts:
        path = path / os.fsdecode(part)
        if path.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link")
    return path
