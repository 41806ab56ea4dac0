"""Signature files beside entries, and the log key handing over to another (custody-format section 6)."""

from __future__ import annotations

from functools import partial

import pytest

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry_signatures import (
    EntrySignature,
    check_signed,
    format_signatures,
    key_id,
    parse_signatures,
    sign_entry,
)
from chain_of_custody.errors import KeyRefused
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.log_keys import LogKeys, LogRotation, log_rotation
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR, enrolment
from chain_of_custody.report import Report
from chain_of_custody.signing import SigningKey
from chain_of_custody.verify import Level, verify_log
from chain_of_custody.vkey import ECDSA_P256
from tests.unit.custody.scene import KEY, ORIGIN, MemoryLog, key_named, operator_named, refusal, witness_named

ADMIN = operator_named("admin-1")
CLERK = operator_named("clerk-0042", alg=ECDSA_P256)
NEXT = operator_named("clerk-0042", "next")
OTHER = operator_named("clerk-0043")
NEW_LOG_KEY = key_named("new log key", alg=ECDSA_P256)


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {finding.code for finding in report.findings if finding.severity is severity}


def staffed() -> MemoryLog:
    """A log whose administrator enrolled one clerk; entry 3 is the clerk's."""
    log = MemoryLog()
    log.add("log.opened")
    log.add("key.enrolled", enrolment(ADMIN.vkey, ADMIN.name, ADMINISTRATOR), by=ADMIN)
    log.add("key.enrolled", enrolment(CLERK.vkey, CLERK.name, OPERATOR), by=ADMIN, signers=[CLERK])
    log.add("tag.added", by=CLERK)
    return log


def deep(log: MemoryLog, since: Checkpoint | None = None) -> Report:
    log.checkpoint()
    return verify_log(log, Level.L3, trusted=[KEY.vkey], since=since)


# --- signature files


def test_signature_files_parse_back_and_every_flipped_byte_is_refused() -> None:
    leaf = staffed().leaf_list[2]
    for signers in ((ADMIN,), (ADMIN, CLERK)):
        raw = sign_entry(leaf, *signers)
        due = {key_id(one.vkey): one.vkey for one in signers}
        assert format_signatures(parse_signatures(raw)) == raw
        check_signed(leaf, raw, due)
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            assert refusal(partial(check_signed, leaf, changed, due))[0] is KeyRefused
        for at in range(len(leaf)):
            other = leaf[:at] + bytes([leaf[at] ^ 1]) + leaf[at + 1 :]
            assert refusal(partial(check_signed, other, raw, due)) == (KeyRefused, "bad_signature")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "signature_file_form"),
        (b"\n", "signature_line"),
        (b"00 QQ==\n", "signature_line"),
        (b"0" * 64 + b" QUJDRA=\n", "signature_line"),
        (b"0" * 64 + b" QUJDRA==", "signature_file_form"),
        ((b"0" * 64 + b" QUJDRA==\n") * 2, "signature_twice"),
        ((b"0" * 64 + b" QUJDRA==\n") * 5, "signature_file_form"),
        (b"\xff" * 70 + b"\n", "signature_line"),
    ],
)
def test_malformed_signature_files_are_refused_by_name(raw: bytes, reason: str) -> None:
    assert refusal(lambda: parse_signatures(raw)) == (KeyRefused, reason)


def test_an_entry_signature_cannot_be_passed_off_as_a_checkpoint_or_the_other_way() -> None:
    leaf = staffed().leaf_list[0]
    point = Checkpoint(ORIGIN, 1, leaf)
    moved = EntrySignature(key_id(KEY.vkey), KEY.sign(point.text().encode()))
    due = {key_id(KEY.vkey): KEY.vkey}
    assert refusal(lambda: check_signed(leaf, format_signatures((moved,)), due))[1] == "bad_signature"


# --- the log key


