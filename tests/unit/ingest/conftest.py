"""Fixtures of the ingest tests: a vault, a card of small own-made files, and tiny recordings made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.vault import Vault
from tests.unit.ingest.media_making import clicks, make_recording

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = tmp_path / "card"
    (root / "DCIM").mkdir(parents=True)
    (root / "DCIM" / "one.mp4").write_bytes(bytes(range(256)) * 4000)
    (root / "DCIM" / "one.json").write_bytes(b'{"device_id": "X1"}')
    return root


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """plain.mp4, b_frames.mp4, vfr.mkv, late_sound.mp4, transport.ts: 60 pictures each, clicks at 0.5 and 1.5 s."""
    folder = tmp_path_factory.mktemp("recordings")
    sound = [(0.0, clicks(2.0, (0.5, 1.5)))]
    make_recording(folder / "plain.mp4", sound=sound, tags={"title": "secret title", "location": "+10+20/"})
    make_recording(folder / "b_frames.mp4", b_frames=2, sound=sound)
    uneven = [n * 512 + (n % 3) * 100 for n in range(60)]
    make_recording(folder / "vfr.mkv", uneven, form="matroska", b_frames=2)
    make_recording(folder / "late_sound.mp4", sound=[(0.25, clicks(1.75, (0.25, 1.25)))])
    make_recording(folder / "transport.ts", form="mpegts", b_frames=2, sound=sound)
    return folder


@pytest.fixture
def without_power() -> Iterator[Path]:
    """A folder anyone may use, while this process acts as a user whom permissions bind."""
    if os.name != "posix":
        pytest.skip("the platform has no such users")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        powerful = os.geteuid() == 0
        if powerful:
            os.seteuid(65534)
        yield Path(folder)
        if powerful:
            os.seteuid(0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 512 KiB; skipped where this process may not mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if not mounted:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)
