"""One run of the demo shared by every test that looks at what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.demo_run import DemoRun, run_demo


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """The demo, run once in a fresh workspace."""
    run = run_demo(tmp_path_factory.mktemp("demo") / "workspace")
    assert run.code == 0, run.said
    yield run


@pytest.fixture(scope="session")
def again(first: DemoRun) -> DemoRun:
    """The demo, run a second time in the same workspace."""
    return run_demo(first.folder)
