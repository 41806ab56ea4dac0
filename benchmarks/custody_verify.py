"""How long a log of a million entries takes to verify, against the floor: SHA-256 of the same bytes.

`python benchmarks/custody_verify.py [--entries N]`. The log is made first, streamed into files, and each level is run
in a process of its own that reports CPU seconds and its peak memory. Targets: L2 of 1,000,000 entries in 15 CPU s,
under 300 MB (docs/custody-format.md section 11).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.findings import Verdict
from chain_of_custody.merkle import TreeBuilder
from chain_of_custody.payload import Payload
from chain_of_custody.seen import Seen, look
from chain_of_custody.signing import LogKey, generate_log_key
from chain_of_custody.verify import Level, verify_log

ORIGIN = "agency.example/bwc/ws-17"
CHECKPOINT_EVERY = 256
START = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
HEX = "0123456789abcdef"
# kinds of entry as a workstation writes them: type, data, how many commitments
MIX = (
    ("media.viewed", '{{"from_us":{a},"speed":"1","to_us":{b}}}', 0),
    ("tag.added", '{{"code":"force.taser","end_us":{b},"revision":{a},"start_us":0}}', 1),
    ("session.opened", "{{}}", 0),
    ("candidate.confirmed", '{{"mean_ppm":{a},"words":{b}}}', 0),
    ("media.viewed", '{{"from_us":{a},"ranges":[[0,5000000],[7000000,{b}]]}}', 0),
    ("access.denied", '{{"act":"tag.add"}}', 0),
    ("transcript.finished", '{{"model":"base","segments":{a},"words":{b}}}', 0),
    ("review.answered", '{{"question":"q{a}","value":{b}}}', 1),
)


def _entry(seq: int, prev: str) -> bytes:
    """One canonical entry from a template; that it is one is what the verification then says."""
    kind, template, promises = MIX[seq % len(MIX)]
    data = template.format(a=seq, b=seq + 5)
    session, boot = f"5e55ae0a-0000-4000-8000-{seq // 500:012d}", "b007b007-0000-4000-8000-000000000001"
    salt = hashlib.md5(seq.to_bytes(8, "big"), usedforsecurity=False).hexdigest()
    commit = f'{{"text":"{salt}{salt}"}}' if promises else "{}"
    at = (START + timedelta(milliseconds=700 * seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        f'{{"actor":{{"auth":"passphrase","id":"clerk-{seq % 40:04d}","key":"","role":"supervisor",'
        f'"session":"{session}"}},"app":"bwc_review/1.0.0+0123456789abcdef","at":"{at}",'
        f'"clock":{{"boot":"{boot}","mono_us":{700_000 * seq},"off_us":-812,"src":"ntp"}},'
        f'"commit":{commit},"data":{data},"log":"{ORIGIN}","outcome":"ok","prev":"{prev}","reason":"routine_review",'
        f'"salt":"{salt}","seq":{seq},"subject":{{"id":"3ed1a000-0000-4000-8000-{seq % 9973:012d}","kind":"media"}},'
        f'"type":"{kind}","v":1,"ws":"ws-17"}}'
    ).encode()


def make_log(folder: Path, entries: int, key: LogKey) -> None:
    """Entries one a line, leaf hashes one after the other, checkpoints one after the other."""
    tree, prev = TreeBuilder(), "0" * 64
    with (
        (folder / "entries").open("wb") as lines,
        (folder / "leaves").open("wb") as leaves,
        (folder / "notes").open("w", encoding="utf-8") as notes,
    ):
        for seq in range(entries):
            raw = _entry(seq, prev)
            leaf = hashlib.sha256(b"\x00" + raw).digest()
            lines.write(raw + b"\n")
            leaves.write(leaf)
            tree.append(leaf)
            prev = leaf.hex()
            if tree.size % CHECKPOINT_EVERY == 0 or tree.size == entries:
                note = Checkpoint(ORIGIN, tree.size, tree.range().root).sign(key)
                notes.write(json.dumps(note.decode()) + "\n")


class FileLog:
    """An EntrySource over the files of `make_log`; its columns are copied from the bytes, as a database has them."""

    log = ORIGIN

    def __init__(self, folder: Path, vkey: str, *, columns: bool) -> None:
        self._folder, self._vkey, self._columns = folder, vkey, columns

    def leaves(self) -> Iterator[bytes]:
        with (self._folder / "leaves").open("rb") as file:
            while leaf := file.read(32):
                yield leaf

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        with (self._folder / "entries").open("rb", buffering=1 << 20) as file:
            for line in islice(file, start, stop):
                yield line[:-1]

    def columns(self, start: int, stop: int) -> Iterator[Mapping[str, object] | None]:
        for raw in self.entries(start, stop):
            yield _columns(look(raw), raw) if self._columns and raw is not None else None

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        return iter([None] * (stop - start))

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        return iter(())

    def checkpoints(self) -> Iterator[bytes]:
        with (self._folder / "notes").open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line).encode()

    def vkeys(self) -> Sequence[str]:
        return [self._vkey]


def _columns(seen: Seen, raw: bytes) -> dict[str, str | int]:
    return seen.columns(hashlib.sha256(b"\x00" + raw).hexdigest())


def _floor(folder: Path) -> None:
    """Nothing but reading the entries and hashing them, as nobody can verify for less."""
    with (folder / "entries").open("rb", buffering=1 << 20) as file:
        for line in file:
            hashlib.sha256(line).digest()


def _whole(folder: Path) -> None:
    """SHA-256 of all bytes in one go: what the hash itself costs."""
    hashed = hashlib.sha256()
    with io.FileIO(folder / "entries") as file:
        while piece := file.read(1 << 20):
            hashed.update(piece)


def _level(level: Level, folder: Path, vkey: str, *, columns: bool) -> None:
    key = generate_log_key(ORIGIN, entropy=lambda count: bytes(range(count))).vkey
    report = verify_log(FileLog(folder, vkey, columns=columns), level, trusted=[key])
    if report.verdict is not Verdict.VERIFIED:
        sys.exit(report.to_text())


def _measured(act: Callable[[], None]) -> tuple[float, int]:
    """CPU seconds and peak resident MiB of `act` in a child process of its own."""
    receive, send = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        began = time.process_time()
        act()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        send.send((time.process_time() - began, peak))

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(child.exitcode)
    found: tuple[float, int] = receive.recv()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    options = parser.parse_args()
    key = generate_log_key(ORIGIN, entropy=lambda count: bytes(range(count)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made, _ = _measured(lambda: make_log(folder, options.entries, key))
        size = (folder / "entries").stat().st_size
        print(f"{options.entries} entries, {size / 1e6:.0f} MB, made in {made:.1f} CPU s")
        vkey = key.vkey.format()
        floor, _ = _measured(lambda: _floor(folder))
        whole, _ = _measured(lambda: _whole(folder))
        print(f"{'floor: SHA-256 of each entry':34} {floor:7.2f} CPU s   (all bytes in one go: {whole:.2f})")
        for level in (Level.L0, Level.L1, Level.L2):
            spent, peak = _measured(lambda level=level: _level(level, folder, vkey, columns=False))  # type: ignore[misc]
            print(f"{level.name:34} {spent:7.2f} CPU s  {spent / floor:5.1f}x the floor, peak {peak} MiB")
        making, _ = _measured(lambda: _all_columns(folder, vkey, options.entries))
        spent, peak = _measured(lambda: _level(Level.L2, folder, vkey, columns=True))
        print(f"{'L2 with database columns':34} {spent - making:7.2f} CPU s  (reading them, {making:.2f}, taken off)")


def _all_columns(folder: Path, vkey: str, entries: int) -> None:
    for _ in FileLog(folder, vkey, columns=True).columns(0, entries):
        pass


if __name__ == "__main__":
    main()
