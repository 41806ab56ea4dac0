"""The one reader of everything the vault keeps: seekable, read-only, decrypting only the segments asked for.

Player, hasher, decoder, transcriber and isolated children all read through it. A sealed object is
``magic | object id | FLOE header | segments``; where it was altered is said by offset.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from typing import IO

from ingest.errors import VaultDamaged
from ingest.floe import DEFAULT, HEADER_BYTES, NotAuthentic, plain_size
from ingest.object_keys import ID_BYTES, ObjectKey

MAGIC = b"BWCVLT\x00\x01"
PREFIX_BYTES = len(MAGIC) + ID_BYTES
BODY_AT = PREFIX_BYTES + HEADER_BYTES
SEGMENT = DEFAULT.segment
WHOLE = DEFAULT.plain
CACHED_SEGMENTS = 8


class VaultReader(io.RawIOBase):
    """A view of one kept object as its plaintext; here of one that is not encrypted. ``size`` in bytes."""

    def __init__(self, file: IO[bytes], sha256: str) -> None:
        super().__init__()
        self.sha256 = sha256
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1, /) -> bytes:
        return self._file.read(count) or b""

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        return self._file.readinto(buffer) or 0  # type: ignore[attr-defined]

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
        super().close()


class SealedReader(VaultReader):
    """A view of an encrypted object. Raises VaultDamaged where the bytes are not the ones that were sealed."""

    def __init__(self, file: IO[bytes], sha256: str, key: ObjectKey) -> None:
        super().__init__(file, sha256)
        self._body = self.size - BODY_AT
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        head = file.read(BODY_AT)
        try:
            if head[:PREFIX_BYTES] != MAGIC + key.id:
                raise NotAuthentic("it carries another object's name")
            self._message = key.opening(head[PREFIX_BYTES:])
            self.size = plain_size(self._body)
        except NotAuthentic as altered:
            raise self._damaged("from its first byte on", altered) from altered
        if key.size not in (-1, self.size):
            cut = NotAuthentic(f"{self.size} bytes where {key.size} were kept")
            raise self._damaged(f"from byte {min(self.size, key.size)} on", cut)
        self._count = -(-self._body // SEGMENT)

    def read(self, count: int = -1, /) -> bytes:
        left = max(0, self.size - self._at)
        wanted = left if count < 0 else min(count, left)
        number, start = divmod(self._at, WHOLE)
        if wanted and start + wanted <= WHOLE:
            self._at += wanted
            return self._segment(number)[start : start + wanted]
        out = bytearray(wanted)
        self.readinto(out)
        return bytes(out)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), max(0, self.size - self._at))
        done = 0
        while done < wanted:
            number, start = divmod(self._at, WHOLE)
            piece = self._segment(number)[start : start + wanted - done]
            view[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError(22, "Invalid argument")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def _segment(self, number: int) -> bytes:
        kept = self._kept.get(number)
        if kept is not None:
            self._kept.move_to_end(number)
            return kept
        self._file.seek(BODY_AT + number * SEGMENT)
        sealed = _filled(self._file, min(SEGMENT, self._body - number * SEGMENT))
        try:
            plain = self._message.open(sealed, number, last=number == self._count - 1)
        except NotAuthentic as altered:
            first = number * WHOLE
            raise self._damaged(f"between byte {first} and {min(first + WHOLE, self.size)}", altered) from altered
        self._kept[number] = plain
        if len(self._kept) > CACHED_SEGMENTS:
            self._kept.popitem(last=False)
        return plain

    def _damaged(self, where: str, why: NotAuthentic) -> VaultDamaged:
        share = "" if not where.startswith("between") else f", {int(where.split()[2]) * 100 // max(1, self.size)}% in"
        return VaultDamaged(
            f"The preserved object {self.sha256} was altered on this disk {where} of {self.size}{share}: {why}. "
            "Nothing of that part is shown. Restore it from a second copy and have the disk examined.",
            detail=str(why),
        )


def _filled(file: IO[bytes], count: int) -> bytes:
    """``count`` bytes or all there are: a remote file may give a range in pieces."""
    data = file.read(count)
    while len(data) < count and (more := file.read(count - len(data))):
        data += more
    return data


def reader_of(file: IO[bytes], sha256: str, key: ObjectKey | None) -> VaultReader:
    """The reader of a stored file: sealed when there is a key for it. Raises VaultDamaged."""
    return VaultReader(file, sha256) if key is None else SealedReader(file, sha256, key)


def object_id_of(file: IO[bytes], sha256: str) -> bytes:
    """The object id a sealed file carries. Raises VaultDamaged when it is no sealed file."""
    file.seek(0)
    head = _filled(file, PREFIX_BYTES)
    file.seek(0)
    if len(head) != PREFIX_BYTES or not head.startswith(MAGIC):
        raise VaultDamaged(
            f"The preserved object {sha256} is not in the form this vault writes: it was altered on this disk. "
            "Restore it from a second copy and have the disk examined.",
            detail=head[:8].hex(),
        )
    return head[len(MAGIC) :]
