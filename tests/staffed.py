"""Workspaces whose people have keys: an invented administrator, a clerk (P-256) and an investigator, all enrolled."""

from __future__ import annotations

from pathlib import Path

from bwc_review.bootstrap import Settings, create_workspace, open_workspace
from bwc_review.domain.ids import OperatorId
from bwc_review.ports.keys import PASSPHRASE as TYPED
from bwc_review.ports.keys import Given
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.keys import enrol, make_key, waiting_key
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Severity
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR
from chain_of_custody.report import Report
from chain_of_custody.vkey import ECDSA_P256, ED25519
from tests.desks import AUDITOR, CLERK, PASSPHRASE, REVIEWER, ROLES

ADMIN = OperatorId("admin-1")
PURPOSE = "key_management"
SETTINGS = Settings("police.example", "ws1", {**ROLES, "admin-1": "admin"})


def words_of(operator: str) -> str:
    """The passphrase of an operator's key in these tests."""
    return f"the invented words of {operator}"


def reopened(folder: Path) -> Desk:
    """The workspace as another process would open it, everybody knowing the own passphrase."""
    return open_workspace(folder, lambda: PASSPHRASE, words_of)


def unstaffed(folder: Path) -> Desk:
    """A workspace whose people have no keys."""
    create_workspace(folder, SETTINGS, PASSPHRASE).store.close()  # type: ignore[attr-defined]
    return reopened(folder)


def own_key(desk: Desk, who: OperatorId, alg: int = ED25519) -> None:
    """Let somebody make a key."""
    session = start_session(desk, who, PURPOSE)
    make_key(desk, session, words_of(who), alg)
    end_session(desk, session)


def enrolled_by(desk: Desk, admin: OperatorId, who: OperatorId, grants: str = OPERATOR) -> Entry:
    """Let an administrator enrol somebody's waiting key."""
    session = start_session(desk, admin, PURPOSE)
    try:
        return enrol(desk, session, waiting_key(desk, who), Given(words_of(who), TYPED), grants)
    finally:
        end_session(desk, session)


def staffed(folder: Path) -> Desk:
    """A workspace whose administrator, clerk and investigator have enrolled keys; the auditor has none."""
    desk = unstaffed(folder)
    for who, alg in ((ADMIN, ED25519), (CLERK, ECDSA_P256), (REVIEWER, ED25519)):
        own_key(desk, who, alg)
        enrolled_by(desk, ADMIN, who, ADMINISTRATOR if who == ADMIN else OPERATOR)
    return desk


def sat_down(desk: Desk, who: OperatorId) -> Session:
    """A session for routine work."""
    return start_session(desk, who, "routine_docking")


def entries_of(desk: Desk) -> list[Entry]:
    """The whole log."""
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def last(desk: Desk, kind: str) -> Entry:
    """The newest entry of a type."""
    return [one for one in entries_of(desk) if one.type == kind][-1]


def failures(report: Report) -> set[tuple[str, str]]:
    """(code, where) of everything proven wrong."""
    return {(one.code, one.where) for one in report.findings if one.severity is Severity.FAILED}


__all__ = ["ADMIN", "AUDITOR", "CLERK", "REVIEWER"]
