"""Copies that were cut short go on, second readings, groups of small files, and how much memory a copy takes."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.copy import Taken, Verify, take_file
from ingest.copy_together import GROUP_FILES, Settled, take_together
from ingest.errors import CopyStopped, ReadsDiffer, SourceVanished, VaultDamaged
from ingest.journal import BLOCK_BYTES, JOURNAL, read_journal
from ingest.listing import FoundFile, list_dock
from ingest.vault import Vault
from tests.unit.ingest.conftest import REPOSITORY
from tests.unit.ingest.vaults import care_of, sealed_vault

SIZE = 3 * BLOCK_BYTES + 1234
Make = Callable[[Path], Vault]
BOTH = pytest.mark.parametrize("make", [Vault, sealed_vault], ids=["plain", "sealed"])


@pytest.fixture
def data() -> bytes:
    return random.Random(5).randbytes(SIZE)


@pytest.fixture
def card(tmp_path: Path, data: bytes) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "long.mp4").write_bytes(data)
    return folder


def only(card: Path) -> FoundFile:
    (found,) = list_dock(card).files
    return found


def cut_short(card: Path, vault: Vault, after: int) -> None:
    heard: list[int] = []
    with pytest.raises(CopyStopped):
        take_file(
            card, only(card), vault, progress=heard.append, cancelled=lambda: bool(heard) and heard[-1] >= after
        )


def part_of(vault: Vault) -> Path:
    (part,) = vault.staging.glob("*.part")
    return part


def assert_taken_whole(card: Path, vault: Vault, data: bytes) -> Taken:
    taken = take_file(card, only(card), vault)
    assert taken.digests.sha256 == hashlib.sha256(data).hexdigest()
    assert taken.digests.sha512 == hashlib.sha512(data).hexdigest()
    vault.verify(taken.digests.sha256)
    assert list(vault.staging.iterdir()) == []
    return taken


@BOTH
def test_a_copy_that_was_stopped_goes_on_where_it_was(make: Make, card: Path, data: bytes, tmp_path: Path) -> None:
    vault = make(tmp_path / "vault")
    cut_short(card, vault, 2 * BLOCK_BYTES + 500_000)
    assert make(tmp_path / "vault").sweep().kept == (part_of(vault).name,)
    taken = assert_taken_whole(card, make(tmp_path / "vault"), data)
    assert taken.resumed_at == 2 * BLOCK_BYTES
    fresh = take_file(card, only(card), make(tmp_path / "other"))
    assert fresh.digests == taken.digests


@BOTH
def test_a_card_pulled_in_the_middle_goes_on_when_it_is_back(
    make: Make, card: Path, data: bytes, tmp_path: Path
) -> None:
    vault, found = make(tmp_path / "vault"), only(card)

    def pull(done: int) -> None:
        if done >= BLOCK_BYTES + 300_000 and card.exists():
            os.truncate(card / "long.mp4", done)
            card.rename(tmp_path / "pulled")

    with pytest.raises(SourceVanished, match="Put it back"):
        take_file(card, found, vault, progress=pull)
    (tmp_path / "pulled").rename(card)
    (card / "long.mp4").write_bytes(data)
    os.utime(card / "long.mp4", ns=(found.mtime_ns, found.mtime_ns))
    assert assert_taken_whole(card, vault, data).resumed_at == BLOCK_BYTES


def damage(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


@BOTH
@pytest.mark.parametrize(("at", "good"), [(500_000, 0), (BLOCK_BYTES + 900_000, 1)])
def test_a_part_that_was_damaged_is_believed_up_to_the_damage(
    make: Make, card: Path, data: bytes, tmp_path: Path, at: int, good: int
) -> None:
    vault = make(tmp_path / "vault")
    cut_short(card, vault, 2 * BLOCK_BYTES + 500_000)
    damage(part_of(vault), at)
    assert assert_taken_whole(card, vault, data).resumed_at == good * BLOCK_BYTES


@BOTH
@pytest.mark.parametrize("harm", ["torn", "flipped", "emptied", "gone", "foreign lines"])
def test_a_damaged_journal_costs_time_and_never_a_byte(
    make: Make, card: Path, data: bytes, tmp_path: Path, harm: str
) -> None:
    vault = make(tmp_path / "vault")
    cut_short(card, vault, 2 * BLOCK_BYTES + 500_000)
    journal = part_of(vault).with_suffix(JOURNAL)
    if harm == "torn":
        os.truncate(journal, journal.stat().st_size - 20)
    elif harm == "flipped":
        damage(journal, journal.stat().st_size // 2)
    elif harm == "emptied":
        os.truncate(journal, 0)
    elif harm == "gone":
        journal.unlink()
    else:
        journal.write_bytes(b"\x00\xff nonsense\n" + journal.read_bytes())
    assert assert_taken_whole(card, vault, data).resumed_at in (0, BLOCK_BYTES)


def test_another_file_with_the_same_name_size_and_time_is_not_continued(
    card: Path, data: bytes, tmp_path: Path
) -> None:
    vault, found = Vault(tmp_path / "vault"), only(card)
    cut_short(card, vault, 2 * BLOCK_BYTES)
    other = random.Random(6).randbytes(SIZE)
    (card / "long.mp4").write_bytes(other)
    os.utime(card / "long.mp4", ns=(found.mtime_ns, found.mtime_ns))
    assert only(card) == found
    assert assert_taken_whole(card, vault, other).resumed_at == 0


def test_a_vault_encrypted_meanwhile_does_not_go_on_with_a_part_in_the_clear(
    card: Path, data: bytes, tmp_path: Path
) -> None:
    cut_short(card, Vault(tmp_path / "vault"), 2 * BLOCK_BYTES)
    assert assert_taken_whole(card, sealed_vault(tmp_path / "vault"), data).resumed_at == 0


def test_after_a_change_of_the_vault_key_a_copy_begins_again(card: Path, data: bytes, tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path / "vault")
    cut_short(card, vault, 2 * BLOCK_BYTES)
    care_of(vault).rotate(lambda count: None)
    assert assert_taken_whole(card, vault, data).resumed_at == 0


def test_the_key_of_a_waiting_part_stands_nowhere_in_the_clear(card: Path, tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path / "vault")
    cut_short(card, vault, BLOCK_BYTES + 1)
    noted = read_journal(part_of(vault).with_suffix(JOURNAL))
    assert noted is not None and '"wrapped"' in noted.record and '"sha256":""' in noted.record


@BOTH
def test_killed_at_any_moment_with_a_damaged_journal_it_goes_on_to_the_right_bytes(
    make: Make, card: Path, data: bytes, tmp_path: Path
) -> None:
    chance = random.Random(9)
    vault = make(tmp_path / "vault")
    resumed = 0
    for _ in range(6):
        command = [sys.executable, "-m", "tests.unit.ingest.slow_copy", str(card), str(vault.root), make.__name__]
        child = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(chance.randrange(17, 45)):
            child.stdout.readline()
        child.kill()
        child.wait()
        child.stdout.close()
        vault.sweep()
        journals = list(vault.staging.glob("*" + JOURNAL))
        resumed += len(journals)
        if journals and chance.random() < 0.7:
            damage(journals[0], chance.randrange(journals[0].stat().st_size))
        for original in vault.list_originals():
            vault.verify(original.sha256)
    assert resumed > 2
    assert_taken_whole(card, vault, data)


def test_a_card_that_reads_differently_the_second_time_is_said_and_set_aside(card: Path, tmp_path: Path) -> None:
    vault, found = Vault(tmp_path / "vault"), only(card)

    def fail(done: int) -> None:
        if done == SIZE:
            damage(card / "long.mp4", 100)
            os.utime(card / "long.mp4", ns=(found.mtime_ns, found.mtime_ns))

    with pytest.raises(ReadsDiffer, match="second time"):
        take_file(card, found, vault, progress=fail, verify=Verify.DOUBLE_READ)
    assert vault.list_originals() == ()
    assert list(vault.quarantine.findings().values()) == ["second_reading_differs"]


def test_a_second_reading_that_agrees_changes_nothing(card: Path, data: bytes, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    taken = take_file(card, only(card), vault, verify=Verify.DOUBLE_READ)
    assert taken.digests.sha256 == hashlib.sha256(data).hexdigest()


@BOTH
def test_a_disk_that_gives_other_bytes_than_were_written_is_caught_before_anything_has_a_name(
    make: Make, card: Path, tmp_path: Path
) -> None:
    vault = make(tmp_path / "vault")

    def harm(done: int) -> None:
        if done == SIZE:
            damage(part_of(vault), 3_000_000)

    with pytest.raises(VaultDamaged, match="other bytes than were written"):
        take_file(card, only(card), vault, progress=harm)
    assert vault.list_originals() == ()
    assert list(vault.staging.iterdir()) == []


def test_a_throttle_hears_of_every_byte(card: Path, tmp_path: Path) -> None:
    heard: list[int] = []
    take_file(card, only(card), Vault(tmp_path / "vault"), throttle=heard.append)
    assert sum(heard) == SIZE


@pytest.fixture
def sidecars(tmp_path: Path) -> Path:
    folder = tmp_path / "sidecars"
    folder.mkdir()
    for number in range(GROUP_FILES + 20):
        (folder / f"{number:04}.json").write_bytes(f'{{"clip": {number // 2}}}'.encode())  # every second a duplicate
    return folder


@BOTH
def test_small_files_taken_together_are_each_there_and_duplicates_are_said(
    make: Make, sidecars: Path, tmp_path: Path
) -> None:
    vault, files = make(tmp_path / "vault"), list_dock(sidecars).files
    settled = {one.file.name.shown: one.outcome for one in take_together(sidecars, files, vault)}
    assert len(settled) == len(files)
    assert all(isinstance(one, Taken) for one in settled.values())
    assert sum(one.duplicate for one in settled.values() if isinstance(one, Taken)) == len(files) // 2
    for original in vault.list_originals():
        vault.verify(original.sha256)
    assert len(vault.list_originals()) == len(files) // 2
    assert list(vault.staging.iterdir()) == []


def test_one_bad_file_among_small_ones_is_told_apart_and_a_pulled_card_ends_it(
    sidecars: Path, tmp_path: Path
) -> None:
    vault, files = Vault(tmp_path / "vault"), list_dock(sidecars).files
    (sidecars / "0004.json").write_bytes(b"changed since it was listed")
    settled: list[Settled] = []
    for one in take_together(sidecars, files, vault, progress=lambda done: None):
        settled.append(one)
        if len(settled) == 100:
            sidecars.rename(tmp_path / "pulled")
    kinds = {type(one.outcome).__name__ for one in settled}
    assert kinds >= {"Taken", "SourceChanged"}
    wanted = {one.outcome.digests.sha256 for one in settled if isinstance(one.outcome, Taken)}
    assert {one.sha256 for one in vault.list_originals()} == wanted


MEMORY = """
import sys
from pathlib import Path
from ingest.copy import take_file
from ingest.listing import list_dock
from ingest.vault import Vault
from tests.unit.ingest.vaults import sealed_vault
card, root = Path(sys.argv[1]), Path(sys.argv[2])
vault = sealed_vault(root)
for found in list_dock(card).files:
    take_file(card, found, vault)
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent this process was forked from
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_bounded_whatever_the_size(tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    with (card / "long.mp4").open("wb") as file:
        file.truncate(400 << 20)
    command = [sys.executable, "-c", MEMORY, str(card), str(tmp_path / "vault")]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert int(said) < 250 * 1024
