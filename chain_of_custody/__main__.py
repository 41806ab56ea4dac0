"""The package as a command: `python -m chain_of_custody verify BUNDLE`, `... verify-log FOLDER`, `... witness ...`.

Works from a copy of this folder alone. Exit codes: docs/custody-format.md section 12; the witness: section 14.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chain_of_custody.policy import MAX_POLICY_BYTES, Policy
from chain_of_custody.report import Report
from chain_of_custody.source import MAX_KEY_BYTES, split_vkeys
from chain_of_custody.verify import Level, verify_bundle, verify_log_folder
from chain_of_custody.vkey import parse_vkeys
from chain_of_custody.witness_command import Run, add_parser, read_file, run

LEVELS = (Level.L0, Level.L1, Level.L2, Level.L3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0, 1, 3, 4 by verdict, 2 for usage, 20 and above for what cannot be used.

    Custody-format section 12.
    """
    return run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chain_of_custody", description="Verify custody bundles offline.")
    commands = parser.add_subparsers(required=True)
    verify = commands.add_parser("verify", help="verify a bundle folder")
    verify.add_argument("bundle", type=Path, help="the bundle's folder")
    _add_options(verify, _verify)
    log = commands.add_parser("verify-log", help="verify a log that was exported as files")
    log.add_argument("folder", type=Path, help="the log's folder")
    log.add_argument("--level", choices=[one.name for one in LEVELS], default="L3", help="how deep; else L3")
    _add_options(log, _verify_log)
    add_parser(commands)
    return parser


def _add_options(parser: argparse.ArgumentParser, run: Run) -> None:
    parser.add_argument("--key", type=Path, help="file with the log's verifier key, obtained elsewhere")
    witnesses = parser.add_mutually_exclusive_group()
    witnesses.add_argument("--witness-key", type=Path, help="file with witnesses' keys; one cosignature is enough")
    witnesses.add_argument("--policy", type=Path, help="quorum policy file (c2sp.org/tlog-policy)")
    parser.add_argument("--progress", action="store_true", help="say on standard error how far it is")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def _verify(options: argparse.Namespace) -> int:
    heard = _say if options.progress else None
    policy = _policy(options)
    return _show(verify_bundle(options.bundle, trusted_vkey=_key(options), policy=policy, progress=heard), options)


def _verify_log(options: argparse.Namespace) -> int:
    heard, level = _say if options.progress else None, Level[options.level]
    policy, key = _policy(options), _key(options)
    return _show(verify_log_folder(options.folder, level, trusted_vkey=key, policy=policy, progress=heard), options)


def _key(options: argparse.Namespace) -> str | None:
    return None if options.key is None else read_file(options.key, MAX_KEY_BYTES).decode("utf-8", "replace")


def _show(report: Report, options: argparse.Namespace) -> int:
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
