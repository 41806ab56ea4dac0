"""Where a key's passphrase comes from: a file that was named, else the machine's keyring, else the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bwc_review.errors import InputRefused
from bwc_review.ports.keys import OS_KEYRING, PASSPHRASE, PASSPHRASE_FILE, Given, KeyFiles, PassphraseKeeper
from chain_of_custody.vkey import VerifierKey

MAX_FILE_CHARS = 4096

AskPassphrase = Callable[[], str]
AskOperator = Callable[[str], str]


def nobody_to_ask(operator: str) -> str:
    """Where no person can be asked. Raises InputRefused."""
    raise InputRefused(
        f"The key of {operator} is locked and its passphrase was not given. Type it, or name a file that holds it in "
        "BWC_REVIEW_OPERATOR_PASSPHRASE_FILE."
    )


@dataclass(frozen=True)
class PassphraseSources:
    """``ports.keys.Passphrases``. ``log_file`` and ``operator_file`` name a file, or None, each time anew."""

    keys: KeyFiles
    keeper: PassphraseKeeper
    log_file: Callable[[], Path | None]
    operator_file: Callable[[], Path | None]
    ask_log: AskPassphrase
    ask_operator: AskOperator

    def of_log_key(self) -> Given:
        """Raises InputRefused for a file that cannot be read, and what the question to the person raises."""
        return self.of_log_key_unasked() or Given(self.ask_log(), PASSPHRASE)

    def of_log_key_unasked(self) -> Given | None:
        """Raises InputRefused for a file that cannot be read."""
        return self._without_asking(self.log_file(), VerifierKey.parse(self.keys.log_vkey()))

    def of_operator_key(self, vkey: VerifierKey) -> Given:
        """Raises as ``of_log_key``."""
        found = self._without_asking(self.operator_file(), vkey)
        return found or Given(self.ask_operator(vkey.name), PASSPHRASE)

    def _without_asking(self, file: Path | None, vkey: VerifierKey) -> Given | None:
        if file is not None:
            return Given(read_passphrase(file), PASSPHRASE_FILE)
        kept = self.keeper.recall(vkey)
        return None if kept is None else Given(kept, OS_KEYRING)


def read_passphrase(file: Path) -> str:
    """The passphrase a file holds, without white space around it. Raises InputRefused."""
    try:
        with file.open(encoding="utf-8") as handle:
            return handle.read(MAX_FILE_CHARS).strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise InputRefused(
            f"The passphrase file {file} cannot be read. Name another or remove the setting."
        ) from unreadable
