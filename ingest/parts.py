"""Files being written in the vault's staging folder: plain ones, and sealed ones whose plaintext never leaves memory.

A part belongs to one process until it is kept or discarded. Where it goes then is ``ingest.vault``'s business.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator
from dataclasses import replace
from itertools import count
from pathlib import Path

from ingest.disk import Disk
from ingest.files import forget_cached
from ingest.floe import Message, NotAuthentic
from ingest.object_keys import ObjectKey
from ingest.vault_names import SEALED
from ingest.vault_reader import BODY_AT, MAGIC, SEGMENT, WHOLE, VaultReader, reader_of

Release = Callable[[], None]


def _nothing() -> None:
    """No lock to give back."""


class Part:
    """A plain part. ``size`` counts the bytes written so far, ``flushed`` those that stand in the file."""

    suffix = ""

    def __init__(self, path: Path, descriptor: int, disk: Disk, release: Release = _nothing) -> None:
        self.path = path
        self.size = 0
        self._descriptor = descriptor
        self._disk = disk
        self._release = release
        self._written_back = 0

    @property
    def sealed_with(self) -> ObjectKey | None:
        """The key that opens the finished part; None for a plain one."""
        return None

    @property
    def flushed(self) -> int:
        """Bytes of plaintext that stand in the file, so that a copy cut short can go on after them."""
        return self.size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append. Raises OSError."""
        self._disk.write(self._descriptor, data)
        self.size += memoryview(data).nbytes

    def finish(self) -> None:
        """Nothing more will be written; a second call does nothing. Raises OSError."""

    def sync(self) -> None:
        """The part's bytes are on the disk. Raises OSError."""
        self._disk.sync(self._descriptor)

    def write_back(self, every: int) -> None:
        """Start writing dirty pages out once ``every`` bytes are waiting, so that the last sync is short."""
        stored = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        if stored - self._written_back >= every:
            forget_cached(self._descriptor, self._written_back, stored - self._written_back)
            self._written_back = stored

    def read_back(self) -> VaultReader:
        """A reader of what stands in the file, as far as it can be made to come from the disk. Raises OSError."""
        forget_cached(self._descriptor, 0, 0)
        return self._reader()

    def pieces(self) -> Generator[bytes]:
        """What stands in the unfinished file, in pieces of WHOLE bytes, up to the first that was torn."""
        with self._file() as file:
            while len(piece := file.read(WHOLE)) == WHOLE:
                yield piece

    def cut(self, size: int) -> None:
        """Forget everything after ``size`` bytes, of which ``size`` are ``flushed``. Raises OSError."""
        self._disk.truncate(self._descriptor, size)
        self.size = size

    def _file(self) -> io.FileIO:
        file = io.FileIO(os.dup(self._descriptor), "rb")
        file.seek(0)
        return file

    def _reader(self) -> VaultReader:
        return reader_of(self._file(), self.path.name, self.sealed_with)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._descriptor >= 0:
            self._disk.close(self._descriptor)
            self._descriptor = -1
            self._release()

    def discard(self) -> None:
        """Close and remove the file."""
        self.close()
        self._disk.unlink(self.path)


class SealedPart(Part):
    """A part encrypted as it is written. ``key`` is this object's alone."""

    suffix = SEALED

    def __init__(
        self, path: Path, descriptor: int, disk: Disk, release: Release, key: ObjectKey, message: Message
    ) -> None:
        super().__init__(path, descriptor, disk, release)
        self.key = key
        self._message = message
        self._held = bytearray()
        self._position = 0
        self._finished = False

    def begin(self) -> None:
        """Write what comes before the segments. Raises OSError."""
        self._disk.write(self._descriptor, MAGIC + self.key.id + self._message.header)

    @property
    def sealed_with(self) -> ObjectKey:
        return replace(self.key, size=self.size)

    @property
    def flushed(self) -> int:
        return self._position * WHOLE

    def write(self, data: bytes | bytearray | memoryview) -> None:
        rest = memoryview(data).cast("B")
        self.size += rest.nbytes
        if self._held:
            room = WHOLE - len(self._held)
            self._held += rest[:room]
            rest = rest[room:]
            if not rest:
                return
            self._seal(self._held)
            self._held = bytearray()
        while rest.nbytes > WHOLE:  # a whole segment may be the last one, so it waits for more
            self._seal(rest[:WHOLE])
            rest = rest[WHOLE:]
        self._held += rest

    def finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        self._disk.write(self._descriptor, self._message.seal(memoryview(self._held), self._position, last=True))
        self._held = bytearray()
        self._position += 1

    def pieces(self) -> Generator[bytes]:
        with self._file() as file:
            file.seek(BODY_AT)
            for number in count():
                try:
                    yield self._message.open(file.read(SEGMENT), number, last=False)
                except NotAuthentic:
                    return

    def cut(self, size: int) -> None:
        if size % WHOLE:
            raise ValueError(f"{size} is no whole number of segments")
        self._position = size // WHOLE
        self._disk.truncate(self._descriptor, BODY_AT + self._position * SEGMENT)
        self._held = bytearray()
        self.size = size

    def _seal(self, plain: bytes | bytearray | memoryview) -> None:
        self._disk.write(self._descriptor, self._message.seal(memoryview(plain), self._position, last=False))
        self._position += 1
