"""The card of the invented "Orrery Patrol 5": layout, file names, key=value sidecars, GPS log, oddities.

Its times are what its own fast clock says; only the GPS log carries satellite time. No encoding here.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sample_media.true_time import CAM2_START, MASTER_ZERO, SAMPLE_RATE, after_samples, iso_ms, iso_s

CARD: Final = "orrery-p5"
DEVICE_ID: Final = "OP5-0231"
B_FRAMES: Final = 2
EARLIER_START: Final = datetime(2026, 3, 14, 8, 12, 4, 120000, tzinfo=UTC)
EARLIER_SAMPLES: Final = 3 * SAMPLE_RATE
_FOLDER: Final = f"EVIDENCE/2026-03-14/{DEVICE_ID}"
_DIAGNOSTIC_BLOCKS: Final = 128
_KEPT_SHARE: Final = 0.8
_LATITUDE_MINUTES: Final = 48 * 60 + 52.602
_LONGITUDE_MINUTES: Final = 123 * 60 + 23.598
_METRES_PER_MINUTE: Final = 1852.0

_INVENTED: Final = """\
INVENTED CAMERA CARD

"Orrery Patrol 5" does not exist. Maker, model, file names and sidecars were made up for this project.
The scene is synthetic: drawn pictures, synthetic voices, generated noise. Nobody real is seen or heard.
The GPS log names a spot in the open South Pacific. This is test material. It is not evidence of anything.
"""
_VOLUME: Final = f"""\
[orrery]
model=Orrery Patrol 5 (invented)
device_id={DEVICE_ID}
serial=OPX-INV-0231
firmware=5.0.14-invented
layout=2
"""


def clip_path(card: Path, start: datetime) -> Path:
    """``EVIDENCE/<day>/<device>/<HHMMSS>_<device>.mp4``, the start by the camera's own clock."""
    return card / _FOLDER / f"{start:%H%M%S}_{DEVICE_ID}.mp4"


def tags(start: datetime) -> dict[str, str]:
    """Container tags of a clip that begins at ``start`` by the camera's clock."""
    return {
        "creation_time": iso_s(start),
        "com.orrery.device": DEVICE_ID,
        "comment": "SYNTHETIC SCENE - INVENTED",
    }


def write_side_files(card: Path, sample_count: int, frame_count: int) -> None:
    """Marker, volume file, both ``.meta`` files, the GPS log and its copy, and a file no profile knows."""
    (card / _FOLDER).mkdir(parents=True, exist_ok=True)
    (card / "BACKUP").mkdir(exist_ok=True)
    _write(card / "INVENTED.txt", _INVENTED)
    _write(card / "ORRERY.INF", _VOLUME)
    main = clip_path(card, CAM2_START)
    end = after_samples(CAM2_START, sample_count)
    _write(main.with_suffix(".meta"), _meta(CAM2_START, end, frame_count))
    _write(clip_path(card, EARLIER_START).with_suffix(".meta"), _meta(EARLIER_START, None, 0))
    log = gps_log(CAM2_START, end)
    for place in (main.with_suffix(".log"), card / "BACKUP" / f"GPS_{CAM2_START:%Y%m%d_%H%M%S}.log"):
        _write(place, log)
    blocks = (hashlib.sha256(f"orrery diagnostic {i}".encode()).digest() for i in range(_DIAGNOSTIC_BLOCKS))
    (card / "DIAG.BIN").write_bytes(b"".join(blocks))


def cut_before_index(path: Path) -> None:
    """Keep the first four fifths of a finished MP4: its index (moov) stands at the end and is lost."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * _KEPT_SHARE)])


def gps_log(start: datetime, end: datetime) -> str:
    """NMEA 0183 RMC and GGA once a full satellite second between two times, CRLF, with checksums.

    Satellite time is master time, not the camera's clock; the receiver drifts by a few metres.
    """
    lines = [nmea(f"PORRY,{DEVICE_ID},INVENTED,OPEN SEA")]
    second = start.replace(microsecond=0) + timedelta(seconds=1)
    while second <= end:
        lines += _fix(second)
        second += timedelta(seconds=1)
    return "\r\n".join(lines) + "\r\n"


def nmea(body: str) -> str:
    """A sentence with its checksum: XOR of the characters between $ and * (NMEA 0183)."""
    total = 0
    for character in body.encode("ascii"):
        total ^= character
    return f"${body}*{total:02X}"


def _fix(second: datetime) -> tuple[str, str]:
    t = (second - MASTER_ZERO).total_seconds()
    north = 2.1 * math.sin(0.031 * t) + 0.8 * math.sin(0.21 * t + 1.0)
    east = 1.7 * math.sin(0.027 * t + 2.0) + 0.7 * math.sin(0.17 * t)
    latitude = _LATITUDE_MINUTES - north / _METRES_PER_MINUTE
    longitude = _LONGITUDE_MINUTES - east / (_METRES_PER_MINUTE * math.cos(math.radians(latitude / 60)))
    place = f"{_degrees(latitude, 2)},S,{_degrees(longitude, 3)},W"
    knots = 0.12 + 0.08 * math.sin(0.4 * t)
    return (
        nmea(f"GPRMC,{second:%H%M%S}.00,A,{place},{knots:.2f},{(140 + t) % 360:.1f},{second:%d%m%y},,,A"),
        nmea(f"GPGGA,{second:%H%M%S}.00,{place},1,09,0.9,{2.0 + 0.3 * math.sin(0.05 * t):.1f},M,-12.4,M,,"),
    )


def _degrees(minutes: float, digits: int) -> str:
    return f"{int(minutes // 60):0{digits}d}{minutes % 60:07.4f}"


def _meta(start: datetime, end: datetime | None, frames: int) -> str:
    fields = {
        "format": "orrery-meta/1",
        "invented": "yes",
        "model": "Orrery Patrol 5 (invented)",
        "device_id": DEVICE_ID,
        "serial": "OPX-INV-0231",
        "firmware": "5.0.14-invented",
        "officer": "O2",
        "officer_note": "invented",
        "file": clip_path(Path(), start).name,
        "state": "recording" if end is None else "closed",
        "start_utc": iso_ms(start),
    }
    if end is not None:
        fields |= {"end_utc": iso_ms(end), "frames": str(frames)}
    fields |= {
        "frame_rate": "30",
        "audio_rate": str(SAMPLE_RATE),
        "clock_source": "internal",
        "clock_set": "record-start",
        "prebuffer_s": "0",
        "gps": "none" if end is None else clip_path(Path(), start).with_suffix(".log").name,
    }
    return "".join(f"{key}={value}\n" for key, value in fields.items())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii", newline="")
