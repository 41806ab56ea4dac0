"""Taking footage into the vault, measured against floors and peers in one run; CPU and wall, printed as ratios.

The floor is a plain loop that does the same work: copy, SHA-256, SHA-512, the chunk tree, the cipher, a sync and a
reading back. Peers are what a person would use: cp and sync, rsync -c, bagit.py. A peer that is not installed is
named as such. ``ascmhl create`` is left out: it asks a server for updates on every run.

    python -m benchmarks.vault [--mib 256] [--runs 5] [--files 2000] [--reads 2000]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ingest.copy import take_file
from ingest.copy_together import take_together
from ingest.files import forget_cached
from ingest.listing import list_dock
from ingest.storage import FolderStorage
from ingest.unlocking import Unlocking
from ingest.vault import Vault
from ingest.vault_care import make_encrypted
from ingest.vault_keys import new_protection

BUFFER = 256 * 1024
CHUNK = 16 << 20
SECRET = b"a benchmark's secret"
Act = Callable[[], object]


def measured(act: Act) -> tuple[float, float]:
    """CPU seconds (children included) and wall seconds of one call."""
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    wall = time.perf_counter()
    act()
    wall = time.perf_counter() - wall
    cpu = 0.0
    for before, who in ((mine, resource.RUSAGE_SELF), (theirs, resource.RUSAGE_CHILDREN)):
        after = resource.getrusage(who)
        cpu += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def floor(source: Path, target: Path, wanted: frozenset[str]) -> None:
    """Copy with SHA-256, and as much more of the same work as ``wanted`` names."""
    digests = [hashlib.sha256()] + [hashlib.sha512()] * ("sha512" in wanted)
    tree = hashlib.sha256()
    cipher, at = AESGCM(bytes(32)), 0
    with source.open("rb", buffering=0) as read, target.open("w+b", buffering=0) as write:
        buffer = memoryview(bytearray(BUFFER))
        while count := read.readinto(buffer):
            for one in digests:
                one.update(buffer[:count])
            if "tree" in wanted:
                tree.update(buffer[:count])
            data = (
                cipher.encrypt(at.to_bytes(12, "big"), buffer[:count], None) if "cipher" in wanted else buffer[:count]
            )
            write.write(data)
            at += 1
            if at % 32 == 0:
                forget_cached(write.fileno(), 0, 0)
        os.fsync(write.fileno())
        if "readback" in wanted:
            read_back(write, cipher if "cipher" in wanted else None)


def read_back(file: object, cipher: AESGCM | None) -> None:
    """Read the copy again, decrypt it where there is a cipher, and hash it."""
    assert hasattr(file, "fileno")
    forget_cached(file.fileno(), 0, 0)
    again, at, size = hashlib.sha256(), 0, BUFFER + (16 if cipher else 0)
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    while data := os.read(file.fileno(), size):
        again.update(cipher.decrypt(at.to_bytes(12, "big"), data, None) if cipher else data)
        at += 1


def vault_at(root: Path, *, sealed: str) -> Vault:
    plain = Vault(root)
    if sealed != "sealed":
        return plain
    make_encrypted(plain.storage, new_protection("file"), SECRET)
    storage = FolderStorage(root, root / "staging", plain.disk)
    vault = Vault(root, keys=Unlocking(storage, lambda protection: SECRET))
    vault.keys.fresh()
    return vault


def large(folder: Path, mib: int, runs: int) -> None:
    """One long file: CPU against the floor, what each step adds, and wall against what people use."""
    card = folder / "card"
    card.mkdir()
    source = card / "CLIP.MP4"
    with source.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(1 << 20))
    (found,) = list_dock(card).files
    steps = {
        "copy + SHA-256": frozenset[str](),
        "+ SHA-512": frozenset({"sha512"}),
        "+ chunk tree": frozenset({"tree"}),
        "+ cipher": frozenset({"cipher"}),
        "+ read-back": frozenset({"readback"}),
        "floor, plain": frozenset({"sha512", "tree", "readback"}),
        "floor, sealed": frozenset({"sha512", "tree", "readback", "cipher"}),
    }
    seen: dict[str, list[tuple[float, float]]] = {}
    for run in range(runs):
        for name, wanted in steps.items():
            seen.setdefault(name, []).append(measured(lambda w=wanted: floor(source, folder / "copy", w)))
        for kind in ("plain", "sealed"):
            vault = vault_at(folder / f"vault-{kind}-{run}", sealed=kind)
            seen.setdefault(f"vault, {kind}", []).append(measured(lambda v=vault: take_file(card, found, v)))
            shutil.rmtree(vault.root)
        for name, act in peers(card, folder).items():
            seen.setdefault(name, []).append(measured(act))
            shutil.rmtree(folder / "out", ignore_errors=True)
    print(f"one file of {mib} MiB, median of {runs} runs")
    base = "copy + SHA-256"
    for name in seen:
        against = [one[0] / other[0] for one, other in zip(seen[name], seen[base], strict=True)]
        took = f"CPU {cpu(seen[name]):6.2f} s  wall {wall(seen[name]):6.2f} s"
        print(f"  {name:<16} {took}   {median(against):5.2f}x {base}")
    for kind in ("plain", "sealed"):
        ratio = median(a[0] / b[0] for a, b in zip(seen[f"vault, {kind}"], seen[f"floor, {kind}"], strict=True))
        print(f"  CPU of import, {kind}, against its floor: {ratio:.2f}x (target 1.15)")
        for name in ("rsync -c", "cp and sync", "bagit.py"):
            if name in seen:
                ratio = median(a[1] / b[1] for a, b in zip(seen[f"vault, {kind}"], seen[name], strict=True))
                print(f"  wall of import, {kind}, against {name}: {ratio:.2f}x")


def peers(card: Path, folder: Path) -> dict[str, Act]:
    """What people copy evidence with, where it is installed."""
    out = folder / "out"
    found: dict[str, Act] = {}

    def shell(*command: str) -> Act:
        return lambda: subprocess.run(command, check=True, capture_output=True)

    found["cp and sync"] = shell("sh", "-c", f"cp -r '{card}' '{out}' && sync -f '{out}'")
    if shutil.which("rsync"):
        found["rsync -c"] = shell("rsync", "-a", "-c", "--fsync", f"{card}/", f"{out}/")
    bagit = Path(sys.executable).with_name("bagit.py")
    if bagit.exists():
        found["bagit.py"] = shell(
            "sh", "-c", f"cp -r '{card}' '{out}' && '{sys.executable}' '{bagit}' --processes 2 --quiet '{out}'"
        )
    return found


def small(folder: Path, count: int, runs: int) -> None:
    """Many small files: grouped, one by one, and rsync with and without fsync."""
    card = folder / "sidecars"
    card.mkdir()
    for number in range(count):
        (card / f"{number:05}.json").write_bytes(os.urandom(2048))
    files = list_dock(card).files
    seen: dict[str, list[tuple[float, float]]] = {}
    for run in range(runs):
        for kind in ("plain", "sealed"):
            vault = vault_at(folder / f"small-{kind}-{run}", sealed=kind)
            act = measured(lambda v=vault: list(take_together(card, files, v)))
            seen.setdefault(f"together, {kind}", []).append(act)
            shutil.rmtree(vault.root)
        if shutil.which("rsync"):
            for name, more in (("rsync", []), ("rsync --fsync", ["--fsync"])):
                command = ["rsync", "-a", *more, f"{card}/", f"{folder}/out/"]
                seen.setdefault(name, []).append(measured(lambda c=command: subprocess.run(c, check=True)))
                shutil.rmtree(folder / "out")
    print(f"{count} files of 2 KiB, median of {runs} runs")
    for name, times in seen.items():
        print(f"  {name:<16} CPU {cpu(times):6.2f} s  wall {wall(times):6.2f} s")
    for kind in ("plain", "sealed"):
        if "rsync" in seen:
            ratio = median(a[1] / b[1] for a, b in zip(seen[f"together, {kind}"], seen["rsync"], strict=True))
            print(f"  wall of import, {kind}, against rsync without fsync: {ratio:.2f}x (target 1)")


def reads(folder: Path, count: int) -> None:
    """Random reads through the reader against a plain file."""
    card = folder / "reads"
    card.mkdir()
    (card / "a.mp4").write_bytes(os.urandom(64 << 20))
    (found,) = list_dock(card).files
    print(f"{count} random reads in 64 MiB")
    for size in (4096, 65536, 1 << 20):
        chance = random.Random(1)
        places = [chance.randrange(found.size - size) for _ in range(count)]

        def walk(file: object, places: list[int] = places, size: int = size) -> None:
            for at in places:
                file.seek(at)  # type: ignore[attr-defined]
                file.read(size)  # type: ignore[attr-defined]

        with (card / "a.mp4").open("rb", buffering=0) as file:
            plain, _ = measured(lambda f=file: walk(f))
        for kind in ("plain", "sealed"):
            vault = vault_at(folder / f"reads-{kind}-{size}", sealed=kind)
            with vault.open(take_file(card, found, vault).digests.sha256) as reader:
                ours, _ = measured(lambda r=reader: walk(r))
            each = f"{ours / count * 1e6:8.1f} us CPU each"
            print(f"  {size:>8} bytes, {kind:<6} {each}, {ours / plain:6.2f}x a plain file")


def cpu(times: list[tuple[float, float]]) -> float:
    return median(one[0] for one in times)


def wall(times: list[tuple[float, float]]) -> float:
    return median(one[1] for one in times)


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, usual in (("mib", 256), ("runs", 5), ("files", 2000), ("reads", 2000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    wanted = parser.parse_args()
    for name in ("rsync", "ascmhl"):
        if not shutil.which(name):
            print(
                f"{name} is not installed" if name != "ascmhl" else "ascmhl is left out: it asks a server on each run"
            )
    with tempfile.TemporaryDirectory() as folder:
        large(Path(folder), wanted.mib, wanted.runs)
        small(Path(folder), wanted.files, wanted.runs)
        reads(Path(folder), wanted.reads)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
