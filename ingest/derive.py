"""Making derivatives of preserved originals: frame index, proxy, sound, waveform and stills.

Each is made in a low-priority child from the vault's own file, kept under its parent's digest and found again
on a second call. An original is only ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np

from ingest.audio import SAMPLE_RATE
from ingest.demux import sniff_file
from ingest.derivatives import Derivative, DerivativeKind, Recipe, find_or_make
from ingest.errors import DerivativeFailed, ProbeFailed
from ingest.index import FrameIndex
from ingest.isolation import ask_child, run_child
from ingest.parts import Part
from ingest.probe import Playability, ProbeFacts
from ingest.proxy import CRF, GOP, LINES, SOUND_BITS_PER_S, ffmpeg_version, timescale_of, write_proxy
from ingest.vault import Vault
from ingest.waveform import COARSEST_PAIRS, SPAN, STEP, Waveform, waveform_of

DEFAULT_TIMEOUT_S = 600.0
PROXY_TIMEOUT_FACTOR = 20
PROXY_TOLERANCE_US = 1_000
_PYAV = "PyAV"


def make_frame_index(vault: Vault, sha256: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Derivative:
    """The frame index of an original; read it with ``load_frame_index``. Raises DerivativeFailed, DiskFull."""
    recipe = Recipe(DerivativeKind.FRAME_INDEX, "bin", _PYAV, av.__version__, {"form": 1})
    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "frame-index", {}, timeout_s))


def load_frame_index(vault: Vault, derivative: Derivative) -> FrameIndex:
    """The index a derivative holds; raises ProbeFailed when its bytes are damaged, VaultDamaged."""
    try:
        with vault.open_kept(derivative.path, derivative.sha256) as reader:
            return FrameIndex.from_bytes(reader.read())
    except OSError as error:
        raise ProbeFailed("A stored frame index cannot be read. Make it again.", detail=repr(error)) from error


def make_audio(vault: Vault, sha256: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Derivative:
    """16 kHz mono int16 little-endian samples, sample 0 at media time 0. Raises DerivativeFailed, DiskFull."""
    parameters: dict[str, str | int] = {"rate": SAMPLE_RATE, "layout": "mono", "sample": "s16le", "track": 0}
    recipe = Recipe(DerivativeKind.AUDIO, "pcm", _PYAV, av.__version__, parameters)
    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "pcm", {}, timeout_s))


def make_waveform(vault: Vault, sha256: str, audio: Derivative) -> Derivative:
    """The waveform pyramid of the sound ``make_audio`` gave. Raises DerivativeFailed, DiskFull."""
    parameters: dict[str, str | int] = {"span": SPAN, "step": STEP, "coarsest": COARSEST_PAIRS, "pcm": audio.sha256}
    recipe = Recipe(DerivativeKind.WAVEFORM, "bin", "numpy", np.__version__, parameters)

    def make(part: Part) -> None:
        with vault.open_kept(audio.path, audio.sha256) as sound:
            part.write(waveform_of(sound).to_bytes())

    return find_or_make(vault, sha256, recipe, make)


def load_waveform(vault: Vault, derivative: Derivative) -> Waveform:
    """The pyramid a derivative holds; raises DerivativeFailed when its bytes are damaged, VaultDamaged."""
    try:
        with vault.open_kept(derivative.path, derivative.sha256) as reader:
            return Waveform.from_bytes(reader.read())
    except OSError as error:
        raise DerivativeFailed("A stored waveform cannot be read. Make it again.", detail=repr(error)) from error


def make_still(
    vault: Vault, sha256: str, frame: int, form: str = "png", *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> Derivative:
    """The picture of exactly ``frame`` (counted from 0 in presentation order), upright, ``png`` or ``jpeg``.

    Raises DerivativeFailed when there is no such frame or it cannot be decoded, and DiskFull.
    """
    from ingest.image import FORMATS, JPEG_QUALITY, VERSION

    if form not in FORMATS:
        raise DerivativeFailed(f"'{form}' is no picture format that is made here. Choose png or jpeg.")
    parameters: dict[str, str | int] = {"frame": frame, "format": form}
    if form == "jpeg":
        parameters["quality"] = JPEG_QUALITY
    recipe = Recipe(DerivativeKind.STILL, form, "PyAV and OpenCV", f"{av.__version__} and {VERSION}", parameters)
    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "still", parameters, timeout_s))


def make_proxy(vault: Vault, sha256: str, facts: ProbeFacts, *, timeout_s: float | None = None) -> Derivative:
    """The review proxy (MP4, 480 lines). ``timeout_s`` defaults to a multiple of the recording's length.

    Raises DerivativeFailed when nothing of it can be played or the proxy would not show every frame at its
    own time, as when pictures of a damaged recording cannot be decoded; and DiskFull.
    """
    if facts.playable is Playability.UNPLAYABLE or (facts.video is None and not facts.audio):
        raise DerivativeFailed("This recording cannot be played, so no proxy can be made. It is preserved as it is.")
    parameters: dict[str, str | int] = {
        "lines": LINES, "gop": GOP, "crf": CRF, "sound": SOUND_BITS_PER_S, "times": "passthrough", "metadata": "none",
    }  # fmt: skip
    plain = None if vault.encrypted else vault.plain_path(sha256)
    if plain is None:
        recipe = Recipe(DerivativeKind.PROXY, "mp4", _PYAV, av.__version__, {**parameters, "form": "fragmented"})
        write = _proxy_in_child(vault, sha256, facts)
    else:
        recipe = Recipe(DerivativeKind.PROXY, "mp4", "ffmpeg", ffmpeg_version(), parameters)
        write = _by_program(vault, sha256, facts, plain)
    limit = timeout_s or DEFAULT_TIMEOUT_S + PROXY_TIMEOUT_FACTOR * (facts.duration_us or 0) / 1_000_000

    def make(part: Part) -> None:
        write(part, limit)
        if facts.video is not None:
            index = make_frame_index(vault, sha256, timeout_s=DEFAULT_TIMEOUT_S)
            with vault.part_for_child(part) as handed:
                made = ask_child("frame-index", handed, {}, timeout_s=DEFAULT_TIMEOUT_S)
            _refuse_shifted(load_frame_index(vault, index), FrameIndex.from_bytes(made))

    return find_or_make(vault, sha256, recipe, make)


def _by_program(vault: Vault, sha256: str, facts: ProbeFacts, plain: Path) -> Callable[[Part, float], None]:
    """Write the proxy with the ffmpeg program, from a file it can read to one it can write."""

    def write(part: Part, limit: float) -> None:
        with vault.open(sha256) as reader:
            demuxer = sniff_file(reader).demuxer
        write_proxy(plain, demuxer, facts, part.path, timeout_s=limit)

    return write


def _proxy_in_child(vault: Vault, sha256: str, facts: ProbeFacts) -> Callable[[Part, float], None]:
    """Write the proxy in the isolated child, where footage and proxy stay in memory."""
    video = facts.video
    wanted = {
        "lines": LINES, "gop": GOP, "crf": CRF, "sound": SOUND_BITS_PER_S, "timescale": timescale_of(facts),
        "rotation": video.rotation if video is not None else 0,
    }  # fmt: skip

    def write(part: Part, limit: float) -> None:
        with vault.for_child(sha256) as handed:
            run_child("proxy", handed, wanted, part.write, timeout_s=limit)
        part.finish()

    return write


def _refuse_shifted(original: FrameIndex, made: FrameIndex) -> None:
    same = len(original) == len(made) and all(
        abs(original.us_of(n) - made.us_of(n)) <= PROXY_TOLERANCE_US for n in range(len(made))
    )
    if not same:
        raise DerivativeFailed(
            f"Only {len(made)} of {len(original)} pictures could be decoded at their own times, so a proxy would "
            "show moments at wrong times. Review this damaged recording from its original."
        )


def in_child(
    vault: Vault, sha256: str, task: str, wanted: Mapping[str, Any], timeout_s: float
) -> Callable[[Part], None]:
    """A maker that lets one task of the media child write the part."""

    def make(part: Part) -> None:
        with vault.for_child(sha256) as handed:
            run_child(task, handed, wanted, part.write, timeout_s=timeout_s)

    return make
