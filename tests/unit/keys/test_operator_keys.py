"""Operators' keys from the application: who may enrol, rotate and revoke, and what the verifier says of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bwc_review.errors import InputRefused, KeyUnusable, NotFound, PermissionDenied
from bwc_review.ports.keys import PASSPHRASE as TYPED
from bwc_review.ports.keys import Given
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.keys import enrol, enrolled_key, list_keys, make_key, revoke, rotate, waiting_key
from bwc_review.review.sessions import end_session, start_session, unlock_operator
from chain_of_custody.canonical import canon, parse
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import KeyRefused, WeakKey, WrongPassphrase
from chain_of_custody.keys import stated_vkey
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR
from chain_of_custody.signing import OperatorKey
from tests.desks import AUDITOR, CLERK, REVIEWER
from tests.staffed import (
    ADMIN,
    PURPOSE,
    enrolled_by,
    entries_of,
    failures,
    last,
    own_key,
    reopened,
    sat_down,
    unstaffed,
    words_of,
)


def holds(desk: Desk) -> bool:
    """Whether nothing fails at L3, operators' signatures included."""
    return failures(check_log(desk, trusted=desk.vkey)) == set()


def test_enrolled_people_sign_and_the_log_verifies_to_l3(desk: Desk) -> None:
    session = sat_down(desk, CLERK)
    end_session(desk, session)
    own = [one for one in entries_of(desk) if one.actor.session == session.id]
    assert [one.type for one in own] == ["session.started", "session.ended"]
    assert {one.actor.key for one in own} == {enrolled_key(desk, CLERK).id}
    assert {one.actor.auth for one in own} == {TYPED}
    assert holds(desk)


def test_a_checkpoint_covers_every_key_event_at_once(desk: Desk) -> None:
    with desk.store.reading() as work:
        sizes = {Checkpoint.parse(note).size for note in work.log.checkpoints()}
    events = [one.seq for one in entries_of(desk) if one.type == "key.enrolled"]
    assert len(events) == 3
    assert {seq + 1 for seq in events} <= sizes


def test_somebody_without_a_key_works_as_before_and_the_entries_say_so(desk: Desk) -> None:
    end_session(desk, sat_down(desk, AUDITOR))
    assert (entries_of(desk)[-1].actor.key, entries_of(desk)[-1].actor.auth) == ("", "none")
    assert holds(desk)


def test_the_first_key_is_an_administrators_own_and_no_other(tmp_path: Path) -> None:
    desk = unstaffed(tmp_path / "w")
    own_key(desk, CLERK)
    with pytest.raises(KeyRefused) as refused:
        enrolled_by(desk, ADMIN, CLERK, ADMINISTRATOR)
    assert refused.value.reason == "first_key_must_be_an_administrators"
    logged = last(desk, "key.enrolled")
    assert (logged.outcome, logged.reason) == ("refused", refused.value.reason)
    assert [one.state for one in list_keys(desk)] == ["not_enrolled"]
    assert holds(desk)


def test_an_administrator_without_an_own_key_enrols_nobody_once_there_is_one(desk: Desk, folder: Path) -> None:
    session = start_session(desk, ADMIN, PURPOSE)
    desk.open_keys.drop(session.id)  # as a program would that never opened the key
    own_key(desk, AUDITOR)
    with pytest.raises(KeyRefused) as refused:
        enrol(desk, session, waiting_key(desk, AUDITOR), Given(words_of(AUDITOR), TYPED), OPERATOR)
    assert refused.value.reason == "not_signed_by_an_administrator"
    assert holds(reopened(folder))


def test_a_role_that_may_not_manage_users_enrols_and_revokes_nobody(desk: Desk) -> None:
    own_key(desk, AUDITOR)
    session = sat_down(desk, REVIEWER)
    with pytest.raises(PermissionDenied):
        enrol(desk, session, waiting_key(desk, AUDITOR), Given(words_of(AUDITOR), TYPED), OPERATOR)
    with pytest.raises(PermissionDenied):
        revoke(desk, session, enrolled_key(desk, CLERK).id, "a_grudge")
    assert last(desk, "access.denied").subject.id == "user.manage"


def test_without_the_holders_passphrase_nothing_is_enrolled_and_the_try_is_logged(desk: Desk) -> None:
    own_key(desk, AUDITOR)
    session = start_session(desk, ADMIN, PURPOSE)
    with pytest.raises(WrongPassphrase):
        enrol(desk, session, waiting_key(desk, AUDITOR), Given("a guess", TYPED), OPERATOR)
    assert last(desk, "key.unlock_failed").outcome == "refused"
    assert enrolled_key(desk, CLERK).state == "valid"
    with pytest.raises(NotFound):
        enrolled_key(desk, AUDITOR)


def test_a_second_key_for_the_same_person_needs_the_first_to_end(desk: Desk) -> None:
    own_key(desk, CLERK)
    with pytest.raises(InputRefused, match="valid key already"):
        enrolled_by(desk, ADMIN, CLERK)


def test_a_key_that_was_revoked_never_comes_back(desk: Desk) -> None:
    session = start_session(desk, ADMIN, PURPOSE)
    known = enrolled_key(desk, CLERK)
    revoke(desk, session, known.id, "lost")
    with pytest.raises(KeyRefused) as refused:
        enrol(desk, session, known.vkey, Given(words_of(CLERK), TYPED), OPERATOR)
    assert refused.value.reason == "key_enrolled_before"
    assert holds(desk)


