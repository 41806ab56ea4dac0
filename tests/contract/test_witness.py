"""The promises of ``ports.witnesses.Witnesses.ask``: over real HTTP, and by the fake."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.errors import WitnessUnreachable
from bwc_review.export.witness_http import WitnessesFromSettings
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.witnesses import KnownWitness, Witnesses
from bwc_review.store.witnessed_memory import FileMemory
from chain_of_custody.cosignatures import cosigned
from chain_of_custody.witness import Witness
from chain_of_custody.witness_http import WitnessServer
from chain_of_custody.witness_request import AddCheckpoint, accept_answer
from chain_of_custody.witness_state import WitnessState
from tests.fakes.witness import FakeWitnesses
from tests.timestamp_authority import Answering, serving
from tests.unit.custody.scene import KEY, MemoryLog, SteppingClock, made_log
from tests.unit.custody.witness_scene import W1, another_history, asked

Way = tuple[Witnesses, KnownWitness]


@contextmanager
def over_http(behind: Witness, memory: FileMemory) -> Iterator[Way]:
    with WitnessServer(behind) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        known = KnownWitness("commission", W1.vkey, f"http://127.0.0.1:{server.server_port}/")
        yield WitnessesFromSettings(WitnessSettings((known,)), Path(), memory, seconds=5), known
        server.shutdown()
        thread.join(10)


@contextmanager
def by_fake(behind: Witness, memory: FileMemory) -> Iterator[Way]:
    known = KnownWitness("commission", W1.vkey, "http://witness.example")
    yield FakeWitnesses(known, behind, memory), known


@pytest.fixture(params=[over_http, by_fake], ids=["http", "fake"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    state = WitnessState(tmp_path / "state")
    state.trust(KEY.vkey)
    with request.param(Witness(state, W1, SteppingClock()), FileMemory(MemoryLog().log, [tmp_path / "m"])) as made:
        yield made


def test_honest_growth_is_cosigned_step_by_step(way: Way) -> None:
    witnesses, known = way
    log = made_log()
    for old, size in ((0, 2), (2, 5), (5, 5)):
        request = asked(log, old, size)
        answer = witnesses.ask(known, request)
        assert answer.status == 200
        note = AddCheckpoint.parse(request).checkpoint
        assert set(cosigned(accept_answer(answer.body, note, [known.vkey]), [known.vkey]).stamps) == {W1.vkey}


def test_another_size_is_answered_with_the_size_and_another_history_with_a_refusal(way: Way) -> None:
    witnesses, known = way
    witnesses.ask(known, asked(made_log(), 0, 3))
    late = witnesses.ask(known, asked(made_log(), 0))
    assert (late.status, late.body) == (409, b"3\n")
    fork = witnesses.ask(known, asked(another_history(), 3))
    assert fork.status == 422


def test_nonsense_is_answered_and_not_an_error(way: Way) -> None:
    witnesses, known = way
    assert witnesses.ask(known, b"nonsense").status == 400


def test_the_settings_names_and_quorum_come_back(way: Way) -> None:
    witnesses, known = way
    policy = witnesses.policy()
    assert witnesses.known() == {"commission": known}
    assert policy is not None
    assert policy.met_by([known.vkey])
    assert not policy.met_by([])


def test_one_that_is_reached_by_files_gives_no_answer(way: Way) -> None:
    witnesses, known = way
    with pytest.raises(WitnessUnreachable):
        witnesses.ask(replace(known, address=""), asked(made_log(), 0))


# --- what a network can do to the real adapter


def at(address: str, tmp_path: Path, seconds: float = 1.0) -> Callable[[], object]:
    known = KnownWitness("commission", W1.vkey, address)
    memory = FileMemory("x", [tmp_path / "m"])
    witnesses = WitnessesFromSettings(WitnessSettings((known,)), tmp_path, memory, seconds=seconds)
    return lambda: witnesses.ask(known, b"old 0\n\n")


def test_nobody_there_a_redirect_and_an_answer_from_something_in_between_are_no_answer(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(WitnessUnreachable, match="gave no answer"):
        at(nobody, tmp_path)()
    goal = Answering(lambda _: b"")
    with serving(goal) as elsewhere:
        for status in (301, 307, 500, 503, 204):
            says = Answering(lambda _: b"", status=status, location=elsewhere)
            with serving(says) as address, pytest.raises(WitnessUnreachable, match=str(status)):
                at(address, tmp_path)()
    assert goal.asked == 0


def test_an_endless_and_a_dripping_answer_end(tmp_path: Path) -> None:
    endless = Answering(lambda _: bytes(1 << 17))
    with serving(endless) as address, pytest.raises(WitnessUnreachable, match="far too long"):
        at(address, tmp_path)()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(WitnessUnreachable, match="too long"):
            at(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path, seconds=1.0)()
        assert time.monotonic() - began < 20


def _drip(server: socket.socket) -> None:
    client, _ = server.accept()
    with client:
        client.recv(1 << 16)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            try:
                client.sendall(b"x")
            except OSError:
                return
            time.sleep(0.1)
