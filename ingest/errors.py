"""The one error root of ``ingest`` and its exit codes (each class its own).

Every error says to a person what happened, to which file, and what to do next. ``detail`` is for logs only.
"""

from __future__ import annotations


class IngestError(Exception):
    """Root of every error this package raises on purpose."""

    exit_code = 1

    def __init__(self, text: str, *, detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.detail = detail

    def message(self) -> str:
        """Return what happened, to which file, and what to do next."""
        return self.text


class NotADock(IngestError):
    """The folder named as a camera's card is missing, not a folder, or holds nothing."""

    exit_code = 40


class SourceUnreadable(IngestError):
    """One file of the source cannot be opened, or its name leads outside the source."""

    exit_code = 41


class SourceVanished(IngestError):
    """The source went away while it was being read. What was copied is kept."""

    exit_code = 42


class SourceChanged(IngestError):
    """A source file is no longer what was listed, or grew or shrank while it was read."""

    exit_code = 43


class DiskFull(IngestError):
    """The vault's disk has no room for a file. No part of it was kept."""

    exit_code = 44


class VaultDamaged(IngestError):
    """The vault cannot be written, or holds something other than what its names promise."""

    exit_code = 45


class ProbeFailed(IngestError):
    """A preserved file cannot be examined or indexed. The original is untouched."""

    exit_code = 46


class DerivativeFailed(IngestError):
    """A derivative was not made. The original is untouched and nothing half-written is kept."""

    exit_code = 47


class ProfileRefused(IngestError):
    """A camera profile file is not one this version understands."""

    exit_code = 48


class CopyStopped(IngestError):
    """A person stopped the copy. Whole files already taken are kept."""

    exit_code = 49


class TableRefused(IngestError):
    """A CSV file cannot be read as the table it should be. Nothing of it was used."""

    exit_code = 92


class AlignmentFailed(IngestError):
    """Two recordings could not be compared by their sound: a derivative cannot be read."""

    exit_code = 93


class MappingRefused(IngestError):
    """A mapping file does not say how a device log is to be read."""

    exit_code = 94


class SalvageRefused(IngestError):
    """Nothing can be won back from a recording without its index. The original is untouched."""

    exit_code = 89


class DerivingStopped(IngestError):
    """A person stopped the making of a derivative. Nothing half-made is kept."""

    exit_code = 90


class WorkerLost(IngestError):
    """The process that was copying a source ended by itself. Files taken before are kept."""

    exit_code = 83


class Quarantined(IngestError):
    """The original was set aside because its bytes are not what was taken in. Nobody opens it unasked."""

    exit_code = 50


class VaultLocked(IngestError):
    """The vault is encrypted and its key is not to be had here: wrong passphrase, missing key file, other keyring."""

    exit_code = 51


class VaultBusy(IngestError):
    """Another process is writing to the vault, so this act has to wait."""

    exit_code = 52


class StorageUnreachable(IngestError):
    """The object store the vault keeps its originals in does not answer."""

    exit_code = 80


class RecoveryRefused(IngestError):
    """A recovery recipient or identity is none, or does not open this vault's recovery file."""

    exit_code = 81


class ReadsDiffer(IngestError):
    """A second reading of a source file gave other bytes than the first. What was read first is set aside."""

    exit_code = 82
