"""The copying processes, real ones: what they take, how they are stopped, paced and buried, and what they cost."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ingest.copy import Verify
from ingest.crew import Crew, WorkerProcess, _error
from ingest.errors import CopyStopped, DiskFull, IngestError, SourceChanged, SourceVanished, VaultLocked, WorkerLost
from ingest.listing import FoundFile, list_dock
from ingest.vault import Vault
from ingest.worker_messages import Failed, Settled, from_line, to_line
from tests.mounting import disk
from tests.unit.ingest.conftest import REPOSITORY
from tests.unit.ingest.vaults import sealed_vault

LARGE = 96 << 20


def never() -> bool:
    return False


def quiet(done: int) -> None:
    pass


@pytest.fixture
def crew(vault: Vault) -> Crew:
    return Crew(vault)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A card with one large file."""
    card = tmp_path / "large"
    card.mkdir()
    block = os.urandom(1 << 20)
    with (card / "LONG.MP4").open("wb") as file:
        for number in range(LARGE >> 20):
            file.write(number.to_bytes(8, "big") + block[8:])
    return card


def take_all(
    crew: Crew, card: Path, progress: Callable[[int], None] = quiet, cancelled: Callable[[], bool] = never
) -> list[Settled]:
    with crew.worker("sdx", waiting=lambda: None, cancelled=cancelled) as worker:
        return [take(worker, card, found, progress, cancelled) for found in list_dock(card).files]


def take(
    worker: WorkerProcess,
    card: Path,
    found: FoundFile,
    progress: Callable[[int], None] = quiet,
    cancelled: Callable[[], bool] = never,
) -> Settled:
    return worker.take(card, found, progress=progress, cancelled=cancelled)


def test_what_a_worker_took_lies_in_the_vault_under_the_digest_it_reports(
    crew: Crew, card: Path, vault: Vault
) -> None:
    settled = take_all(crew, card)
    expected = {hashlib.sha256(path.read_bytes()).hexdigest() for path in card.rglob("*") if path.is_file()}
    assert {one.sha256 for one in settled} == expected
    for one in settled:
        vault.verify(one.sha256)
    assert crew.at_work == {}


def test_the_same_bytes_again_are_reported_as_held_already(crew: Crew, card: Path) -> None:
    take_all(crew, card)
    assert all(one.duplicate for one in take_all(crew, card))


@pytest.mark.skipif(os.name != "posix", reason="the platform allows no such names")
@pytest.mark.parametrize("raw", [b"new\nline.mp4", "x\u202egpj.mp4".encode(), b"\xff\xfe.mp4", b"-rf .", b"a" * 255])
def test_a_hostile_name_reaches_the_worker_as_it_is(crew: Crew, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "hostile").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "hostile") + b"/" + raw)).write_bytes(b"evidence")
    (settled,) = take_all(crew, tmp_path / "hostile")
    assert settled.sha256 == hashlib.sha256(b"evidence").hexdigest()


def test_an_error_of_the_copy_arrives_as_itself_and_the_worker_goes_on(crew: Crew, card: Path) -> None:
    one, two = list_dock(card).files
    with (card / one.name.shown).open("ab") as file:
        file.write(b"more")
    with crew.worker("sdx", waiting=lambda: None, cancelled=never) as worker:
        with pytest.raises(SourceChanged, match="read the card again"):
            take(worker, card, one)
        assert take(worker, card, two).size == two.size


def test_progress_is_told_now_and_then_and_never_runs_backwards(crew: Crew, large: Path) -> None:
    crew.set_pace(300)
    heard: list[int] = []
    take_all(crew, large, progress=heard.append)
    assert len(heard) >= 2
    assert heard == sorted(heard)
    assert len(heard) < 200, "bounded, whatever the number of buffers"


def test_a_worker_killed_in_the_middle_of_a_file_is_missed_and_leaves_nothing_wrong(
    crew: Crew, large: Path, vault: Vault
) -> None:
    crew.set_pace(50)

    def kill(done: int) -> None:
        for pid in crew.at_work.values():
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    with pytest.raises(WorkerLost) as lost:
        take_all(crew, large, progress=kill)
    assert "press Resume; nothing is lost" in lost.value.message()
    assert vault.list_originals() == ()
    assert len(vault.sweep().removed) == 1
    crew.full_pace()
    (settled,) = take_all(crew, large)
    vault.verify(settled.sha256)


