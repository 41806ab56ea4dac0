"""Fixtures of the custody tests. The bundle is made once and copied, so that each test may damage its own.

Every attack (test_attacks_*) is put to two judges: the verifier here, and a copy of it alone with `cryptography`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from chain_of_custody.witness import Witness
from chain_of_custody.witness_state import WitnessState
from tests.unit.custody.lone import Lone
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


ONLY_IN_A_DATABASE = {
    "test_editing_a_row_is_caught_by_the_chain_and_by_its_columns",
    "test_editing_only_an_indexed_column_is_caught_by_comparing_it_with_the_bytes",
}
"""Files have no columns; what the lone verifier says of these two is in test_lone_verifier.py."""
JUDGED = ("verify_bundle", "verify_log", "check_against_state")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Put every attack to both judges."""
    if metafunc.module.__name__.rpartition(".")[2].startswith("test_attacks_"):
        judges = ["here"] if metafunc.function.__name__ in ONLY_IN_A_DATABASE else ["here", "alone"]
        metafunc.parametrize("judge", judges, indirect=True)


@pytest.fixture(scope="session")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lone]:
    """The verifier copied alone."""
    made = Lone(tmp_path_factory.mktemp("lone"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the module's attacks be judged here, or by the copy that is alone."""
    if getattr(request, "param", "here") == "alone":
        alone = request.getfixturevalue("lone")
        for name in JUDGED:
            if hasattr(request.module, name):
                monkeypatch.setattr(request.module, name, getattr(alone, name))
