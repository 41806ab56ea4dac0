"""What a player is given to play, and how it is opened: in the decoding and sound threads, never on the screen's.
The footage itself is opened by ingest.demux, which forces the demuxer and lets it reach no other file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from bwc_review.domain.recording import Playability, Recording
from bwc_review.errors import MediaUnreadable
from bwc_review.playback.audio import AudioReader, DecodedReader, PcmReader
from bwc_review.playback.exact import ExactReader
from bwc_review.playback.table import read_table
from ingest.errors import IngestError
from ingest.index import FrameIndex


@dataclass(frozen=True, slots=True)
class PlayerSource:
    """One recording ready to be played.

    ``open_original`` gives a fresh seekable reader each time it is called, from any thread. ``open_audio`` does so
    for the audio derivative and may raise OSError; None to decode the original. ``wall_zero_us`` is the adopted
    camera wall clock of the first frame in microseconds since 1970 UTC, None when nobody adopted one; ``wall_note``
    says how far to trust it.
    """

    recording: Recording
    open_original: Callable[[], BinaryIO]
    index: bytes | FrameIndex | None
    open_audio: Callable[[], BinaryIO] | None = None
    label: str = ""
    wall_zero_us: int | None = None
    wall_note: str = "not verified"


def open_frames(source: PlayerSource, size: tuple[int, int]) -> ExactReader:
    """Open the picture. Raises MediaUnreadable with the reason, and what the vault raises."""
    if source.recording.playability is Playability.UNPLAYABLE or source.index is None:
        raise MediaUnreadable("No picture: this recording is preserved but cannot be played.")
    video = source.recording.facts.video if source.recording.facts else None
    file = source.open_original()
    try:
        return ExactReader(
            file,
            read_table(source.index),
            size=size,
            rotation=video.rotation if video else 0,
        )
    except (MediaUnreadable, IngestError):
        file.close()
        raise


def open_sound(source: PlayerSource) -> AudioReader:
    """Open the sound: the derivative where there is one, else the original. Raises MediaUnreadable."""
    if source.open_audio is not None:
        return PcmReader(source.open_audio)
    file = source.open_original()
    try:
        return DecodedReader(file, zero_us=_zero_us(source))
    except (MediaUnreadable, IngestError):
        file.close()
        raise


def _zero_us(source: PlayerSource) -> int:
    return read_table(source.index).zero_us if source.index is not None else 0
