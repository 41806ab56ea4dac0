"""Attacks on signatures by whoever has the database: level L3 of the live log names the entry."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bwc_review.domain.ids import OperatorId
from bwc_review.errors import KeyUnusable, NotFound
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk, record
from bwc_review.review.keys import enrolled_key, revoke
from bwc_review.review.sessions import end_session, start_session
from bwc_review.review.unlocked import Unlocked
from chain_of_custody.entry import Subject
from chain_of_custody.verify import Level
from tests.desks import CLERK, REVIEWER
from tests.staffed import ADMIN, PURPOSE, entries_of, failures, reopened, sat_down


def worked(desk: Desk, who: OperatorId) -> int:
    """Let somebody do one thing; its entry."""
    session = sat_down(desk, who)
    with desk.store.writing() as work:
        entry = record(desk, work, session, "log.noted", Subject("note", "1"))
    end_session(desk, session)
    return entry.seq


def stolen(folder: Path, *statements: tuple[str, tuple[object, ...]]) -> Desk:
    """The workspace after somebody with the file did this to it, triggers taken away first."""
    raw = sqlite3.connect(folder / "bwc.db")
    for table in ("custody_signature", "custody_entry"):
        for what in ("update", "delete"):
            raw.execute(f"DROP TRIGGER {table}_no_{what}")
    for statement, values in statements:
        raw.execute(statement, values)
    raw.commit()
    raw.close()
    return reopened(folder)


def test_a_signature_row_taken_away_is_named_at_l3_and_by_no_lower_level(desk: Desk, folder: Path) -> None:
    seq = worked(desk, CLERK)
    robbed = stolen(folder, ("DELETE FROM custody_signature WHERE seq = ?", (seq,)))
    assert failures(check_log(robbed, Level.L2)) == set()
    assert failures(check_log(robbed, Level.L3)) == {("not_signed", f"entry {seq}")}


def test_two_signature_rows_swapped_are_both_named(desk: Desk, folder: Path) -> None:
    one, two = worked(desk, CLERK), worked(desk, CLERK)
    swap = "UPDATE custody_signature SET seq = ? WHERE seq = ?"
    robbed = stolen(folder, (swap, (-1, one)), (swap, (one, two)), (swap, (two, -1)))
    assert failures(check_log(robbed)) == {("bad_signature", f"entry {one}"), ("bad_signature", f"entry {two}")}


def test_a_signature_file_of_somebody_else_is_named(desk: Desk, folder: Path) -> None:
    seq, other = worked(desk, CLERK), worked(desk, REVIEWER)
    taken = "UPDATE custody_signature SET file = (SELECT file FROM custody_signature WHERE seq = ?) WHERE seq = ?"
    robbed = stolen(folder, (taken, (other, seq)))
    assert failures(check_log(robbed)) == {("not_signed_by_all", f"entry {seq}")}


def test_a_signature_put_beside_an_entry_that_nobody_signed_is_named(desk: Desk, folder: Path) -> None:
    seq = worked(desk, CLERK)
    first = "INSERT INTO custody_signature SELECT log, 0, file FROM custody_signature WHERE seq = ?"
    assert failures(check_log(stolen(folder, (first, (seq,))))) == {("signed_by_another", "entry 0")}


def test_another_operators_key_in_a_session_is_refused_by_the_verifier_by_name(desk: Desk) -> None:
    theirs = desk.open_keys.of(sat_down(desk, REVIEWER).id)
    session = sat_down(desk, CLERK)
    assert theirs is not None
    desk.open_keys.hold(session.id, Unlocked(theirs.key, "passphrase"))  # as a changed program would
    with desk.store.writing() as work:
        entry = record(desk, work, session, "log.noted", Subject("note", "1"))
    assert failures(check_log(desk)) == {("key_of_another_operator", f"entry {entry.seq}")}


def test_a_revoked_key_that_a_changed_program_still_signs_with_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sat_down(desk, CLERK)
    held = desk.open_keys.of(session.id)
    revoke(desk, start_session(desk, ADMIN, PURPOSE), enrolled_key(desk, CLERK).id, "compromised")
    with pytest.raises(KeyUnusable), desk.store.writing() as work:
        record(desk, work, session, "log.noted", Subject("note", "1"))
    monkeypatch.setattr(type(desk.open_keys), "valid", lambda *_: held)
    with desk.store.writing() as work:
        entry = record(desk, work, session, "log.noted", Subject("note", "2"))
    assert failures(check_log(desk)) == {("key_no_longer_valid", f"entry {entry.seq}")}


@pytest.mark.parametrize("kind", ["key.enrolled", "key.revoked"])
def test_a_key_event_whose_signatures_were_taken_away_changes_no_key(desk: Desk, folder: Path, kind: str) -> None:
    revoke(desk, start_session(desk, ADMIN, PURPOSE), enrolled_key(desk, REVIEWER).id, "lost")
    seq = [one.seq for one in entries_of(desk) if one.type == kind][-1]
    robbed = stolen(folder, ("DELETE FROM custody_signature WHERE seq = ?", (seq,)))
    assert ("not_signed", f"entry {seq}") in failures(check_log(robbed))
    if kind == "key.revoked":
        assert enrolled_key(robbed, REVIEWER).state == "valid", "an unsigned revocation ends nothing"
    else:
        with pytest.raises(NotFound, match="No enrolled key"):
            enrolled_key(robbed, REVIEWER)
