"""What taking a file into the vault costs beside what anybody would have to do: copy it and hash it.

Peer: ``shutil.copyfile`` and then SHA-256 and SHA-512 of the copy, read once (the vault also builds the chunk tree,
flushes to the disk and reads the file back). Runs are paired, so that the ratio holds when the machine is busy.

    python benchmarks/copy_into_vault.py [--mib 256] [--runs 5]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from ingest.copy import take_file
from ingest.listing import list_dock
from ingest.vault import Vault


def peer(source: Path, target: Path) -> None:
    """Copy, then hash the copy with both algorithms in one reading."""
    shutil.copyfile(source, target)
    both = hashlib.sha256(), hashlib.sha512()
    with target.open("rb") as copy:
        while block := copy.read(256 * 1024):
            for one in both:
                one.update(block)


def cpu_of(act: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    act(*arguments)
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Print CPU and wall seconds of both and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder) / "card"
        card.mkdir()
        for run in range(wanted.runs):
            source = card / "CLIP.MP4"
            source.write_bytes(os.urandom(1 << 20) * wanted.mib)
            (found,) = list_dock(card).entries
            vault = Vault(Path(folder) / f"vault{run}")
            ours = cpu_of(take_file, card, found, vault)
            theirs = cpu_of(peer, source, Path(folder) / "copy")
            pairs.append((ours, theirs))
            shutil.rmtree(vault.root)
    for name, at in (("CPU", 0), ("wall", 1)):
        ours_s, theirs_s = median(one[0][at] for one in pairs), median(one[1][at] for one in pairs)
        ratio = median(one[0][at] / one[1][at] for one in pairs)
        print(
            f"{name:<5} vault {ours_s:6.2f} s  copy and hash {theirs_s:6.2f} s  ratio {ratio:.2f}  ({wanted.mib} MiB)"
        )


if __name__ == "__main__":
    main()
