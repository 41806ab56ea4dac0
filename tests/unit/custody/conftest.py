"""Fixtures of the custody tests. The bundle is made once and copied, so that each test may damage its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from chain_of_custody.witness import Witness
from chain_of_custody.witness_state import WitnessState
from tests.unit.custody.scene import KEY, MemoryLog, SteppingClock, make_bundle
from tests.unit.custody.witness_scene import W1

settings.register_profile("shared_machine", deadline=None)
settings.load_profile("shared_machine")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MemoryLog]:
    root = tmp_path_factory.mktemp("custody") / "IR-2026-0001"
    return root, make_bundle(root)


@pytest.fixture
def bundle(pristine: tuple[Path, MemoryLog], tmp_path: Path) -> Path:
    root = tmp_path / "IR-2026-0001"
    shutil.copytree(pristine[0], root)
    return root


@pytest.fixture
def state(tmp_path: Path) -> WitnessState:
    """A witness's memory that looks after the made log."""
    found = WitnessState(tmp_path / "state")
    found.trust(KEY.vkey)
    return found


@pytest.fixture
def witness(state: WitnessState) -> Witness:
    return Witness(state, W1, SteppingClock())
