"""``bwc-review-desktop``: reads the command line and starts the program. Everything else is in ``ui.app``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bwc_review.errors import InputRefused

WORKSPACE_VARIABLE = "BWC_REVIEW_WORKSPACE"


def main(argv: Sequence[str] | None = None) -> int:
    """Start the desktop; returns the exit code."""
    asked = _parser().parse_args(argv)
    from ui.app import PAGES, run

    if asked.page is not None and asked.page not in PAGES:
        refused = InputRefused(f"There is no page {asked.page}. Known: {', '.join(PAGES)}.")
        print(refused.message(), file=sys.stderr)
        return refused.exit_code
    return run(_workspace(asked.workspace), operator=asked.operator or "", page=asked.page or "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bwc-review-desktop", description="Review body-worn-camera footage.")
    parser.add_argument("--workspace", metavar="FOLDER", type=Path, help=f"else ${WORKSPACE_VARIABLE}, else asked")
    parser.add_argument("--operator", metavar="ID", help="who is chosen when the sign-in opens")
    parser.add_argument("--page", metavar="NAME", help="the page to begin with: dock, library, review or export")
    return parser


def _workspace(named: Path | None) -> Path | None:
    """The folder named, else the variable's, else ./workspace when it stands there; None to ask."""
    if named is not None:
        return named
    from_environment = os.environ.get(WORKSPACE_VARIABLE, "")
    if from_environment:
        return Path(from_environment)
    usual = Path("workspace")
    return usual if (usual / "workspace.toml").is_file() else None


if __name__ == "__main__":
    sys.exit(main())
