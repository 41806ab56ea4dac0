"""The review proxy of an encrypted original, made inside the isolated child: decoded, scaled and encoded in memory.

What ``ingest.proxy`` asks of the ffmpeg program, here through the same libraries, because that program reads and
writes files. A fragmented MP4 goes out as it is made, so neither footage nor proxy ever stands on a disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.demux import main_video, open_media, refuse_encrypted
from ingest.errors import ProbeFailed
from ingest.files import MediaFile
from ingest.streamed import IN_PIECES, OnlyWritten

_TURNS = {90: ("transpose", "clock"), 270: ("transpose", "cclock")}
_AAC_FRAME = 1024


def write_streamed(recording: MediaFile, wanted: Mapping[str, Any], out: BinaryIO) -> None:
    """Write the proxy of a seekable file to ``out``. ``wanted``: lines, gop, crf, sound, rotation, timescale.

    Raises ProbeFailed when it cannot be decoded.
    """
    refuse_encrypted(recording)
    options = {"movflags": IN_PIECES, "fflags": "+bitexact"}
    if wanted["timescale"]:
        options["video_track_timescale"] = str(wanted["timescale"])
    with open_media(recording) as source:
        video, audio = main_video(source), next(iter(source.streams.audio), None)
        with av.open(OnlyWritten(out), "w", format="mp4", options=options) as made:
            tracks: dict[int, _Picture | _Sound] = {}
            if video is not None:
                tracks[video.index] = _Picture(made, video, wanted)
            if audio is not None:
                tracks[audio.index] = _Sound(made, audio, int(wanted["sound"]))
            try:
                _convert(source, made, tracks)
            except av.FFmpegError as error:
                raise ProbeFailed("The converter could not decode it.", detail=repr(error)) from error


def _convert(source: InputContainer, made: OutputContainer, tracks: Mapping[int, _Picture | _Sound]) -> None:
    for packet in source.demux([source.streams[index] for index in tracks]):
        track = tracks[packet.stream.index]
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue  # a torn piece; whether too much is missing is judged by the frame index
        for frame in frames:
            for encoded in track.encoded(frame):
                made.mux(encoded)
    for track in tracks.values():
        for encoded in track.rest():
            made.mux(encoded)


class _Picture:
    """Decoded pictures to 480 lines in the original's own time base."""

    def __init__(self, made: OutputContainer, video: VideoStream, wanted: Mapping[str, Any]) -> None:
        self._video = video
        self._wanted = wanted
        gop = str(wanted["gop"])
        options = {
            "preset": "veryfast", "crf": str(wanted["crf"]), "g": gop, "keyint_min": gop, "sc_threshold": "0",
            "bf": "0", "flags": "+bitexact",
        }  # fmt: skip
        self._stream = made.add_stream("libx264", rate=video.average_rate or Fraction(25), options=options)
        self._graph: Graph | None = None

    def encoded(self, frame: object) -> Iterator[av.Packet[Any]]:
        if not isinstance(frame, VideoFrame) or frame.pts is None:
            return
        if self._graph is None:
            self._graph = self._made_for(frame)
        self._graph.push(frame)
        yield from self._encode(self._graph.vpull())

    def rest(self) -> Iterator[av.Packet[Any]]:
        if self._graph is not None:
            yield from self._stream.encode(None)

    def _encode(self, scaled: VideoFrame) -> Iterator[av.Packet[Any]]:
        context = self._stream.codec_context
        if not context.is_open:
            self._stream.width, self._stream.height, self._stream.pix_fmt = scaled.width, scaled.height, "yuv420p"
            context.time_base = self._video.time_base or Fraction(1, 1000)
        scaled.pict_type = 0  # the original's key frames are not the proxy's
        yield from self._stream.encode(scaled)

    def _made_for(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        chain = [
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=self._video.time_base
            )
        ]
        for name, argument in self._steps():
            chain.append(graph.add(name, argument))
        chain.append(graph.add("buffersink"))
        graph.link_nodes(*chain)
        graph.configure()
        return graph

    def _steps(self) -> Iterator[tuple[str, str]]:
        rotation = int(self._wanted["rotation"])
        if rotation in _TURNS:
            yield _TURNS[rotation]
        elif rotation == 180:
            yield from (("hflip", ""), ("vflip", ""))
        yield "scale", rf"-2:trunc(min({int(self._wanted['lines'])}\,ih)/2)*2"
        yield "format", "yuv420p"


class _Sound:
    """Decoded sound to one AAC channel at its own rate."""

    def __init__(self, made: OutputContainer, audio: AudioStream, bits_per_s: int) -> None:
        rate = audio.codec_context.sample_rate
        self._stream = made.add_stream("aac", rate=rate, layout="mono", options={"flags": "+bitexact"})
        self._stream.bit_rate = bits_per_s
        self._resampler = AudioResampler(format="fltp", layout="mono", rate=rate, frame_size=_AAC_FRAME)

    def encoded(self, frame: object) -> Iterator[av.Packet[Any]]:
        if isinstance(frame, AudioFrame) and frame.pts is not None:
            yield from self._encode(self._resampler.resample(frame))

    def rest(self) -> Iterator[av.Packet[Any]]:
        yield from self._encode(self._resampler.resample(None))
        yield from self._stream.encode(None)

    def _encode(self, frames: list[AudioFrame]) -> Iterator[av.Packet[Any]]:
        for frame in frames:
            yield from self._stream.encode(frame)
