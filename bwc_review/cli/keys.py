"""``keys list | show | new | enrol | rotate | revoke``: operators' keys. The log key's and the keyring's commands:
``log_key.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bwc_review.cli import log_key
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
from bwc_review.cli.log_key import PURPOSE
from bwc_review.cli.passphrases import (
    PassphraseFileOption,
    TypeOption,
    given_for,
    key_type,
    new_passphrase,
)
from bwc_review.errors import InputRefused
from bwc_review.review import keys as acts
from bwc_review.review.desk import Desk
from chain_of_custody.entry_signatures import key_id
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR
from chain_of_custody.vkey import VerifierKey

WORKSPACE = Path(DEFAULT_WORKSPACE)
FIRST_NOTE = (
    "This is the log's first key: it vouches for itself. Read its id to the commission in person, with the log key."
)

commands = typer.Typer(help="Keys of operators and of the log.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    log_key.register(commands)
    app.add_typer(commands, name="keys")


@commands.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE, json_: JsonOption = False) -> None:
    """Show the log key and every operator key, enrolled or waiting."""
    desk = desk_at(workspace)
    known = acts.list_keys(desk)
    if json_:
        print_json({"log": _log_row(desk), "operators": [_row(one) for one in known]})
        return
    out.print(plain(f"log key      {_log_row(desk)['key']}  {desk.vkey}"))
    table = Table("operator", "key id", "type", "grants", "state", "entries", "file", box=None)
    for one in known:
        span = "-" if one.since is None else f"{one.since} to {'now' if one.until is None else one.until}"
        state, here = one.state.replace("_", " "), "here" if one.file_here else "not here"
        cells = (one.operator, one.id[:16], one.vkey.alg_name, one.grants or "-", state, span, here)
        table.add_row(*map(plain, cells))
    out.print(table if known else plain("No operator has a key yet: the workstation alone attests who acted."))


@commands.command("show")
def show(
    operator: Annotated[
        str | None, typer.Argument(help="An operator, or a key's id; the log key when left out.")
    ] = None,
    workspace: WorkspaceOption = WORKSPACE,
    json_: JsonOption = False,
) -> None:
    """Show what to give to the commission, in person: the verifier key and its id."""
    desk = desk_at(workspace)
    row = _log_row(desk) if operator is None else _row(acts.enrolled_key(desk, operator))
    if json_:
        print_json(row)
        return
    whose = "the custody log" if operator is None else f"{row['operator']} ({row['grants']}, {row['state']})"
    out.print(plain(f"Key of {whose}. Hand it over by another way than the bundles.\n"))
    for name, words in (("vkey", "verifier key"), ("key", "key id"), ("sha256", "SHA-256 of the public key")):
        out.print(plain(f"{words}:\n{row[name]}"), soft_wrap=True)


@commands.command("new")
def new(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    type_: TypeOption = "ed25519",
    passphrase_file: PassphraseFileOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a signing key for yourself, sealed by a passphrase. An administrator enrols it then."""
    desk, alg = desk_at(workspace), key_type(type_)
    with session_at(desk, acts.OWN, as_, PURPOSE) as session:
        passphrase = new_passphrase(passphrase_file, f"New passphrase of the key of {session.operator}")
        vkey = acts.make_key(desk, session, passphrase, alg)
    _told(vkey, f"Key of {vkey.name} made. It signs nothing until it is enrolled.", json_=json_)


@commands.command("enrol")
def enrol(
    operator: Annotated[str, typer.Argument(help="Whose key.")],
    grants: Annotated[str, typer.Option(help=f"{OPERATOR}, or {ADMINISTRATOR}: may enrol and revoke.")] = OPERATOR,
    key: Annotated[str | None, typer.Option(help="Beginning of the key's id, where several wait.")] = None,
    passphrase_file: PassphraseFileOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    json_: JsonOption = False,
) -> None:
    """Enrol an operator's key: the administrator signs, and its holder opens the new key, which signs too."""
    desk = desk_at(workspace)
    waiting = acts.waiting_key(desk, operator, key)
    with session_at(desk, acts.MANAGE, as_, PURPOSE) as session:
        given = given_for(desk, session, waiting, passphrase_file)
        entry = acts.enrol(desk, session, waiting, given, grants)
    _told(waiting, f"Key of {operator} enrolled as {grants}, entry {entry.seq}.", json_=json_)
    if entry.actor.key == key_id(waiting) and not json_:
        out.print(plain(FIRST_NOTE))


@commands.command("rotate")
def rotate(
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    type_: TypeOption = "ed25519",
    passphrase_file: PassphraseFileOption = None,
    json_: JsonOption = False,
) -> None:
    """Replace your own key by a new one; the old and the new key sign that."""
    desk, alg = desk_at(workspace), key_type(type_)
    with session_at(desk, acts.OWN, as_, PURPOSE) as session:
        passphrase = new_passphrase(passphrase_file, f"Passphrase of the new key of {session.operator}")
        vkey = acts.rotate(desk, session, passphrase, alg)
    _told(
        vkey,
        f"Key of {vkey.name} rotated. From here on the new one signs, opened by its own passphrase.",
        json_=json_,
    )


@commands.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="An operator, or the beginning of a key's id.")],
    reason: Annotated[str, typer.Option(help="Why, as a code, e.g. compromised, lost, left_service.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    as_: AsOption = None,
    json_: JsonOption = False,
) -> None:
    """End a key, with a reason. It signs nothing after that entry."""
    if not reason:
        raise InputRefused("Say why with --reason, e.g. --reason compromised, lost or left_service.")
    desk = desk_at(workspace)
    known = acts.enrolled_key(desk, key)
    permission = acts.OWN if as_ == known.operator else acts.MANAGE
    with session_at(desk, permission, as_, PURPOSE) as session:
        entry = acts.revoke(desk, session, known.id, reason)
    _told(known.vkey, f"Key of {known.operator} revoked, entry {entry.seq}.", json_=json_)


def _told(vkey: VerifierKey, said: str, *, json_: bool) -> None:
    if json_:
        print_json({"operator": vkey.name, "key": key_id(vkey), "vkey": vkey.format()})
        return
    out.print(plain(said))
    out.print(plain(f"key id: {key_id(vkey)}"), soft_wrap=True)


def _log_row(desk: Desk) -> dict[str, object]:
    vkey = VerifierKey.parse(desk.vkey)
    return {"vkey": desk.vkey, "key": key_id(vkey), "sha256": vkey.fingerprint, "type": vkey.alg_name}


def _row(one: acts.KnownKey) -> dict[str, object]:
    return {
        "operator": one.operator,
        "key": one.id,
        "vkey": one.vkey.format(),
        "sha256": one.vkey.fingerprint,
        "type": one.vkey.alg_name,
        "grants": one.grants,
        "state": one.state,
        "since": one.since,
        "until": one.until,
        "file_here": one.file_here,
    }