def test_rotating_hands_over_within_the_same_session(desk: Desk) -> None:
    old = enrolled_key(desk, CLERK).id
    session = sat_down(desk, CLERK)
    new = rotate(desk, session, "new invented words")
    end_session(desk, session)
    assert last(desk, "key.rotated").actor.key == old
    assert entries_of(desk)[-1].actor.key == enrolled_key(desk, CLERK).id != old
    assert enrolled_key(desk, CLERK).vkey == new
    assert holds(desk)


def test_whoever_has_no_key_has_none_to_rotate(desk: Desk) -> None:
    with pytest.raises(InputRefused, match="no enrolled key"):
        rotate(desk, sat_down(desk, AUDITOR), "x")


def test_a_key_revoked_while_its_session_is_open_signs_nothing_more(desk: Desk, folder: Path) -> None:
    session = sat_down(desk, CLERK)
    elsewhere = reopened(folder)
    admin = start_session(elsewhere, ADMIN, PURPOSE)
    revoke(elsewhere, admin, enrolled_key(elsewhere, CLERK).id, "compromised")
    before = len(entries_of(desk))
    with pytest.raises(KeyUnusable, match="sign in again"):
        make_key(desk, session, "x")
    assert len(entries_of(desk)) == before
    end_session(desk, session)
    assert (entries_of(desk)[-1].type, entries_of(desk)[-1].actor.key) == ("session.ended", "")
    assert holds(desk)


def test_a_person_ends_the_own_key_and_the_rest_of_the_session_is_unsigned(desk: Desk) -> None:
    session = sat_down(desk, REVIEWER)
    revoke(desk, session, enrolled_key(desk, REVIEWER).id, "lost")
    end_session(desk, session)
    revoked = last(desk, "key.revoked")
    assert (revoked.reason, revoked.actor.id) == ("lost", REVIEWER)
    assert entries_of(desk)[-1].actor.key == ""
    assert holds(desk)


def test_the_only_administrator_cannot_lock_everybody_out(desk: Desk) -> None:
    session = start_session(desk, ADMIN, PURPOSE)
    with pytest.raises(InputRefused, match="only administrator"):
        revoke(desk, session, enrolled_key(desk, ADMIN).id, "lost")
    assert enrolled_key(desk, ADMIN).state == "valid"


def test_a_wrong_passphrase_starts_no_session_and_is_logged(folder: Path) -> None:
    desk = reopened(folder)
    before = len(entries_of(desk))
    with pytest.raises(WrongPassphrase):
        unlock_operator(desk, CLERK, "routine_docking", "a guess")
    added = entries_of(desk)[before:]
    assert [(one.type, one.outcome, one.reason) for one in added] == [
        ("session.refused", "refused", "wrong_passphrase")
    ]
    assert added[0].actor.id == CLERK
    assert added[0].actor.key == ""
    assert holds(desk)


def test_an_enrolled_key_whose_file_is_gone_starts_no_session(desk: Desk, folder: Path) -> None:
    for file in (folder / "keys" / "operators").glob(f"*-{CLERK}.key"):
        file.unlink()
    with pytest.raises(KeyUnusable, match="not in"):
        sat_down(desk, CLERK)
    assert last(desk, "session.refused").reason == "key_file_missing"
    assert not enrolled_key(desk, CLERK).file_here


def test_another_persons_key_file_under_ones_own_name_opens_nothing(desk: Desk, folder: Path) -> None:
    operators = folder / "keys" / "operators"
    (mine,), (theirs,) = operators.glob(f"*-{CLERK}.key"), operators.glob(f"*-{REVIEWER}.key")
    mine.write_bytes(theirs.read_bytes())
    with pytest.raises(KeyUnusable):
        sat_down(desk, CLERK)


def test_a_low_order_public_key_in_a_file_is_refused_and_never_offered(desk: Desk, folder: Path) -> None:
    own_key(desk, AUDITOR)
    (file,) = (folder / "keys" / "operators").glob(f"*-{AUDITOR}.key")
    forged = {**parse(file.read_bytes()), "public": "01" + "00" * 31}
    forged.pop("sum")
    file.write_bytes(canon({**forged, "sum": hashlib.sha256(canon(forged)).hexdigest()}))
    with pytest.raises(WeakKey):
        stated_vkey(OperatorKey, file.read_bytes())
    with pytest.raises(NotFound):
        waiting_key(desk, AUDITOR)


def test_no_key_is_made_under_an_empty_passphrase(desk: Desk, folder: Path) -> None:
    with pytest.raises(WrongPassphrase):
        make_key(desk, sat_down(desk, AUDITOR), "")
    assert not list((folder / "keys" / "operators").glob(f"*-{AUDITOR}.key"))


def test_nobody_is_enrolled_who_does_not_work_here_or_as_something_unknown(desk: Desk) -> None:
    own_key(desk, AUDITOR)
    session = start_session(desk, ADMIN, PURPOSE)
    with pytest.raises(InputRefused):
        enrol(desk, session, waiting_key(desk, AUDITOR), Given(words_of(AUDITOR), TYPED), "king")


def test_private_bytes_and_passphrases_stand_in_no_file_of_the_workspace(desk: Desk, folder: Path) -> None:
    session = sat_down(desk, CLERK)
    held = desk.open_keys.of(session.id)
    assert held is not None
    secrets = (held.key.seed(), held.key.seed().hex().encode(), words_of(CLERK).encode())
    for file in folder.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert not any(secret in raw for secret in secrets), file
    assert words_of(CLERK) not in repr(Given(words_of(CLERK), TYPED))
    assert held.key.seed().hex() not in repr(held)
