"""A real witness in a process of its own: the ground package's command, over HTTP on this machine or by files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bwc_review.ports.witnesses import KnownWitness
from chain_of_custody.vkey import VerifierKey

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "an invented passphrase of a witness"


@dataclass(frozen=True)
class Commission:
    """One witness's state folder, and its command."""

    state: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One act of the witness, in a process of its own."""
        return subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False, timeout=60)

    def _command(self, act: str, *arguments: str) -> list[str]:
        options = ["--state", str(self.state)]
        if act in ("init", "sign", "serve"):
            options += ["--passphrase-file", str(self.state / "passphrase")]
        return [sys.executable, "-m", "chain_of_custody", "witness", act, *options, *arguments]

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey.parse((self.state / "witness.vkey").read_text("utf-8").strip())

    @property
    def signed_refusals(self) -> list[Path]:
        """Requests refused though a key of the log had signed them: the evidence."""
        return sorted((self.state / "refused" / "signed").glob("*.request"))

    def known(self, name: str, address: str = "") -> KnownWitness:
        """As the workstation's settings name it."""
        return KnownWitness(name, self.vkey, address)

    def trust(self, vkey: str) -> None:
        """Look after a log from now on."""
        file = self.state / "their.vkey"
        file.write_text(vkey + "\n", "utf-8")
        done = self.run("trust", str(file))
        assert done.returncode == 0, done.stderr

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """The address of its server, while it runs."""
        command = self._command("serve", "--port", str(port))
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ})
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()
            server.wait(30)
            server.stdout.close()


def make_commission(state: Path, name: str = "commission.example/w1") -> Commission:
    """A new witness."""
    state.mkdir(parents=True)
    (state / "passphrase").write_text(PASSPHRASE + "\n", "utf-8")
    made = Commission(state)
    done = made.run("init", "--name", name)
    assert done.returncode == 0, done.stderr
    return made
