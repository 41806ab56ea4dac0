"""Opening one file of a source: read-only, relative to its root, following no symbolic link anywhere.

The only module that turns a ``FoundName`` into an open file. Nothing here writes.
"""

from __future__ import annotations

import errno
import os
import stat
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
_BY_FOLDER_HANDLE = os.open in os.supports_dir_fd


def open_found(root: Path, name: FoundName) -> int:
    """A file descriptor of the regular file ``name`` below ``root``; the caller closes it.

    Raises OSError; ELOOP when a part of the name is a symbolic link, EINVAL when it is no regular file.
    """
    descriptor = _open_by_handles(root, name) if _BY_FOLDER_HANDLE else _open_by_path(root, name)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def _open_by_handles(root: Path, name: FoundName) -> int:
    *folders, last = name.parts
    here = os.open(root, _FOLDER_FLAGS)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER_FLAGS | getattr(os, "O_NOFOLLOW", 0), dir_fd=here)
            os.close(here)
            here = inner
        return os.open(last, _FILE_FLAGS, dir_fd=here)
    finally:
        os.close(here)


def _open_by_path(root: Path, name: FoundName) -> int:
    path = root
    for part in name.parts:
        path = path / os.fsdecode(part)
        if path.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link")
    return os.open(path, _FILE_FLAGS)
