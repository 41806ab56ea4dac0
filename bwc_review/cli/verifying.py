"""``log --verify``: how deep, from which earlier point on, with what verdict; that it was done goes into the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bwc_review.cli.console import err, out, plain, progress_bar
from bwc_review.errors import InputRefused, LogContradicted, LogRefused, ReviewError
from bwc_review.ports.records import Session
from bwc_review.review import checking
from bwc_review.review.desk import Desk, allow, operator_for
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.report import Report
from chain_of_custody.verify import Level

PURPOSE = "log_verification"
BROKEN = "The custody log does not verify. Keep the workspace as it is and tell the commission."
STEPS = {"entries": "Reading every entry", "media": "Reading every recording again"}


def level_named(name: str) -> Level:
    """The level of that name, L0 to L4. Raises InputRefused."""
    try:
        return Level[name.upper()]
    except KeyError as unknown:
        known = ", ".join(level.name for level in Level)
        raise InputRefused(f"There is no level '{name}'. Levels: {known} (docs/custody-format.md).") from unknown


def show_report(report: Report, *, json_: bool) -> int:
    """Print a verification and return its exit code."""
    if json_:
        typer.echo(report.to_json(), nl=False)
    else:
        out.print(plain(report.to_text()), soft_wrap=True)  # a command broken in two is none
    return report.verdict.exit_code


def verify_live_log(desk: Desk, level: Level, *, key: Path | None, full: bool, named: str | None, json_: bool) -> int:
    """Verify, show, remember how far, log it; the exit code. A log that takes no entry is verified all the same."""
    trusted = key.read_text("utf-8") if key else None
    with _session(desk, named) as session:
        since = None if full else checking.last_verified(desk)
        with progress_bar() as bar:
            task = bar.add_task("Verifying the custody log", total=None)

            def moved(step: str, done: int, of: int) -> None:
                bar.update(task, description=STEPS.get(step, step), completed=done, total=of)

            check = checking.verify_live(desk, level, trusted=trusted, since=since, progress=moved)
        code = show_report(check.report, json_=json_)
        if not check.held:
            err.print(BROKEN)
        try:
            checking.keep_verified(desk, check)
            checking.log_verification(desk, session, check)
        except (ReviewError, OSError) as refused:
            said = refused.message() if isinstance(refused, ReviewError) else str(refused)
            err.print(plain(f"That the log was verified could not be written down; the verdict stands. {said}"))
    return code


@contextmanager
def _session(desk: Desk, named: str | None) -> Iterator[Session | None]:
    """The session of whoever was named; None lets the workstation say that the log was verified.

    A log that takes no entry any more, so that no session can begin, is verified without one, and that is said.
    """
    if named is None:
        yield None
        return
    try:
        session = start_session(desk, operator_for(desk, checking.PERMISSION, named), PURPOSE)
    except (LogRefused, LogContradicted) as refused:
        err.print(plain(f"{refused.message()} The check itself is not in the log."))
        yield None
        return
    try:
        allow(desk, session, checking.PERMISSION)
        yield session
    finally:
        end_session(desk, session)
