"""A workspace with enrolled people, made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bwc_review.review.desk import Desk
from tests.staffed import reopened, staffed


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, cheap: None) -> Path:
    """The workspace, read only."""
    folder = tmp_path_factory.mktemp("staffed") / "workspace"
    staffed(folder).store.close()  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "workspace"
    shutil.copytree(made, copy)
    return copy


@pytest.fixture
def desk(folder: Path) -> Desk:
    """The copy, opened."""
    return reopened(folder)
