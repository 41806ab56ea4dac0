"""Attacks that only somebody else's memory or clock can catch, and those that nobody catches (docs/threat-model.md).

docs/custody-format.md sections 13 and 14.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from chain_of_custody.anchors import SLACK_S, cosigned_data
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import epoch_us
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.merkle import root
from chain_of_custody.operators import ADMINISTRATOR, enrolment
from chain_of_custody.policy import Policy
from chain_of_custody.report import Report
from chain_of_custody.rollback import HeadState, compare_head
from chain_of_custody.signing import WitnessKey
from chain_of_custody.verify import Level, verify_bundle, verify_log
from chain_of_custody.witness import Witness
from chain_of_custody.witness_bundle import check_against_state
from chain_of_custody.witness_state import WitnessState
from tests.unit.custody.scene import (
    KEY,
    MemoryLog,
    SteppingClock,
    bag_up,
    lay_out,
    made_log,
    make_bundle,
    operator_named,
    remanifest,
    seal_up,
    witness_named,
)
from tests.unit.custody.witness_scene import W1, another_history, asked

W2 = witness_named("press.example/w2")


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def cosign_last(log: MemoryLog, *witnesses: WitnessKey, after: timedelta = timedelta()) -> None:
    """Have the last checkpoint cosigned `after` the log's present time."""
    assert log.head.last_at is not None
    stamp = epoch_us(log.head.last_at + after) // 1_000_000
    lines = [one.cosign(Checkpoint.parse(log.notes[-1]).text(), stamp) for one in witnesses]
    log.notes[-1] = with_lines(log.notes[-1], lines)


def checked(log: MemoryLog, policy: Policy | None = None) -> Report:
    return verify_log(log, Level.L2, trusted=[KEY.vkey], policy=policy or Policy.any_of([W1.vkey]))


def remembering(tmp_path: Path, key: WitnessKey, name: str) -> tuple[Witness, WitnessState]:
    state = WitnessState(tmp_path / name)
    state.trust(KEY.vkey)
    return Witness(state, key, SteppingClock()), state


# --- rewriting, cutting, forking: with every key of the workstation in the attacker's hands


def test_rewriting_from_a_row_with_stolen_keys_is_caught_by_the_witness_which_keeps_the_request(
    witness: Witness, tmp_path: Path
) -> None:
    witness.add_checkpoint(asked(made_log(), 0))
    again = another_history()
    again.add("session.closed")
    again.checkpoint()
    assert verify_log(again, Level.L2, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED
    assert witness.add_checkpoint(asked(again, 5)).status == 422
    assert len(list((tmp_path / "state/refused/signed").glob("*.request"))) == 1


def test_cutting_the_tail_below_the_witnessed_size_is_caught_by_the_witness_and_at_start(
    witness: Witness,
) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0))
    seen = Checkpoint(log.log, log.head.size, log.head.tree.root)
    cut = MemoryLog()
    for kind in ("log.opened", "media.ingest_started"):
        cut.add(kind)
    assert witness.add_checkpoint(asked(cut, 2)).status == 409
    assert compare_head(cut.head, seen, lambda size: root(cut.leaf_list[:size])) is HeadState.ROLLED_BACK


