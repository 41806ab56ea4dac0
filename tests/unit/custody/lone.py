"""The verifier copied alone into an empty folder, in a Python that has `cryptography` and nothing else of ours.

One process answers many commands, so that every attack can be put to it; each goes through the command's own `main`.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import chain_of_custody
from chain_of_custody.canonical import canon
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Finding, Severity
from chain_of_custody.policy import Policy
from chain_of_custody.report import Report, Step
from chain_of_custody.source import checkpoint_name, entry_name, signature_name
from chain_of_custody.steps import Level
from chain_of_custody.vkey import VerifierKey
from chain_of_custody.witness_state import WitnessState
from tests.unit.custody.scene import MemoryLog

PACKAGE = Path(chain_of_custody.__file__).parent
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")  # cryptography, and what it brings itself
FOREIGN = ("bwc_review", "ingest", "ui", "sqlalchemy", "numpy", "pytest", "rfc3161_client", "PySide6")
START = """
import sys
sys.path[:0] = {paths!r}
"""
SERVE = """
import contextlib, io, json
from chain_of_custody.__main__ import main
for line in sys.stdin:
    said = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(said):
        code = main(json.loads(line))
    said.flush()
    print(json.dumps([code, said.buffer.getvalue().decode()]), flush=True)
"""


class Lone:
    """The copied verifier. `folder` is where it lies; `start` begins a Python that sees nothing else of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        shutil.copytree(PACKAGE, folder / "alone" / "chain_of_custody", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "only").mkdir()
        for name in NEEDED:
            spec = find_spec(name)
            if spec is not None and spec.origin is not None:
                found = Path(spec.origin)
                found = found.parent if found.name == "__init__.py" else found
                (folder / "only" / found.name).symlink_to(found)
        self._child = self.start(SERVE)

    def start(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """A child without site-packages, environment, user folder or working folder on its path (-I -S)."""
        paths = [str(self.folder / "alone"), str(self.folder / "only")]
        line = [sys.executable, "-I", "-S", "-c", START.format(paths=paths) + code, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, cwd=self.folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command in a process of its own."""
        code = "import runpy\nrunpy.run_module('chain_of_custody', run_name='__main__', alter_sys=True)"
        child = self.start(code, *arguments)
        out, err = child.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, child.returncode, out, err)

    def ask(self, *arguments: str) -> tuple[int, str]:
        """Exit code and standard output of one command, asked of the process that waits."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.write(json.dumps(arguments) + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise AssertionError(f"the lone verifier died: {self._child.communicate()[1]}")
        code, text = json.loads(answer)
        return code, text

    def close(self) -> None:
        """End the process that waits."""
        self._child.communicate(timeout=60)

    def verify_bundle(self, path: Path, *, trusted_vkey: str | None = None, policy: Policy | None = None) -> Report:
        """As chain_of_custody.verify.verify_bundle, by the lone verifier."""
        keys = [] if trusted_vkey is None else ["--key", self._file(trusted_vkey.encode())]
        return self._report("verify", str(path), *keys, *self._policy(policy))

    def verify_log(
        self, log: MemoryLog, level: Level, *, trusted: Sequence[VerifierKey] = (), policy: Policy | None = None
    ) -> Report:
        """As chain_of_custody.verify.verify_log, of the log's files: those have no database columns."""
        folder = self.folder / f"log-{self._number()}"
        write_as_it_is(folder, log)
        keys = ["--key", self._file("\n".join(key.format() for key in trusted).encode())] if trusted else []
        return self._report("verify-log", str(folder), "--level", level.name, *keys, *self._policy(policy))

    def check_against_state(self, bundle: Path, state: WitnessState) -> Report:
        """As chain_of_custody.witness_bundle.check_against_state: the witness's command."""
        return self._report("witness", "check", "--state", str(state._folder), str(bundle))

    def _policy(self, policy: Policy | None) -> list[str]:
        return [] if policy is None else ["--policy", self._file(policy.format())]

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _file(self, content: bytes) -> str:
        file = self.folder / f"given-{self._number()}"
        file.write_bytes(content)
        return str(file)

    def _report(self, *arguments: str) -> Report:
        code, text = self.ask(*arguments, "--json")
        found: dict[str, Any] = json.loads(text)
        steps = tuple(
            Step(one["number"], one["title"], tuple(_finding(said) for said in one["findings"]))
            for one in found["steps"]
        )
        report = Report(found["subject"], steps)
        assert (report.verdict.value, report.verdict.exit_code) == (found["verdict"], code)
        return report


def _finding(said: dict[str, str]) -> Finding:
    return Finding(said["code"], Severity(said["severity"]), said["where"], said["text"])


def write_as_it_is(folder: Path, log: MemoryLog) -> None:
    """A log's files as an attacker who holds everything would hand them over: whatever stands in them, with a policy
    whose numbers fit."""
    for name in ("entries", "checkpoints", "keys"):
        (folder / name).mkdir(parents=True)
    for seq, raw in enumerate(log.stored):
        (folder / "entries" / entry_name(seq)).write_bytes(raw)
    for seq, signed in log.signature_rows.items():
        (folder / "entries" / signature_name(seq)).write_bytes(signed)
    for number, note in enumerate(log.notes):
        (folder / "checkpoints" / checkpoint_name(number)).write_bytes(note)
    (folder / "leaves.txt").write_text("".join(f"{leaf.hex()}\n" for leaf in log.leaf_list), newline="\n")
    (folder / "keys" / "log.vkey").write_text("".join(f"{key}\n" for key in log.vkeys()), newline="\n")
    held = _commitments(log.stored)
    kept = {name: one for name, one in log.payload_rows.items() if name in held}
    table = {
        name: {"salt": one.salt.hex(), "content": base64.b64encode(one.content).decode()}
        for name, one in kept.items()
    }
    (folder / "payloads.json").write_bytes(canon(table))
    numbers = {"size": len(log.leaf_list), "entries_disclosed": len(log.stored), "entries_withheld": 0}
    payloads = {"payloads_disclosed": len(kept), "payloads_withheld": len(held) - len(kept)}
    policy = {"v": 1, "log": log.log, **numbers, **payloads, "withheld": {}}
    (folder / "policy.json").write_bytes(canon(policy))


def _commitments(stored: Iterable[bytes]) -> set[str]:
    return {one for raw in stored for one in Entry.from_bytes(raw).commit.values()}
