"""``docks``, ``ingest`` of several cards and ``dockings``, as a person and as a program use them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.main import main
from chain_of_custody.entry import Entry
from tests.desks import PASSPHRASE, make_card, make_desk
from tests.mounting import disk


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passphrase.txt"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(file))
    monkeypatch.setenv("BWC_REVIEW_OPERATOR", "clerk-1")  # who looks things up where several could


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    make_desk(tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_card(tmp_path_factory.mktemp("made") / "CARD")


def card_named(folder: Path, made: Path, name: str) -> Path:
    """A small card that differs from any other: one file carries its name."""
    shutil.copytree(made, folder / name)
    (folder / name / "OWNER.TXT").write_text(f"invented owner {name}", "utf-8")
    return folder / name


def entries(workspace: Path) -> list[Entry]:
    with open_workspace(workspace, lambda: PASSPHRASE).store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_several_cards_are_taken_in_one_go_and_each_is_reported(
    workspace: Path, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = [card_named(tmp_path, made, name) for name in ("ONE", "TWO", "THREE")]
    assert main(["ingest", *map(str, cards), "-w", str(workspace), "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert [one["label"] for one in reports] == ["ONE", "TWO", "THREE"]
    assert {one["state"] for one in reports} == {"done"}
    outcomes = [file["outcome"] for one in reports for file in one["files"]]
    assert outcomes.count("taken") == 4 + 3  # one card's four files, and an owner's file of each
    assert outcomes.count("duplicate") == 2 * 4
    assert main(["dockings", "-w", str(workspace)]) == 0
    assert said(capsys).count("Done: all 6 files are settled.") == 3


def test_one_bad_card_among_several_does_not_stop_the_others_and_is_named(
    workspace: Path, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "EMPTY").mkdir()
    good = card_named(tmp_path, made, "GOOD")
    assert main(["ingest", str(tmp_path / "EMPTY"), str(good), "-w", str(workspace)]) == 84
    told = said(capsys)
    assert "1 of 2 cards were not taken whole" in told
    assert "'EMPTY' holds no files" in told
    assert "GOOD: 6 files met" in told


def test_the_cameras_clock_is_typed_at_the_dock_and_shown_with_the_docking(
    workspace: Path, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = card_named(tmp_path, made, "ONE")
    at = ["-w", str(workspace)]
    assert main(["ingest", str(card), *at, "--clock-offset", "-12.5", "--clock-uncertainty", "0.25"]) == 0
    capsys.readouterr()
    assert main(["dockings", *at, "--json"]) == 0
    (standing,) = json.loads(capsys.readouterr().out)
    clock = standing["camera_clock"]
    assert (clock["offset_us"], clock["uncertainty_us"], clock["source"]) == (-12_500_000, 250_000, "reported")
    attached = next(one for one in entries(workspace) if one.type == "dock.attached")
    assert attached.data["camera_clock"]["offset_us"] == -12_500_000  # type: ignore[index]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--camera-clock", "half past nine"], "Type it with its zone"),
        (["--clock-offset", "3"], "needs --clock-uncertainty"),
        (["--clock-offset", "3", "--clock-uncertainty", "-1"], "cannot be negative"),
        (["--clock-offset", "inf", "--clock-uncertainty", "1"], "infinity"),
        (["--camera-clock", "09:40:10Z", "--clock-offset", "3"], "not both"),
    ],
)
def test_a_clock_that_leaves_something_open_is_refused_before_anything_is_copied(
    workspace: Path, made: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", str(made), "-w", str(workspace), *options]) == 2
    assert words in said(capsys)
    assert "session.started" not in [one.type for one in entries(workspace)]


def test_a_clock_for_two_cameras_at_once_is_refused(
    workspace: Path, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = [str(made), str(made.parent)]
    assert main(["ingest", *two, "-w", str(workspace), "--camera-clock", "09:40:10Z"]) == 2
    assert "belongs to one camera" in said(capsys)


def test_docks_shows_what_is_there_and_whether_anything_could_write_to_it(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with disk(tmp_path, "CARD-1") as one, disk(tmp_path, "CARD-2") as two:
        two.pull()
        two.put_in("ro", "noload")
        settings = workspace / "workspace.toml"
        roots = f'\n[docks]\nmount_roots = ["{one.root.parent}"]\n'
        settings.write_text(settings.read_text("utf-8") + roots, "utf-8")
        assert main(["docks", "-w", str(workspace), "--json"]) == 0
        ours = [one.root, two.root]
        found = [dock for dock in json.loads(capsys.readouterr().out) if Path(dock["root"]) in ours]
        assert [(dock["label"], dock["kind"]) for dock in found] == [
            ("CARD-1", "card or disk"), ("CARD-2", "card or disk"),
        ]  # fmt: skip
        assert found[0]["protection"] == "writable"
        assert found[1]["protection"] in ("mounted-read-only", "write-blocked")
        assert main(["docks", "-w", str(workspace)]) == 0
        told = said(capsys)
        assert "nothing here writes to it, but" in told
        assert "CARD-1" in told


def test_docks_says_what_to_do_when_nothing_is_there(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = workspace / "workspace.toml"
    settings.write_text(
        settings.read_text("utf-8") + f'\n[docks]\nmount_roots = ["{tmp_path / "nowhere"}"]\n', "utf-8"
    )
    assert main(["docks", "-w", str(workspace)]) == 0
    assert "No card is there now" in said(capsys)


def test_a_card_whose_files_changed_is_failed_and_says_what_to_do(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dockings", "-w", str(workspace)]) == 0
    assert "No card was docked here yet" in said(capsys)
    card = tmp_path / "CARD"
    card.mkdir()
    (card / "SECRET.MP4").write_bytes(os.urandom(1000))
    assert main(["ingest", str(card), "-w", str(workspace)]) == 0
    assert main(["dockings", "-w", str(workspace), "--json"]) == 0
    captured = capsys.readouterr().out
    (standing,) = json.loads(captured[captured.index("[\n") :])
    assert standing["state"] == "done"
    assert standing["next"] == "The card can be removed."
    assert not standing["resumable"]
