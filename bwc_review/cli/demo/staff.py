"""The demo's invented people get keys, so that its log shows what signed entries look like. May be run again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bwc_review.access.passphrases import read_passphrase
from bwc_review.domain.ids import OperatorId
from bwc_review.ports.keys import PASSPHRASE_FILE, Given
from bwc_review.review.desk import Desk
from bwc_review.review.keys import NOT_ENROLLED, VALID, enrol, list_keys, make_key, waiting_key
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR

ADMIN = OperatorId("admin-0001")
PURPOSE = "key_management"


def hand_out_keys(desk: Desk, file: Path, people: Sequence[OperatorId]) -> bool:
    """Make and enrol a key for the invented administrator and for each of ``people``, where they have none yet.

    ``file`` holds the one passphrase of them all, which is for a demo only. False in a workspace that an earlier
    version of the demo made, without an administrator: there the workstation goes on attesting alone.
    """
    if ADMIN not in desk.operators:
        return False
    for who in (ADMIN, *people):
        if not _has(desk, who, VALID):
            _enrol(desk, who, file)
    return True


def _enrol(desk: Desk, who: OperatorId, file: Path) -> None:
    passphrase = read_passphrase(file)
    if not _has(desk, who, NOT_ENROLLED):
        session = start_session(desk, who, PURPOSE)
        make_key(desk, session, passphrase)
        end_session(desk, session)
    session = start_session(desk, ADMIN, PURPOSE)
    grants = ADMINISTRATOR if who == ADMIN else OPERATOR
    enrol(desk, session, waiting_key(desk, who), Given(passphrase, PASSPHRASE_FILE), grants)
    end_session(desk, session)


def _has(desk: Desk, who: OperatorId, state: str) -> bool:
    return any(one.operator == who and one.state == state for one in list_keys(desk))
