"""The vault's storage on anything fsspec speaks: an agency's S3-compatible store, or memory as the documented fake.

One name is one object, written in one request or one multipart upload, so it is whole or not there. Reads are
ranges. There is no rename: a move copies, then removes. A store that answers late or not at all raises OSError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        return bool(self._files.isfile(self._at(name)))

    def size(self, name: str) -> int:
        return int(self._files.size(self._at(name)))

    def open(self, name: str) -> IO[bytes]:
        opened = self._files.open(self._at(name), "rb", block_size=RANGE_BYTES, cache_type="readahead")
        return cast("IO[bytes]", opened)

    def read_bytes(self, name: str) -> bytes:
        return bytes(self._files.cat_file(self._at(name)))

    def put(self, parts: Sequence[tuple[str, Path]]) -> None:
        for name, part in parts:
            self._files.put_file(str(part), self._at(name))
            if self.size(name) != part.stat().st_size:
                raise OSError(f"{self._place} kept another number of bytes than were sent")
            part.unlink()

    def put_bytes(self, name: str, data: bytes) -> None:
        self._files.pipe_file(self._at(name), data)

    def put_many_bytes(self, texts: Sequence[tuple[str, bytes]]) -> None:
        for name, data in texts:
            self.put_bytes(name, data)

    def move(self, name: str, other: str) -> None:
        self._files.cp_file(self._at(name), self._at(other))
        self._files.rm_file(self._at(name))

    def remove(self, name: str) -> None:
        if self.has(name):
            self._files.rm_file(self._at(name))

    def names(self, folder: str) -> Iterator[str]:
        self._files.invalidate_cache()
        found = self._files.find(f"{self._base}/{folder}")
        start = len(self._base.lstrip("/")) + 1
        for path in sorted(found):
            yield str(path).lstrip("/")[start:]

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}"


def memory_storage(name: str) -> ObjectStorage:
    """The fake: objects in this process's memory under ``name``, gone when it ends. Passes the same contract."""
    return ObjectStorage(fsspec.filesystem("memory"), f"/{name}", f"memory://{name}")


def object_storage(url: str, options: Mapping[str, Any]) -> ObjectStorage:
    """The storage at ``url`` (``s3://bucket/prefix``), with fsspec's ``options`` (``endpoint_url``, ``profile``).

    Credentials come from the store's own places (environment, instance role), never from ``options``.
    Raises StorageUnreachable.
    """
    try:
        files, base = fsspec.core.url_to_fs(url, **options)
        files.ls(base.split("/")[0] if url.startswith("s3://") else base, detail=False)
    except (ImportError, ValueError, OSError) as error:
        raise StorageUnreachable(
            f"The vault's object store '{url}' does not answer. Check the address in workspace.toml, the network and "
            "the store's own credentials; nothing was changed.",
            detail=repr(error),
        ) from error
    return ObjectStorage(files, base, url, options)
