"""Quorum policy files: what they say, and every breach of the format refused by its line (c2sp.org/tlog-policy)."""

from __future__ import annotations

import pytest

from chain_of_custody.errors import PolicyRefused
from chain_of_custody.policy import Policy
from tests.unit.custody.scene import KEY, refusal, witness_named

X1, X2, X3, Y1 = (witness_named(f"{name}.example").vkey for name in ("x1", "x2", "x3", "y1"))
LOG = KEY.vkey.format()
WITNESSES = (
    f"witness X1 {X1.format()}\nwitness X2 {X2.format()}\nwitness X3 {X3.format()}\nwitness Y1 {Y1.format()}\n"
)
TEXT = f"""# the commission's policy
log {LOG} https://log.example
  witness\tX1 {X1.format()} https://x1.example
witness X2 {X2.format()}
witness X3 {X3.format()}

witness Y1 {Y1.format()}
group X 2 X1 X2 X3
group both all X Y1
quorum both
"""


def test_a_policy_of_two_groups_asks_for_both() -> None:
    policy = Policy.parse(TEXT.encode())
    assert policy.logs == (KEY.vkey,)
    assert policy.met_by([X1, X3, Y1])
    assert not policy.met_by([X1, X2, X3])
    assert not policy.met_by([X1, Y1])
    assert Policy.parse(policy.format()) == policy


def test_any_one_of_several_or_a_single_witness_or_none_may_be_asked_for() -> None:
    assert Policy.any_of([X1, X2]).met_by([X2])
    assert not Policy.any_of([X1, X2]).met_by([X3])
    assert Policy.parse(f"{WITNESSES}quorum X1\n".encode()).met_by([X1])
    assert Policy.parse(f"{WITNESSES}group g any X1 X2\nquorum g\n".encode()).met_by([X2])
    assert Policy.parse(b"quorum none\n").met_by([])
    assert refusal(lambda: Policy.any_of([KEY.vkey])) == (PolicyRefused, "not_a_witness_key")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_quorum_line"),
        ("quorum none", "form"),
        ("#" * 70_000 + "\n", "form"),
        ("\n" * 1001, "form"),
        ("quorum none\r\n", "control_character"),
        ("quorum none\nquorum none\n", "quorum_twice"),
        ("quorum X1\n", "unknown_member"),
        ("quorum\n", "line"),
        ("oracle x\n", "line"),
        ("log x\n", "vkey_form"),
        (f"log {LOG}\nlog {LOG}\n", "log_key"),
        (f"log {X1.format()}\n", "log_key"),
        (f"witness w {LOG}\n", "not_a_witness_key"),
        (f"witness none {X1.format()}\n", "name_taken"),
        (f"witness w {X1.format()}\nwitness v {X1.format()}\n", "witness_twice"),
        (f"witness w {X1.format()}\nwitness w {X2.format()}\n", "name_taken"),
        (f"{WITNESSES}group g 2 X1\n", "threshold"),
        (f"{WITNESSES}group g 0 X1\n", "threshold"),
        (f"{WITNESSES}group g ² X1\n", "threshold"),
        (f"{WITNESSES}group g 01 X1\n", "threshold"),
        (f"{WITNESSES}group g 99999 X1\n", "threshold"),
        (f"{WITNESSES}group g any X1 X1\n", "member_used_twice"),
        (f"{WITNESSES}group g any X1\ngroup h any X1\n", "member_used_twice"),
        (f"{WITNESSES}group g any none\n", "unknown_member"),
        (f"{WITNESSES}group g any g\n", "unknown_member"),
        (f"{WITNESSES}group X1 any X2\n", "name_taken"),
        (f"{WITNESSES}group g any\n", "line"),
    ],
)
def test_a_policy_outside_the_format_is_refused_by_name(text: str, reason: str) -> None:
    assert refusal(lambda: Policy.parse(text.encode())) == (PolicyRefused, reason)
