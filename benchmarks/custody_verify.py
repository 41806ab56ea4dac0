"""How long a log of a million entries takes to verify, against the floor: SHA-256 of the same bytes.

`python benchmarks/custody_verify.py [--entries N] [--runs N]`. The log is made first, streamed into files and into a
database of the application (SQLite); each level is run over both in a process of its own that reports CPU seconds and
its peak memory. Over the database the columns are compared too; every payload is there. Targets: L2 of 1,000,000
entries in 15 CPU s, under 300 MB (docs/custody-format.md section 11).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from bwc_review.review.checking import LiveSource
from bwc_review.store.engine import SqliteDatabase
from bwc_review.store.log import LogWriter
from bwc_review.store.sql import SqlStore
from bwc_review.transcript.heard_json import from_json
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.clock import SystemClock
from chain_of_custody.findings import Verdict
from chain_of_custody.merkle import TreeBuilder
from chain_of_custody.payload import Payload
from chain_of_custody.seen import COLUMNS, look
from chain_of_custody.signing import LogKey, generate_log_key
from chain_of_custody.source import EntrySource
from chain_of_custody.verify import Level, parse_vkeys, verify_log

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
    salt = _salt(seq).hex()
    commit = f'{{"text":"{_payload(seq).commitment}"}}' if promises else "{}"
    at = (START + timedelta(milliseconds=700 * seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        f'{{"actor":{{"auth":"passphrase","id":"clerk-{seq % 40:04d}","key":"","role":"supervisor",'
        f'"session":"{session}"}},"app":"bwc_review/1.0.0+0123456789abcdef","at":"{at}",'
        f'"clock":{{"boot":"{boot}","mono_us":{700_000 * seq},"off_us":-812,"src":"ntp"}},'
        f'"commit":{commit},"data":{data},"log":"{ORIGIN}","outcome":"ok","prev":"{prev}","reason":"routine_review",'
        f'"salt":"{salt}","seq":{seq},"subject":{{"id":"3ed1a000-0000-4000-8000-{seq % 9973:012d}","kind":"media"}},'
        f'"type":"{kind}","v":1,"ws":"ws-17"}}'
    ).encode()


def _salt(seq: int) -> bytes:
    return hashlib.md5(seq.to_bytes(8, "big"), usedforsecurity=False).digest()


def _payload(seq: int) -> Payload:
    return Payload(_salt(seq), b"what was said in the %d. entry" % seq)


def _payloads(entries: int) -> Iterator[tuple[str, Payload]]:
    for seq in range(entries):
        if MIX[seq % len(MIX)][2]:
            payload = _payload(seq)
            yield payload.commitment, payload


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
    """An EntrySource over the files of `make_log`."""

    log = ORIGIN

    def __init__(self, folder: Path, vkey: str, entries: int) -> None:
        self._folder, self._vkey, self._entries = folder, vkey, entries

    def leaves(self) -> Iterator[bytes]:
        with (self._folder / "leaves").open("rb") as file:
            while leaf := file.read(32):
                yield leaf

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        with (self._folder / "entries").open("rb", buffering=1 << 20) as file:
            for line in islice(file, start, stop):
                yield line[:-1]

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, None]]:
        for raw in self.entries(start, stop):
            yield raw, None

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        return iter([None] * (stop - start))

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        return _payloads(self._entries)

    def checkpoints(self) -> Iterator[bytes]:
        with (self._folder / "notes").open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line).encode()

    def vkeys(self) -> Sequence[str]:
        return [self._vkey]


def make_database(folder: Path, vkey: str, entries: int) -> None:
    """The same log as rows of the application's own schema."""
    file = folder / "bwc.db"
    _store(file).close()
    source = FileLog(folder, vkey, entries)
    names = (*COLUMNS, "log", "leaf", "bytes")
    into = f"INSERT INTO custody_entry ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    with closing(sqlite3.connect(file)) as rows:
        rows.executemany(into, (_row(raw) for raw in source.entries(0, entries) if raw is not None))
        kept = ((name, ORIGIN, one.salt, one.content) for name, one in _payloads(entries))
        rows.executemany("INSERT INTO custody_payload (commitment, log, salt, content) VALUES (?, ?, ?, ?)", kept)
        points = ((ORIGIN, Checkpoint.parse(note).size, note) for note in source.checkpoints())
        rows.executemany("INSERT INTO custody_checkpoint (log, size, note) VALUES (?, ?, ?)", points)
        rows.execute("INSERT INTO custody_head VALUES (?, 0, ?, NULL, '[]')", (ORIGIN, bytes(32)))
        rows.commit()


def _row(raw: bytes) -> tuple[object, ...]:
    return (*look(raw).columns(), ORIGIN, hashlib.sha256(b"\x00" + raw).hexdigest(), raw)


def _store(file: Path) -> SqlStore:
    writer = LogWriter(
        ORIGIN, "ws-17", "bwc_review/1.0.0+0123456789abcdef", SystemClock(), lambda count: bytes(count)
    )
    return SqlStore(SqliteDatabase(file), writer, from_json)


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


def _files(level: Level, folder: Path, vkey: str, entries: int) -> None:
    _verify(FileLog(folder, vkey, entries), level, vkey)


def _database(level: Level, folder: Path, vkey: str, _entries: int) -> None:
    with _store(folder / "bwc.db").reading() as work:
        _verify(LiveSource(work, vkey), level, vkey)


def _verify(source: EntrySource, level: Level, vkey: str) -> None:
    report = verify_log(source, level, trusted=parse_vkeys([vkey]))
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
    parser.add_argument("--runs", type=int, default=1, help="how often each is measured")
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
        made, _ = _measured(lambda: make_database(folder, vkey, options.entries))
        print(f"database made in {made:.1f} CPU s")
        for _ in range(options.runs):
            for name, verify in (("files", _files), ("database", _database)):
                for level in (Level.L0, Level.L1, Level.L2):
                    act = partial(verify, level, folder, vkey, options.entries)
                    spent, peak = _measured(act)
                    what = f"{level.name} from {name}"
                    print(
                        f"{what:34} {spent:7.2f} CPU s  {spent / floor:5.1f}x the floor, peak {peak} MiB", flush=True
                    )


if __name__ == "__main__":
    main()