def test_cutting_the_tail_above_the_witnessed_size_is_caught_by_nobody(witness: Witness) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0, 3))
    seen = Checkpoint(log.log, 3, root(log.leaf_list[:3]))
    cut = MemoryLog(stored=log.stored[:4], leaf_list=log.leaf_list[:4], column_rows=log.column_rows[:4])
    cut.notes, cut.payload_rows = log.notes[:1], log.payload_rows
    assert verify_log(cut, Level.L2, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED
    assert witness.add_checkpoint(asked(cut, 3)).status == 200
    assert compare_head(log.head, seen, lambda size: root(log.leaf_list[:size])) is HeadState.OK


def test_cutting_and_refilling_to_the_same_size_is_caught_by_the_witness_and_at_start(witness: Witness) -> None:
    log, refilled = made_log(), another_history()
    witness.add_checkpoint(asked(log, 0))
    answer = witness.add_checkpoint(asked(refilled, 5))
    assert (answer.status, answer.reason) == (409, "fork")
    seen = Checkpoint(log.log, 5, log.head.tree.root)
    assert compare_head(refilled.head, seen, lambda _: b"") is HeadState.FORKED
    refilled.add("session.closed")
    assert compare_head(refilled.head, seen, lambda size: root(refilled.leaf_list[:size])) is HeadState.FORKED
    assert compare_head(refilled.head, Checkpoint("x", 5, bytes(32)), lambda _: b"") is HeadState.FORKED


def test_a_fork_shown_to_two_witnesses_is_caught_when_one_sees_the_others_bundle_or_all_must_sign(
    tmp_path: Path,
) -> None:
    (first, state_1), (second, state_2) = (remembering(tmp_path, key, key.name[:5]) for key in (W1, W2))
    log, fork = made_log(), another_history()
    fork.checkpoint()
    assert first.add_checkpoint(asked(log, 0)).status == second.add_checkpoint(asked(fork, 0)).status == 200
    make_bundle(tmp_path / "IR", MemoryLog())
    assert check_against_state(tmp_path / "IR", state_1).verdict is Verdict.VERIFIED
    assert codes(check_against_state(tmp_path / "IR", state_2)) == {"log_rewritten"}
    cosign_last(fork, W2)
    both = Policy("g", (), {"a": W1.vkey, "b": W2.vkey}, {"g": (2, ("a", "b"))})
    assert codes(checked(fork, both)) == {"quorum_not_met"}


def test_a_fork_to_two_witnesses_of_whom_one_is_enough_is_not_caught_by_the_verifier() -> None:
    log, fork = made_log(), another_history()
    fork.checkpoint()
    cosign_last(log, W1)
    cosign_last(fork, W2)
    either = Policy.any_of([W1.vkey, W2.vkey])
    assert checked(log, either).verdict is checked(fork, either).verdict is Verdict.VERIFIED


def test_collusion_of_the_log_and_every_witness_is_caught_by_nobody() -> None:
    fork = another_history()
    fork.checkpoint()
    cosign_last(fork, W1, W2)
    everyone = Policy("g", (), {"a": W1.vkey, "b": W2.vkey}, {"g": (2, ("a", "b"))})
    assert checked(fork, everyone).verdict is Verdict.VERIFIED


def test_restoring_an_old_database_file_is_caught_at_start_by_the_last_witnessed_size() -> None:
    log = made_log()
    old = log.head
    log.add("session.closed")
    seen = Checkpoint(log.log, log.head.size, log.head.tree.root)
    assert compare_head(old, seen, lambda _: b"") is HeadState.ROLLED_BACK
    assert compare_head(log.head, seen, lambda _: b"") is HeadState.OK


def test_replaying_an_old_bundle_is_caught_by_the_witnesss_memory(
    bundle: Path, witness: Witness, state: WitnessState, pristine: tuple[Path, MemoryLog]
) -> None:
    log = MemoryLog(**{**vars(pristine[1]), "leaf_list": list(pristine[1].leaf_list)})
    witness.add_checkpoint(asked(log, 0, 5))
    log.add("session.closed")
    witness.add_checkpoint(asked(log, 5))
    report = check_against_state(bundle, state)
    assert codes(report, Severity.UNCHECKED) == {"older_than_witnessed"}
    assert verify_bundle(bundle, trusted_vkey=KEY.vkey.format()).verdict is Verdict.VERIFIED


def test_a_cosignature_on_another_tree_held_by_the_log_itself_is_caught() -> None:
    log = made_log()
    other = Checkpoint(log.log, 3, bytes(32))
    log.add("checkpoint.cosigned", cosigned_data(with_lines(other.sign(KEY), [W1.cosign(other.text(), 1)])))
    log.checkpoint()
    cosign_last(log, W1)
    assert codes(checked(log)) == {"witnessed_root_differs"}


# --- dates


def test_an_entry_dated_after_a_witness_saw_it_is_caught_by_the_anchor() -> None:
    log = made_log()
    log.clock.jump(timedelta(days=1))
    log.add("media.viewed")
    log.checkpoint()
    cosign_last(log, W1, after=timedelta(hours=-1))
    assert codes(checked(log)) == {"after_its_anchor"}


def test_an_entry_dated_before_a_witnesss_time_that_the_log_already_held_is_caught_by_the_anchor() -> None:
    log = made_log()
    cosign_last(log, W1, after=timedelta(hours=1))
    log.add("checkpoint.cosigned", cosigned_data(log.notes[-1]))
    log.clock.jump(timedelta(hours=2))
    earlier = with_lines(log.notes[0], [W1.cosign(Checkpoint.parse(log.notes[0]).text(), 1)])
    log.add("checkpoint.cosigned", cosigned_data(earlier))
    log.clock.jump(timedelta(hours=-2))
    log.add("clock.adjusted")
    log.checkpoint()
    found = checked(log)
    assert codes(found) == {"before_its_anchor"}
    assert codes(verify_log(log, Level.L2, trusted=[KEY.vkey]), Severity.UNCHECKED) == {"cosignatures_not_checked"}


def test_dates_within_the_anchors_are_borne_and_the_tightest_anchor_counts() -> None:
    log = made_log()
    cosign_last(log, W1, after=timedelta(hours=2))
    log.add("checkpoint.cosigned", cosigned_data(log.notes[0]), outcome="failed")
    log.add("checkpoint.cosigned", cosigned_data(log.notes[0]))
    log.checkpoint()
    cosign_last(log, W1)
    log.add("media.viewed")
    report = checked(log)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert "tail_not_witnessed" in codes(report, Severity.NOTE)
    (named,) = [one for one in report.findings if one.code == "witnessed"]
    assert re.search(rf"The first \d+ entries were cosigned by {W1.name} at 2026-", named.text)


@pytest.mark.parametrize("data", [{}, {"note": 1}, {"note": "!"}, {"note": "QQ=="}])
def test_an_entry_that_says_it_holds_a_cosignature_and_holds_none_is_caught(data: dict[str, object]) -> None:
    log = made_log()
    log.add("checkpoint.cosigned", data)
    log.checkpoint()
    cosign_last(log, W1)
    assert len(codes(checked(log))) == 1


def test_a_false_date_within_the_slack_of_two_clocks_is_caught_by_nobody() -> None:
    log = made_log()
    log.clock.jump(timedelta(seconds=SLACK_S - 5))
    log.add("media.viewed")
    log.checkpoint()
    cosign_last(log, W1, after=timedelta(seconds=5 - SLACK_S))
    assert checked(log).verdict is Verdict.VERIFIED


# --- cosignatures in checkpoints


def test_a_cosignature_that_does_not_hold_is_caught() -> None:
    log = made_log()
    log.notes[-1] = with_lines(log.notes[-1], [W1.cosign("another text\n", 1)])
    assert codes(checked(log)) == {"cosignature_bad_signature", "quorum_not_met"}


def test_cosignatures_of_another_log_make_no_quorum() -> None:
    log = made_log()
    foreign = Checkpoint("another/log", 5, log.head.tree.root)
    log.notes.append(with_lines(foreign.sign(KEY), [W1.cosign(foreign.text(), 1)]))
    assert "quorum_not_met" in codes(checked(log))


# --- what no verifier can know


def test_false_footage_that_was_hashed_at_intake_is_caught_by_nobody(bundle: Path) -> None:
    # nothing here looks at what a recording shows: the first hash is taken after the camera
    assert verify_bundle(bundle, trusted_vkey=KEY.vkey.format()).verdict is Verdict.VERIFIED


def test_an_act_that_was_never_logged_is_caught_by_nobody() -> None:
    log = MemoryLog()
    log.add("log.opened")
    log.checkpoint()
    assert verify_log(log, Level.L3, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED


def test_an_operator_key_in_a_thiefs_hands_is_caught_by_nobody_until_it_is_revoked() -> None:
    log, owner = MemoryLog(), operator_named("admin-1")
    log.add("key.enrolled", enrolment(owner.vkey, owner.name, ADMINISTRATOR), by=owner)
    log.add("tag.added", by=owner)
    log.checkpoint()
    assert verify_log(log, Level.L3, trusted=[KEY.vkey]).verdict is Verdict.VERIFIED


def test_swapping_a_derivative_is_caught_by_rehash_and_with_new_manifests_by_the_seal(tmp_path: Path) -> None:
    root_folder = tmp_path / "IR"
    root_folder.mkdir()
    log = made_log()
    lay_out(root_folder, log)
    derived = root_folder / "data/derived/redacted.mp4"
    derived.parent.mkdir()
    derived.write_bytes(b"redacted")
    seal_up(root_folder, log, bag_up(root_folder))
    derived.write_bytes(b"swapped!")
    vkey = KEY.vkey.format()
    assert codes(verify_bundle(root_folder, trusted_vkey=vkey)) == {"digest_differs"}
    remanifest(root_folder)
    assert codes(verify_bundle(root_folder, trusted_vkey=vkey)) == {"bag_differs"}


def test_a_lying_timestamp_authority_is_caught_by_nobody_here_and_its_stamp_is_called_not_checked(
    bundle: Path,
) -> None:
    (bundle / "seal/timestamp.tsr").write_bytes(b"any lie")
    report = verify_bundle(bundle, trusted_vkey=KEY.vkey.format())
    assert report.verdict is Verdict.VERIFIED_WITH_UNCHECKED
    assert codes(report, Severity.UNCHECKED) == {"timestamp_not_checked"}
    assert "openssl ts -verify -data BODY -in seal/timestamp.tsr" in report.to_text()
