"""A made log and bundle for the custody tests: fixed clock, fixed salts, one small recording, one withheld entry.

No vectors and no media from outside; keys are derived from labels so that failures repeat.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chain_of_custody import merkle
from chain_of_custody.bag import BagDigests, write_bag
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.custody_folder import write_custody
from chain_of_custody.digest import hash_file
from chain_of_custody.entry import Actor, Draft, Entry, Subject
from chain_of_custody.entry_signatures import key_id, sign_entry
from chain_of_custody.errors import CustodyError
from chain_of_custody.head import LogHead, append
from chain_of_custody.keys import LogKey, generate_log_key
from chain_of_custody.payload import Payload
from chain_of_custody.seal import seal_data, write_seal
from chain_of_custody.seen import COLUMNS
from chain_of_custody.signing import Entropy, OperatorKey, SigningKey, WitnessKey, generate
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof
from chain_of_custody.vkey import ED25519

ORIGIN = "agency.example/bwc/ws-17"
RECORDING = b"not really a film, but the bytes are what counts\n" * 40
RECORDING_PATH = "data/media/card-1/cam 1.mp4"
CLERK = Actor("clerk-0042", "evidence_clerk", "session-1", "passphrase", "")
NAME = Payload(b"n" * 16, "dér name as found.mp4".encode())
NOTE = Payload(b"m" * 16, b"withheld note")


def from_label(label: str) -> Entropy:
    """Randomness that is the same for the same label."""
    return lambda count: hashlib.sha256(label.encode()).digest()[:count]


def key_named(label: str, name: str = ORIGIN, alg: int = ED25519) -> LogKey:
    """A log key derived from a label."""
    return generate_log_key(name, alg=alg, entropy=from_label(label))


KEY = key_named("log key")


def refusal(act: Callable[[], object]) -> tuple[type[CustodyError], str]:
    """The kind and the named reason with which `act` is refused; fails when it is not."""
    with pytest.raises(CustodyError) as refused:
        act()
    return type(refused.value), refused.value.reason


def operator_named(name: str, label: str = "", alg: int = ED25519) -> OperatorKey:
    """An operator's key; another label gives the same person another key."""
    return generate(OperatorKey, name, alg=alg, entropy=from_label(f"operator {name} {label}"))


def witness_named(name: str) -> WitnessKey:
    """A witness's key."""
    return generate(WitnessKey, name, entropy=from_label(f"witness {name}"))


class SteppingClock:
    """A clock that advances one second at each look; `jump` moves it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, 10, 2, tzinfo=UTC)
        self._ticks = 0

    @property
    def boot(self) -> str:
        return "boot-1"

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def monotonic_us(self) -> int:
        self._ticks += 1_000_000
        return self._ticks

    def jump(self, by: timedelta) -> None:
        self._now += by


@dataclass
class MemoryLog:
    """An EntrySource in memory with the writing side the store has: the fake of the verifier's contract."""

    key: LogKey = field(default_factory=lambda: KEY)
    clock: SteppingClock = field(default_factory=SteppingClock)
    head: LogHead = field(default_factory=lambda: LogHead.empty(ORIGIN))
    stored: list[bytes] = field(default_factory=list)
    leaf_list: list[bytes] = field(default_factory=list)
    column_rows: list[Mapping[str, object]] = field(default_factory=list)
    signature_rows: dict[int, bytes] = field(default_factory=dict)
    payload_rows: dict[str, Payload] = field(default_factory=dict)
    notes: list[bytes] = field(default_factory=list)

    @property
    def log(self) -> str:
        return self.head.log

    def add(
        self,
        kind: str,
        data: Mapping[str, object] | None = None,
        *payloads: Payload,
        by: OperatorKey | None = None,
        signers: Sequence[SigningKey] = (),
        outcome: str = "ok",
    ) -> Entry:
        """Append an entry; `by` acts and signs, `signers` sign along."""
        commit = {f"p{number}": one.commitment for number, one in enumerate(payloads)}
        actor = CLERK if by is None else replace(CLERK, id=by.name, key=key_id(by.vkey))
        draft = Draft(kind, outcome, actor, Subject("media", "m-1"), "routine_review", data or {}, commit)
        salt = hashlib.sha256(str(self.head.size).encode()).digest()[:16]
        entry, self.head = append(self.head, draft, clock=self.clock, salt=salt, ws="ws-17", app="bwc_review/1.0.0+0")
        self.stored.append(entry.to_bytes())
        if all_signers := [*([] if by is None else [by]), *signers]:
            self.signature_rows[entry.seq] = sign_entry(entry.leaf, *all_signers)
        self.leaf_list.append(entry.leaf)
        self.column_rows.append(entry.columns())
        self.payload_rows.update({one.commitment: one for one in payloads})
        return entry

    def checkpoint(self) -> bytes:
        self.notes.append(Checkpoint(self.log, self.head.size, self.head.tree.root).sign(self.key))
        return self.notes[-1]

    def leaves(self) -> Iterator[bytes]:
        return iter(self.leaf_list)

    def entries(self, start: int, stop: int) -> Iterator[bytes | None]:
        return iter(self.stored[start:stop])

    def rows(self, start: int, stop: int) -> Iterator[tuple[bytes | None, tuple[object, ...] | None]]:
        copies = (tuple(row[name] for name in COLUMNS) for row in self.column_rows[start:stop])
        return zip(self.entries(start, stop), copies, strict=True)

    def signatures(self, start: int, stop: int) -> Iterator[bytes | None]:
        return (self.signature_rows.get(seq) for seq in range(start, stop))

    def payloads(self) -> Iterator[tuple[str, Payload]]:
        return iter(self.payload_rows.items())

    def checkpoints(self) -> Iterator[bytes]:
        return iter(self.notes)

    def vkeys(self) -> Sequence[str]:
        return [self.key.vkey.format()]


