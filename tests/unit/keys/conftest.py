"""A workspace with enrolled people, made once and copied, its keys sealed at the lowest cost a key file may have."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bwc_review import bootstrap
from bwc_review.review import keys, log_key
from bwc_review.review.desk import Desk
from chain_of_custody.keys import KdfCost, seal_key
from tests.staffed import reopened, staffed

CHEAP = KdfCost(memory_kib=8192, passes=1, lanes=1)


@pytest.fixture(scope="session", autouse=True)
def cheap() -> Iterator[None]:
    """Argon2 is slow on purpose; how slow stands in the key file, and these tests make dozens."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (bootstrap, keys, log_key):
            patch.setattr(module, "seal_key", partial(seal_key, cost=CHEAP))
        yield


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
