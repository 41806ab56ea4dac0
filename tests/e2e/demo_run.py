"""Running the demo as a person starts it: a process of its own, in a workspace of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bwc_review.bootstrap import open_workspace
from bwc_review.review.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
DEMO = [sys.executable, "-m", "bwc_review", "demo", "--workspace"]


def no_passphrase() -> str:
    """The demo keeps its passphrase in a file; nobody may be asked."""
    raise AssertionError("the passphrase was asked for")


@dataclass(frozen=True)
class DemoRun:
    """What a run of the demo left and said."""

    folder: Path
    code: int
    said: str

    def desk(self) -> Desk:
        """The workspace, opened anew."""
        return open_workspace(self.folder, no_passphrase)


def run_demo(folder: Path) -> DemoRun:
    """Run the demo into a workspace and wait for it."""
    done = subprocess.run(
        [*DEMO, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return DemoRun(folder, done.returncode, done.stdout + done.stderr)
