"""Making the parts of a vault: plain in a plain vault, sealed in an encrypted one, this process's own at once.

While a sealed part is open the vault's key cannot be changed (``use.lock``), so what it was begun under is what its
key record is wrapped with.
"""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path

from ingest.disk import Disk
from ingest.errors import IngestError, VaultBusy, VaultDamaged
from ingest.floe import NotAuthentic
from ingest.locks import lock_shared, take_ownership
from ingest.object_keys import new_object_key, unwrap
from ingest.parts import Part, SealedPart
from ingest.unlocking import Keys
from ingest.vault_reader import BODY_AT, PREFIX_BYTES, object_id_of

USE_LOCK = "use.lock"


class PartMaker:
    """Parts in ``root/staging``. ``keys`` is None for a plain vault."""

    def __init__(self, root: Path, disk: Disk, keys: Keys | None) -> None:
        self.staging = root / "staging"
        self._lock = root / USE_LOCK
        self._disk = disk
        self._keys = keys

    def new(self) -> Part:
        """A new empty part under a name of its own. Raises OSError, VaultLocked, VaultBusy."""
        while True:
            part = self.named(self.staging / f"{secrets.token_hex(16)}.part")
            if part is not None:
                return part

    def named(self, path: Path) -> Part | None:
        """A new empty part at ``path``; None when a sweep met it between its making and its lock.

        Raises FileExistsError and other OSError, VaultLocked, VaultBusy.
        """
        descriptor = self._disk.create(path)
        try:
            take_ownership(descriptor)
            if not path.exists():
                self._disk.close(descriptor)
                return None
            if self._keys is None:
                return Part(path, descriptor, self._disk)
            lock = self._in_use()
            self._keys.fresh()
        except IngestError:
            self._disk.close(descriptor)
            self._disk.unlink(path)
            raise
        key = new_object_key()
        part = SealedPart(path, descriptor, self._disk, lambda: os.close(lock), key, key.sealing())
        part.begin()
        return part

    def left(self, path: Path, record: bytes) -> Part:
        """A part an earlier process left, its ``record`` empty for a plain one; standing at its beginning.

        Raises OSError, VaultDamaged when it is not what was left, VaultLocked, VaultBusy.
        """
        descriptor = self._disk.reopen(path)
        try:
            take_ownership(descriptor)
            if self._keys is None:
                return Part(path, descriptor, self._disk)
            return self._left_sealed(path, descriptor, record, self._keys)
        except BaseException:
            self._disk.close(descriptor)
            raise

    def _left_sealed(self, path: Path, descriptor: int, record: bytes, keys: Keys) -> SealedPart:
        with io.FileIO(os.dup(descriptor), "rb") as file:
            object_id = object_id_of(file, path.name)
            header = file.read(BODY_AT)[PREFIX_BYTES:]
        lock = self._in_use()
        try:
            key = unwrap(record, object_id, "", keys.fresh())
            message = key.opening(header)
        except (IngestError, NotAuthentic) as altered:
            os.close(lock)
            if isinstance(altered, NotAuthentic):
                raise VaultDamaged("A part that was left in staging was altered.", detail=str(altered)) from altered
            raise
        return SealedPart(path, descriptor, self._disk, lambda: os.close(lock), key, message)

    def _in_use(self) -> int:
        lock = lock_shared(self._lock)
        if lock is None:
            raise VaultBusy(
                "The vault's key is being changed. Wait until that has ended, then go on; nothing is lost."
            )
        return lock
