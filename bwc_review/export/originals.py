"""Copying originals and proxies into a bundle: every byte hashed as it is written, refused when it is not the one.

Originals come through the vault's reader only. Derivatives never lie beside originals (custody 6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from bwc_review.errors import ExportFailed
from bwc_review.export.staging import Staging
from bwc_review.ports.records import Exhibit, StoredDerivative
from chain_of_custody.digest import BUFFER_BYTES, Digests, MediaHasher, ReadsInto
from ingest.errors import IngestError, VaultDamaged
from ingest.vault import Vault

Counted = Callable[[int], None]


class Destination(Protocol):
    """Where copied bytes go."""

    def write(self, data: memoryview, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Copied:
    """One file of the bundle as written: its path there and its digests."""

    path: str
    digests: Digests


def copy_original(vault: Vault, exhibit: Exhibit, path: str, staging: Staging, counted: Counted) -> Copied:
    """Copy one exhibit bit for bit. Raises ExportFailed when the vault's bytes are not the exhibit's."""
    try:
        with vault.open(exhibit.sha256) as reader, staging.create(path) as out:
            digests = _pour(reader, out, counted)
    except IngestError as missing:
        raise ExportFailed(f"{missing.message()} The bundle was not written.", detail=missing.detail) from missing
    if (digests.sha256, digests.sha512, digests.size) != (exhibit.sha256, exhibit.sha512, exhibit.size):
        raise ExportFailed(
            f"Exhibit {exhibit.number} in the vault is no longer what was taken in: its digest differs. "
            "The bundle was not written. Do not use this copy; restore the exhibit from a second copy and have "
            "the disk examined.",
            detail=f"expected {exhibit.sha256}, found {digests.sha256}",
        )
    return Copied(path, digests)


def copy_derivative(
    vault: Vault, workspace: Path, derivative: StoredDerivative, path: str, staging: Staging, counted: Counted
) -> Copied:
    """Copy one proxy, in the clear: a bundle is for people without this vault's key.

    Raises ExportFailed when it is missing or not the one that was recorded.
    """
    again = "Make the previews of this recording again, then export again. The original is untouched."
    source = workspace / derivative.path
    if not source.resolve().is_relative_to(workspace.resolve()):
        raise ExportFailed(f"The preview {derivative.path} would lie outside the workspace. {again}")
    try:
        opened = vault.open_kept(source, derivative.sha256)
    except (OSError, VaultDamaged) as missing:
        raise ExportFailed(
            f"The preview {derivative.path} cannot be read. {again}", detail=repr(missing)
        ) from missing
    with opened as reader, staging.create(path) as out:
        try:
            digests = _pour(reader, out, counted)
        except VaultDamaged as altered:
            raise ExportFailed(f"{altered.message()} {again}", detail=altered.detail) from altered
    if digests.sha256 != derivative.sha256:
        raise ExportFailed(f"The preview {derivative.path} is not the one that was made. {again}")
    return Copied(path, digests)


def _pour(reader: ReadsInto, out: BinaryIO | Destination, counted: Counted) -> Digests:
    hasher = MediaHasher()
    buffer = memoryview(bytearray(BUFFER_BYTES))
    while got := reader.readinto(buffer):
        out.write(buffer[:got])
        hasher.update(buffer[:got])
        counted(got)
    return hasher.finish()
