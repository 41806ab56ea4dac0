"""Checking the bundle with programs others wrote, as a commission would: our verifier alone, bagit.py, sha256sum."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class OutsideCheck:
    """One command and what came of it. ``held`` is None where the program is not on this machine."""

    command: str
    held: bool | None
    said: str


def check_bundle(bundle: Path, vkey_file: Path) -> tuple[OutsideCheck, ...]:
    """Run each check as a process of its own. ``vkey_file``: the log's key, not taken from the bundle."""
    python = sys.executable
    ours = [python, "-m", "chain_of_custody", "verify", str(bundle), "--key", str(vkey_file)]
    return (
        _run("python -m chain_of_custody verify", ours, bundle.parent),
        _run("bagit.py --validate", [python, "-m", "bagit", "--validate", str(bundle)], bundle.parent),
        _sha256sum(bundle),
    )


def _sha256sum(bundle: Path) -> OutsideCheck:
    program = shutil.which("sha256sum")
    if program is None:
        return OutsideCheck("sha256sum -c", None, "not on this machine")
    command = [program, "--check", "--strict", "--quiet", "tagmanifest-sha256.txt", "manifest-sha256.txt"]
    return _run("sha256sum -c", command, bundle)


def _run(name: str, command: list[str], folder: Path) -> OutsideCheck:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    said = next((line for line in lines if line.isupper() or "VERIFIED" in line or "valid" in line.lower()), "")
    return OutsideCheck(name, done.returncode == 0, said or (lines[-1] if lines else "every digest agrees"))
