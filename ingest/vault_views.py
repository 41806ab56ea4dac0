"""A vault seen in another way: a salvaged copy standing in for its original, or derivatives kept somewhere else.

A view shares everything with the vault beneath it, its storage, keys and quarantine included.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ingest.object_keys import ObjectKey
from ingest.parts import Part
from ingest.vault import Handed, Vault
from ingest.vault_names import SEALED
from ingest.vault_reader import VaultReader, object_id_of


class View(Vault):
    """What a vault does, done by the one beneath."""

    def __init__(self, beneath: Vault) -> None:
        self.__dict__.update(vars(beneath))
        self._beneath = beneath

    def _records(self, part: Part, sha256: str) -> list[tuple[str, bytes]]:
        return self._beneath._records(part, sha256)

    def _key(self, file: IO[bytes], sha256: str) -> ObjectKey:
        return self._beneath._key(file, sha256)


class Elsewhere(View):
    """The same originals, but derivatives are looked for and kept below ``folder`` (on the vault's own disk).

    What is made there is not meant to stay: of an encrypted vault the keys of it are held in memory alone.
    """

    def __init__(self, beneath: Vault, folder: Path) -> None:
        super().__init__(beneath)
        self.derivatives = folder
        self._held: dict[bytes, ObjectKey] = {}

    def _records(self, part: Part, sha256: str) -> list[tuple[str, bytes]]:
        if (key := part.sealed_with) is not None:
            self._held[key.id] = key
        return []

    def _key(self, file: IO[bytes], sha256: str) -> ObjectKey:
        return self._held.get(object_id_of(file, sha256)) or super()._key(file, sha256)


class FromSalvage(View):
    """A vault in which a salvaged copy stands as a parent under its own digest, so that derivatives name it."""

    def __init__(self, beneath: Vault, salvaged: Path, sha256: str) -> None:
        super().__init__(beneath)
        self._salvaged, self._sha256 = salvaged, sha256

    def open(self, sha256: str) -> VaultReader:
        """A reader of the salvaged copy, or of an original. Raises VaultDamaged, Quarantined, OSError."""
        return self.open_kept(self._salvaged, sha256) if sha256 == self._sha256 else super().open(sha256)

    @contextmanager
    def for_child(self, sha256: str) -> Iterator[Handed]:
        """The salvaged copy, or an original, as an isolated child is given it. Raises as ``open``."""
        own = sha256 == self._sha256
        with self.kept_for_child(self._salvaged, sha256) if own else super().for_child(sha256) as handed:
            yield handed

    def plain_path(self, sha256: str) -> Path | None:
        """Where any program could read it; None when it is sealed or on another machine."""
        if sha256 != self._sha256:
            return super().plain_path(sha256)
        return None if self._salvaged.suffix == SEALED else self._salvaged
