"""A workspace with the made scene's two cameras, docked for real, on one incident's clock. Made once, then copied.

The cards are the sample cards with their names, side files and sound; small pictures make docking quick.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bwc_review.domain.ids import IncidentId
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident
from bwc_review.review.sessions import end_session, start_session
from tests.desks import REVIEWER, dock, make_desk

SAMPLES = Path(__file__).resolve().parent.parent / "sample_media"
SCENE = IncidentId("IR-2026-0001")
RATE, PICTURES = 16_000, 5
CLIPS = {  # a file of the sample cards: the sound it carries, from and to which second
    "kestrel-kb2/DCIM/100KSTRL/KB2_00417_20260314T093930Z_001.MP4": ("cam1", 0.0, 60.0),
    "kestrel-kb2/DCIM/100KSTRL/KB2_00417_20260314T094030Z_002.MP4": ("cam1", 60.0, 120.0),
    "kestrel-kb2/DCIM/100KSTRL/KB2_00417_20260314T094130Z_003.MP4": ("cam1", 120.0, 160.4924),
    "orrery-p5/EVIDENCE/2026-03-14/OP5-0231/093937_OP5-0231.mp4": ("cam2", 0.0, 153.0854),
}


def scene_sound(name: str) -> np.ndarray:
    """The sound of a camera of the made scene as 16 bit samples at 16 kHz."""
    with av.open(str(SAMPLES / "mill-street" / f"{name}.flac")) as file:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])


def make_two_cards(folder: Path) -> Path:
    """Both sample cards with small pictures."""
    shutil.copytree(SAMPLES / "cards", folder, ignore=lambda _at, names: [n for n in names if _is_clip(n)])
    sounds = {name: scene_sound(name) for name in ("cam1", "cam2")}
    for file, (name, start, end) in CLIPS.items():
        _write(folder / file, sounds[name][round(start * RATE) : round(end * RATE)])
    return folder


def _is_clip(name: str) -> bool:
    return any(file.endswith(name) for file in CLIPS)


def _write(file: Path, wave: np.ndarray) -> None:
    with av.open(str(file), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=PICTURES, options={"g": "5", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        for number in range(-(-len(wave) * PICTURES // RATE)):
            picture = np.full((48, 64, 3), number * 6 % 256, dtype=np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(video.encode(None))
        for at in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, at : at + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            out.mux(audio.encode(frame))
        out.mux(audio.encode(None))


def make_two_cameras(folder: Path) -> Desk:
    """Dock both cards and open the incident; everything is placed by its best claim."""
    cards = make_two_cards(folder.parent / "cards")
    desk = make_desk(folder)
    for card in ("kestrel-kb2", "orrery-p5"):
        session, _ = dock(desk, cards / card)
        end_session(desk, session)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    with desk.store.reading() as work:
        found = [one.id for one in work.footage.recordings() if one.facts and one.facts.audio]
    open_incident(desk, session, "Mill Street", found, SCENE)
    end_session(desk, session)
    desk.store.close()  # type: ignore[attr-defined]
    return desk
