"""The verifier as a command: `python -m chain_of_custody verify BUNDLE [--key VKEYFILE] [--json]`.

Works from a copy of this folder alone. Exit codes: docs/custody-format.md section 12.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chain_of_custody.errors import BundleUnreadable, CustodyError
from chain_of_custody.files import read_bounded
from chain_of_custody.source import MAX_KEY_BYTES
from chain_of_custody.verify import verify_bundle


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0, 1, 3, 4 by verdict, 2 for usage, 20 and above for a bad key file."""
    options = _parser().parse_args(arguments)
    try:
        trusted = None if options.key is None else _read_key(options.key)
        report = verify_bundle(options.bundle, trusted_vkey=trusted)
    except CustodyError as refused:
        print(refused.message(), file=sys.stderr)
        return refused.exit_code
    text = report.to_json() if options.json else report.to_text()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
    return report.verdict.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chain_of_custody", description="Verify custody bundles offline.")
    commands = parser.add_subparsers(required=True)
    verify = commands.add_parser("verify", help="verify a bundle folder")
    verify.add_argument("bundle", type=Path, help="the bundle's folder")
    verify.add_argument("--key", type=Path, help="file with the log's verifier key, obtained elsewhere")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _read_key(path: Path) -> str:
    try:
        raw = read_bounded(path, MAX_KEY_BYTES)
    except OSError as unreadable:
        raise BundleUnreadable("unreadable", path.name, unreadable.strerror or "") from unreadable
    return raw.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
