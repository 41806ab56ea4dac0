"""Going on after a witness contradicted this log and was itself at fault: said by a person, with a reason, on record.

A witness's answer alone is a claim; what was cosigned before (``review.log_watch``) is proof, and is never settled.
"""

from __future__ import annotations

from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, LogContradicted, PermissionDenied, ReviewError
from bwc_review.ports.witnesses import Contradiction
from bwc_review.review.desk import WITHHELD, Desk, record
from bwc_review.review.sessions import end_session, start_session
from bwc_review.review.witness_overview import standing
from chain_of_custody.entry import Subject
from chain_of_custody.rollback import HeadState

PERMISSION = "system.configure"


def settle(desk: Desk, operator: OperatorId, reason: str, purpose: str) -> int:
    """Put every open contradiction aside and log who did so and why; how many there were.

    The log takes nothing while one is open, so they are put aside first, and back when the log cannot say so. Raises
    InputRefused (none is open, no reason), LogContradicted (what was witnessed is proof against this log),
    PermissionDenied (not logged: the log is stopped).
    """
    found = standing(desk)
    if found.state is not HeadState.OK:
        raise LogContradicted(found.message())
    if not found.against or not reason.strip():
        raise InputRefused("No witness contradicts this log now, or no reason was given. There is nothing to settle.")
    role = desk.operators.get(operator, "")
    if desk.taxonomy.permission(PERMISSION, role) == WITHHELD:
        raise PermissionDenied(f"{operator} works as {role}, a role that may not do this ({PERMISSION}).")
    desk.witnesses.memory.settle()
    try:
        _say(desk, operator, reason, purpose, found.against)
    except ReviewError:
        for one in found.against:
            desk.witnesses.memory.contradict(one)
        raise
    return len(found.against)


def _say(desk: Desk, operator: OperatorId, reason: str, purpose: str, against: tuple[Contradiction, ...]) -> None:
    session = start_session(desk, operator, purpose)
    with desk.store.writing() as work:
        for one in against:
            data = {"kind": one.kind.value, "size": one.size, "seen": one.seen, "at_us": one.at}
            subject, texts = Subject("witness", one.witness), {"reason": reason}
            record(desk, work, session, "checkpoint.contradiction_settled", subject, data=data, texts=texts)
    end_session(desk, session)
