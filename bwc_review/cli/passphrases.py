"""How the command line comes by passphrases: a file that was named, or the person at the terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bwc_review.access.passphrases import read_passphrase
from bwc_review.errors import InputRefused
from bwc_review.ports.keys import PASSPHRASE, PASSPHRASE_FILE, Given
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from chain_of_custody.vkey import ECDSA_P256, ED25519, VerifierKey

TYPES = {"ed25519": ED25519, "ecdsa-p256": ECDSA_P256}

PassphraseFileOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File with the key's passphrase; asked for when not given.")
]
TypeOption = Annotated[str, typer.Option("--type", help=f"Kind of key: {' or '.join(TYPES)}.")]


def key_type(named: str) -> int:
    """The signature type of that name. Raises InputRefused."""
    if named not in TYPES:
        raise InputRefused(f"There is no key type '{named}'. Types: {', '.join(TYPES)}.")
    return TYPES[named]


def ask_log_passphrase() -> str:
    """Ask for the log key's. Raises InputRefused where nobody is there."""
    return _asked(
        "Passphrase of the log key",
        "The log key's passphrase is needed to sign a checkpoint and nobody is there to type it. "
        "Name a file that holds it in BWC_REVIEW_PASSPHRASE_FILE.",
    )


def ask_operator_passphrase(operator: str) -> str:
    """Ask for an operator's. Raises InputRefused where nobody is there."""
    return _asked(
        f"Passphrase of the key of {operator}",
        f"The passphrase of {operator}'s key is needed and nobody is there to type it. "
        "Name a file that holds it in BWC_REVIEW_OPERATOR_PASSPHRASE_FILE.",
    )


def typed_passphrase(file: Path | None, prompt: str) -> str:
    """An existing key's passphrase from a file, else from the person. Raises InputRefused."""
    if file is not None:
        return read_passphrase(file)
    return _asked(prompt, "Nobody is there to type a passphrase. Name a file with --passphrase-file.")


def new_passphrase(file: Path | None, prompt: str) -> str:
    """A new passphrase, typed twice where it is typed. Raises InputRefused."""
    if file is not None:
        return read_passphrase(file)
    _somebody_there("Nobody is there to type a new passphrase. Name a file with --passphrase-file.")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True))


def given_for(desk: Desk, session: Session, waiting: VerifierKey, file: Path | None) -> Given:
    """What opens a key that is being enrolled: its holder types it, unless it is the session's own or in a file."""
    if file is not None:
        return Given(read_passphrase(file), PASSPHRASE_FILE)
    if waiting.name == session.operator:
        return desk.passphrases.of_operator_key(waiting)
    return Given(typed_passphrase(None, f"{waiting.name}, type the passphrase of your new key"), PASSPHRASE)


def _asked(prompt: str, otherwise: str) -> str:
    _somebody_there(otherwise)
    return str(typer.prompt(prompt, hide_input=True, err=True))


def _somebody_there(otherwise: str) -> None:
    if not os.isatty(0):
        raise InputRefused(otherwise)
