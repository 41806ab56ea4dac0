"""A real desk for tests: a workspace in a folder, a small card with real footage, and the people who work there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bwc_review.bootstrap import Settings, create_workspace
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.recording import Recording
from bwc_review.ports.jobs import Job, JobState
from bwc_review.ports.records import Acquisition, Docking, Session
from bwc_review.review.deriving import work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import DockingReport, import_card
from bwc_review.review.sessions import start_session
from tests.fakes.transcriber import FakeTranscriber, Line

PASSPHRASE = "an invented passphrase"
CLERK, REVIEWER, AUDITOR = OperatorId("clerk-1"), OperatorId("psd-1"), OperatorId("audit-1")
ROLES = {"clerk-1": "evidence_clerk", "psd-1": "psd_investigator", "audit-1": "auditor"}
SETTINGS = Settings("police.example", "ws1", ROLES)
SAID = (
    Line(500_000, 2_000_000, "Drop the knife!"),
    Line(2_200_000, 3_400_000, "Put it down or I will use my taser"),
    Line(3_500_000, 3_900_000),
)


def make_desk(folder: Path) -> Desk:
    """A new workspace whose engine hears ``SAID``."""
    desk = create_workspace(folder, SETTINGS, PASSPHRASE)
    return replace(desk, transcriber=lambda: FakeTranscriber(SAID))


def write_clip(file: Path, *, seconds: int = 4, tone: int = 440, sound: bool = True) -> None:
    """A small real MP4: moving bars at 10 pictures a second, a tone as AAC unless ``sound`` is off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(file), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=10, options={"g": "5", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio = out.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for number in range(seconds * 10):
            picture = np.full((96, 160, 3), number * 6 % 256, dtype=np.uint8)
            picture[:, number % 160] = 255
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(video.encode(None))
        if audio is not None:
            wave = np.sin(np.arange(seconds * 16_000) * tone * 2 * np.pi / 16_000) * 8000
            for at in range(0, len(wave), 1024):
                frame = av.AudioFrame.from_ndarray(
                    wave[None, at : at + 1024].astype(np.int16), format="s16", layout="mono"
                )
                frame.sample_rate, frame.pts, frame.time_base = 16_000, at, Fraction(1, 16_000)
                out.mux(audio.encode(frame))
            out.mux(audio.encode(None))


def make_card(folder: Path) -> Path:
    """A card no profile knows: two clips with sound, a sidecar, an empty file and an unknown one."""
    write_clip(folder / "DCIM" / "CLIP0001.MP4", tone=440)
    write_clip(folder / "DCIM" / "CLIP0002.MP4", tone=880)
    (folder / "DCIM" / "CLIP0001.JSON").write_text('{"note": "invented"}', "utf-8")
    (folder / "DCIM" / "CLIP0003.MP4").touch()
    (folder / "DIAG.BIN").write_bytes(bytes(range(256)))
    return folder


def make_pulled_card(folder: Path) -> Path:
    """A card pulled while recording: a healthy clip, and one of the same camera whose index was never written."""
    write_clip(folder / "CLIP0001.MP4", seconds=2)
    write_clip(folder / "whole.mp4", seconds=3, tone=700)
    whole = (folder / "whole.mp4").read_bytes()
    (folder / "whole.mp4").unlink()
    (folder / "CLIP0002.MP4").write_bytes(whole[: whole.rindex(b"moov") - 4])
    return folder


class Onlooker:
    """An ImportWatch that keeps what it was told; ``stop_after`` files settled it asks to stop."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.seen: list[Acquisition] = []
        self.steps: list[tuple[str, str]] = []
        self.bytes: list[int] = []
        self.ends: list[tuple[str, str, JobState, str]] = []
        self.docking: Docking | None = None
        self.kept: tuple[Acquisition, ...] = ()
        self.left = self.waited = 0
        self._stop_after = stop_after

    def waiting(self) -> None:
        self.waited += 1

    def attached(self, docking: Docking, kept: Sequence[Acquisition]) -> None:
        self.docking, self.kept = docking, tuple(kept)

    def listed(self, files: int, size: int) -> None:
        self.left = files
        self.bytes.append(size)

    def copying(self, name: str, done: int, size: int) -> None:
        self.bytes.append(done)

    def settled(self, acquisition: Acquisition) -> None:
        self.seen.append(acquisition)

    def preparing(self, recording: Recording, step: str) -> None:
        self.steps.append((recording.exhibit, step))

    def working(self, job: Job, recording: Recording, left: int) -> None:
        self.steps.append((recording.exhibit, job.what))

    def ended(self, job: Job, recording: Recording) -> None:
        self.ends.append((recording.exhibit, job.what, job.state, job.error))

    def cancelled(self) -> bool:
        return self._stop_after is not None and len(self.seen) >= self._stop_after


def dock(desk: Desk, card: Path, watch: Onlooker | None = None) -> tuple[Session, DockingReport]:
    """Take a card as the clerk."""
    session = start_session(desk, CLERK, "routine_docking")
    onlooker = watch or Onlooker()
    report = import_card(desk, session, card, watch=onlooker)
    work_off(desk, session, onlooker)
    return session, report
