"""A disk that loses power: it stops at the n-th act, then gives back what a real disk might, by one of four models.

The acts happen in a real folder; beside them it keeps what has been synced. ``after_power_loss`` writes into another
folder what would be found there. Every model keeps what was synced and differs in what was not:

- ``lost``: nothing of it is there, neither names nor bytes;
- ``renamed``: names are as they were last, the bytes are as of the last sync (the classic zero-length file);
- ``torn``: names are as they were last, half of the unsynced tail of each file is there;
- ``scattered``: of the unsynced names every second is there, with a torn tail.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from ingest.disk import Disk

MODELS = ("lost", "renamed", "torn", "scattered")


class PowerLost(BaseException):
    """The machine is off; nothing the program still tries happens."""


@dataclass(eq=False)
class _File:
    now: bytes = b""
    synced: bytes = b""


class FailingDisk(Disk):
    """Stops before act number ``stop`` (from 1); 0 never stops. ``acts`` counts and ``done`` names them."""

    def __init__(self, root: Path, stop: int = 0) -> None:
        self.acts = 0
        self.done: list[str] = []
        self._root = root
        self._stop = stop
        self._off = False
        self._open: dict[int, tuple[_File, Path]] = {}
        files = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} if root.exists() else {}
        self._names = {path: _File(data, data) for path, data in files.items()}
        self._synced_names = dict(self._names)

    def act(self, what: str) -> None:
        """One act that power may be lost before."""
        if not self._off:
            self.acts += 1
            self.done.append(what)
            self._off = self.acts == self._stop
        if self._off:
            raise PowerLost

    def end(self) -> None:
        """Give back what a dead process would."""
        for descriptor in list(self._open):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def create(self, path: Path) -> int:
        self.act(f"create {path.suffix}")
        descriptor = super().create(path)
        self._names[path] = _File()
        self._open[descriptor] = self._names[path], path
        return descriptor

    def reopen(self, path: Path) -> int:
        descriptor = super().reopen(path)
        self._open[descriptor] = self._names[path], path
        return descriptor

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        super().close(descriptor)

    def write(self, descriptor: int, data: bytes | bytearray | memoryview) -> None:
        file, path = self._open[descriptor]
        self.act(f"write {path.suffix}")
        super().write(descriptor, data)
        file.now += bytes(data)

    def truncate(self, descriptor: int, size: int) -> None:
        self.act("truncate")
        super().truncate(descriptor, size)
        file, _ = self._open[descriptor]
        file.now = file.now[:size]

    def sync(self, descriptor: int) -> None:
        file, path = self._open[descriptor]
        self.act(f"fsync {path.suffix}")
        file.synced = file.now

    def rename(self, old: Path, new: Path) -> None:
        self.act(f"rename {old.suffix}")
        super().rename(old, new)
        self._names[new] = self._names.pop(old)

    def unlink(self, path: Path) -> None:
        if path in self._names:
            self.act(f"unlink {path.suffix}")
            del self._names[path]
        super().unlink(path)

    def sync_folder(self, folder: Path) -> None:
        self.act("fsync folder")
        kept = {path: file for path, file in self._synced_names.items() if path.parent != folder}
        self._synced_names = kept | {path: file for path, file in self._names.items() if path.parent == folder}

    def sync_everything(self, folder: Path) -> None:
        self.act("syncfs")
        for file in self._names.values():
            file.synced = file.now
        self._synced_names = dict(self._names)

    def after_power_loss(self, model: str, into: Path) -> None:
        """Write what is found after the power came back."""
        for path, file in self._found(model).items():
            place = into / path.relative_to(self._root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.synced if model in ("lost", "renamed") else _torn(file))

    def _found(self, model: str) -> dict[Path, _File]:
        if model == "lost":
            return self._synced_names
        if model != "scattered":
            return self._names
        unsynced = sorted(set(self._names.items()) ^ set(self._synced_names.items()), key=lambda item: str(item[0]))
        there = {path for path, _ in unsynced[::2]}
        both = self._synced_names | self._names
        return {
            path: file if path not in {one for one, _ in unsynced} or path in there else self._synced_names[path]
            for path, file in both.items()
            if path not in {one for one, _ in unsynced} or path in there or path in self._synced_names
        }


def _torn(file: _File) -> bytes:
    if file.now.startswith(file.synced):
        tail = file.now[len(file.synced) :]
        return file.synced + tail[: len(tail) // 2]
    return file.now[: len(file.now) // 2]