def rotated(*signers: SigningKey) -> MemoryLog:
    """A log of two entries and a checkpoint, whose key then gives way to a new one."""
    log = MemoryLog()
    log.add("log.opened")
    log.add("media.viewed")
    log.checkpoint()
    log.add("key.log_rotated", log_rotation(NEW_LOG_KEY.vkey, KEY.vkey), signers=signers)
    log.key = NEW_LOG_KEY
    log.checkpoint()
    return log


@pytest.mark.parametrize("trusted", [[KEY.vkey], [NEW_LOG_KEY.vkey], [KEY.vkey, NEW_LOG_KEY.vkey], []])
def test_a_log_key_rotated_by_both_keys_is_followed_from_whichever_is_trusted(trusted: list[object]) -> None:
    report = verify_log(rotated(KEY, NEW_LOG_KEY), Level.L3, trusted=trusted)  # type: ignore[arg-type]
    expected = Verdict.VERIFIED if trusted else Verdict.VERIFIED_WITH_UNCHECKED
    assert report.verdict is expected, report.to_text()


@pytest.mark.parametrize(
    ("signers", "codes_found"),
    [
        ((), {"not_signed", "key_replaced", "unknown_key"}),
        ((KEY,), {"not_signed_by_all", "key_replaced", "unknown_key"}),
        ((NEW_LOG_KEY,), {"not_signed_by_all", "key_replaced", "unknown_key"}),
    ],
)
def test_a_new_log_key_without_both_signatures_is_refused(
    signers: tuple[SigningKey, ...], codes_found: set[str]
) -> None:
    assert codes(verify_log(rotated(*signers), Level.L2, trusted=[KEY.vkey])) == codes_found


def test_the_retired_log_key_signs_no_later_checkpoint_and_rotates_no_more() -> None:
    log = rotated(KEY, NEW_LOG_KEY)
    log.add("media.viewed")
    log.key = KEY
    log.checkpoint()
    assert codes(verify_log(log, Level.L2, trusted=[KEY.vkey])) == {"unknown_key"}
    thief = key_named("thief")
    log.add("key.log_rotated", log_rotation(thief.vkey, KEY.vkey), signers=[KEY, thief])
    assert "rotation_by_an_unknown_key" in codes(verify_log(log, Level.L2, trusted=[KEY.vkey]))


def test_a_retired_log_key_does_not_come_back() -> None:
    there, back = LogRotation(2, KEY.vkey, NEW_LOG_KEY.vkey), LogRotation(5, NEW_LOG_KEY.vkey, KEY.vkey)
    keys = LogKeys.starting([KEY.vkey], [there]).after(there)
    assert (keys.at(2), keys.at(3)) == ((KEY.vkey,), (NEW_LOG_KEY.vkey,))
    assert refusal(lambda: keys.after(back)) == (KeyRefused, "retired_log_key")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"vkey": "x", "replaces": "y"}, "vkey_form"),
        ({"vkey": KEY.vkey.format()}, "keys"),
        (log_rotation(KEY.vkey, KEY.vkey), "not_a_rotation_of_this_log"),
        (log_rotation(key_named("x", "another/log").vkey, KEY.vkey), "not_a_rotation_of_this_log"),
        (log_rotation(witness_named(ORIGIN).vkey, KEY.vkey), "not_a_rotation_of_this_log"),
    ],
)
def test_an_entry_that_is_no_rotation_of_this_log_is_refused(data: dict[str, object], reason: str) -> None:
    log = MemoryLog()
    log.add("log.opened")
    log.add("key.log_rotated", data, signers=[KEY, NEW_LOG_KEY])
    assert reason in codes(deep(log))


def test_a_failed_rotation_on_record_changes_nothing() -> None:
    log = MemoryLog()
    log.add("key.log_rotated", log_rotation(NEW_LOG_KEY.vkey, KEY.vkey), outcome="failed")
    assert deep(log).verdict is Verdict.VERIFIED
