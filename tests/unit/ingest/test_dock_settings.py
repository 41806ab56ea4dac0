"""The table of the settings that says where docks turn up: read, written, refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import InputRefused
from ingest.dock_settings import DockSettings
from tests.desks import PASSPHRASE, make_desk

SET = DockSettings(("/media",), ("/srv/drop", "/srv/other drop"), 30)


def test_what_is_written_is_read_back() -> None:
    raw = tomllib.loads("\n".join(SET.to_toml()))
    assert DockSettings.from_mapping(raw["docks"]) == SET
    assert DockSettings().to_toml() == []
    assert DockSettings.from_mapping({}) == DockSettings()


@pytest.mark.parametrize(
    "raw",
    [{"roots": ["/media"]}, {"rest_s": 0}, {"rest_s": "10"}, {"drop_folders": "/srv"}, {"mount_roots": ["media"]}],
)
def test_what_cannot_be_meant_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\[docks\]"):
        DockSettings.from_mapping(raw)


def test_a_workspace_watches_the_drop_folder_of_its_settings(tmp_path: Path) -> None:
    make_desk(tmp_path / "workspace")
    drop = tmp_path / "drop"
    (drop / "CARD-1").mkdir(parents=True)
    (drop / "CARD-1" / "A.MP4").write_bytes(b"evidence")
    settings = tmp_path / "workspace" / "workspace.toml"
    written = settings.read_text("utf-8")
    settings.write_text(written + f'\n[docks]\ndrop_folders = ["{drop}"]\nrest_s = 1\n', "utf-8")
    poller = open_workspace(tmp_path / "workspace", lambda: PASSPHRASE).docks()
    told = poller.watch(lambda: bool(poller.present))
    assert [event.dock.label for event in told if event.dock.root.parent == drop] == ["CARD-1"]
    settings.write_text(written + "\n[docks]\nrest_s = 0\n", "utf-8")
    with pytest.raises(InputRefused, match="rest_s must be"):
        open_workspace(tmp_path / "workspace", lambda: PASSPHRASE)
