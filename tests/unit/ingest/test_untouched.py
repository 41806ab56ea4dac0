"""Nothing on a source is ever changed: bytes, names, times and, where the platform lets us, times of last access."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from ingest.crew import Crew
from ingest.errors import IngestError
from ingest.listing import list_dock
from ingest.resume import is_still
from ingest.vault import Vault
from tests.mounting import disk

LONG_AGO = 1_000_000_000  # so that even a lazily kept time of access would move


def rest(root: Path) -> list[Path]:
    """Every path of a source, their times of access set long back. Nothing but ``lstat`` is done with them after."""
    paths = [*sorted(root.rglob("*"), reverse=True), root]
    for path in paths:
        os.utime(path, ns=(LONG_AGO, 2000 * LONG_AGO), follow_symlinks=False)
    return paths


def state(paths: list[Path]) -> dict[str, tuple[int, ...]]:
    """Mode, size and all times of every entry, as the directory tells them."""
    facts = {str(path): path.lstat() for path in paths}
    return {
        name: (one.st_mode, one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_atime_ns)
        for name, one in facts.items()
    }


def digests(root: Path) -> dict[str, str]:
    """Names and bytes of everything below a folder."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(root.rglob("*"))
    }


def make_source(root: Path) -> None:
    (root / "DCIM" / "deep").mkdir(parents=True)
    for number in range(4):
        (root / "DCIM" / f"{number}.MP4").write_bytes(os.urandom(300_000))
    (root / "DCIM" / "deep" / "EMPTY.MP4").touch()
    (root / "LINK").symlink_to("DCIM/0.MP4")
    os.mkfifo(root / "PIPE")


def dock(root: Path, vault: Vault) -> None:
    """Everything ingest does to a source: list, copy in a process of its own, be stopped, look again."""
    listing = list_dock(root)
    crew = Crew(vault)
    with crew.worker("device", waiting=lambda: None, cancelled=lambda: False) as worker:
        for found in listing.files:
            settled = worker.take(root, found, progress=lambda done: None, cancelled=lambda: False)
            assert found.size == 0 or is_still(root, found, vault, settled.sha256)
        with pytest.raises(IngestError):
            worker.take(root, listing.files[0], progress=lambda done: None, cancelled=lambda: True)
    assert list_dock(root).seen_as == listing.seen_as


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="the platform cannot read without a trace")
def test_docking_leaves_no_trace_on_a_source(tmp_path: Path, vault: Vault) -> None:
    source = tmp_path / "source"
    make_source(source)
    bytes_before = digests(source)
    paths = rest(source)
    before = state(paths)
    dock(source, vault)
    assert state(paths) == before
    assert digests(source) == bytes_before
    assert len(vault.list_originals()) == 5


def test_docking_leaves_no_trace_on_a_whole_disk(tmp_path: Path, vault: Vault) -> None:
    """The disk's own image, every byte of it, is the same before and after: nothing at all was written."""
    with disk(tmp_path, "CARD-1") as card:
        make_source(card.root)
        card.pull()
        card.put_in("ro", "noload")
        card.pull()
        time.sleep(0.1)
        before = hashlib.sha256(card.image.read_bytes()).hexdigest()
        card.put_in("noload", "ro")
        dock(card.root, vault)
        card.pull()
        time.sleep(0.1)
        assert hashlib.sha256(card.image.read_bytes()).hexdigest() == before


def test_docking_leaves_no_trace_on_a_disk_that_could_be_written_to(tmp_path: Path, vault: Vault) -> None:
    """Mounted for writing and with times of access on, as a card that somebody plugged in."""
    with disk(tmp_path, "CARD-1") as card:
        make_source(card.root)
        card.pull()
        card.put_in("rw", "strictatime")
        bytes_before = digests(card.root)
        paths = rest(card.root)
        before = state(paths)
        dock(card.root, vault)
        assert state(paths) == before
        assert digests(card.root) == bytes_before
