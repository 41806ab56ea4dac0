"""What the use cases ask of whoever knows the vault's secrets."""

from __future__ import annotations

from typing import Protocol

from ingest.copy import Verify
from ingest.storage import Storage
from ingest.vault import Vault
from ingest.vault_care import VaultCare
from ingest.vault_keys import Protection


class VaultAccess(Protocol):
    """The way to the vault's secret: a passphrase, a key file or the system's keyring."""

    @property
    def verify(self) -> Verify:
        """How a copy is verified here."""
        ...

    def care(self, vault: Vault) -> VaultCare:
        """What changes the keys of an encrypted vault. Raises InputRefused for one that is not."""
        ...

    def storage(self) -> Storage:
        """Where the vault keeps its originals, also when its keys are gone. Raises StorageUnreachable."""
        ...

    def new_secret(self, kind: str, name: str) -> tuple[Protection, bytes]:
        """A new protection and its secret. Raises InputRefused, VaultLocked."""
        ...
