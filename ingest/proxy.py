"""The review proxy: 480 lines, a keyframe every 15 frames, AAC, no metadata, playable while it loads.

Every frame keeps its time (``-fps_mode passthrough`` in the original's own time base), so frame n of a whole
recording is frame n of its proxy. The focused camera and every still come from the original, never from here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from ingest.isolation import ChildFailed
from ingest.media_child import LOW_PRIORITY
from ingest.probe import ProbeFacts
from ingest.stopping import wait_or_stop

LINES = 480
GOP = 15
CRF = 28
SOUND_BITS_PER_S = 64_000
_MEMORY_BYTES = 4 * 1024**3
_MAX_TIMESCALE = 1_000_000


def ffmpeg_version() -> str:
    """Version of the bundled ffmpeg program."""
    return str(imageio_ffmpeg.get_ffmpeg_version())


def write_proxy(original: Path, demuxer: str, facts: ProbeFacts, out: Path, *, timeout_s: float) -> None:
    """Write the proxy of ``original`` to the existing file ``out``. Raises ChildFailed and OSError."""
    command = _command(original, demuxer, facts, out)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=_bare_environment()
        )
        _lower(process.pid)
        try:
            code = wait_or_stop(process, timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ChildFailed(f"It was given up after {timeout_s:g} s.") from error
        if code != 0:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            detail = log.read(2000).decode("utf-8", "replace")
            if os.strerror(errno.ENOSPC) in detail:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise ChildFailed("The converter could not decode it.", detail=f"exit {code}: {detail}")


def _command(original: Path, demuxer: str, facts: ProbeFacts, out: Path) -> list[str]:
    source = ffmpeg.input(f"file:{original}", f=demuxer, protocol_whitelist="file,pipe")
    streams = [source["V:0"]] if facts.video is not None else []
    if facts.audio:
        streams.append(source["a:0"])
    written = ffmpeg.output(*streams, f"file:{out}", **_settings(facts))
    flags = ["-nostdin", "-hide_banner", "-loglevel", "error"]
    return [str(part) for part in written.global_args(*flags).overwrite_output().compile(cmd=_program())]


def _settings(facts: ProbeFacts) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "f": "mp4", "movflags": "+faststart", "map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact",
        "flags:v": "+bitexact", "flags:a": "+bitexact", "fps_mode": "passthrough", "enc_time_base:v": "demux",
        "c:v": "libx264", "preset": "veryfast", "crf": CRF, "g": GOP, "keyint_min": GOP, "sc_threshold": 0,
        "bf": 0, "pix_fmt": "yuv420p", "vf": rf"scale=-2:trunc(min({LINES}\,ih)/2)*2",
        "c:a": "aac", "b:a": SOUND_BITS_PER_S, "ac": 1,
    }  # fmt: skip
    if timescale := timescale_of(facts):
        settings["video_track_timescale"] = timescale
    return settings


def timescale_of(facts: ProbeFacts) -> int:
    """Ticks per second in which the proxy can count as its original does; 0 where it cannot."""
    video = facts.video
    fits = video is not None and video.time_base_num == 1 and video.time_base_den <= _MAX_TIMESCALE
    return video.time_base_den if video is not None and fits else 0


def _program() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _lower(process_id: int) -> None:
    """Lower priority and bound memory of a process just started, where the platform can."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process_id, LOW_PRIORITY)
        if hasattr(resource, "prlimit"):
            resource.prlimit(process_id, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _bare_environment() -> dict[str, str]:
    return {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP") if key in os.environ}
