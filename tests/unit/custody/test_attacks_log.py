"""Attacks on the log itself, each with the check that must catch it.

Where only a trusted key or a witness can tell, the test says so. docs/custody-format.md section 13.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chain_of_custody import merkle
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.head import LogHead
from chain_of_custody.report import Report
from chain_of_custody.verify import Level, verify_bundle, verify_log
from tests.unit.custody.scene import (
    KEY,
    ORIGIN,
    MemoryLog,
    key_named,
    made_log,
)

VKEY = KEY.vkey.format()
ENTRY = "data/custody/entries/00000001.json"
BAG, FORM, CHAIN, TREE, SIGNATURES, PAYLOADS, MEDIA, TIME, SEAL = range(1, 10)


def caught(report: Report) -> dict[int, set[str]]:
    """Step number -> codes that failed there."""
    assert report.verdict is Verdict.FAILED, report.to_text()
    failed = {step.number: {f.code for f in step.findings if f.severity is Severity.FAILED} for step in report.steps}
    return {number: codes for number, codes in failed.items() if codes}


def verified(root: Path) -> dict[int, set[str]]:
    return caught(verify_bundle(root, trusted_vkey=VKEY))


def live(log: MemoryLog) -> set[str]:
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    return set().union(*caught(report).values())


# --- the log -------------------------------------------------------------------------------------------------------


def test_editing_a_row_is_caught_by_the_chain_and_by_its_columns() -> None:
    log = made_log()
    log.stored[1] = log.stored[1].replace(b"clerk-0042", b"clerk-0043")
    assert live(log) == {"leaf_differs", "column_differs"}


def test_editing_only_an_indexed_column_is_caught_by_comparing_it_with_the_bytes() -> None:
    log = made_log()
    log.column_rows[1] = {**log.column_rows[1], "actor_id": "clerk-0043"}
    assert live(log) == {"column_differs"}


def test_dropping_an_entry_is_caught_by_the_chain() -> None:
    log = made_log()
    del log.stored[1], log.leaf_list[1], log.column_rows[1]
    assert {"prev_differs", "seq_differs", "log_cut", "root_differs"} <= live(log)


def test_cutting_the_tail_below_a_kept_checkpoint_is_caught_by_the_checkpoint() -> None:
    log = made_log()
    del log.stored[4:], log.leaf_list[4:], log.column_rows[4:]
    assert live(log) == {"log_cut"}


def test_rewriting_from_the_middle_and_chaining_anew_is_caught_by_the_kept_checkpoints() -> None:
    log, again = made_log(), MemoryLog()
    for kind in ("log.opened", "media.viewed", "media.ingested", "media.viewed", "export.started"):
        again.add(kind)
    again.notes = log.notes
    assert live(again) == {"root_differs"}


def test_rewriting_with_the_stolen_key_and_all_checkpoints_is_not_caught_here_only_by_a_witness() -> None:
    again = MemoryLog()
    again.add("log.opened")
    again.checkpoint()
    assert verify_log(again, Level.L2, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED


def test_an_entry_dated_back_is_caught_by_the_time_rule() -> None:
    log = made_log()
    log.clock.jump(timedelta(days=-1))
    log.add("media.viewed")
    log.checkpoint()
    assert live(log) == {"time_runs_back"}


def test_an_entry_of_another_log_is_caught_by_the_chain() -> None:
    log, other = made_log(), MemoryLog(head=LogHead.empty("agency.example/bwc/ws-18"))
    foreign = other.add("log.opened")
    log.stored[0], log.column_rows[0] = foreign.to_bytes(), foreign.columns()
    assert live(log) == {"leaf_differs", "another_log"}


def test_a_new_log_key_without_rotation_is_caught_by_the_signature_and_the_key_obtained_elsewhere() -> None:
    log = made_log()
    log.key = key_named("thief")
    log.checkpoint()
    assert live(log) == {"unknown_key", "key_replaced"}


def test_a_checkpoint_moved_between_logs_of_one_key_is_caught_by_its_root() -> None:
    log = made_log()
    log.notes[-1] = Checkpoint(ORIGIN, 5, merkle.leaf_hash(b"fork")).sign(KEY)
    assert live(log) == {"root_differs"}
