"""The command that builds the two sample camera cards: ``python sample_media/make_samples.py``.

Drawing is in scene_drawing.py, encoding in clip_writer.py, layouts in kestrel_card.py and orrery_card.py.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # so that the command runs from anywhere, not only as a module

from sample_media import kestrel_card, orrery_card  # noqa: E402
from sample_media.burn_in import FRAMES_PER_SECOND, Overlay, kestrel_overlay, orrery_overlay  # noqa: E402
from sample_media.clip_writer import Clip, SceneSoundUnusable, TagStyle, frames_for, read_flac, write_clip  # noqa: E402
from sample_media.pinhole import Picture  # noqa: E402
from sample_media.scene_drawing import Stage  # noqa: E402
from sample_media.true_time import CAM2_START, SAMPLE_RATE, cam1_master_time, cam2_master_time  # noqa: E402

MANIFEST = "MANIFEST.sha256"


def build_kestrel(out: Path, scene: Path, progress: Progress) -> None:
    """Camera 1: three segments of one recording, and an empty fourth file."""
    sound = read_flac(scene / "cam1.flac")
    parts = kestrel_card.segments(len(sound))
    card = out / kestrel_card.CARD
    counts = tuple(frames_for(part.sample_count) for part in parts)
    kestrel_card.write_side_files(card, parts, counts)
    stage = Stage.of("cam1")
    for part, count in zip(parts, counts, strict=True):
        begins = part.first_sample / SAMPLE_RATE
        buffer_frames = kestrel_card.PREBUFFER_S * FRAMES_PER_SECOND if part.number == 1 else 0
        overlay = kestrel_overlay(kestrel_card.DEVICE_ID, buffer_frames)

        def scene_at(number: int, begins: float = begins) -> Picture:
            return stage.frame(cam1_master_time(begins + number / FRAMES_PER_SECOND))

        samples = sound[part.first_sample : part.first_sample + part.sample_count]
        picture = _burnt_in(scene_at, overlay, part.start)
        clip = Clip(count, picture, samples, kestrel_card.tags(part), kestrel_card.B_FRAMES, TagStyle.ITEM_LIST)
        _encode(kestrel_card.clip_path(card, part.number, part.start), clip, progress)


def build_orrery(out: Path, scene: Path, progress: Progress) -> None:
    """Camera 2: one whole clip, an earlier one without its index, GPS log, unknown file and duplicate."""
    sound = read_flac(scene / "cam2.flac")
    card = out / orrery_card.CARD
    count = frames_for(len(sound))
    orrery_card.write_side_files(card, len(sound), count)
    stage = Stage.of("cam2")
    overlay = orrery_overlay(orrery_card.DEVICE_ID)

    def scene_at(number: int) -> Picture:
        return stage.frame(cam2_master_time(number / FRAMES_PER_SECOND))

    def empty_street(number: int) -> Picture:
        return stage.empty(number / FRAMES_PER_SECOND)

    earlier = np.zeros(orrery_card.EARLIER_SAMPLES, dtype=np.int16)
    for start, view, samples in (
        (orrery_card.EARLIER_START, empty_street, earlier),
        (CAM2_START, scene_at, sound),
    ):
        picture = _burnt_in(view, overlay, start)
        tags, b_frames = orrery_card.tags(start), orrery_card.B_FRAMES
        clip = Clip(frames_for(len(samples)), picture, samples, tags, b_frames, TagStyle.METADATA_KEYS)
        _encode(orrery_card.clip_path(card, start), clip, progress)
    orrery_card.cut_before_index(orrery_card.clip_path(card, orrery_card.EARLIER_START))


def write_manifest(out: Path) -> Path:
    """Digest of every file on both cards, in the form ``sha256sum -c`` reads, paths relative to ``out``."""
    cards = (out / kestrel_card.CARD, out / orrery_card.CARD)
    files = sorted(path for card in cards for path in card.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(out).as_posix()}\n" for p in files)
    manifest = out / MANIFEST
    manifest.write_text("".join(lines), encoding="utf-8", newline="\n")
    return manifest


def _burnt_in(view: Callable[[int], Picture], overlay: Overlay, start: datetime) -> Callable[[int], Picture]:
    def picture(number: int) -> Picture:
        frame = view(number)
        overlay(frame, start, number)
        return frame

    return picture


def _encode(path: Path, clip: Clip, progress: Progress) -> None:
    task = progress.add_task(path.name, total=clip.frame_count)
    write_clip(path, clip, lambda: progress.advance(task))


BUILDERS = {"cam1": build_kestrel, "cam2": build_orrery}


def main() -> int:
    """Read the arguments, build the cards, write the manifest; 2 when the scene's sound cannot be used."""
    parser = argparse.ArgumentParser(description="Build the two sample camera cards of the invented scene.")
    parser.add_argument("--out", type=Path, default=HERE / "cards", help="folder that receives both cards")
    parser.add_argument("--scene", type=Path, default=HERE / "mill-street", help="folder with cam1.flac, cam2.flac")
    parser.add_argument("--only", choices=sorted(BUILDERS), help="build one card")
    arguments = parser.parse_args()
    console = Console()
    wanted = [arguments.only] if arguments.only else sorted(BUILDERS)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        try:
            for name in wanted:
                BUILDERS[name](arguments.out, arguments.scene, progress)
        except SceneSoundUnusable as error:
            console.print(error.message())
            return error.exit_code
    console.print(f"Cards and {write_manifest(arguments.out).name} are in {arguments.out}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
