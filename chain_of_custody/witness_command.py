"""`python -m chain_of_custody witness`: the independent commission's side, over HTTP or with files on a stick.

init, trust, sign, serve, check. docs/custody-format.md section 14; c2sp.org/tlog-witness.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from chain_of_custody.clock import SystemClock
from chain_of_custody.errors import BundleUnreadable, CustodyError, WitnessRefused
from chain_of_custody.files import read_bounded
from chain_of_custody.keys import MAX_KEYSTORE_BYTES, open_key_of, seal_key
from chain_of_custody.signing import WitnessKey, generate
from chain_of_custody.source import MAX_KEY_BYTES, split_vkeys
from chain_of_custody.vkey import parse_vkeys
from chain_of_custody.witness import Witness
from chain_of_custody.witness_bundle import check_against_state
from chain_of_custody.witness_http import WitnessServer
from chain_of_custody.witness_request import MAX_REQUEST_BYTES
from chain_of_custody.witness_state import WitnessState

KEY_FILE, VKEY_FILE = "witness.key", "witness.vkey"
Run = Callable[[argparse.Namespace], int]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `witness` command and its five acts (custody-format section 14)."""
    witness = commands.add_parser("witness", help="cosign checkpoints of logs that only grow")
    acts = witness.add_subparsers(required=True)
    init = _act(acts, "init", _init, "make the witness's key")
    init.add_argument("--name", required=True, help="the witness's name, such as commission.example/w1")
    trust = _act(acts, "trust", _trust, "look after the log of a key obtained in person")
    trust.add_argument("vkey", type=Path, help="file with the log's verifier key")
    sign = _act(acts, "sign", _sign, "answer a request that came as a file")
    sign.add_argument("request", type=Path)
    sign.add_argument("--out", type=Path, required=True, help="the answer, to be carried back")
    serve = _act(acts, "serve", _serve, "answer requests over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8765)
    check = _act(acts, "check", _check, "compare a bundle with what was cosigned")
    check.add_argument("bundle", type=Path)
    check.add_argument("--json", action="store_true")


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Run, text: str
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text)
    parser.add_argument("--state", type=Path, required=True, help="the witness's folder")
    if name in ("init", "sign", "serve"):
        parser.add_argument("--passphrase-file", type=Path, help="instead of asking; its first line")
    parser.set_defaults(run=run)
    return parser


def _init(options: argparse.Namespace) -> int:
    folder: Path = options.state
    if (folder / KEY_FILE).exists():
        raise WitnessRefused("key_exists", KEY_FILE, "this folder has a witness already")
    key = generate(WitnessKey, options.name)
    sealed = seal_key(key, _passphrase(options))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEY_FILE).write_bytes(sealed)
    (folder / KEY_FILE).chmod(0o600)
    (folder / VKEY_FILE).write_text(key.vkey.format() + "\n", "utf-8", newline="\n")
    print(f"Give this key to whoever must check cosignatures:\n{key.vkey.format()}")
    return 0


def _trust(options: argparse.Namespace) -> int:
    for key in parse_vkeys(split_vkeys(read_file(options.vkey, MAX_KEY_BYTES))):
        WitnessState(options.state).trust(key)
        print(f"Log {key.name}, key {key.fingerprint}")
    return 0


def _sign(options: argparse.Namespace) -> int:
    answer = _witness(options).add_checkpoint(read_file(options.request, MAX_REQUEST_BYTES))
    options.out.write_bytes(answer.body)
    if answer.status != 200:
        raise WitnessRefused(answer.reason, options.request.name, f"status {answer.status}, the request was kept")
    print(f"Cosigned; carry {options.out.name} back to the log")
    return 0


def _serve(options: argparse.Namespace) -> int:
    with WitnessServer(_witness(options), options.host, options.port) as server:
        print(f"http://{options.host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _check(options: argparse.Namespace) -> int:
    report = check_against_state(options.bundle, WitnessState(options.state))
    text = report.to_json() if options.json else report.to_text()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
    return report.verdict.exit_code


def _witness(options: argparse.Namespace) -> Witness:
    sealed = read_file(options.state / KEY_FILE, MAX_KEYSTORE_BYTES)
    return Witness(WitnessState(options.state), open_key_of(WitnessKey, sealed, _passphrase(options)), SystemClock())


def _passphrase(options: argparse.Namespace) -> str:
    if options.passphrase_file is None:
        return getpass.getpass("Passphrase of the witness key: ")
    lines = read_file(options.passphrase_file, MAX_KEY_BYTES).decode("utf-8", "replace").splitlines()
    return lines[0] if lines else ""


def read_file(path: Path, limit: int) -> bytes:
    """A file named on the command line (custody-format section 14). Raises BundleUnreadable."""
    try:
        return read_bounded(path, limit)
    except OSError as unreadable:
        raise BundleUnreadable("unreadable", path.name, unreadable.strerror or "") from unreadable


def run(options: argparse.Namespace) -> int:
    """Run what was asked; an error's exit code where it fails (custody-format section 14)."""
    try:
        code: int = options.run(options)
    except CustodyError as refused:
        print(refused.message(), file=sys.stderr)
        return refused.exit_code
    return code
