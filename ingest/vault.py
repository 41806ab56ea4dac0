"""The vault: originals under their SHA-256, their derivatives, parts in a staging folder, and the one reader of all.

Layout: ``originals/ab/cd/<sha256>`` (``.floe`` when encrypted), ``keys/``, ``quarantine/`` in the storage;
``derivatives/<parent sha256>/`` and ``staging/`` on this machine. docs/vault.md. No database is known here.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingest.disk import Disk
from ingest.errors import VaultDamaged
from ingest.floe import NotAuthentic, plain_size
from ingest.names import shown_text
from ingest.object_keys import ObjectKey, key_id_of, record_name, unwrap, wrap
from ingest.part_making import PartMaker
from ingest.parts import Part
from ingest.quarantine import Quarantine
from ingest.storage import READ_ONLY, FolderStorage, Storage
from ingest.sweeping import Swept, sweep
from ingest.unlocking import KEYS_NAME, Keys, NoKeys
from ingest.vault_names import SEALED, is_digest, place_of, stored_name
from ingest.vault_reader import BODY_AT, VaultReader, object_id_of, reader_of


@dataclass(frozen=True, slots=True)
class Original:
    """One preserved original: its digest (64 hex) and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What an isolated child is given to read: an open file, and the key when that file is sealed."""

    descriptor: int
    key: ObjectKey | None


class Vault:
    """Originals and derivatives. Raises VaultDamaged where the folder cannot be used as a vault.

    A vault is encrypted when its storage holds ``vault-keys.json``, or when ``encrypted`` says that it should; then
    ``keys`` opens them. What was kept before
    it was encrypted stays readable.
    """

    def __init__(
        self,
        root: Path,
        *,
        storage: Storage | None = None,
        disk: Disk | None = None,
        keys: Keys | None = None,
        encrypted: bool | None = None,
    ) -> None:
        self.root = root
        self.disk = disk or Disk()
        self.keys = keys or NoKeys()
        self.originals = root / "originals"
        self.derivatives = root / "derivatives"
        self.staging = root / "staging"
        self._texts = FolderStorage(root, self.staging, self.disk)
        self.storage = storage or self._texts
        try:
            for folder in (self.derivatives, self.staging, *([] if storage else [self.originals])):
                self.disk.make_folder(folder)
            self.encrypted = self.storage.has(KEYS_NAME) if encrypted is None else encrypted
            self.quarantine = Quarantine(self.storage)
            self.parts = PartMaker(root, self.disk, self.keys if self.encrypted else None)
        except OSError as error:
            raise VaultDamaged(
                f"The vault folder '{shown_text(str(root))}' cannot be made or written ({error.strerror}). "
                "Check that its disk is mounted and that you may write there.",
                detail=repr(error),
            ) from error

    def has(self, sha256: str) -> bool:
        """Whether an original with this digest is preserved, quarantined or not."""
        return self._stored(sha256) is not None

    def open(self, sha256: str) -> VaultReader:
        """A reader of the original. Raises VaultDamaged when it is not there or cannot be read, Quarantined."""
        self._name(sha256)
        return self._open_stored(sha256)

    def _open_stored(self, sha256: str) -> VaultReader:
        name = self._stored(sha256)
        if name is None:
            raise self._missing(sha256, FileNotFoundError())
        try:
            return self._reader(self.storage.open(name), sha256, sealed=name.endswith(SEALED))
        except OSError as error:
            raise self._missing(sha256, error) from error

    def open_kept(self, path: Path, sha256: str) -> VaultReader:
        """A reader of a derivative's file by where it lies and its digest. Raises OSError, VaultDamaged."""
        return self._reader(io.FileIO(path, "rb"), sha256, sealed=path.suffix == SEALED)

    @contextmanager
    def for_child(self, sha256: str) -> Iterator[Handed]:
        """An original as an isolated child is given it: ciphertext stays ciphertext. Raises as ``open``."""
        name = self._name(sha256)
        try:
            local = self.storage.path(name)
            stored = self.storage.open(name) if local is None else io.FileIO(local, "rb")
        except OSError as error:
            raise self._missing(sha256, error) from error
        with self._spooled(stored) if local is None else stored as file:
            key = self._key(file, sha256) if name.endswith(SEALED) else None
            yield Handed(file.fileno(), key)

    @contextmanager
    def kept_for_child(self, path: Path, sha256: str) -> Iterator[Handed]:
        """A derivative as an isolated child is given it. Raises OSError, VaultDamaged, VaultLocked."""
        with io.FileIO(path, "rb") as file:
            yield Handed(file.fileno(), self._key(file, sha256) if path.suffix == SEALED else None)

    @contextmanager
    def part_for_child(self, part: Part) -> Iterator[Handed]:
        """A finished part as an isolated child is given it."""
        key = part.sealed_with
        with io.FileIO(part.path, "rb") as file:
            yield Handed(file.fileno(), key)

    def path_for_child(self, sha256: str) -> Path:
        """The file of an original that is not encrypted and lies on this machine; raises VaultDamaged otherwise."""
        name = self._name(sha256)
        path = self.storage.path(name)
        if path is None or name.endswith(SEALED):
            raise self._missing(sha256, OSError("sealed or remote"))
        return path

    def plain_path(self, sha256: str) -> Path | None:
        """The file of an original where any program could read it; None when it is sealed or on another machine."""
        name = self._name(sha256)
        return None if name.endswith(SEALED) else self.storage.path(name)

    def size_of(self, sha256: str) -> int:
        """Bytes of the original; raises VaultDamaged when it is not there or has the length of no whole object."""
        name = self._stored(sha256)
        if name is None:
            raise self._missing(sha256, FileNotFoundError())
        try:
            return self._plain_size(name)
        except NotAuthentic:
            return -1

    def new_part(self) -> Part:
        """A new empty part that a concurrent ``sweep`` leaves alone. Raises OSError, VaultLocked, VaultBusy."""
        return self.parts.new()

    def keep_original(self, part: Part, sha256: str) -> None:
        """Give a whole, verified part its final name. Raises OSError, VaultLocked."""
        part.sync()
        self.keep_originals([(part, sha256)])

    def keep_originals(self, parts: Sequence[tuple[Part, str]]) -> None:
        """Give whole, verified and synced parts their final names, durable on return. Raises OSError, VaultLocked.

        Key records come first: a name never stands without the key that opens it.
        """
        records = [record for part, sha256 in parts for record in self._records(part, sha256)]
        self.storage.put_many_bytes(records)
        finals = []
        for part, sha256 in parts:
            finals.append((place_of(sha256) + part.suffix, part.path))
            if os.name != "posix":
                part.close()  # elsewhere an open file cannot be renamed
        self.storage.put(finals)
        for part, _ in parts:
            part.close()

    def keep_derivative(self, part: Part, final: Path, sha256: str) -> Path:
        """Give a derivative its place below ``derivatives``; returns where it lies. Raises OSError, VaultLocked."""
        self.storage.put_many_bytes(self._records(part, sha256))
        part.sync()
        kept = final.with_name(final.name + part.suffix)
        part.path.chmod(READ_ONLY)
        self.disk.make_folder(kept.parent)
        if os.name != "posix":
            part.close()
        self.disk.rename(part.path, kept)
        part.close()
        self.disk.sync_folder(kept.parent)
        return kept

    def keep_text(self, final: Path, data: bytes) -> None:
        """Keep a small text that holds no evidence below ``derivatives``. Raises OSError."""
        self._texts.put_bytes(final.relative_to(self.root).as_posix(), data)

    def list_originals(self) -> tuple[Original, ...]:
        """Every preserved original in order of digest; the size is -1 where it is that of no whole object."""
        return tuple(Original(sha256, self.size_of(sha256)) for sha256 in self.list_digests())

    def list_digests(self) -> tuple[str, ...]:
        """The digests of every preserved original in order, for finding those a database has no row of."""
        found = set()
        for name in self.storage.names("originals"):
            sha256 = name.rpartition("/")[2].removesuffix(SEALED)
            if is_digest(sha256) and name.removesuffix(SEALED) == place_of(sha256):
                found.add(sha256)
        return tuple(sorted(found))

    def verify(self, sha256: str) -> None:
        """Read an original in full, quarantined or not, and compare its digest; VaultDamaged when it differs."""
        with self._open_stored(sha256) as reader:
            found = hashlib.file_digest(reader, "sha256").hexdigest()
        if found != sha256:
            raise VaultDamaged(
                f"The preserved original {sha256} no longer has its digest: its bytes changed on this disk. "
                "Do not use it; restore it from a second copy and have the disk examined.",
                detail=f"found {found}",
            )

    def sweep(self) -> Swept:
        """Remove from staging what a crash left and no copy could go on with; call it on start."""
        return sweep(self.staging, self.disk)

    def _records(self, part: Part, sha256: str) -> list[tuple[str, bytes]]:
        key = part.sealed_with
        return [] if key is None else [(record_name(key.id), wrap(key, sha256, self.keys.ring()))]

    def _reader(self, file: IO[bytes], sha256: str, *, sealed: bool) -> VaultReader:
        try:
            return reader_of(file, sha256, self._key(file, sha256) if sealed else None)
        except BaseException:
            file.close()
            raise

    def _key(self, file: IO[bytes], sha256: str) -> ObjectKey:
        object_id = object_id_of(file, sha256)
        try:
            record = self.storage.read_bytes(record_name(object_id))
        except FileNotFoundError as missing:
            raise VaultDamaged(
                f"The key record of the preserved object {sha256} is missing from '{self._shown_place()}'. Restore "
                "the vault's folder 'keys' from a second copy.",
                detail=repr(missing),
            ) from missing
        ring = self.keys.ring()
        if not ring.holds(key_id_of(record)):
            ring = self.keys.fresh()  # a rotation may have wrapped it anew meanwhile
        return unwrap(record, object_id, sha256, ring)

    @contextmanager
    def _spooled(self, stored: IO[bytes]) -> Iterator[IO[bytes]]:
        """What an object store holds as a nameless local file, as it is stored: a child needs a descriptor."""
        path = self.staging / f"{secrets.token_hex(16)}.spool"
        descriptor = self.disk.create(path)
        self.disk.unlink(path)
        with stored, os.fdopen(descriptor, "r+b") as file:
            shutil.copyfileobj(stored, file, 1 << 20)
            file.flush()
            file.seek(0)
            yield file

    def _plain_size(self, name: str) -> int:
        size = self.storage.size(name)
        return plain_size(size - BODY_AT) if name.endswith(SEALED) else size

    def _name(self, sha256: str) -> str:
        """The stored name of an original that may be read. Raises VaultDamaged, Quarantined."""
        self.quarantine.refuse(sha256)
        name = self._stored(sha256)
        if name is None:
            raise self._missing(sha256, FileNotFoundError())
        return name

    def _stored(self, sha256: str) -> str | None:
        return stored_name(self.storage, sha256)

    def _shown_place(self) -> str:
        return shown_text(self.storage.place)

    def _missing(self, sha256: str, error: OSError) -> VaultDamaged:
        return VaultDamaged(
            f"The preserved original {sha256} cannot be read from the vault '{self._shown_place()}'. "
            "Check that the vault's disk is mounted; if it is, restore the file from a second copy.",
            detail=repr(error),
        )
