"""Listing a dock: every entry met, none followed, none fatal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import NotADock
from ingest.listing import MAX_DEPTH, FoundKind, list_dock

posix_only = pytest.mark.skipif(os.name != "posix", reason="the platform has no such entries")


def kinds(root: Path) -> dict[str, FoundKind]:
    return {e.name.shown: e.kind for e in list_dock(root).entries}


def test_entries_come_in_one_order_with_size_and_time(card: Path) -> None:
    listing = list_dock(card)
    assert [e.name.shown for e in listing.entries] == ["DCIM/one.json", "DCIM/one.mp4"]
    assert listing.entries[1].size == 1_024_000
    assert listing.entries[1].mtime_ns == (card / "DCIM" / "one.mp4").stat().st_mtime_ns
    assert listing == list_dock(card)
    assert listing.label == "card"


@posix_only
def test_a_symbolic_link_is_listed_and_what_it_points_to_is_not(card: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    (card / "out").symlink_to(outside)
    (card / "loop").symlink_to(card)
    found = kinds(card)
    assert found["out"] is FoundKind.SYMLINK
    assert found["loop"] is FoundKind.SYMLINK
    assert not any("secret" in name for name in found)


@posix_only
def test_a_pipe_in_a_files_place_is_listed_as_special_and_does_not_hang(card: Path) -> None:
    os.mkfifo(card / "DCIM" / "two.mp4")
    assert kinds(card)["DCIM/two.mp4"] is FoundKind.SPECIAL


def test_a_file_and_a_folder_that_may_not_be_read_are_listed_with_the_reason(without_power: Path) -> None:
    (without_power / "one.mp4").write_bytes(b"evidence")
    (without_power / "one.mp4").chmod(0)
    (without_power / "locked").mkdir(mode=0)
    entries = {e.name.shown: e for e in list_dock(without_power).entries}
    assert entries["one.mp4"].kind is entries["locked"].kind is FoundKind.UNREADABLE
    assert entries["locked"].trouble == entries["one.mp4"].trouble == "Permission denied"
    (without_power / "locked").chmod(0o700)


def test_a_card_that_may_not_be_opened_is_refused_with_the_reason(without_power: Path) -> None:
    (without_power / "card").mkdir(mode=0)
    with pytest.raises(NotADock, match="Permission denied"):
        list_dock(without_power / "card")
    (without_power / "card").chmod(0o700)


@posix_only
def test_hostile_names_are_listed_and_shown_on_one_line(card: Path) -> None:
    for raw in (b"new\nline.mp4", "x\u202egpj.mp4".encode(), b"\xff.mp4", b"-rf", b"...mp4"):
        with Path(os.fsdecode(os.fsencode(card) + b"/" + raw)).open("wb") as file:
            file.write(b"x")
    shown = kinds(card)
    assert "new\\u{a}line.mp4" in shown
    assert "x\\u{202e}gpj.mp4" in shown
    assert "\\u{dcff}.mp4" in shown


def test_folders_deeper_than_any_cameras_are_listed_as_unreadable_not_descended(card: Path) -> None:
    deep = card
    for _ in range(MAX_DEPTH + 2):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"x")
    (entry,) = (e for e in list_dock(card).entries if e.kind is FoundKind.UNREADABLE)
    assert "deep" in entry.trouble


def test_what_is_no_card_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    for name, word in (("missing", "Put the card in"), ("file", "not a folder"), ("empty", "holds no files")):
        with pytest.raises(NotADock, match=word):
            list_dock(tmp_path / name)
