"""A copying process killed at any moment: no wrong bytes under a final name, and the next start cleans up."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.copy import take_file
from ingest.listing import list_dock
from ingest.vault import Vault
from tests.unit.ingest.conftest import REPOSITORY

ROUNDS = 10


def start_copying(card: Path, vault: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.unit.ingest.copying_child", str(card), str(vault)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def test_a_copy_killed_at_any_moment_leaves_only_whole_originals_and_the_next_start_finishes(tmp_path: Path) -> None:
    chance = random.Random(20260314)
    card, vault_root = tmp_path / "card", tmp_path / "vault"
    card.mkdir()
    for number in range(12):
        (card / f"{number}.mp4").write_bytes(chance.randbytes(3_000_000))
    killed_midway = 0
    for _ in range(ROUNDS):
        child = start_copying(card, vault_root)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.25))
        child.kill()
        killed_midway += child.stdout.read() == ""
        child.wait()
        child.stdout.close()
        vault = Vault(vault_root)
        for original in vault.list_originals():
            vault.verify(original.sha256)
        vault.sweep()
        assert list(vault.staging.iterdir()) == []
    assert killed_midway > 0
    expected = {hashlib.sha256(path.read_bytes()).hexdigest() for path in card.iterdir()}
    for found in list_dock(card).files:
        take_file(card, found, vault)
    assert {o.sha256 for o in vault.list_originals()} == expected


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_sweep_leaves_the_parts_of_a_running_copy_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    mine = vault.new_part()
    (vault.staging / "dead.part").write_bytes(b"left by a crash")
    swept = vault.sweep()
    assert swept.removed == ("dead.part",)
    assert swept.bytes_freed == 15
    assert mine.path.exists()
    mine.close()
    assert vault.sweep().removed == (mine.path.name,)
