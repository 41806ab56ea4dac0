"""The witness over HTTP, as files on a stick, as another process, and its memory against a bundle."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chain_of_custody import __main__ as command
from chain_of_custody import witness_command, witness_http
from chain_of_custody.errors import BundleUnreadable, CustodyError, StateDamaged, WitnessRefused
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.witness import Answer, Witness
from chain_of_custody.witness_bundle import check_against_state
from chain_of_custody.witness_http import WitnessServer, submit
from chain_of_custody.witness_request import accept_answer
from chain_of_custody.witness_state import WitnessState
from tests.unit.custody.scene import (
    KEY,
    MemoryLog,
    made_log,
    refusal,
)
from tests.unit.custody.witness_scene import W1, another_history, asked

# --- over HTTP


@pytest.fixture
def server(witness: Witness) -> Iterator[WitnessServer]:
    with WitnessServer(witness) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_log_is_cosigned_over_http_and_a_rewrite_is_refused(server: WitnessServer) -> None:
    prefix, log = f"http://127.0.0.1:{server.server_port}", made_log()
    answer = submit(prefix, asked(log, 0, 5))
    assert accept_answer(answer, log.notes[-1], [W1.vkey]).startswith(log.notes[-1])
    assert submit(prefix, asked(another_history(), 5, 5)) == b"5\n"


def test_what_is_no_request_of_a_witness_is_turned_away(server: WitnessServer, tmp_path: Path) -> None:
    prefix = f"http://127.0.0.1:{server.server_port}"
    assert submit(prefix + "/elsewhere", asked(made_log(), 0)) == b"refused: path\n"
    assert refusal(lambda: submit(prefix, b"x" * 70_000)) in (
        (WitnessRefused, "status"),
        (WitnessRefused, "unreachable"),
    )
    (tmp_path / "state/logs.vkey").write_bytes(b"spoiled")
    assert refusal(lambda: submit(prefix, asked(made_log(), 0))) == (WitnessRefused, "status")
    raw = subprocess.run(
        [
            sys.executable,
            "-c",
            "import socket,sys; s=socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
            "s.sendall(b'POST /add-checkpoint HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); print(s.recv(99))",
            str(server.server_port),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "411" in raw.stdout


def test_a_witness_out_of_reach_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(lambda: submit("ftp://x", b"")) == (WitnessRefused, "address")
    assert refusal(lambda: submit("http://127.0.0.1:9", b"")) == (WitnessRefused, "unreachable")


def test_an_answer_without_end_is_cut_off(server: WitnessServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness_http, "MAX_REQUEST_BYTES", 5)
    long = Answer(200, "long", b"x" * 6)
    monkeypatch.setattr(Witness, "add_checkpoint", lambda *_: long)
    prefix = f"http://127.0.0.1:{server.server_port}"
    assert refusal(lambda: submit(prefix, b"")) == (WitnessRefused, "answer_too_large")


# --- as files, and as another process


def witness_folder(tmp_path: Path) -> Path:
    """A witness made by command, which looks after the made log; its passphrase lies in `pass`."""
    (tmp_path / "pass").write_text("correct horse\n")
    (tmp_path / "log.vkey").write_text(KEY.vkey.format() + "\n")
    folder, secret = str(tmp_path / "w"), ["--passphrase-file", str(tmp_path / "pass")]
    assert command.main(["witness", "init", "--state", folder, "--name", "commission.example/w1", *secret]) == 0
    assert command.main(["witness", "trust", "--state", folder, str(tmp_path / "log.vkey")]) == 0
    return tmp_path / "w"


def sign(tmp_path: Path, request: bytes) -> tuple[int, bytes]:
    (tmp_path / "request").write_bytes(request)
    line = ["witness", "sign", "--state", str(tmp_path / "w"), "--out", str(tmp_path / "answer")]
    code = command.main([*line, "--passphrase-file", str(tmp_path / "pass"), str(tmp_path / "request")])
    return code, (tmp_path / "answer").read_bytes()


def test_a_witness_with_a_stick_cosigns_refuses_a_rewrite_and_keeps_the_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, log = witness_folder(tmp_path), made_log()
    code, answer = sign(tmp_path, asked(log, 0, 5))
    assert (code, answer.startswith("— commission.example/w1 ".encode())) == (0, True)
    code, answer = sign(tmp_path, asked(another_history(), 5, 5))
    assert (code, answer) == (WitnessRefused.exit_code, b"5\n")
    assert "fork" in capsys.readouterr().err
    assert len(list((folder / "refused/signed").glob("*.request"))) == 1
    again = ["witness", "init", "--state", str(folder), "--name", "x", "--passphrase-file", str(tmp_path / "pass")]
    assert command.main(again) == WitnessRefused.exit_code
    gone = ["witness", "trust", "--state", str(folder), str(tmp_path / "gone")]
    assert command.main(gone) == BundleUnreadable.exit_code


def test_without_a_passphrase_file_the_witness_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness_folder(tmp_path)
    monkeypatch.setattr(witness_command.getpass, "getpass", lambda _: "wrong horse")
    (tmp_path / "request").write_bytes(asked(made_log(), 0))
    line = ["witness", "sign", "--state", str(tmp_path / "w"), "--out", str(tmp_path / "answer")]
    assert command.main([*line, str(tmp_path / "request")]) == 26
    (tmp_path / "pass").write_text("")
    assert command.main([*line, "--passphrase-file", str(tmp_path / "pass"), str(tmp_path / "request")]) == 26


def test_a_witness_in_another_process_answers_until_it_is_stopped(tmp_path: Path) -> None:
    witness_folder(tmp_path)
    line = [sys.executable, "-m", "chain_of_custody", "witness", "serve", "--state", str(tmp_path / "w")]
    root = str(Path(command.__file__).parents[1])
    with subprocess.Popen(
        [*line, "--port", "0", "--passphrase-file", str(tmp_path / "pass")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as process:
        assert process.stdout is not None
        prefix, log = process.stdout.readline().strip(), made_log()
        try:
            vkey = (tmp_path / "w/witness.vkey").read_text()
            assert submit(prefix, asked(log, 0, 5)).startswith(f"— {vkey.split('+')[0]} ".encode())
            assert submit(prefix, asked(another_history(), 5, 5)) == b"5\n"
        finally:
            process.kill()
    assert len(list((tmp_path / "w/refused/signed").glob("*.request"))) == 1


def test_serving_ends_quietly_when_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    witness_folder(tmp_path)
    line = ["witness", "serve", "--state", str(tmp_path / "w"), "--port", "0"]
    for end in (KeyboardInterrupt(), None):

        def stop(*_: object, end: BaseException | None = end) -> None:
            if end is not None:
                raise end

        monkeypatch.setattr(WitnessServer, "serve_forever", stop)
        assert command.main([*line, "--passphrase-file", str(tmp_path / "pass")]) == 0
    assert "http://127.0.0.1:" in capsys.readouterr().out


# --- its memory against a bundle


def against(bundle: Path, state: WitnessState) -> tuple[Verdict, set[str]]:
    report = check_against_state(bundle, state)
    return report.verdict, {f.code for f in report.findings if f.severity is not Severity.NOTE}


def test_a_bundle_of_the_log_that_was_cosigned_is_an_extension(
    bundle: Path, witness: Witness, state: WitnessState, pristine: tuple[Path, MemoryLog]
) -> None:
    log = pristine[1]
    assert against(bundle, state) == (Verdict.VERIFIED_WITH_UNCHECKED, {"log_never_seen"})
    witness.add_checkpoint(asked(log, 0, 3))
    assert against(bundle, state) == (Verdict.VERIFIED, set())
    witness.add_checkpoint(asked(log, 3, 7))  # the seal's own checkpoint
    assert against(bundle, state) == (Verdict.VERIFIED, set())


def test_a_bundle_that_cannot_be_read_says_nothing_of_the_log(
    bundle: Path, state: WitnessState, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (bundle / "data/custody/leaves.txt").write_bytes(b"spoiled\n")
    assert against(bundle, state) == (Verdict.FAILED, {"leaf_line"})

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("chain_of_custody.source.open_regular", fail)
    assert against(bundle, state) == (Verdict.COULD_NOT_CHECK, {"unreadable"})
    line = ["witness", "check", "--state", str(bundle.parent / "state"), str(bundle)]
    assert command.main([*line, "--json"]) == command.main(line) == 4
    assert b"could_not_check" in capfdbinary.readouterr().out


def test_a_bundle_that_was_never_sealed_is_compared_by_its_leaves(
    bundle: Path, witness: Witness, state: WitnessState, pristine: tuple[Path, MemoryLog]
) -> None:
    witness.add_checkpoint(asked(pristine[1], 0, 5))
    (bundle / "seal/checkpoint").unlink()
    assert against(bundle, state) == (Verdict.VERIFIED, set())


def test_only_an_empty_tree_in_common_is_nothing_to_compare(
    bundle: Path, witness: Witness, state: WitnessState
) -> None:
    witness.add_checkpoint(asked(MemoryLog(), 0))
    assert against(bundle, state) == (Verdict.VERIFIED_WITH_UNCHECKED, {"nothing_to_compare"})


def test_every_reason_given_to_the_log_is_an_error_with_words() -> None:
    for kind in (WitnessRefused, StateDamaged):
        assert issubclass(kind, CustodyError)
        assert kind("reason", "where").message().count(".") >= 2
