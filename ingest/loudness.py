"""Whether a sound track carries any sound: single packets decoded here and there while a file is demuxed.

A handful of packets of a long file costs next to nothing; a microphone that was off shows in every one of them.
Runs on hostile media, so in the examining child only.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer

PLACES = 240
ONE_STEP = 1 / 32_768  # the least step of 16 bits: dither of an encoder, not sound
_EVERY_US = 1_000_000  # where the file does not say how long it is


@dataclass(slots=True)
class _Track:
    next_us: int | None = None
    places: int = 0
    sounding: int = 0
    refused: int = 0


class Ear:
    """Listens to some packets of each sound track of ``container``."""

    def __init__(self, container: InputContainer) -> None:
        length = container.duration or 0  # in AV_TIME_BASE, which is microseconds
        self._gap = length // PLACES if length > 0 else _EVERY_US
        self._tracks = {stream.index: _Track() for stream in container.streams.audio}

    def listen(self, packet: av.Packet[av.stream.Stream]) -> None:
        """Decode the packet if it is the first of its track, or the last one listened to lies far enough back."""
        track = self._tracks.get(packet.stream.index)
        when = packet.dts if packet.dts is not None else packet.pts
        if track is None or when is None or packet.time_base is None:
            return
        us = round(when * packet.time_base * 1_000_000)
        if track.places >= 2 * PLACES or (track.next_us is not None and us < track.next_us):
            return
        track.next_us = us + self._gap
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, AudioFrame)]
        except av.FFmpegError:
            track.refused += 1
            return
        if frames:
            track.places += 1
            track.sounding += any(_loudest(frame) > ONE_STEP for frame in frames)

    def only_silence(self, index: int) -> int:
        """At how many places track ``index`` was listened to, all silent; 0 when any sounded or was not heard."""
        track = self._tracks[index]
        return track.places if track.places and not track.sounding and not track.refused else 0


def _loudest(frame: AudioFrame) -> float:
    """The largest distance from silence, full scale being 1."""
    samples = np.asarray(frame.to_ndarray())
    if samples.dtype.kind == "f":
        return float(np.abs(samples).max(initial=0.0))
    full = float(2 ** (8 * samples.dtype.itemsize - 1))
    middle = full if samples.dtype.kind == "u" else 0.0
    return float(np.abs(samples.astype(np.float64) - middle).max(initial=0.0)) / full
