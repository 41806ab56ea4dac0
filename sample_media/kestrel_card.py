"""The card of the invented "Kestrel KB-2": layout, file names, JSON sidecars, segments. No encoding here.

One recording in 60 s segments; the family is made up for this project and resembles no real camera.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sample_media.true_time import MASTER_ZERO, SAMPLE_RATE, after_samples, iso_ms, iso_s

CARD: Final = "kestrel-kb2"
DEVICE_ID: Final = "KB2-00417"
PREBUFFER_S: Final = 20
SEGMENT_SAMPLES: Final = 60 * SAMPLE_RATE
B_FRAMES: Final = 0
_FOLDER: Final = "DCIM/100KSTRL"
_RECORDING: Final = "KB2-00417-20260314-0001"

_INVENTED: Final = """\
INVENTED CAMERA CARD

"Kestrel KB-2" does not exist. Maker, model, file names and sidecars were made up for this project.
The scene is synthetic: drawn pictures, synthetic voices, generated noise. Nobody real is seen or heard.
This is test material. It is not evidence of anything.
"""
_VOLUME: Final = f"""\
KESTREL VOLUME 1
model: Kestrel KB-2 (invented)
device_id: {DEVICE_ID}
serial: KSTRL-INV-00417
firmware: 3.2.1-invented
volume: A
format_utc: 2026-03-13T22:04:51.000Z
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the recording: running number from 1, first sample and samples within the whole sound."""

    number: int
    first_sample: int
    sample_count: int

    @property
    def start(self) -> datetime:
        """The camera's clock at the segment's first frame."""
        return after_samples(MASTER_ZERO, self.first_sample)

    @property
    def end(self) -> datetime:
        """The camera's clock when the segment's sound ends."""
        return after_samples(MASTER_ZERO, self.first_sample + self.sample_count)


def segments(sample_count: int) -> tuple[Segment, ...]:
    """The recording cut into 60 s files."""
    return tuple(
        Segment(index + 1, first, min(SEGMENT_SAMPLES, sample_count - first))
        for index, first in enumerate(range(0, sample_count, SEGMENT_SAMPLES))
    )


def clip_path(card: Path, number: int, start: datetime) -> Path:
    """``KB2_<device>_<start UTC, cut to seconds>_<segment>.MP4`` in the picture folder."""
    return card / _FOLDER / f"KB2_00417_{start:%Y%m%dT%H%M%SZ}_{number:03d}.MP4"


def tags(segment: Segment) -> dict[str, str]:
    """Container tags of a segment; the place is open sea."""
    return {
        "creation_time": iso_s(segment.start),
        "title": f"{_RECORDING} {segment.number:03d}",
        "comment": "SYNTHETIC SCENE - INVENTED",
        "location": "-48.8767-123.3933/",
    }


def write_side_files(card: Path, parts: tuple[Segment, ...], frame_counts: tuple[int, ...]) -> None:
    """Marker, volume file, one JSON sidecar a segment, and the empty file of a segment never written."""
    (card / _FOLDER).mkdir(parents=True, exist_ok=True)
    (card / "INVENTED.txt").write_text(_INVENTED, encoding="ascii", newline="\n")
    (card / "KESTREL.ID").write_text(_VOLUME, encoding="ascii", newline="\n")
    for part, frames in zip(parts, frame_counts, strict=True):
        text = json.dumps(_sidecar(part, len(parts), frames), indent=2) + "\n"
        sidecar = clip_path(card, part.number, part.start).with_suffix(".JSON")
        sidecar.write_text(text, encoding="ascii", newline="\n")
    last = parts[-1]
    clip_path(card, last.number + 1, last.end).write_bytes(b"")


def _sidecar(part: Segment, of: int, frames: int) -> dict[str, object]:
    return {
        "schema": "kestrel-clip/1",
        "invented": True,
        "model": "Kestrel KB-2 (invented)",
        "device_id": DEVICE_ID,
        "serial": "KSTRL-INV-00417",
        "firmware": "3.2.1-invented",
        "officer_badge": "O1",
        "officer_badge_note": "invented",
        "recording_id": _RECORDING,
        "segment": part.number,
        "segments": of,
        "file": clip_path(Path(), part.number, part.start).name,
        "start_utc": iso_ms(part.start),
        "end_utc": iso_ms(part.end),
        "clock_source": "gps",
        "prebuffer_s": PREBUFFER_S if part.number == 1 else 0,
        "prebuffer_audio": False,
        "frame_rate": 30,
        "frames": frames,
        "audio_rate": SAMPLE_RATE,
        "trigger": "manual",
    }
