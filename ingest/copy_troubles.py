"""What can go wrong while a file is copied, as errors a person can act on."""

from __future__ import annotations

import errno
import shutil

from ingest.errors import (
    CopyStopped,
    DiskFull,
    IngestError,
    ReadsDiffer,
    SourceUnreadable,
    SourceVanished,
    VaultDamaged,
)
from ingest.files import NO_ROOM
from ingest.listing import FoundFile
from ingest.names import shown_text
from ingest.vault import Vault

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EINVAL})


def source_trouble(error: OSError, found: FoundFile) -> IngestError:
    """A source that cannot be opened, or no longer answers."""
    if error.errno in _REFUSED:
        return SourceUnreadable(
            f"'{found.name.shown}' cannot be opened for reading ({error.strerror}). "
            "It stays on the card and in the record as not taken; have the card examined before it is used again.",
            detail=repr(error),
        )
    return vanished(found, detail=repr(error))


def vanished(found: FoundFile, *, detail: str) -> SourceVanished:
    """A source that went away."""
    return SourceVanished(
        f"The source was removed or stopped answering while '{found.name.shown}' was being read. "
        "Put it back and press Resume; nothing is lost.",
        detail=detail,
    )


def stopped(found: FoundFile) -> CopyStopped:
    """A person who stopped the copy."""
    return CopyStopped(f"The copy was stopped at '{found.name.shown}'. Whole files already taken are kept.")


def gone_on_disk(found: FoundFile, detail: str) -> VaultDamaged:
    """A vault's disk that does not give back what was written."""
    return VaultDamaged(
        f"'{found.name.shown}' reads back from the vault's disk with other bytes than were written. "
        "Nothing of it was kept. Stop using this disk, and take the card again onto another one.",
        detail=detail,
    )


def differs(found: FoundFile) -> ReadsDiffer:
    """A source that gives other bytes when it is read again."""
    return ReadsDiffer(
        f"'{found.name.shown}' gave other bytes when it was read a second time, so card or reader is failing. "
        "The first reading is in quarantine. Try another reader, then take the card again."
    )


def vault_trouble(error: OSError, found: FoundFile, vault: Vault) -> IngestError:
    """A vault that is full or cannot be written."""
    place = shown_text(str(vault.root))
    if error.errno in NO_ROOM:
        missing = max(1, found.size - shutil.disk_usage(vault.staging).free)
        return DiskFull(
            f"The vault's disk has no room for '{found.name.shown}': {missing} more bytes are needed on '{place}'. "
            "Free some space or add a disk, then press Resume; nothing is lost.",
            detail=repr(error),
        )
    return VaultDamaged(
        f"'{found.name.shown}' could not be written to the vault '{place}' ({error.strerror}). "
        "Check the vault's disk, then press Resume; nothing is lost.",
        detail=repr(error),
    )
