"""Where what the vault keeps for good lies: a small port over names, and its folder implementation.

Names are relative, with ``/``. What is kept is already whole and, in an encrypted vault, already ciphertext. An
agency's object store is ``ingest.object_storage``; the contract of both is tests/contract/test_storage.py.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from ingest.disk import Disk
from ingest.locks import take_ownership

READ_ONLY = 0o440


class Storage(Protocol):
    """Every method raises OSError (FileNotFoundError for a name that is not there); a name is whole or not there."""

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        ...

    def has(self, name: str) -> bool: ...

    def size(self, name: str) -> int:
        """Bytes stored under ``name``."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """A seekable reader; ranges are fetched as they are asked for."""
        ...

    def path(self, name: str) -> Path | None:
        """The file itself where there is one on this machine."""
        ...

    def put(self, parts: Sequence[tuple[str, Path]]) -> None:
        """Move whole local files under their names; durable on return. What the files hold must be synced before."""
        ...

    def put_bytes(self, name: str, data: bytes) -> None:
        """Keep a small text under ``name``, in place of what was there; durable on return."""
        ...

    def put_many_bytes(self, texts: Sequence[tuple[str, bytes]]) -> None:
        """``put_bytes`` of several, durable together on return."""
        ...

    def read_bytes(self, name: str) -> bytes: ...

    def move(self, name: str, other: str) -> None: ...

    def remove(self, name: str) -> None:
        """The name is gone; it may be gone already."""
        ...

    def names(self, folder: str) -> Iterator[str]:
        """Every name below ``folder``, in order."""
        ...


class FolderStorage:
    """A folder of this machine. ``staging`` lies on the same file system: what is kept is renamed, never copied."""

    def __init__(self, root: Path, staging: Path, disk: Disk) -> None:
        self._root = root
        self._staging = staging
        self._disk = disk

    @property
    def place(self) -> str:
        return str(self._root)

    def path(self, name: str) -> Path:
        return self._root / name

    def has(self, name: str) -> bool:
        return self.path(name).is_file()

    def size(self, name: str) -> int:
        return self.path(name).stat().st_size

    def open(self, name: str) -> io.FileIO:
        return io.FileIO(self.path(name), "rb")

    def read_bytes(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def put(self, parts: Sequence[tuple[str, Path]]) -> None:
        finals = [(self.path(name), part) for name, part in parts]
        for _, part in finals:
            part.chmod(READ_ONLY)
        if len(finals) > 1 and self._disk.syncs_everything:
            self._named_together(finals)
            return
        for final, part in finals:
            self._disk.make_folder(final.parent)
            self._disk.rename(part, final)
            self._disk.sync_folder(final.parent)

    def _named_together(self, finals: Sequence[tuple[Path, Path]]) -> None:
        for final, part in finals:
            self._disk.make_folder_unsynced(final.parent)
            self._disk.rename(part, final)
        self._disk.sync_everything(self._staging)

    def put_bytes(self, name: str, data: bytes) -> None:
        part, descriptor = self._new_text(data)
        try:
            self._disk.sync(descriptor)
            final = self.path(name)
            self._disk.make_folder(final.parent)
            self._disk.rename(part, final)
            self._disk.sync_folder(final.parent)
        finally:
            self._disk.close(descriptor)

    def put_many_bytes(self, texts: Sequence[tuple[str, bytes]]) -> None:
        if len(texts) < 2 or not self._disk.syncs_everything:
            for name, data in texts:
                self.put_bytes(name, data)
            return
        parts = [(self.path(name), *self._new_text(data)) for name, data in texts]
        try:
            self._disk.sync_everything(self._staging)
            self._named_together([(final, part) for final, part, _ in parts])
        finally:
            for _, _, descriptor in parts:
                self._disk.close(descriptor)

    def _new_text(self, data: bytes) -> tuple[Path, int]:
        """A text in staging that a concurrent sweep leaves alone until the descriptor is closed."""
        while True:
            part = self._staging / f"{secrets.token_hex(16)}.text"
            descriptor = self._disk.create(part)
            take_ownership(descriptor)
            if part.exists():
                break
            self._disk.close(descriptor)
        self._disk.write(descriptor, data)
        return part, descriptor

    def move(self, name: str, other: str) -> None:
        old, new = self.path(name), self.path(other)
        self._disk.make_folder(new.parent)
        self._disk.rename(old, new)
        self._disk.sync_folder(new.parent)
        self._disk.sync_folder(old.parent)

    def remove(self, name: str) -> None:
        self._disk.unlink(self.path(name))

    def names(self, folder: str) -> Iterator[str]:
        for path in sorted((self._root / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(self._root).as_posix()
