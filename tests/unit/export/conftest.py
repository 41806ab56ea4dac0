"""A workspace, a writer over its vault, and one finished bundle to look at (made once, never changed)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bwc_review.export.folder import FolderBundleWriter
from bwc_review.ports.bundle import BundleContent
from bwc_review.transcript.heard_json import to_json
from bwc_review.transcript.webvtt import to_webvtt
from tests.unit.export.content_builder import make_content
from tests.unit.export.evidence_house import House, make_house

Export = Callable[[BundleContent], Path]


def quiet(what: str, done: int, total: int) -> None:
    """Hears progress and says nothing."""


def writer_of(house: House) -> FolderBundleWriter:
    """The writer as the composition root builds it."""
    return FolderBundleWriter(house.vault, transcript_vtt=to_webvtt, transcript_json=to_json, workspace=house.root)


@pytest.fixture
def house(tmp_path: Path) -> House:
    root = tmp_path / "workspace"
    root.mkdir()
    return make_house(root)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def export(house: House, out: Path) -> Export:
    """Lay out, seal and finish as the use case does."""

    def run(content: BundleContent) -> Path:
        writer = writer_of(house)
        laid = writer.lay_out(content, out, progress=quiet)
        return writer.finish(laid, house.log.seal(laid, len(content.log.leaves)))

    return run


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished bundle; tests only read it."""
    root = tmp_path_factory.mktemp("workspace")
    house = make_house(root)
    content = make_content(house)
    writer = writer_of(house)
    laid = writer.lay_out(content, root / "out", progress=quiet)
    return writer.finish(laid, house.log.seal(laid, len(content.log.leaves)))
