"""The vault's storage on anything fsspec speaks: an agency's S3-compatible store, or memory as the documented fake.

One name is one object, written in one request or one multipart upload, so it is whole or not there. Reads are
ranges. There is no rename: a move copies, then removes. A store that answers late or not at all raises OSError.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import fsspec
from fsspec.spec import AbstractFileSystem

from ingest.errors import StorageUnreachable

RANGE_BYTES = 256 * 1024


class ObjectStorage:
    """Objects below ``base`` of a file system of fsspec. ``base`` is ``bucket/prefix`` on S3."""

    def __init__(
        self, files: AbstractFileSystem, base: str, place: str, options: Mapping[str, Any] | None = None
    ) -> None:
        self._files = files
        self._base = base.rstrip("/")
        self._place = place
        self.options = dict(options or {})

    @property
    def place(self) -> str:
        return self._place

    def path(self, name: str) -> Path | None:
        return None

    def has(self, name: str) -> bool:
        with _as_oserror():
            return bool(self._files.isfile(self._at(name)))

    def size(self, name: str) -> int:
        with _as_oserror():
            return int(self._files.size(self._at(name)))

    def open(self, name: str) -> IO[bytes]:
        with _as_oserror():
            file = self._files.open(self._at(name), "rb", block_size=RANGE_BYTES, cache_type="readahead")
        return cast("IO[bytes]", _Ranges(file))

    def read_bytes(self, name: str) -> bytes:
        with _as_oserror():
            return bytes(self._files.cat_file(self._at(name)))

    def put(self, parts: Sequence[tuple[str, Path]]) -> None:
        for name, part in parts:
            with _as_oserror():
                self._files.put_file(str(part), self._at(name))
            if self.size(name) != part.stat().st_size:
                raise OSError(errno.EIO, f"{self._place} kept another number of bytes than were sent")
            part.unlink()

    def put_bytes(self, name: str, data: bytes) -> None:
        with _as_oserror():
            self._files.pipe_file(self._at(name), data)

    def put_many_bytes(self, texts: Sequence[tuple[str, bytes]]) -> None:
        for name, data in texts:
            self.put_bytes(name, data)

    def move(self, name: str, other: str) -> None:
        with _as_oserror():
            self._files.cp_file(self._at(name), self._at(other))
            self._files.rm_file(self._at(name))

    def remove(self, name: str) -> None:
        if self.has(name):
            with _as_oserror():
                self._files.rm_file(self._at(name))

    def names(self, folder: str) -> Iterator[str]:
        with _as_oserror():
            self._files.invalidate_cache()
            found = sorted(map(str, self._files.find(f"{self._base}/{folder}")))
        start = len(self._base.lstrip("/")) + 1
        for path in found:
            yield path.lstrip("/")[start:]

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}"


class _Ranges(io.RawIOBase):
    """One object, read in ranges as they are asked for."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _as_oserror():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def _as_oserror() -> Iterator[None]:
    """Every store's library has errors of its own for a server that refuses or is gone; here they are OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as refused:
        raise OSError(errno.EIO, f"the object store refused ({type(refused).__name__})") from refused


def memory_storage(name: str) -> ObjectStorage:
    """The fake: objects in this process's memory under ``name``, gone when it ends. Passes the same contract."""
    return ObjectStorage(fsspec.filesystem("memory"), f"/{name}", f"memory://{name}")


def object_storage(url: str, options: Mapping[str, Any]) -> ObjectStorage:
    """The storage at ``url`` (``s3://bucket/prefix``), with fsspec's ``options`` (``endpoint_url``, ``profile``).

    Credentials come from the store's own places (environment, instance role), never from ``options``.
    Raises StorageUnreachable.
    """
    try:
        with _as_oserror():
            files, base = fsspec.core.url_to_fs(url, **options)
            files.ls(base.split("/")[0] if url.startswith("s3://") else base, detail=False)
    except OSError as error:
        raise StorageUnreachable(
            f"The vault's object store '{url}' does not answer. Check the address in workspace.toml, the network and "
            "the store's own credentials; nothing was changed.",
            detail=repr(error),
        ) from error
    return ObjectStorage(files, base, url, options)
