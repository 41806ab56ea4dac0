"""The witness: what it cosigns, what it refuses and keeps, in the order of c2sp.org/tlog-witness."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import pytest

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import cosigned, parse_lines, with_lines
from chain_of_custody.errors import NoteRefused, StateDamaged, WitnessRefused
from chain_of_custody.merkle import EMPTY_ROOT
from chain_of_custody.witness import Answer, Witness
from chain_of_custody.witness_request import AddCheckpoint, accept_answer
from chain_of_custody.witness_state import Latest, WitnessState
from tests.unit.custody.scene import (
    KEY,
    ORIGIN,
    MemoryLog,
    key_named,
    made_log,
    refusal,
    witness_named,
)
from tests.unit.custody.witness_scene import W1, another_history, asked

# --- the request


def test_a_published_request_parses_back_to_itself() -> None:
    # c2sp.org/tlog-witness, example request body (first proof lines)
    raw = (
        "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\n"
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo"
        "+zyWE+xeMcTOAYQ8=\n"
    ).encode()
    request = AddCheckpoint.parse(raw)
    assert (request.old_size, len(request.proof), request.format()) == (20852014, 2, raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"old 0\n", "request_form"),
        (b"new 0\n\nnote", "request_form"),
        (b"old 00\n\nnote", "decimal"),
        (b"old 1\nQQ==\n\nnote", "proof_lines"),
        (b"old 1\n!\n\nnote", "base64"),
        (b"old 1" + b"\nAAAA" * 64 + b"\n\nnote", "request_form"),
        (b"old 0\n\n" + b"x" * 70_000, "request_form"),
        (b"old 0\n\xff\n\nnote", "base64"),
    ],
)
def test_malformed_requests_are_refused_by_name(raw: bytes, reason: str) -> None:
    assert refusal(lambda: AddCheckpoint.parse(raw)) == (NoteRefused, reason)


# --- the decision, in the specification's order


def test_a_growing_log_is_cosigned_step_by_step_and_the_log_can_use_it(witness: Witness, state: WitnessState) -> None:
    log = made_log()
    for old, size in ((0, 3), (3, 5), (5, 5)):
        request = asked(log, old, size)
        answer = witness.add_checkpoint(request)
        assert answer.status == 200
        whole = accept_answer(answer.body, AddCheckpoint.parse(request).checkpoint, [W1.vkey])
        assert list(cosigned(whole, [W1.vkey]).stamps) == [W1.vkey]
    assert state.latest(ORIGIN) == Latest(5, log.head.tree.root)
    assert [one.size for one in state.history(ORIGIN)] == [3, 5]


def _refused(witness: Witness, request: bytes) -> tuple[int, str]:
    answer = witness.add_checkpoint(request)
    return answer.status, answer.reason


def test_refusals_come_with_the_status_of_the_specification_and_are_kept_with_their_reason(
    witness: Witness, tmp_path: Path
) -> None:
    log = made_log()
    assert witness.add_checkpoint(asked(log, 0, 3)).status == 200
    stranger = MemoryLog(key=key_named("thief"))
    stranger.add("log.opened")
    note = Checkpoint(ORIGIN, 5, log.head.tree.root).sign(KEY)
    unsigned = Checkpoint("another.example/log", 1, EMPTY_ROOT).sign(key_named("x", "another.example/log"))
    wrong_proof = AddCheckpoint(3, (bytes(32),) * 3, note).format()
    cases = [
        (b"nonsense", (400, "malformed")),
        (AddCheckpoint(0, (), b"no note").format(), (400, "malformed")),
        (AddCheckpoint(0, (), unsigned).format(), (404, "unknown_log")),
        (asked(stranger, 0), (403, "unknown_key")),
        (AddCheckpoint(9, (), note).format(), (400, "old_size_larger")),
        (asked(log, 0, 5), (409, "another_size")),
        (asked(another_history(), 3, 3), (409, "fork")),
        (wrong_proof, (422, "proof_root_differs")),
        (asked(another_history(), 3, 5), (422, "proof_old_root_differs")),
    ]
    for request, expected in cases:
        found = _refused(witness, request)
        assert (found[0], found[1].split("_")[0]) == (expected[0], expected[1].split("_")[0]), expected
    signed = sorted((tmp_path / "state/refused/signed").glob("*.request"))
    assert {file.read_bytes() for file in signed} == {request for request, _ in cases[4:]}
    why = json.loads(signed[0].with_suffix(".json").read_text())
    assert set(why) == {"at", "known_root", "known_size", "reason", "status"}
    assert why["known_size"] == 3
    assert len(list((tmp_path / "state/refused/unsigned").glob("*.request"))) == 4


def test_a_conflict_is_answered_with_the_size_known(witness: Witness) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0, 3))
    answer = witness.add_checkpoint(asked(log, 0, 5))
    assert (answer.body, answer.kind) == (b"3\n", "text/x.tlog.size")
    with pytest.raises(WitnessRefused) as refused:
        accept_answer(answer.body, b"", [W1.vkey])
    assert (refused.value.reason, refused.value.detail) == ("conflict", "3")


def test_an_empty_log_may_be_cosigned_and_a_first_proof_must_be_empty(witness: Witness) -> None:
    empty, log = MemoryLog(), made_log()
    note = Checkpoint(ORIGIN, 5, log.head.tree.root).sign(KEY)
    assert _refused(witness, AddCheckpoint(0, (bytes(32),), note).format()) == (422, "proof_not_empty")
    assert _refused(witness, AddCheckpoint(0, (), Checkpoint(ORIGIN, 0, bytes(32)).sign(KEY)).format())[0] == 409
    assert witness.add_checkpoint(asked(empty, 0)).status == 200
    assert witness.add_checkpoint(asked(log, 0)).status == 200


def test_every_flipped_byte_of_a_request_is_refused_or_cosigns_the_same_tree(
    witness: Witness, state: WitnessState
) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0, 3))
    raw = asked(log, 3, 5)
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert witness.add_checkpoint(changed).status != 200
    assert state.latest(ORIGIN).size == 3


def test_requests_nobody_known_signed_are_kept_up_to_a_bound(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain_of_custody.witness_state.MAX_UNSIGNED", 2)
    for number in range(4):
        witness.add_checkpoint(b"nonsense %d" % number)
    assert len(list((tmp_path / "state/refused/unsigned").glob("*.request"))) == 2


def test_racing_requests_never_take_the_witness_back(witness: Witness, state: WitnessState) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0, 1))
    answers: list[Answer] = []
    racing = [
        threading.Thread(target=lambda size=size: answers.append(witness.add_checkpoint(asked(log, 1, size))))
        for size in (2, 3, 4, 5)
    ]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]


# --- the answer


def test_answers_that_do_not_hold_are_refused_by_name() -> None:
    note = made_log().notes[-1]
    text = Checkpoint.parse(note).text()
    line = W1.cosign(text, 5).format().encode()
    other = witness_named("other").cosign(text, 5).format().encode()
    bad = W1.cosign(text + "more\n", 5).format().encode()
    accept = partial(accept_answer, checkpoint=note, witnesses=[W1.vkey])
    assert refusal(lambda: accept(other)) == (WitnessRefused, "no_known_cosignature")
    assert refusal(lambda: accept(bad)) == (WitnessRefused, "bad_signature")
    assert refusal(lambda: accept(line[:-1])) == (WitnessRefused, "signature_line")
    assert refusal(lambda: accept(b"refused: fork\n")) == (WitnessRefused, "refused")
    assert accept(other + line) == with_lines(note, parse_lines(line))
    assert refusal(lambda: parse_lines(b"\xff")) == (NoteRefused, "not_utf8")


# --- the memory


def test_a_damaged_memory_cosigns_nothing(witness: Witness, state: WitnessState, tmp_path: Path) -> None:
    log = made_log()
    witness.add_checkpoint(asked(log, 0, 3))
    file = next((tmp_path / "state/logs").glob("*/latest.json"))
    whole = json.loads(file.read_bytes())
    for content in (
        b"{}",
        b"\xff",
        file.read_bytes().replace(b'"size":3', b'"size":2'),
        json.dumps({**whole, "origin": "another"}, sort_keys=True, separators=(",", ":")).encode(),
    ):
        file.write_bytes(content)
        with pytest.raises(StateDamaged):
            witness.add_checkpoint(asked(log, 3, 5))
    next((tmp_path / "state/logs").glob("*/*.note")).write_bytes(b"")
    with pytest.raises(StateDamaged):
        state.history(ORIGIN)


def test_a_memory_of_which_only_the_notes_are_left_is_still_a_memory(
    witness: Witness, state: WitnessState, tmp_path: Path
) -> None:
    witness.add_checkpoint(asked(made_log(), 0, 5))
    next((tmp_path / "state/logs").glob("*/latest.json")).unlink()
    assert _refused(witness, asked(another_history(), 0)) == (409, "fork")
    assert state.latest(ORIGIN).size == 5


def test_a_witness_that_looks_after_nobody_and_a_witness_key_as_a_log_key(tmp_path: Path) -> None:
    empty = WitnessState(tmp_path)
    assert empty.log_keys() == ()
    assert refusal(lambda: empty.trust(W1.vkey)) == (StateDamaged, "not_a_log_key")
