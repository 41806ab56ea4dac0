"""The log key in use: opened when something has to be signed, and kept open until another takes its place."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock

from bwc_review.errors import InputRefused
from bwc_review.ports.keys import Given, KeyFiles, Passphrases
from chain_of_custody.errors import CustodyError
from chain_of_custody.keys import LogKey, open_key


class LogSigner:
    """Calling it for the key may ask a person; ``held`` never does.

    The call raises WrongPassphrase, KeystoreDamaged, and what asking for the passphrase raises.
    """

    def __init__(self, files: KeyFiles, passphrases: Passphrases, opened: LogKey | None = None) -> None:
        self._files = files
        self._passphrases = passphrases
        self._open = opened
        self._tried = ""  # the key that was tried without asking
        self._said = ("", "")  # which key was opened by which passphrase
        self._one = Lock()

    def __call__(self) -> LogKey:
        return self._in_use() or self._opened(self._passphrases.of_log_key())

    def passphrase(self) -> str:
        """What opens the key in use: the vault may hang on it too, and nobody is asked twice. Raises as the call."""
        line, said = self._said
        return said if line and line == self._files.log_vkey() else self._asked().passphrase

    def _asked(self) -> Given:
        given = self._passphrases.of_log_key()
        if self._in_use() is None:
            with suppress(CustodyError):  # the vault may know it: a change cut short leaves the two apart
                self._opened(given)
        return given

    def held(self) -> LogKey | None:
        """The key if it is open, or opens without asking anybody, which is tried once."""
        with self._one:
            line = self._files.log_vkey()
            if (known := self._in_use()) is not None or self._tried == line:
                return known
            self._tried = line
            try:
                given = self._passphrases.of_log_key_unasked()
                return None if given is None else self._opened(given)
            except (CustodyError, InputRefused):
                return None  # the next act that needs the key says what is wrong with it, and logs it

    def _in_use(self) -> LogKey | None:
        known = self._open
        return known if known is not None and known.vkey.format() == self._files.log_vkey() else None

    def _opened(self, given: Given) -> LogKey:
        key = open_key(self._files.log_key(), given.passphrase)
        self._open = key
        self._said = key.vkey.format(), given.passphrase
        return key