def ingest_data(content: bytes) -> dict[str, object]:
    """`data` of media.ingested for these bytes."""
    got = hash_file(io.BytesIO(content))
    return {
        "exhibit": "EX-1",
        "size": got.size,
        "sha256": got.sha256,
        "sha512": got.sha512,
        "chunk_root": got.chunk_root,
    }


def made_log(log: MemoryLog | None = None) -> MemoryLog:
    """Five entries, checkpoints at 3 and 5; entry 3 is the one a bundle withholds."""
    log = log or MemoryLog()
    log.add("log.opened")
    log.add("media.ingest_started")
    log.add("media.ingested", ingest_data(RECORDING), NAME, NOTE)
    log.checkpoint()
    log.add("media.viewed")
    log.add("export.started")
    log.checkpoint()
    return log


def lay_out(root: Path, log: MemoryLog) -> None:
    """Put media, index and custody folder in place."""
    recording = root / RECORDING_PATH
    recording.parent.mkdir(parents=True)
    recording.write_bytes(RECORDING)
    digest = hashlib.sha256(RECORDING).hexdigest()
    (root / "data/media/index.json").write_text(f'{{"card-1/cam 1.mp4": "{digest}"}}', "utf-8")
    history = root / "data/media/card-1/ascmhl"
    history.mkdir()
    (history / "0001_card-1.mhl").write_text("<hashlist/>", "utf-8")
    (root / "VERIFY.txt").write_text("how to verify\n", "utf-8")
    shown = {seq for seq in range(log.head.size) if seq != 3}
    write_custody(root, log, disclosed=shown, payloads={NAME.commitment}, withheld={"not_of_this_incident": 1})


def bag_up(root: Path) -> BagDigests:
    """Phase one: tag files and manifests."""
    return write_bag(root, info={"Bagging-Date": "2026-01-02", "Source-Organization": "Agency"}, known={})


def seal_up(root: Path, log: MemoryLog, bag: BagDigests) -> None:
    """Phase two: entry, checkpoint, seal folder."""
    before = log.head.size
    log.add("access.denied")
    entry = log.add("bundle.sealed", seal_data(bag, before))
    note = log.checkpoint()
    proof = TlogProof(entry.seq, merkle.inclusion_proof(log.leaf_list, entry.seq), note)
    growth = ConsistencyProof(before, log.head.size, merkle.consistency_proof(log.leaf_list, before))
    write_seal(root, entry=entry.to_bytes(), proof=proof, checkpoint=note, consistency=growth)


def make_bundle(root: Path, log: MemoryLog | None = None) -> MemoryLog:
    """A whole sealed bundle at `root`; the log it came from."""
    root.mkdir()
    log = made_log(log)
    lay_out(root, log)
    seal_up(root, log, bag_up(root))
    return log


def remanifest(root: Path) -> None:
    """What a forger with our code does after a change: all manifests anew, the old seal kept."""
    for name in ("bagit.txt", "bag-info.txt", *(p.name for p in root.glob("*manifest-*.txt"))):
        (root / name).unlink(missing_ok=True)
    aside = root.with_name(root.name + "-seal")
    (root / "seal").rename(aside)
    bag_up(root)
    aside.rename(root / "seal")
