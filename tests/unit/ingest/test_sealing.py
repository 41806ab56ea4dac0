"""A sealed child opens nothing more: tried for real in a child, each layer by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.child_tasks import ENGINES
from ingest.media_child import TASKS
from ingest.sealing import REFUSED_CALLS, filter_program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the platform has neither layer")
TRY = """
import os, socket, sys, threading
sys.path.insert(0, {root!r})
from ingest import sealing
canary = {canary!r}
mark = open(canary, "rb")
sealing.{layer}()
def tried(act):
    try:
        act()
    except OSError:
        return "refused"
    return "done"
acts = {{
    "read": lambda: open(canary).close(), "write": lambda: open(canary + ".new", "w").close(),
    "socket": lambda: socket.socket().close(), "rename": lambda: os.rename(canary, canary + ".moved"),
    "kill": lambda: os.kill(os.getppid(), 0),
    "thread": lambda: threading.Thread(target=said.append, args=("ran",)).start(),
    "held": lambda: said.append(mark.read().decode()), "exec": lambda: os.execv("/bin/true", ["true"]),
}}
said = []
print(*[name + "=" + tried(act) for name, act in acts.items() if name != "exec" or {ends}], *sorted(said))
"""
LINUX = sys.platform == "linux"
FILES = {"read", "write", "socket"}
CALLS = FILES | {"rename", "kill", "exec"}


def refused_in_a_child(layer: str, folder: Path) -> set[str]:
    """What a child sealed by ``layer`` is refused; what it held open and its threads must go on working."""
    canary = folder / "canary"
    canary.write_text("here")
    ends = layer in ("seal", "_refuse_calls")  # where programs are not refused, the child would turn into one
    script = TRY.format(root=str(Path(__file__).resolve().parents[3]), layer=layer, canary=str(canary), ends=ends)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    said = done.stdout.split()
    assert said[-2:] == ["here", "ran"], done.stderr
    assert {"held=done", "thread=done"} <= set(said)
    return {one.partition("=")[0] for one in said if one.endswith("=refused")}


def test_without_a_seal_nothing_is_refused_so_that_the_tests_below_can_fail(tmp_path: Path) -> None:
    assert refused_in_a_child("__name__.upper", tmp_path) == set()


def test_the_ceiling_of_open_files_keeps_every_further_file_and_socket_shut(tmp_path: Path) -> None:
    assert refused_in_a_child("_close_the_door", tmp_path) == FILES


@pytest.mark.skipif(not LINUX, reason="seccomp is Linux's")
@pytest.mark.parametrize("layer", ["_refuse_calls", "seal"])
def test_the_filter_refuses_files_network_programs_and_signals(tmp_path: Path, layer: str) -> None:
    assert refused_in_a_child(layer, tmp_path) == CALLS
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_names_each_call_once_and_ends_in_allow_and_refuse(machine: str) -> None:
    program = filter_program(machine)
    column = 0 if machine == "x86_64" else 1
    numbers = [pair[column] for pair in REFUSED_CALLS.values() if pair[column] is not None]
    assert len(set(numbers)) == len(numbers)
    assert len(program) == 8 * (5 + len(numbers) + 2)
    assert program[-16:-8].hex() == "060000000000ff7f"
    assert program[-8:].hex() == "0600000001000500"


def test_every_task_names_the_engine_it_needs_before_it_is_shut_in() -> None:
    assert set(ENGINES) == set(TASKS)
