"""The vault: originals under their SHA-256, parts in a staging folder, and the one reader of both.

Layout: ``originals/ab/cd/<sha256>``, ``derivatives/<parent sha256>/``, ``staging/*.part``. Originals are
kept as they came (``alg=none``). What is taken and why is decided elsewhere; no database is known here.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import VaultDamaged
from ingest.files import make_folder, sync_folder
from ingest.locks import is_owned, take_ownership
from ingest.names import shown_text

READ_ONLY = 0o440
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Original:
    """One preserved original: its digest (64 hex) and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a start-up sweep removed: names of stale parts and the bytes they held."""

    removed: tuple[str, ...]
    bytes_freed: int


class VaultReader(io.RawIOBase):
    """A seekable, read-only view of one original; the one reader of player, hasher and decoder."""

    def __init__(self, file: io.FileIO, sha256: str) -> None:
        super().__init__()
        self.sha256 = sha256
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1, /) -> bytes:
        return self._file.read(count) or b""

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        return self._file.readinto(buffer) or 0

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
        super().close()


class Part:
    """A file being written in the staging folder, owned by this process until kept or discarded."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def discard(self) -> None:
        """Close and remove the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def keep_as(self, final: Path) -> None:
        """Fsync, make read-only, rename to ``final`` and fsync its folder. Raises OSError."""
        os.fsync(self.descriptor)
        self.path.chmod(READ_ONLY)
        make_folder(final.parent)
        if os.name != "posix":
            self.close()  # elsewhere an open file cannot be renamed
        self.path.replace(final)
        self.close()
        sync_folder(final.parent)


class Vault:
    """The folder of originals and derivatives. Raises VaultDamaged where it cannot be used as one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.originals = root / "originals"
        self.derivatives = root / "derivatives"
        self.staging = root / "staging"
        try:
            for folder in (self.originals, self.derivatives, self.staging):
                make_folder(folder)
        except OSError as error:
            raise VaultDamaged(
                f"The vault folder '{shown_text(str(root))}' cannot be made or written ({error.strerror}). "
                "Check that its disk is mounted and that you may write there.",
                detail=repr(error),
            ) from error

    def has(self, sha256: str) -> bool:
        """Whether an original with this digest is preserved."""
        return self._place(sha256).is_file()

    def open(self, sha256: str) -> VaultReader:
        """A reader of the original; raises VaultDamaged when it is not there or cannot be read."""
        try:
            return VaultReader(self._place(sha256).open("rb", buffering=0), sha256)
        except OSError as error:
            raise self._missing(sha256, error) from error

    def path_for_child(self, sha256: str) -> Path:
        """The file of an original, for this program's own child processes only (``alg=none``)."""
        path = self._place(sha256)
        if not path.is_file():
            raise self._missing(sha256, FileNotFoundError())
        return path

    def size_of(self, sha256: str) -> int:
        """Bytes of the original; raises VaultDamaged when it is not there."""
        return self.path_for_child(sha256).stat().st_size

    def new_part(self) -> Part:
        """A new empty file in the staging folder that a concurrent ``sweep`` leaves alone. Raises OSError."""
        while True:
            path = self.staging / f"{secrets.token_hex(16)}.part"
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
            part = Part(path, os.open(path, flags, 0o600))
            take_ownership(part.descriptor)
            if path.exists():  # a sweep may have met it between its making and its lock
                return part
            part.close()

    def keep_original(self, part: Part, sha256: str) -> None:
        """Give a whole, verified part its final name. Raises OSError."""
        part.keep_as(self._place(sha256))

    def list_originals(self) -> tuple[Original, ...]:
        """Every preserved original in order of digest, for adopting those a database has no row of."""
        return tuple(
            Original(path.name, path.stat().st_size)
            for path in sorted(self.originals.glob("??/??/*"))
            if _SHA256.fullmatch(path.name) and path.is_file() and path == self._place(path.name)
        )

    def verify(self, sha256: str) -> None:
        """Read an original in full and compare its digest; raises VaultDamaged when it differs."""
        with self.open(sha256) as reader:
            found = hashlib.file_digest(reader, "sha256").hexdigest()
        if found != sha256:
            raise VaultDamaged(
                f"The preserved original {sha256} no longer has its digest: its bytes changed on this disk. "
                "Do not use it; restore it from a second copy and have the disk examined.",
                detail=f"found {found}",
            )

    def sweep(self) -> Swept:
        """Remove parts that no running process owns, left by a crash; call it on start."""
        removed: list[str] = []
        freed = 0
        for path in sorted(self.staging.glob("*.part")):
            try:
                size = path.stat().st_size
                if is_owned(path):
                    continue
                path.unlink()
            except FileNotFoundError:
                continue
            removed.append(path.name)
            freed += size
        return Swept(tuple(removed), freed)

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise VaultDamaged(
                f"'{sha256[:80]!r}' is not a SHA-256 in lower-case hex. Verify the database against its custody log."
            )
        return self.originals / sha256[:2] / sha256[2:4] / sha256

    def _missing(self, sha256: str, error: OSError) -> VaultDamaged:
        return VaultDamaged(
            f"The preserved original {sha256} cannot be read from the vault '{shown_text(str(self.root))}'. "
            "Check that the vault's disk is mounted; if it is, restore the file from a second copy.",
            detail=repr(error),
        )
