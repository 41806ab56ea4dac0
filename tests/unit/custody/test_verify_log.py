"""The verifier on live logs: what each level adds, and the time rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.merkle import EMPTY_ROOT, root, roots_at
from chain_of_custody.payload import Payload
from chain_of_custody.report import Report
from chain_of_custody.verify import Level, verify_log
from tests.unit.custody.scene import KEY, NAME, ORIGIN, MemoryLog, made_log

VKEY = KEY.vkey.format()


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def test_each_level_adds_its_checks() -> None:
    log = made_log()
    for level, steps in ((Level.L0, 1), (Level.L1, 3), (Level.L2, 7), (Level.L3, 8)):
        report = verify_log(log, level, trusted=[KEY.vkey])
        assert (report.verdict, len(report.steps)) == (Verdict.VERIFIED, steps)


def test_the_shallowest_level_reads_nothing_but_the_links_and_still_finds_them_broken() -> None:
    log = made_log()
    log.stored[1] = log.stored[1].replace(b"clerk-0042", b"clerk-0043")
    log.stored[2] = None  # type: ignore[call-overload]
    log.stored[3] = b"nonsense"
    log.stored[4] = log.stored[0]
    found = codes(verify_log(log, Level.L0))
    assert found == {"leaf_differs", "not_json", "seq_differs", "prev_differs"}


def test_a_log_without_checkpoints_is_not_fully_checked() -> None:
    log = made_log()
    log.notes.clear()
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    assert codes(report, Severity.UNCHECKED) == {"no_checkpoint"}


def test_entries_after_the_last_checkpoint_are_pointed_out() -> None:
    log = made_log()
    log.add("session.closed")
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    assert codes(report, Severity.NOTE) == {"tail", "no_witness"}


def test_a_log_that_cannot_be_read_could_not_be_checked() -> None:
    class Broken(MemoryLog):
        """A store whose disk fails."""

        def leaves(self) -> Iterator[bytes]:
            raise OSError(5, "Input/output error")

    report = verify_log(Broken(), Level.L2)
    assert (report.subject, report.verdict) == ("log", Verdict.COULD_NOT_CHECK)


def test_a_read_error_among_the_entries_does_not_accuse_the_payloads() -> None:
    class Broken(MemoryLog):
        """A store whose disk fails in the middle of the entries."""

        def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
            yield self.stored[start]
            raise OSError(5, "Input/output error")

    log = made_log()
    report = verify_log(Broken(**vars(log)), Level.L2, trusted=[KEY.vkey])
    assert report.verdict is Verdict.COULD_NOT_CHECK


def test_a_clock_set_back_on_record_is_listed_and_is_no_failure() -> None:
    log = made_log()
    log.clock.jump(timedelta(hours=-1))
    log.add("clock.adjusted")
    log.add("session.opened")
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    assert report.verdict is Verdict.VERIFIED
    assert "clock_adjusted" in codes(report, Severity.NOTE)


def test_two_seconds_back_are_borne() -> None:
    log = made_log()
    log.clock.jump(timedelta(seconds=-3))
    log.add("session.opened")
    assert verify_log(log, Level.L2, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED


def test_a_step_back_across_withheld_entries_is_not_called_a_lie() -> None:
    log = made_log()
    log.add("media.viewed")
    log.clock.jump(timedelta(seconds=-60))
    log.add("media.viewed")
    log.stored[5] = None  # type: ignore[call-overload]
    report = verify_log(log, Level.L2, trusted=[KEY.vkey])
    assert codes(report, Severity.UNCHECKED) == {"time_unclear"}


def test_roots_are_taken_only_at_the_sizes_asked_for() -> None:
    leaves = made_log().leaf_list
    assert roots_at(leaves, {2, 99}) == {0: EMPTY_ROOT, 2: root(leaves[:2])}
    assert roots_at(leaves, set()) == {0: EMPTY_ROOT}


def test_a_payload_that_is_not_the_committed_one_is_found_in_a_live_log() -> None:
    log = made_log()
    log.payload_rows[NAME.commitment] = Payload(NAME.salt, b"another name")
    log.payload_rows["0" * 64] = NAME
    assert codes(verify_log(log, Level.L1)) == {"commitment_differs", "payload_without_entry"}


def test_checkpoints_of_another_log_shrinking_or_malformed_are_found() -> None:
    log = made_log()
    log.notes += [
        Checkpoint(ORIGIN, 3, root(log.leaf_list[:3])).sign(KEY),
        Checkpoint("another/log", 5, root(log.leaf_list)).sign(KEY),
        b"nonsense",
    ]
    found = codes(verify_log(log, Level.L2, trusted=[KEY.vkey]))
    assert {"checkpoint_shrinks", "another_origin", "no_signatures", "signed_by_another_log"} <= found
