"""A folder under construction beside its final name: written, flushed in groups, renamed once.

Until the rename nothing stands under the final name; what a killed export left behind is removed by the next one.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bwc_review.errors import ExportFailed

_RESERVE = 64 << 20  # manifests, viewer and file system overhead


class Staging:
    """The ``.NAME.partial`` folder of one bundle. ``root`` is where it stands, ``final`` what it will be called."""

    def __init__(self, final: Path) -> None:
        self.final = final
        self.root = final.with_name(f".{final.name}.partial")

    @classmethod
    def of(cls, root: Path) -> Staging:
        """The staging whose folder is ``root``. Raises ExportFailed when the name is not a staging folder's."""
        if not (root.name.startswith(".") and root.name.endswith(".partial")):
            raise ExportFailed(f"{root} is not a bundle under construction. Lay the bundle out again.")
        return cls(root.with_name(root.name[1 : -len(".partial")]))

    def begin(self, needed: int) -> None:
        """Make an empty folder for ``needed`` bytes. Raises ExportFailed when the name is taken or room is short."""
        self.refuse_existing()
        with self.reporting("preparing the folder"):
            self.final.parent.mkdir(parents=True, exist_ok=True)
            self.discard()
            free = shutil.disk_usage(self.final.parent).free
            if free < needed + _RESERVE:
                raise ExportFailed(
                    f"There is not enough room in {self.final.parent} for the bundle: it needs "
                    f"{_megabytes(needed + _RESERVE)}, {_megabytes(free)} are free. Nothing was written. "
                    "Make room or choose another disk, then export again."
                )
            self.root.mkdir()

    def refuse_existing(self) -> None:
        """Raise ExportFailed when something already stands under the final name; it is never written over."""
        if self.final.exists() or self.final.is_symlink():
            raise ExportFailed(
                f"{self.final} exists already and was left as it is. Move it away or export under another name."
            )

    def write(self, relative: str, content: bytes) -> None:
        """Write one new file at ``relative`` (forward slashes)."""
        with self.create(relative) as out:
            out.write(content)

    def create(self, relative: str) -> BinaryIO:
        """Open one new file for writing; its folders are made."""
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")

    def files(self) -> list[Path]:
        """Every file written, sorted."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def publish(self) -> Path:
        """Flush files, then folders, then rename, then flush the rename itself. Returns the final path."""
        files = self.files()
        folders = sorted((path for path in self.root.rglob("*") if path.is_dir()), reverse=True)
        for path in files:
            _flush_file(path)
        for folder in (*folders, self.root):
            _flush_folder(folder)
        self.refuse_existing()
        self.root.rename(self.final)
        _flush_folder(self.final.parent)
        return self.final

    def discard(self) -> None:
        """Remove whatever stands under the staging name, a link itself and never what it points at."""
        if self.root.is_symlink() or self.root.is_file():
            self.root.unlink()
        elif self.root.is_dir():
            shutil.rmtree(self.root)

    @contextmanager
    def reporting(self, step: str) -> Iterator[None]:
        """Turn a failing disk into ExportFailed that names the step and says what to do."""
        try:
            yield
        except OSError as broken:
            raise ExportFailed(self._words(step, broken), detail=repr(broken)) from broken

    @contextmanager
    def or_nothing(self) -> Iterator[None]:
        """Remove the staging folder when the block raises, whatever it raises."""
        try:
            yield
        except BaseException:
            shutil.rmtree(self.root, ignore_errors=True)
            raise

    def _words(self, step: str, broken: OSError) -> str:
        if broken.errno in (errno.ENOSPC, errno.EDQUOT):
            return (
                f"The disk of {self.final.parent} filled up while {step}. No bundle was written. "
                "Make room or choose another disk, then export again."
            )
        return (
            f"The bundle {self.final.name} could not be written while {step}: {broken.strerror or broken}. "
            f"No bundle was written. Check that {self.final.parent} can be written to, then export again."
        )


def _flush_file(path: Path) -> None:
    # Windows flushes only handles opened for writing
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # Windows has no handle on a folder; its file system journals the name itself
    try:
        os.fsync(handle)
    except OSError as refused:
        if refused.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def _megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000)} MB"
