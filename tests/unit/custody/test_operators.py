"""Operator and log keys replayed from the log: who may sign what, and what is said of each breach (L2, L3)."""

from __future__ import annotations

import pytest

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.entry import Entry
from chain_of_custody.entry_signatures import (
    key_id,
)
from chain_of_custody.errors import KeyRefused
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.operators import ADMINISTRATOR, OPERATOR, Registry, enrolment, revocation, rotation
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


# --- the registry


def test_a_staffed_log_verifies_and_says_who_signed_and_who_did_not() -> None:
    report = deep(staffed())
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    said = codes(report, Severity.NOTE)
    assert {"first_operator_key", "signed_by_operators", "attested_by_the_workstation_only"} <= said
    assert "not non-repudiation" in report.to_text()


def test_a_key_is_valid_from_after_its_enrolment_until_its_revocation() -> None:
    log = staffed()
    log.add("key.revoked", revocation(CLERK.vkey), by=ADMIN)
    registry = Registry()
    for raw in log.stored:
        registry = registry.after(Entry.from_bytes(raw))
    held = key_id(CLERK.vkey)
    assert refusal(lambda: registry.valid(held, 2))[1] == "key_not_yet_valid"
    assert registry.valid(held, 3).operator == "clerk-0042"
    assert registry.valid(held, 4).until == 4
    assert refusal(lambda: registry.valid(held, 5)) == (KeyRefused, "key_no_longer_valid")


def test_a_rotated_key_hands_over_and_the_old_one_is_refused_from_then_on() -> None:
    log = staffed()
    log.add("key.rotated", rotation(NEXT.vkey, CLERK.vkey), by=CLERK, signers=[NEXT])
    log.add("tag.added", by=NEXT)
    assert deep(log).verdict is Verdict.VERIFIED
    log.add("tag.added", by=CLERK)
    assert codes(deep(log)) == {"key_no_longer_valid"}


def test_a_person_may_revoke_the_own_key() -> None:
    log = staffed()
    log.add("key.revoked", revocation(CLERK.vkey), by=CLERK)
    assert deep(log).verdict is Verdict.VERIFIED


def _forge(log: MemoryLog, kind: str, data: dict[str, object], by: object = None, *signers: SigningKey) -> None:
    log.add(kind, data, by=by, signers=signers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda log: log.add("tag.added", by=OTHER), "unknown_key"),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(OTHER.vkey, OTHER.name, OPERATOR), ADMIN),
            "not_signed_by_all",
        ),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(OTHER.vkey, OTHER.name, OPERATOR), CLERK, OTHER),
            "not_signed_by_an_administrator",
        ),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(OTHER.vkey, OTHER.name, OPERATOR), None, OTHER),
            "not_signed_by_an_administrator",
        ),
        (lambda log: _forge(log, "key.enrolled", enrolment(OTHER.vkey, OTHER.name, OPERATOR)), "not_signed"),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(OTHER.vkey, OTHER.name, "king"), ADMIN, OTHER),
            "unknown_grant",
        ),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(CLERK.vkey, OTHER.name, OPERATOR), ADMIN, CLERK),
            "key_enrolled_before",
        ),
        (lambda log: _forge(log, "key.rotated", rotation(NEXT.vkey, CLERK.vkey), CLERK), "not_signed_by_all"),
        (
            lambda log: _forge(log, "key.rotated", rotation(NEXT.vkey, CLERK.vkey), ADMIN, NEXT),
            "rotation_not_signed_by_the_old_key",
        ),
        (lambda log: _forge(log, "key.revoked", revocation(ADMIN.vkey), CLERK), "not_signed_by_an_administrator"),
        (lambda log: _forge(log, "key.revoked", {"key": 1}, ADMIN), "type_of_key"),
        (lambda log: _forge(log, "key.revoked", {"name": "x"}, ADMIN), "keys"),
        (lambda log: _forge(log, "tag.added", {}, CLERK, OTHER), "signed_by_another"),
        (lambda log: _forge(log, "tag.added", {}, None, OTHER), "signed_by_another"),
        (
            lambda log: _forge(log, "key.enrolled", {**enrolment(OTHER.vkey, "x", OPERATOR), "vkey": "x"}, ADMIN),
            "vkey_form",
        ),
        (
            lambda log: _forge(log, "key.enrolled", {**enrolment(OTHER.vkey, "x", OPERATOR), "key": "0"}, ADMIN),
            "key_id_differs",
        ),
        (
            lambda log: _forge(log, "key.enrolled", enrolment(witness_named("w").vkey, "x", OPERATOR), ADMIN),
            "key_id_differs",
        ),
    ],
)
def test_what_a_key_may_not_do_is_refused_by_name(act: object, code: str) -> None:
    log = staffed()
    act(log)  # type: ignore[operator]
    assert codes(deep(log)) == {code}


def test_a_key_used_under_another_persons_name_is_refused() -> None:
    log = staffed()
    twin = type(CLERK)("clerk-0099", CLERK._private)
    log.add("tag.added", by=twin)
    assert codes(deep(log)) == {"key_of_another_operator"}


def test_the_first_key_must_be_an_administrators_own() -> None:
    for data, by in (
        (enrolment(ADMIN.vkey, ADMIN.name, OPERATOR), ADMIN),
        (enrolment(ADMIN.vkey, "x", ADMINISTRATOR), ADMIN),
    ):
        log = MemoryLog()
        log.add("key.enrolled", data, by=by)
        assert codes(deep(log)) == {"first_key_must_be_an_administrators"}


def test_a_refused_enrolment_on_record_enrols_nobody() -> None:
    log = staffed()
    log.add("key.enrolled", enrolment(OTHER.vkey, OTHER.name, OPERATOR), outcome="refused")
    assert deep(log).verdict is Verdict.VERIFIED
    log.add("tag.added", by=OTHER)
    assert codes(deep(log)) == {"unknown_key"}


def test_a_taken_away_signature_is_found() -> None:
    log = staffed()
    del log.signature_rows[3]
    assert codes(deep(log)) == {"not_signed"}


def test_a_key_whose_enrolment_is_withheld_is_not_checked_rather_than_refused() -> None:
    log = staffed()
    log.stored[2] = None  # type: ignore[call-overload]
    report = deep(log)
    assert report.verdict is Verdict.VERIFIED_WITH_UNCHECKED
    assert codes(report, Severity.UNCHECKED) == {"key_enrolment_withheld"}
    assert "revocation_may_be_withheld" in codes(report, Severity.NOTE)


def test_an_earlier_verified_point_spares_the_signatures_before_it_only() -> None:
    log = staffed()
    point = Checkpoint(ORIGIN, 4, log.head.tree.root)
    log.add("tag.added", by=CLERK)
    log.signature_rows[3] = b"spoiled after it was checked"
    report = deep(log, since=point)
    assert report.verdict is Verdict.VERIFIED
    assert "checked_earlier" in codes(report, Severity.NOTE)
    log.signature_rows[4] = b"spoiled"
    assert codes(deep(log, since=point)) == {"signature_file_form"}


def test_an_earlier_verified_point_that_no_longer_fits_is_a_rewrite_and_spares_nothing() -> None:
    log = staffed()
    for point in (
        Checkpoint(ORIGIN, 4, b"\x00" * 32),
        Checkpoint(ORIGIN, 99, b"\x00" * 32),
        Checkpoint("x", 0, b"\x00" * 32),
    ):
        assert "verified_point_differs" in codes(deep(log, since=point))
