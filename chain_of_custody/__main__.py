"""The package as a command: `python -m chain_of_custody verify BUNDLE` and `... witness ...`.

Works from a copy of this folder alone. Exit codes: docs/custody-format.md section 12; the witness: section 14.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chain_of_custody.policy import MAX_POLICY_BYTES, Policy
from chain_of_custody.source import MAX_KEY_BYTES, split_vkeys
from chain_of_custody.verify import verify_bundle
from chain_of_custody.vkey import parse_vkeys
from chain_of_custody.witness_command import add_parser, read_file, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0, 1, 3, 4 by verdict, 2 for usage, 20 and above for what cannot be used."""
    return run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chain_of_custody", description="Verify custody bundles offline.")
    commands = parser.add_subparsers(required=True)
    verify = commands.add_parser("verify", help="verify a bundle folder")
    verify.add_argument("bundle", type=Path, help="the bundle's folder")
    verify.add_argument("--key", type=Path, help="file with the log's verifier key, obtained elsewhere")
    witnesses = verify.add_mutually_exclusive_group()
    witnesses.add_argument("--witness-key", type=Path, help="file with witnesses' keys; one cosignature is enough")
    witnesses.add_argument("--policy", type=Path, help="quorum policy file (c2sp.org/tlog-policy)")
    verify.add_argument("--progress", action="store_true", help="say on standard error how far it is")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(run=_verify)
    add_parser(commands)
    return parser


def _verify(options: argparse.Namespace) -> int:
    trusted = None if options.key is None else read_file(options.key, MAX_KEY_BYTES).decode("utf-8", "replace")
    heard = _say if options.progress else None
    report = verify_bundle(options.bundle, trusted_vkey=trusted, policy=_policy(options), progress=heard)
    text = report.to_json() if options.json else report.to_text()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
    return report.verdict.exit_code


def _policy(options: argparse.Namespace) -> Policy | None:
    if options.policy is not None:
        return Policy.parse(read_file(options.policy, MAX_POLICY_BYTES))
    if options.witness_key is not None:
        return Policy.any_of(parse_vkeys(split_vkeys(read_file(options.witness_key, MAX_KEY_BYTES))))
    return None


def _say(what: str, done: int, total: int) -> None:
    print(f"{ascii(what)[1:-1]} {done} of {total}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