def test_cancelling_is_heard_in_the_middle_of_a_file(crew: Crew, large: Path, vault: Vault) -> None:
    crew.set_pace(50)
    heard: list[int] = []
    began = time.monotonic()
    with pytest.raises(CopyStopped):
        take_all(crew, large, progress=heard.append, cancelled=lambda: bool(heard))
    assert time.monotonic() - began < 15
    assert vault.list_originals() == ()
    assert list(vault.staging.iterdir()) == []


def test_a_worker_that_answers_nothing_is_not_waited_for(
    crew: Crew, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read of a dying card can sit in the kernel for minutes: stopping must not."""
    monkeypatch.setattr("ingest.crew.STOP_WITHIN_S", 0.5)
    crew.set_pace(50)
    frozen: list[int] = []

    def freeze(done: int) -> None:
        if not frozen:
            frozen.extend(crew.at_work.values())
            os.kill(frozen[0], signal.SIGSTOP)

    began = time.monotonic()
    with pytest.raises(CopyStopped):
        take_all(crew, large, progress=freeze, cancelled=lambda: bool(frozen))
    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(frozen[0])


def test_a_worker_whose_parent_is_gone_ends_by_itself(large: Path, tmp_path: Path) -> None:
    program = (
        "import sys, os, pathlib\n"
        "from ingest.crew import Crew; from ingest.vault import Vault; from ingest.listing import list_dock\n"
        "card = pathlib.Path(sys.argv[1]); crew = Crew(Vault(pathlib.Path(sys.argv[2]))); crew.set_pace(20)\n"
        "def told(done):\n"
        "    print(*crew.at_work.values(), flush=True); os.kill(os.getpid(), 9)\n"
        "with crew.worker('sdx', waiting=lambda: None, cancelled=lambda: False) as worker:\n"
        "    worker.take(card, list_dock(card).files[0], progress=told, cancelled=lambda: False)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(large), str(tmp_path / "vault")],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    pid = int(done.stdout.strip())
    until = time.monotonic() + 15
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


def test_docks_of_one_device_take_turns_and_docks_of_two_do_not(crew: Crew, large: Path, tmp_path: Path) -> None:
    crew.set_pace(100)
    waited: list[str] = []
    most: list[int] = [0]

    def run(device: str) -> None:
        with crew.worker(device, waiting=lambda: waited.append(device), cancelled=never) as worker:
            take(worker, large, list_dock(large).files[0], lambda done: most.append(len(crew.at_work)))

    threads = [threading.Thread(target=run, args=(device,)) for device in ("sda", "sda", "sdb")]
    for one in threads:
        one.start()
    time.sleep(2)
    crew.full_pace()
    for one in threads:
        one.join()
    assert waited == ["sda"]
    assert max(most) == 2


def test_stopping_while_waiting_for_the_device_takes_nothing(crew: Crew, vault: Vault) -> None:
    stop: list[bool] = []
    other = crew.worker("sda", waiting=lambda: stop.append(True), cancelled=lambda: bool(stop))
    with (
        crew.worker("sda", waiting=lambda: None, cancelled=never),
        pytest.raises(CopyStopped, match="Nothing was taken"),
    ):
        other.__enter__()
    with crew.worker("sda", waiting=lambda: stop.append(False), cancelled=never):
        assert stop == [True]


def test_giving_way_leaves_the_processor_to_others(crew: Crew, large: Path, vault: Vault) -> None:
    """At a quarter of its pace a copy takes about four times as long for the same work."""

    def copy_cpu_and_wall(name: str) -> tuple[float, float]:
        other = Crew(Vault(vault.root.parent / name))
        other.set_pace(crew.pace)
        spent: list[float] = []
        began: list[float] = []

        def told(done: int) -> None:
            (pid,) = other.at_work.values()
            cpu = psutil.Process(pid).cpu_times()
            began.append(time.monotonic())
            spent.append(cpu.user + cpu.system)

        take_all(other, large, progress=told)
        return spent[-1] - spent[0], began[-1] - began[0]

    crew.set_pace(250)
    cpu, wall = copy_cpu_and_wall("slow")
    assert cpu / wall < 0.45


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the platform has no such priorities")
def test_a_worker_reads_the_source_twice_where_the_workspace_says_so(vault: Vault, card: Path) -> None:
    crew = Crew(vault, Verify.DOUBLE_READ)
    with crew.worker("sdx", waiting=lambda: None, cancelled=never) as worker:
        taken = [take(worker, card, found, quiet, never) for found in list_dock(card).files]
        assert psutil.Process(worker.pid).cmdline()[-1] == Verify.DOUBLE_READ.value
    assert all(vault.has(one.sha256) for one in taken)


def test_a_worker_of_a_sealed_vault_is_told_no_key_where_others_could_read_it(tmp_path: Path, card: Path) -> None:
    vault = sealed_vault(tmp_path / "sealed")
    with Crew(vault).worker("sdx", waiting=lambda: None, cancelled=never) as worker:
        taken = [take(worker, card, found, quiet, never) for found in list_dock(card).files]
        process = psutil.Process(worker.pid)
        shown = " ".join([*process.cmdline(), *process.environ().values()])
    assert all(vault.has(one.sha256) for one in taken)
    assert not [key for key in vault.keys.ring().keys if key.secret.hex() in shown]
    with pytest.raises(VaultLocked), Crew(Vault(vault.root)).worker("sdy", waiting=int, cancelled=never) as locked:
        take(locked, card, list_dock(card).files[0], quiet, never)
    assert locked.pid is None


def test_a_worker_runs_below_whoever_reviews(crew: Crew, large: Path) -> None:
    niceness: list[int] = []
    crew.set_pace(300)
    take_all(
        crew, large, progress=lambda done: niceness.extend(psutil.Process(p).nice() for p in crew.at_work.values())
    )
    assert set(niceness) == {10}


def test_memory_stays_small_whatever_the_size_of_the_file(crew: Crew, tmp_path: Path) -> None:
    card = tmp_path / "huge"
    card.mkdir()
    with (card / "HOURS.MP4").open("wb") as file:
        file.truncate(600 << 20)
    crew.set_pace(700)
    most: list[int] = []

    def told(done: int) -> None:
        most.extend(psutil.Process(pid).memory_info().rss for pid in crew.at_work.values())

    take_all(crew, card, progress=told)
    assert len(most) >= 3
    assert max(most) < 250 << 20


def test_a_full_disk_is_told_with_what_to_do_and_the_rest_can_follow(card: Path, small_disk: Path) -> None:
    crew = Crew(Vault(small_disk / "vault"))
    with crew.worker("sdx", waiting=lambda: None, cancelled=never) as worker:
        large, small = sorted(list_dock(card).files, key=lambda one: -one.size)
        with pytest.raises(DiskFull, match="press Resume; nothing is lost"):
            take(worker, card, large)
        assert take(worker, card, small).size == small.size


def test_a_disk_pulled_between_two_files_says_put_it_back(crew: Crew, tmp_path: Path) -> None:
    with disk(tmp_path, "CARD-1") as pulled:
        for number in range(2):
            (pulled.root / f"{number}.mp4").write_bytes(os.urandom(100_000))
        one, two = list_dock(pulled.root).files
        with crew.worker("loop", waiting=lambda: None, cancelled=never) as worker:
            take(worker, pulled.root, one)
            pulled.pull()
            with pytest.raises(SourceVanished, match="Put it back"):
                take(worker, pulled.root, two)
            pulled.put_in()
            assert take(worker, pulled.root, two).size == 100_000


def test_every_ingest_error_keeps_its_class_and_its_words_over_the_pipe() -> None:
    for kind in IngestError.__subclasses__():
        told = from_line(to_line(Failed(1, kind.__name__, "what \u202e happened", "detail")))
        assert isinstance(told, Failed)
        arrived = _error(told)
        assert type(arrived) is kind
        assert (arrived.text, arrived.detail) == ("what \u202e happened", "detail")
