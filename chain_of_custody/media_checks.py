"""Level L4: every recording the log says was taken in is read again and hashed with every digest of its entry.

Where the bytes lie is the caller's affair (a vault, a folder). docs/custody-format.md sections 10 and 11.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from chain_of_custody.bag import Progress
from chain_of_custody.digest import ReadsInto, hash_file
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Collector
from chain_of_custody.observers import INGEST_FIELDS, Contents

MediaReader = Callable[[str], AbstractContextManager[ReadsInto] | None]
"""Opens the recording with that SHA-256 (hexadecimal); None where it is not held. May raise OSError, CustodyError."""


def check_held_media(
    contents: Contents, reader: MediaReader, media: Collector, progress: Progress | None = None
) -> None:
    """Read each recording once, whatever number of entries took it in; a disposal on record explains an absence.

    Custody-format section 10.
    """
    arrivals: defaultdict[str, list[tuple[int, str, Mapping[str, object]]]] = defaultdict(list)
    for seq, subject, data in contents.ingested:
        if isinstance(data.get("sha256"), str):
            arrivals[str(data["sha256"])].append((seq, subject, data))
        else:
            media.failed("ingest_without_digest", f"entry {seq}", "It names no SHA-256")
    for number, (sha256, entries) in enumerate(sorted(arrivals.items())):
        if progress is not None:
            progress("media", number, len(arrivals))
        disposed = all(subject in contents.disposed for _, subject, _ in entries)
        _check_one(sha256, [(seq, data) for seq, _, data in entries], reader, media, disposed=disposed)


def _check_one(
    sha256: str,
    entries: list[tuple[int, Mapping[str, object]]],
    reader: MediaReader,
    media: Collector,
    *,
    disposed: bool,
) -> None:
    where = f"recording {sha256[:16]}"
    try:
        opened = reader(sha256)
        if opened is None:
            if disposed:
                media.note("media_disposed", where, "It was disposed of on record")
            else:
                media.failed("media_missing", where, f"Entry {entries[0][0]} took it in, but it is not held")
            return
        with opened as file:
            found = hash_file(file)
    except OSError as unreadable:
        media.unreadable("media_unreadable", where, f"It cannot be read: {unreadable.strerror}")
        return
    except CustodyError as refused:
        media.failed(refused.reason, where, refused.message())
        return
    for seq, data in entries:
        if any(data.get(name) != getattr(found, name) for name in INGEST_FIELDS):
            media.failed("media_differs", where, f"Its bytes are not those that entry {seq} took in")
