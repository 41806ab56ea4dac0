"""Numbered clips, written once for the whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.playback.clips import SHAPES, write_clip


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One clip per shape, by the shape's name."""
    folder = tmp_path_factory.mktemp("clips")
    return {name: write_clip(folder / f"{name}.{shape.suffix}", shape) for name, shape in SHAPES.items()}
