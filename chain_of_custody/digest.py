"""Digests of files in one pass: SHA-256, SHA-512 and, for media, a Merkle tree over 16 MiB chunks.

The chunk tree names the damaged seconds and suits a browser's one-shot digest. Authority: custody-format section 5;
RFC 9162 section 2.1 with leaf = SHA-256(0x00 || chunk).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chain_of_custody.merkle import root

CHUNK_BYTES = 16 << 20
BUFFER_BYTES = 256 << 10


class ReadsInto(Protocol):
    """A binary file as `open(path, "rb")` gives it (custody-format sections 5 and 8)."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Size in bytes, SHA-256 and SHA-512 in lower-case hexadecimal (custody-format sections 5 and 8)."""

    size: int
    sha256: str
    sha512: str


@dataclass(frozen=True, slots=True)
class Digests(FileDigests):
    """The same with the chunk tree: its root and the leaf hash of each 16 MiB chunk, hexadecimal.

    Custody-format sections 5 and 8.
    """

    chunk_root: str
    chunks: tuple[str, ...]


class FileHasher:
    """SHA-256 and SHA-512 of what is fed to `update`, for files that are not media.

    Custody-format sections 5 and 8.
    """

    def __init__(self) -> None:
        self._sha256, self._sha512 = hashlib.sha256(), hashlib.sha512()
        self._size = 0

    def update(self, data: memoryview) -> None:
        self._sha256.update(data)
        self._sha512.update(data)
        self._size += data.nbytes

    def so_far(self) -> str:
        """SHA-256 of what was fed until now; feeding goes on."""
        return self._sha256.copy().hexdigest()

    def finish(self) -> FileDigests:
        return FileDigests(self._size, self._sha256.hexdigest(), self._sha512.hexdigest())


class MediaHasher(FileHasher):
    """As FileHasher, with the chunk tree. Feed contiguous bytes in order; any cut gives the same digests.

    Custody-format sections 5 and 8.
    """

    def __init__(self) -> None:
        super().__init__()
        self._chunk = hashlib.sha256(b"\x00")
        self._chunks: list[bytes] = []

    def update(self, data: memoryview) -> None:
        rest = data.cast("B")
        while rest:
            room = CHUNK_BYTES - self._size % CHUNK_BYTES
            part, rest = rest[:room], rest[room:]
            super().update(part)
            self._chunk.update(part)
            if part.nbytes == room:
                self._close_chunk()

    def _close_chunk(self) -> None:
        self._chunks.append(self._chunk.digest())
        self._chunk = hashlib.sha256(b"\x00")

    def finish(self) -> Digests:
        """The digests of everything fed; call once."""
        if self._size % CHUNK_BYTES:
            self._close_chunk()
        plain = super().finish()
        chunks = tuple(one.hex() for one in self._chunks)
        return Digests(plain.size, plain.sha256, plain.sha512, root(self._chunks).hex(), chunks)


def hash_file(file: ReadsInto, on_bytes: Callable[[int], None] | None = None) -> Digests:
    """All digests of a file from where it stands to its end. `on_bytes` hears the size of each piece read.

    Custody-format sections 5 and 8.
    """
    hasher = MediaHasher()
    _feed(hasher, file, on_bytes)
    return hasher.finish()


def hash_plain(file: ReadsInto, on_bytes: Callable[[int], None] | None = None) -> FileDigests:
    """SHA-256 and SHA-512 of a file from where it stands to its end (custody-format sections 5 and 8)."""
    hasher = FileHasher()
    _feed(hasher, file, on_bytes)
    return hasher.finish()


def _feed(hasher: FileHasher, file: ReadsInto, on_bytes: Callable[[int], None] | None) -> None:
    buffer = memoryview(bytearray(BUFFER_BYTES))
    while got := file.readinto(buffer):
        hasher.update(buffer[:got])
        if on_bytes is not None:
            on_bytes(got)
