"""Real small file systems for tests, where this process may mount them; elsewhere a test is skipped with a reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A disk image on a loop device, mounted at ``root`` until it is pulled."""

    def __init__(self, image: Path, root: Path) -> None:
        self.image = image
        self.root = root
        self.is_in = False
        self._kept = image

    def put_in(self, *options: str) -> None:
        """Mount it; ``options`` as ``mount -o`` takes them."""
        self.root.mkdir(parents=True, exist_ok=True)
        _run("mount", "-o", ",".join(("loop", *options)), str(self.image), str(self.root))
        self.is_in = True

    def break_off(self) -> None:
        """Pulled in the middle of a read: what was not read yet answers with an input/output error (EIO)."""
        self._kept = self.image.with_suffix(".kept")
        shutil.copyfile(self.image, self._kept)
        os.truncate(self.image, 0)
        self.pull()

    def mend(self) -> None:
        """Found again in somebody's pocket; not mounted yet."""
        shutil.move(self._kept, self.image)

    def pull(self) -> None:
        """What a person does: the tree is gone at once, whoever reads it."""
        if self.is_in:
            _run("umount", "-l", str(self.root))
            self.is_in = False


@contextmanager
def disk(folder: Path, name: str, *, megabytes: int = 8) -> Iterator[Disk]:
    """A new ext4 disk, put in at ``folder/mounts/name``; skips where nothing may be mounted."""
    if shutil.which("mkfs.ext4") is None or shutil.which("mount") is None:
        pytest.skip("needs mkfs.ext4 and mount")
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
    made = Disk(image, folder / "mounts" / name)
    try:
        made.put_in()
    except subprocess.CalledProcessError:
        pytest.skip("needs the right to mount a loop device")
    try:
        yield made
    finally:
        made.pull()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
