"""Keys as use cases meet them: sealed files, where a passphrase comes from, the machine's own keeper of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chain_of_custody.vkey import VerifierKey

PASSPHRASE = "passphrase"
PASSPHRASE_FILE = "passphrase_file"
OS_KEYRING = "os_keyring"


@dataclass(frozen=True, slots=True)
class Given:
    """A passphrase and how it came: typed, from a file, from the machine's keyring. ``how`` is an ``auth`` code."""

    passphrase: str
    how: str

    def __repr__(self) -> str:
        return f"Given(how={self.how!r})"


class Passphrases(Protocol):
    """Who answers when a key has to be opened. Raises InputRefused or Cancelled where nobody does."""

    def of_log_key(self) -> Given:
        """The passphrase of the workstation's log key."""

    def of_log_key_unasked(self) -> Given | None:
        """The same where nobody has to be asked for it, else None."""

    def of_operator_key(self, vkey: VerifierKey) -> Given:
        """The passphrase of an operator's own key."""


class PassphraseKeeper(Protocol):
    """The operating system's keyring. Raises KeyringUnusable where there is none that may be used."""

    def remember(self, vkey: VerifierKey, passphrase: str) -> None:
        """Keep the passphrase of a key."""

    def recall(self, vkey: VerifierKey) -> str | None:
        """The passphrase kept, None where none is or the keyring cannot be asked."""

    def forget(self, vkey: VerifierKey) -> bool:
        """Remove it; whether there was one."""


class KeyFiles(Protocol):
    """The workspace's sealed key files. None of them is readable without its passphrase."""

    def log_vkey(self) -> str:
        """The log key in use, as a verifier key line."""

    def log_key(self) -> bytes:
        """Its sealed file."""

    def keep_next_log_key(self, vkey: VerifierKey, sealed: bytes) -> None:
        """Put a log key that is about to take over beside the one in use. Changes nothing else."""

    def settle_log_key(self, in_use: VerifierKey) -> None:
        """Bring the files to what the log says: ``in_use`` in its place, the one before kept aside.

        May be called at any time and again; what a kill left half done is finished. Raises KeyUnusable when the
        file of the key in use is not there.
        """

    def operator_keys(self) -> Sequence[VerifierKey]:
        """Every operator key whose file lies here, as the files state them. Damaged files are left out."""

    def operator_key(self, vkey: VerifierKey) -> bytes:
        """The sealed file of an operator's key. Raises KeyUnusable when it is not there."""

    def keep_operator_key(self, vkey: VerifierKey, sealed: bytes) -> None:
        """Keep a new key's sealed file."""

    def drop_operator_key(self, vkey: VerifierKey) -> None:
        """Take back a file that was kept for an act which then did not take place."""
