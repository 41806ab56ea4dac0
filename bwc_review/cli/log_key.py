"""``keys rotate-log | remember | forget``: the log key hands over; passphrases in the operating system's keyring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bwc_review.cli.console import (
    DEFAULT_WORKSPACE,
    AsOption,
    JsonOption,
    WorkspaceOption,
    desk_at,
    out,
    plain,
    print_json,
    session_at,
)
from bwc_review.cli.passphrases import (
    PassphraseFileOption,
    TypeOption,
    key_type,
    new_passphrase,
    typed_passphrase,
)
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.review import log_key as acts
from bwc_review.review import remembering
from bwc_review.review.desk import Desk, operator_for
from bwc_review.review.sessions import end_session, key_to_unlock, start_session, unlock_operator
from chain_of_custody.entry_signatures import key_id

WORKSPACE = Path(DEFAULT_WORKSPACE)
PURPOSE = "key_management"
LogOption = Annotated[bool, typer.Option("--log", help="The log key's passphrase instead of your own key's.")]


def register(keys: typer.Typer) -> None:
    """Add these commands to ``keys``."""
    keys.command("rotate-log")(rotate_log)
    keys.command("remember")(remember)
    keys.command("forget")(forget)


def rotate_log(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    type_: TypeOption = "ed25519",
    passphrase_file: PassphraseFileOption = None,
    json_: JsonOption = False,
) -> None:
    """Let a new log key take over: both keys sign that, and the old sealed file is kept aside."""
    desk, alg = desk_at(workspace), key_type(type_)
    with session_at(desk, acts.PERMISSION, as_, PURPOSE) as session:
        passphrase = new_passphrase(passphrase_file, "Passphrase of the new log key")
        vkey = acts.rotate_log_key(desk, session, passphrase, alg)
    if json_:
        print_json({"key": key_id(vkey), "vkey": vkey.format()})
        return
    out.print(
        plain("The log key was rotated. Give this key to whoever checks the log; the old one still leads to it:")
    )
    out.print(plain(vkey.format()), soft_wrap=True)
    out.print(plain("Where a file or the keyring holds the log key's passphrase, put the new passphrase there now."))


def remember(
    log: LogOption = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    passphrase_file: PassphraseFileOption = None,
    json_: JsonOption = False,
) -> None:
    """Keep a key's passphrase in this machine's keyring, so that it is not asked for again."""
    desk = desk_at(workspace)
    if log:
        with session_at(desk, remembering.CONFIGURE, as_, PURPOSE) as session:
            passphrase = typed_passphrase(passphrase_file, "Passphrase of the log key")
            vkey = remembering.remember_log_key(desk, session, passphrase)
    else:
        with _opened_by_hand(desk, as_, passphrase_file) as (session, passphrase):
            vkey = remembering.remember_own(desk, session, passphrase)
    if json_:
        print_json({"key": key_id(vkey), "kept": True})
        return
    out.print(plain(f"The passphrase of {vkey.name} is kept in this machine's keyring."))


def forget(
    log: LogOption = False,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    passphrase_file: PassphraseFileOption = None,
    json_: JsonOption = False,
) -> None:
    """Remove a key's passphrase from this machine's keyring."""
    desk = desk_at(workspace)
    if log:
        with session_at(desk, remembering.CONFIGURE, as_, PURPOSE) as session:
            found = remembering.forget_log_key(desk, session)
    else:
        with _opened_by_hand(desk, as_, passphrase_file) as (session, _):
            found = remembering.forget_own(desk, session)
    if json_:
        print_json({"kept": False, "removed": found})
        return
    out.print(plain("The passphrase was removed from the keyring." if found else "The keyring held none of it."))


@contextmanager
def _opened_by_hand(desk: Desk, named: str | None, file: Path | None) -> Iterator[tuple[Session, str]]:
    """A session whose key was opened with what was typed, whatever the keyring says: that may be out of date."""
    operator = operator_for(desk, remembering.OWN, named)
    if key_to_unlock(desk, operator) is None:
        raise InputRefused(f"{operator} has no enrolled key. Make one with `bwc-review keys new`, then enrol it.")
    passphrase = typed_passphrase(file, f"Passphrase of the key of {operator}")
    unlocked = unlock_operator(desk, operator, PURPOSE, passphrase)
    session = start_session(desk, operator, PURPOSE, unlocked)
    try:
        yield session, passphrase
    finally:
        end_session(desk, session)
