"""``bwc-review``: the front door. The one place where whatever goes wrong becomes a sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from bwc_review.cli import (
    bundles,
    custody,
    device_logs,
    docks,
    footage,
    incidents,
    jobs,
    keys,
    profiles,
    receipts,
    rosters,
    speech,
    tagging,
    times,
    timestamps,
    vault,
    witnesses,
)
from bwc_review.cli.console import err, plain
from bwc_review.cli.demo import command as demo
from bwc_review.errors import ReviewError
from chain_of_custody.errors import CustodyError
from ingest.errors import IngestError

STOPPED = 130
UNEXPECTED = 70
DEBUG_VARIABLE = "BWC_REVIEW_DEBUG"

app = typer.Typer(
    name="bwc-review",
    help="Review of body-worn-camera footage. Every act goes into a custody log that proves itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
footage.register(app)
jobs.register(app)
docks.register(app)
receipts.register(app)
timestamps.register(app)
keys.register(app)
witnesses.register(app)
profiles.register(app)
times.register(app)
speech.register(app)
incidents.register(app)
rosters.register(app)
device_logs.register(app)
tagging.register(app)
bundles.register(app)
custody.register(app)
vault.register(app)
demo.register(app)


def run() -> None:
    """Console script. Exit codes: README, section "Exit codes"."""
    sys.exit(main())


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; never lets a traceback out."""
    try:
        app(args=arguments, standalone_mode=True)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except (ReviewError, IngestError, CustodyError) as failed:
        err.print(plain(failed.message()), style="bold")
        return failed.exit_code
    except KeyboardInterrupt:
        err.print("Stopped. What was finished before is kept; run the command again to go on.")
        return STOPPED
    except OSError as failed:
        where = failed.filename or "The system"
        err.print(plain(f"{where}: {failed.strerror}. Check the disk and the rights, then try again."))
        return UNEXPECTED
    except Exception as failed:  # the process edge
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        err.print(
            plain(
                f"Something this program does not expect happened ({type(failed).__name__}). Nothing was lost: every "
                f"act is either whole or not there. Set {DEBUG_VARIABLE}=1, run it again and send what it prints "
                "to the maintainers."
            )
        )
        return UNEXPECTED
    return 0
