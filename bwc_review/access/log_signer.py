"""The log key in use: opened when something has to be signed, and kept open until another takes its place."""

from __future__ import annotations

from bwc_review.ports.keys import KeyFiles, Passphrases
from chain_of_custody.keys import LogKey, open_key


class LogSigner:
    """Called for the key. Raises WrongPassphrase, KeystoreDamaged, and what asking for the passphrase raises."""

    def __init__(self, files: KeyFiles, passphrases: Passphrases, opened: LogKey | None = None) -> None:
        self._files = files
        self._passphrases = passphrases
        self._open = opened

    def __call__(self) -> LogKey:
        if self._open is None or self._open.vkey.format() != self._files.log_vkey():
            self._open = open_key(self._files.log_key(), self._passphrases.of_log_key().passphrase)
        return self._open
