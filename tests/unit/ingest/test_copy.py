"""Taking a file into the vault: the same bytes under their digest, or nothing at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.copy import BUFFER_BYTES, take_file
from ingest.errors import (
    CopyStopped,
    DiskFull,
    SourceChanged,
    SourceUnreadable,
    SourceVanished,
    VaultDamaged,
)
from ingest.listing import FoundFile, FoundKind, list_dock
from ingest.names import FoundName
from ingest.vault import Vault


def video_of(card: Path) -> FoundFile:
    return next(f for f in list_dock(card).files if f.name.shown.endswith(".mp4"))


def assert_nothing_kept(vault: Vault) -> None:
    assert vault.list_originals() == ()
    assert list(vault.staging.iterdir()) == []


def test_what_is_taken_has_the_digest_another_program_gives_the_source(card: Path, vault: Vault) -> None:
    found = video_of(card)
    taken = take_file(card, found, vault)
    source = card / found.name.shown
    if shutil.which("sha256sum"):
        said = subprocess.run(["sha256sum", source], capture_output=True, text=True, check=True).stdout.split()[0]
        assert taken.digests.sha256 == said
    kept = vault.path_for_child(taken.digests.sha256)
    assert kept.read_bytes() == source.read_bytes()
    assert taken.digests.sha512 == hashlib.sha512(source.read_bytes()).hexdigest()
    assert not taken.duplicate
    assert list(vault.staging.iterdir()) == []


def test_an_original_is_read_only_and_lies_under_its_digest(card: Path, vault: Vault) -> None:
    sha256 = take_file(card, video_of(card), vault).digests.sha256
    path = vault.path_for_child(sha256)
    assert path.relative_to(vault.root).as_posix() == f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    assert path.stat().st_mode & 0o222 == 0


def test_the_same_bytes_under_another_name_are_a_duplicate_and_kept_once(card: Path, vault: Vault) -> None:
    shutil.copy(card / "DCIM" / "one.mp4", card / "DCIM" / "renamed.bin")
    results = [take_file(card, f, vault) for f in list_dock(card).files if f.size > 100]
    assert [r.duplicate for r in results] == [False, True]
    assert results[0].digests == results[1].digests
    assert len(vault.list_originals()) == 1


def test_progress_ends_at_the_files_size_and_the_source_is_not_touched(card: Path, vault: Vault) -> None:
    found = video_of(card)
    heard: list[int] = []
    take_file(card, found, vault, progress=heard.append)
    assert heard[-1] == found.size
    assert heard == sorted(heard)
    assert video_of(card) == found


def test_a_stopped_copy_leaves_nothing(card: Path, vault: Vault) -> None:
    heard: list[int] = []
    with pytest.raises(CopyStopped, match=r"one\.mp4"):
        take_file(card, video_of(card), vault, progress=heard.append, cancelled=lambda: len(heard) >= 2)
    assert heard[-1] == 2 * BUFFER_BYTES
    assert_nothing_kept(vault)


def test_a_file_that_was_rewritten_after_the_listing_is_refused(card: Path, vault: Vault) -> None:
    found = video_of(card)
    (card / "DCIM" / "one.mp4").write_bytes(b"other")
    with pytest.raises(SourceChanged, match="read the card again"):
        take_file(card, found, vault)
    assert_nothing_kept(vault)


@pytest.mark.parametrize("change", ["shrinks", "grows", "is overwritten in place"])
def test_a_file_that_changes_while_it_is_read_is_refused(card: Path, vault: Vault, change: str) -> None:
    path = card / "DCIM" / "one.mp4"

    def disturb(done: int) -> None:
        if done == BUFFER_BYTES:
            with path.open("r+b") as file:
                if change == "shrinks":
                    file.truncate(done + 10)
                elif change == "grows":
                    file.seek(0, os.SEEK_END)
                    file.write(b"more")
                else:
                    file.write(b"other")

    with pytest.raises(SourceChanged):
        take_file(card, video_of(card), vault, progress=disturb)
    assert_nothing_kept(vault)


def test_a_card_emptied_and_gone_while_read_says_put_it_back(card: Path, vault: Vault) -> None:
    path = card / "DCIM" / "one.mp4"

    def pull_out(done: int) -> None:
        if done == BUFFER_BYTES:
            os.truncate(path, done)
            shutil.rmtree(card)

    with pytest.raises(SourceVanished) as gone:
        take_file(card, video_of(card), vault, progress=pull_out)
    assert gone.value.message().endswith("Put it back and press Resume; nothing is lost.")
    assert_nothing_kept(vault)


def test_a_card_gone_before_its_next_file_says_put_it_back(card: Path, vault: Vault) -> None:
    found = video_of(card)
    shutil.rmtree(card)
    with pytest.raises(SourceVanished, match="Put it back"):
        take_file(card, found, vault)
    assert_nothing_kept(vault)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose reading fails with EIO")
def test_a_card_that_stops_answering_says_put_it_back(vault: Vault) -> None:
    # Linux answers a read of an unmapped address in /proc/self/mem with EIO, as a pulled card does.
    facts = Path("/proc/self/mem").stat()
    found = FoundFile(FoundName(b"mem"), 0, facts.st_mtime_ns, FoundKind.FILE)
    with pytest.raises(SourceVanished) as gone:
        take_file(Path("/proc/self"), found, vault)
    assert "Input/output" in gone.value.detail
    assert_nothing_kept(vault)


@pytest.mark.skipif(os.name != "posix", reason="the platform has no such links")
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_link_put_in_place_of_what_was_listed_is_not_followed(
    card: Path, vault: Vault, tmp_path: Path, where: str
) -> None:
    found = video_of(card)
    shutil.move(card / "DCIM", tmp_path / "away")
    if where == "folder":
        (card / "DCIM").symlink_to(tmp_path / "away")
    else:
        (card / "DCIM").mkdir()
        (card / "DCIM" / "one.mp4").symlink_to(tmp_path / "away" / "one.mp4")
    with pytest.raises((SourceUnreadable, SourceVanished)):
        take_file(card, found, vault)
    assert_nothing_kept(vault)


@pytest.mark.skipif(os.name != "posix", reason="the platform has no such entries")
def test_a_pipe_put_in_place_of_a_file_is_refused_and_does_not_hang(card: Path, vault: Vault) -> None:
    found = video_of(card)
    (card / "DCIM" / "one.mp4").unlink()
    os.mkfifo(card / "DCIM" / "one.mp4")
    with pytest.raises(SourceUnreadable, match="cannot be opened"):
        take_file(card, found, vault)


def test_a_file_without_permission_stays_on_the_card_and_in_the_record(without_power: Path) -> None:
    (without_power / "card").mkdir()
    (without_power / "card" / "one.mp4").write_bytes(b"evidence")
    vault, found = Vault(without_power / "vault"), video_of(without_power / "card")
    (without_power / "card" / "one.mp4").chmod(0)
    with pytest.raises(SourceUnreadable, match="in the record as not taken"):
        take_file(without_power / "card", found, vault)
    assert_nothing_kept(vault)


@pytest.mark.skipif(os.name != "posix", reason="the platform allows no such names")
@pytest.mark.parametrize("raw", [b"new\nline.mp4", "x\u202egpj.mp4".encode(), b"\xff\xfe.mp4", b"-rf ."])
def test_a_file_with_a_hostile_name_is_taken_like_any_other(card: Path, vault: Vault, raw: bytes) -> None:
    Path(os.fsdecode(os.fsencode(card) + b"/" + raw)).write_bytes(b"evidence")
    found = next(f for f in list_dock(card).files if f.name.raw == raw)
    assert take_file(card, found, vault).digests.sha256 == hashlib.sha256(b"evidence").hexdigest()


def test_a_file_over_an_original_that_lost_bytes_is_not_called_a_duplicate(card: Path, vault: Vault) -> None:
    found = video_of(card)
    path = vault.path_for_child(take_file(card, found, vault).digests.sha256)
    path.chmod(0o600)
    os.truncate(path, 10)
    with pytest.raises(VaultDamaged, match="Keep this card"):
        take_file(card, found, vault)


def test_a_full_disk_names_the_file_and_the_bytes_missing_and_keeps_no_part(card: Path, small_disk: Path) -> None:
    vault = Vault(small_disk / "vault")
    with pytest.raises(DiskFull) as full:
        take_file(card, video_of(card), vault)
    said = full.value.message()
    assert "DCIM/one.mp4" in said
    missing = int(said.split(": ")[1].split()[0])
    assert 1_024_000 - 512 * 1024 <= missing < 1_024_000
    assert "press Resume" in said
    assert_nothing_kept(vault)
    small = next(f for f in list_dock(card).files if f.size < 100)
    assert not take_file(card, small, vault).duplicate


def test_a_vault_that_cannot_be_written_is_said_to_be_the_trouble(card: Path, vault: Vault) -> None:
    found = video_of(card)
    shutil.rmtree(vault.staging)
    with pytest.raises(VaultDamaged) as trouble:
        take_file(card, found, vault)
    assert os.strerror(errno.ENOENT) in trouble.value.message()


def test_an_empty_file_can_be_taken_when_asked_for(card: Path, vault: Vault) -> None:
    (card / "empty").write_bytes(b"")
    found = next(f for f in list_dock(card).files if f.size == 0)
    assert take_file(card, found, vault).digests.sha256 == hashlib.sha256().hexdigest()


def test_a_listing_that_lies_about_the_size_is_refused(card: Path, vault: Vault) -> None:
    with pytest.raises(SourceChanged):
        take_file(card, replace(video_of(card), size=5), vault)
