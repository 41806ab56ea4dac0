"""A workspace for bundle tests: clips made with PyAV in a real vault, and a real custody log that can seal."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import av
import numpy as np

from bwc_review.domain.ids import ExhibitNo, IncidentId
from bwc_review.domain.recording import Recording
from bwc_review.domain.times import Micros, Span
from bwc_review.ports.bundle import DisclosedLog, LaidOut, Seal
from bwc_review.ports.records import Exhibit, StoredDerivative
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.digest import Digests, hash_file
from chain_of_custody.entry import Actor, Draft, Entry, Subject
from chain_of_custody.head import LogHead, append
from chain_of_custody.keys import LogKey, generate_log_key
from chain_of_custody.merkle import inclusion_proof
from chain_of_custody.payload import Payload
from ingest.vault import Vault

ORIGIN = "agency.example/bwc/ws-1"
ZERO = 1_767_261_720_000_000  # 2026-01-01 10:02 UTC
INCIDENT = IncidentId("IR-2026-0001")


def at(seconds: float) -> Micros:
    """Seconds as microseconds."""
    return Micros(round(seconds * 1_000_000))


def span(start: float, end: float) -> Span:
    """A span given in seconds."""
    return Span(at(start), at(end))


class StepClock:
    """A clock that moves one second with every look."""

    boot = "5b3c0b3e-0000-4000-8000-000000000001"

    def __init__(self) -> None:
        self._at = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at

    def monotonic_us(self) -> int:
        return 1


class Log:
    """A custody log in memory with its key; ``seal`` closes a bundle as the use case does."""

    def __init__(self) -> None:
        self.key: LogKey = generate_log_key(ORIGIN, entropy=lambda count: bytes(range(count)))
        self.head = LogHead.empty(ORIGIN)
        self.entries: list[bytes] = []
        self.payloads: dict[str, tuple[bytes, bytes]] = {}
        self.checkpoints: list[bytes] = []
        self._clock = StepClock()

    def add(self, kind: str, subject: Subject, data: Mapping[str, object], texts: Mapping[str, bytes]) -> Entry:
        """Append one entry with its payloads."""
        payloads = {name: Payload(hashlib.sha256(text).digest()[:16], text) for name, text in texts.items()}
        self.payloads |= {one.commitment: (one.salt, one.content) for one in payloads.values()}
        who = Actor("clerk-0042", "evidence_clerk", "s-1", "passphrase", "")
        commit = {name: one.commitment for name, one in payloads.items()}
        draft = Draft(kind, "ok", who, subject, "routine_review", data, commit)
        salt = hashlib.sha256(bytes([len(self.entries)])).digest()[:16]
        entry, self.head = append(self.head, draft, clock=self._clock, salt=salt, ws="ws-1", app="bwc_review/0.1.0+0")
        self.entries.append(entry.to_bytes())
        return entry

    @property
    def leaves(self) -> list[bytes]:
        return [Entry.from_bytes(raw).leaf for raw in self.entries]

    def sign(self) -> bytes:
        """Sign the state of the log."""
        return Checkpoint(ORIGIN, self.head.size, self.head.tree.root).sign(self.key)

    def disclosed(self, withhold: frozenset[int] = frozenset()) -> DisclosedLog:
        """The log as a bundle carries it, some entries withheld."""
        shown = {seq: raw for seq, raw in enumerate(self.entries) if seq not in withhold}
        wanted = {name for raw in shown.values() for name in Entry.from_bytes(raw).commit.values()}
        return DisclosedLog(
            origin=ORIGIN,
            leaves=self.leaves,
            entries=shown,
            payloads={name: row for name, row in self.payloads.items() if name in wanted},
            checkpoints=self.checkpoints,
            vkey=self.key.vkey.format(),
            withheld_reason="other_cases",
        )

    def seal(self, laid: LaidOut, log_size: int) -> Seal:
        """Log ``bundle.sealed`` for this bag, sign, and prove both."""
        data = {
            "tagmanifest_sha256": laid.tagmanifest_sha256,
            "tagmanifest_sha512": laid.tagmanifest_sha512,
            "payload_files": laid.files,
            "payload_bytes": laid.size,
            "log_size": log_size,
        }
        entry = self.add("bundle.sealed", Subject("incident", INCIDENT), data, {})
        return Seal(entry.to_bytes(), entry.seq, inclusion_proof(self.leaves, entry.seq), self.sign(), self.leaves)


@dataclass
class House:
    """A workspace with its vault and log."""

    root: Path
    vault: Vault
    log: Log = field(default_factory=Log)

    def take(self, number: str, name: str, data: bytes, kind: str = "video") -> Exhibit:
        """Preserve bytes in the vault and log that they were taken in."""
        source = self.root / "incoming"
        source.write_bytes(data)
        with source.open("rb") as file:
            digests = hash_file(file)
        part = self.vault.new_part()
        part.write(data)
        part.finish()
        self.vault.keep_original(part, digests.sha256)
        self._log(number, name, digests)
        return Exhibit(
            number=ExhibitNo(number),
            sha256=digests.sha256,
            sha512=digests.sha512,
            chunk_root=digests.chunk_root,
            size=digests.size,
            kind=kind,
            name=name,
        )

    def _log(self, number: str, name: str, digests: Digests) -> None:
        data = {
            "exhibit": number,
            "size": digests.size,
            "sha256": digests.sha256,
            "sha512": digests.sha512,
            "chunk_root": digests.chunk_root,
        }
        self.log.add("media.ingested", Subject("exhibit", number), data, {"name": name.encode()})

    def proxy(self, recording: Recording, data: bytes) -> StoredDerivative:
        """A preview file in the workspace."""
        path = self.root / f"{recording.id}.mp4"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return StoredDerivative(
            recording=recording.id,
            kind="proxy",
            path=path.name,
            sha256=digest,
            size=len(data),
            parent_sha256=recording.sha256,
            tool="ffmpeg 7",
            parameters={"height": 480, "gop": 15},
        )


@cache
def make_clip(*, seconds: float = 2, rate: int = 10, size: tuple[int, int] = (160, 90), seed: int = 1) -> bytes:
    """A small H.264/AAC MP4 whose picture moves and whose sound is a tone."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": "10"})
        video.width, video.height, video.pix_fmt = size[0], size[1], "yuv420p"
        audio = out.add_stream("aac", rate=16_000, layout="mono")
        for number in range(round(seconds * rate)):
            picture = np.full((size[1], size[0], 3), 30 + 20 * seed, dtype=np.uint8)
            picture[:, (number * 4) % size[0] : (number * 4) % size[0] + 12] = (200, 180, 60 * seed % 255)
            for packet in video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")):
                out.mux(packet)
        wave = (np.sin(np.arange(round(16_000 * seconds)) / 8) * 4000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
        frame.sample_rate = 16_000
        for packet in (*audio.encode(frame), *audio.encode(None), *video.encode(None)):
            out.mux(packet)
    return file.getvalue()


def make_house(root: Path) -> House:
    """An empty workspace with a started log."""
    house = House(root, Vault(root / "vault"))
    house.log.add("log.started", Subject("log", ORIGIN), {}, {})
    house.log.add("session.started", Subject("session", "s-9"), {}, {"purpose": b"another case"})
    return house
