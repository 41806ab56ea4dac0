"""docs/witness.md followed literally: every command of it, by both ways, with the files where it says they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chain_of_custody.vkey import VerifierKey
from tests.desks import PASSPHRASE

ROOT = Path(__file__).resolve().parents[3]
FENCE = re.compile(r"```(\S+) ?(\S*)\n(.*?)```", re.DOTALL)
OPERATORS = ["--operator", "clerk-0042:evidence_clerk"]

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def blocks() -> dict[str, list[str]]:
    """Commands by where they are typed."""
    found: dict[str, list[str]] = {}
    for kind, place, text in FENCE.findall((ROOT / "docs" / "witness.md").read_text("utf-8")):
        found.setdefault(place or kind, []).append(text.strip())
    return found


class Desks:
    """Two machines: the commission's folder with nothing but the ground package, and the workstation's."""

    def __init__(self, folder: Path) -> None:
        self.commission, self.workstation = folder / "commission", folder / "workstation"
        self.workstation.mkdir()
        shutil.copytree(ROOT / "chain_of_custody", self.commission / "chain_of_custody")
        tools = folder / "bin"
        tools.mkdir()
        for name, module in (("python3", ""), ("bwc-review", "-m bwc_review ")):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n', "utf-8")
            (tools / name).chmod(0o755)
        (folder / "secret").write_text(PASSPHRASE, "utf-8")
        self._env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
        self._station = {"PYTHONPATH": str(ROOT), "BWC_REVIEW_PASSPHRASE_FILE": str(folder / "secret")}
        self._station["BWC_REVIEW_WORKSPACE"] = str(self.workstation / "workspace")

    def at_commission(self, command: str) -> subprocess.CompletedProcess[str]:
        return self._run(command, self.commission, {})

    def at_workstation(self, command: str) -> subprocess.CompletedProcess[str]:
        return self._run(command, self.workstation, self._station)

    def _run(self, command: str, folder: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """As typed; a passphrase that is asked for is typed as well."""
        return subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**self._env, **more},
            input=f"{PASSPHRASE}\n" * 4,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            start_new_session=True,  # no terminal: getpass reads what is typed
        )

    def serving(self, command: str) -> subprocess.Popen[str]:
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.commission,
            env={**self._env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{PASSPHRASE}\n")
        server.stdin.close()
        assert "http://127.0.0.1" in server.stdout.readline()
        return server


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    """Both machines, a workspace made, and the keys exchanged in person."""
    made = Desks(tmp_path)
    done = made.at_workstation(
        f"bwc-review init --agency police.example --passphrase-file ../secret {' '.join(OPERATORS)}"
    )
    assert done.returncode == 0, done.stderr
    init, trust = blocks()["commission"]
    assert made.at_commission(init).returncode == 0
    key = (made.commission / "witness" / "witness.vkey").read_text("utf-8").strip()
    assert VerifierKey.parse(key).name == "commission.example/w1"
    shutil.copy(made.workstation / "workspace" / "keys" / "log.vkey", made.commission / "agency.vkey")
    done = made.at_commission(trust)
    assert done.returncode == 0
    assert "police.example/bwc/ws1" in done.stdout
    return made


def settings(desks: Desks, address: str) -> None:
    """The settings as the document shows them, with the key that was handed over."""
    (table,) = blocks()["toml"]
    key = (desks.commission / "witness" / "witness.vkey").read_text("utf-8").strip()
    table = table.replace("commission.example/w1+...+...", key).replace("http://127.0.0.1:8765", address)
    with (desks.workstation / "workspace" / "workspace.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{table}\n")


def test_over_the_network(desks: Desks) -> None:
    (serve,) = blocks()["commission-server"]
    (acts,) = blocks()["workstation"]
    server = desks.serving(serve.replace("8765", "0"))
    server.kill()
    server.wait(30)
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings(desks, f"http://127.0.0.1:{port}")
    server = desks.serving(serve.replace("8765", port))
    try:
        done = desks.at_workstation(acts)
    finally:
        server.kill()
        server.wait(30)
    assert done.returncode == 0, done.stderr
    assert re.search(r"commission cosigned the first \d+ entries", done.stdout)
    assert "commission" in done.stdout.splitlines()[-1]
    offline = desks.at_workstation(acts)
    assert offline.returncode == 0
    assert "gave no answer" in offline.stderr


def test_with_a_stick(desks: Desks) -> None:
    settings(desks, "files")
    (out,), (sign,), (back,) = (
        blocks()[name] for name in ("workstation-stick", "commission-stick", "workstation-back")
    )
    assert desks.at_workstation(out).returncode == 0
    shutil.copytree(desks.workstation / "stick", desks.commission / "stick")
    done = desks.at_commission(sign)
    assert done.returncode == 0, done.stderr
    shutil.copytree(desks.commission / "stick", desks.workstation / "stick", dirs_exist_ok=True)
    done = desks.at_workstation(back)
    assert done.returncode == 0, done.stderr
    assert re.search(r"commission cosigned the first \d+ entries", done.stdout)
    (lost,) = blocks()["workstation-lost"]
    lost = lost.replace("NEW", "new").replace("OLD", "workspace")
    done = desks.at_workstation(f"{lost} --passphrase-file ../secret")
    assert done.returncode == 0, done.stderr
    assert "it succeeds police.example/bwc/ws1, found intact" in done.stdout
