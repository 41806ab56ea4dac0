"""A real database in which somebody changed a copied column past the triggers: the check of the live log names it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bwc_review.review.checking import LiveSource
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.verify import Level, verify_log
from tests.contract.stores import note, open_store

COLUMNS = (
    *("log", "seq", "type", "outcome", "at", "actor_id", "actor_role", "session", "subject_kind", "subject_id"),
    *("reason", "ws", "app", "leaf", "prev"),
)


def found_in(file: Path) -> set[str]:
    with open_store(str(file)).reading() as work:
        report = verify_log(LiveSource(work, ""), Level.L1)
    assert report.verdict in (Verdict.VERIFIED, Verdict.FAILED)
    return {one.code for one in report.findings if one.severity is Severity.FAILED}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_changed_column_is_found_but_the_last_entrys_log_which_is_a_cut_tail(
    tmp_path: Path, column: str
) -> None:
    file = tmp_path / "bwc.db"
    store = open_store(str(file))
    with store.writing() as work:
        entries = [work.log.append(note(number)) for number in range(4)]
    store.close()
    assert set(entries[0].columns()) == set(COLUMNS)
    assert found_in(file) == set()
    raw = sqlite3.connect(file)
    raw.execute("DROP TRIGGER custody_entry_no_update")
    changed = 77 if column == "seq" else "0" * 63 + "1"
    raw.execute(f'UPDATE custody_entry SET "{column}" = ? WHERE seq = 3', (changed,))
    raw.commit()
    raw.close()
    expected = {"leaf": {"leaf_differs"}, "log": set()}.get(column, {"column_differs"})
    assert found_in(file) == expected


def test_an_entry_moved_to_another_log_is_gone_from_this_one_which_its_head_and_checkpoints_still_count(
    tmp_path: Path,
) -> None:
    file = tmp_path / "bwc.db"
    store = open_store(str(file))
    with store.writing() as work:
        for number in range(4):
            work.log.append(note(number))
    store.close()
    raw = sqlite3.connect(file)
    raw.execute("DROP TRIGGER custody_entry_no_update")
    raw.execute("UPDATE custody_entry SET log = 'another/log' WHERE seq = 1")
    raw.commit()
    raw.close()
    assert {"seq_differs", "prev_differs"} <= found_in(file)
