"""Winning pictures and sound back from a recording whose index was never written (a card pulled while recording).

What the index would have told is borrowed from a healthy clip of the same camera: parameter sets, picture rate,
sound format. Pictures are copied bit for bit; their times are assumed from the rate, and the result says so inside
itself. Runs in the child; never on anything but a copy that is labelled as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from typing import Any, BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from av.video.frame import VideoFrame

from ingest.avc import KEY_SLICE, PREFIX, Parameters, Unit, pictures_of
from ingest.demux import main_video, open_media, refuse_encrypted
from ingest.errors import SalvageRefused
from ingest.files import MediaFile
from ingest.remains import Remains, find_remains
from ingest.streamed import IN_PIECES, OnlyWritten

VERSION = 2  # 1: pictures first, then all sound, the index at the end
_LABEL = "comment"
_MAX_LABEL = 4096
_START = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a healthy clip of the same camera tells: decoder settings in hex, picture rate, sound rate and layout.

    ``sound`` is empty without a sound track, or where it is not AAC. ``sound_lead`` is how many samples the camera's
    encoder puts before the first picture (its priming).
    """

    parameters: str
    width: int
    height: int
    rate_num: int
    rate_den: int
    sound: str
    sound_rate: int
    sound_lead: int
    layout: str

    def to_plain(self) -> dict[str, int | str]:
        """As plain data for JSON; ``from_plain`` gives back an equal value."""
        return {name: getattr(self, name) for name in Setup.__slots__}

    @classmethod
    def from_plain(cls, plain: Any) -> Setup:
        """Check what came over a pipe. Raises ValueError, KeyError or TypeError for another shape."""
        whole = {
            name: plain[name] for name in ("width", "height", "rate_num", "rate_den", "sound_rate", "sound_lead")
        }
        texts = {name: plain[name] for name in ("parameters", "sound", "layout")}
        if any(type(one) is not int or one < 0 for one in whole.values()) or not (whole["width"] and whole["height"]):
            raise TypeError("not the numbers of a stream")
        if any(not isinstance(one, str) or len(one) > 10_000 for one in texts.values()):
            raise TypeError("not the texts of a stream")
        if not (whole["rate_num"] and whole["rate_den"]):
            raise ValueError("a rate of nothing")
        Parameters.from_avcc(bytes.fromhex(texts["parameters"]))
        bytes.fromhex(texts["sound"])
        return cls(**whole, **texts)


def setup_of(file: MediaFile) -> Setup:
    """What the healthy recording ``file`` can lend. Raises SalvageRefused, ProbeFailed."""
    refuse_encrypted(file)
    with open_media(file) as container:
        video, audio = main_video(container), next(iter(container.streams.audio), None)
        if video is None or video.codec_context.name != "h264" or not video.average_rate:
            raise SalvageRefused("Only recordings with H.264 pictures can lend what a salvage needs. Choose another.")
        record = video.codec_context.extradata or b""
        try:
            parameters = Parameters.from_avcc(record)
        except ValueError as odd:
            raise SalvageRefused(
                "This healthy recording keeps its pictures in another way than MP4 does. Choose another one.",
                detail=str(odd),
            ) from odd
        aac = audio is not None and audio.codec_context.name == "aac" and bool(audio.codec_context.extradata)
        return Setup(
            parameters.to_avcc().hex(), video.codec_context.width, video.codec_context.height,
            video.average_rate.numerator, video.average_rate.denominator,
            (audio.codec_context.extradata or b"").hex() if aac and audio is not None else "",
            audio.codec_context.sample_rate if aac and audio is not None else 0,
            _lead(container, audio) if aac and audio is not None else 0,
            audio.codec_context.layout.name if aac and audio is not None else "",
        )  # fmt: skip


def _lead(container: InputContainer, audio: AudioStream) -> int:
    first = next((packet for packet in container.demux(audio) if packet.size), None)
    if first is None or first.pts is None or first.time_base is None or first.pts >= 0:
        return 0
    return min(round(-first.pts * first.time_base * audio.codec_context.sample_rate), audio.codec_context.sample_rate)


def write_salvage(file: MediaFile, setup: Setup, parent: str, out: BinaryIO) -> None:
    """Write what can be won back of ``file`` as MP4, labelled with what was found, lost and assumed.

    It goes out in pieces as it is made, so ``out`` may be a pipe and hours need no more memory than seconds.
    ``parent`` is the original's SHA-256. Raises SalvageRefused when no picture can be won back.
    """
    refuse_encrypted(file)
    parameters = Parameters.from_avcc(bytes.fromhex(setup.parameters))
    hearing = _Hearing(setup)
    remains = find_remains(file, parameters.numbers(), hearing.samples_in)
    shown = _decoding_order(file, parameters, remains)
    if not shown.order:
        raise SalvageRefused(
            "No picture of this recording could be won back with the settings of the healthy clip. It is preserved "
            "as it is. Try a healthy clip of the same camera with the same resolution, or hand it to a specialist."
        )
    label = {**_counts(remains, shown), **_assumptions(setup, parent)}
    with av.open(OnlyWritten(out), "w", format="mp4", options={"movflags": f"{IN_PIECES}+use_metadata_tags"}) as made:
        made.metadata["title"] = "SALVAGED COPY, NOT AN ORIGINAL"
        made.metadata[_LABEL] = json.dumps(label, sort_keys=True)
        rate = Fraction(setup.rate_num, setup.rate_den)
        pictures = made.add_mux_stream("h264", rate=rate, width=setup.width, height=setup.height)
        sound = hearing.stream_in(made, remains)
        seen = _pictures(pictures, file, setup, parameters, shown)
        heard = iter(()) if sound is None else hearing.packets(sound, file, remains)
        for packet in merge(seen, heard, key=_stored_at):
            made.mux(packet)


def label_of(file: MediaFile) -> bytes:
    """The label a salvaged copy carries, as JSON bytes. Raises SalvageRefused when there is none."""
    with open_media(file) as container:
        text = container.metadata.get(_LABEL, "")
    if not text or len(text) > _MAX_LABEL:
        raise SalvageRefused("This file carries no label of a salvage. Make the salvaged copy again.")
    return text.encode()


@dataclass(slots=True)
class _Shown:
    """Pictures that decoded: their units, and for each its place in the order of showing."""

    pictures: list[tuple[Unit, ...]]
    order: dict[int, int]
    refused: int
    leading: int  # pictures before the first that can stand alone


def _decoding_order(file: MediaFile, parameters: Parameters, remains: Remains) -> _Shown:
    pictures = list(pictures_of(remains.units))
    first = next((n for n, one in enumerate(pictures) if any(u.kind == KEY_SLICE for u in one)), len(pictures))
    kept = pictures[first:]
    decoder = CodecContext.create("h264", "r")
    decoder.extradata = parameters.to_avcc()
    order: dict[int, int] = {}
    refused = 0
    for number in range(len(kept) + 1):
        try:
            frames = decoder.decode(_packet(file, kept[number], number) if number < len(kept) else None)
        except av.FFmpegError:
            refused += 1
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame) and frame.pts is not None and frame.pts not in order:
                order[frame.pts] = len(order)
    return _Shown(kept, order, refused, first)


def _packet(file: MediaFile, picture: tuple[Unit, ...], number: int) -> av.Packet[Any]:
    packet = av.Packet(b"".join(_bytes_of(file, unit) for unit in picture))
    packet.pts = packet.dts = number
    return packet


def _bytes_of(file: MediaFile, unit: Unit) -> bytes:
    file.seek(unit.start)
    return file.read(PREFIX + unit.length)


def _stored_at(packet: av.Packet[Any]) -> Fraction:
    """Seconds by which packets of both tracks are laid in a row."""
    return Fraction(packet.dts or 0) * (packet.time_base or 1)


def _pictures(
    stream: Stream, file: MediaFile, setup: Setup, parameters: Parameters, shown: _Shown
) -> Iterator[av.Packet[Any]]:
    """Every decodable picture, copied. Its place in the order of showing, times the rate, is its time.

    Start codes stand in for lengths, and the sets go before the first picture: so the writer learns them.
    """
    base = Fraction(setup.rate_den, setup.rate_num)
    decodable = [number for number in range(len(shown.pictures)) if number in shown.order]
    delay = max((at - shown.order[number] for at, number in enumerate(decodable)), default=0)
    sets = b"".join(_START + one for one in (*parameters.sequences, *parameters.pictures))
    for at, number in enumerate(decodable):
        picture = shown.pictures[number]
        body = b"".join(_START + _bytes_of(file, unit)[PREFIX:] for unit in picture)
        packet = av.Packet(sets + body if at == 0 else body)
        packet.stream, packet.time_base = stream, base
        packet.pts, packet.dts, packet.duration = shown.order[number], at - delay, 1
        packet.is_keyframe = any(unit.kind == KEY_SLICE for unit in picture)
        yield packet


class _Hearing:
    """The camera's sound decoder, with the settings of the healthy clip."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._trial = self._decoder() if setup.sound else None

    def _decoder(self) -> Any:
        decoder: Any = CodecContext.create("aac", "r")
        decoder.extradata = bytes.fromhex(self._setup.sound)
        decoder.sample_rate, decoder.layout = self._setup.sound_rate, self._setup.layout
        return decoder

    def samples_in(self, data: bytes) -> int:
        """Samples of one channel when ``data`` is whole AAC frames, else 0; the decoder finds where each ends."""
        if self._trial is None:
            return 0
        try:
            return sum(frame.samples for frame in self._trial.decode(av.Packet(data)))
        except av.FFmpegError:
            return 0

    def stream_in(self, made: OutputContainer, remains: Remains) -> Any:
        """A sound track in ``made``, None where there is no sound to write."""
        if self._trial is None or not remains.sounds:
            return None
        stream = made.add_stream("flac", rate=self._setup.sound_rate, layout=self._setup.layout)
        stream.codec_context.format = "s16"
        return stream

    def packets(self, stream: Any, file: MediaFile, remains: Remains) -> Iterator[av.Packet[Any]]:
        """All sound in a row, decoded and encoded anew without loss."""
        resampler = AudioResampler(format="s16", layout=self._setup.layout, rate=self._setup.sound_rate)
        written = -self._setup.sound_lead  # times before zero are cut off by the file's own edit list
        for frame in self._frames(file, remains):
            for ready in resampler.resample(frame):
                ready.pts, ready.time_base = written, Fraction(1, self._setup.sound_rate)
                written += ready.samples
                yield from stream.encode(ready)
        yield from stream.encode(None)

    def _frames(self, file: MediaFile, remains: Remains) -> Iterator[AudioFrame]:
        decoder = self._decoder()
        for start, end in remains.sounds:
            file.seek(start)
            try:
                frames = decoder.decode(av.Packet(file.read(end - start)))
            except av.FFmpegError:
                continue
            for frame in frames:
                if isinstance(frame, AudioFrame):
                    frame.pts = None
                    yield frame


def _counts(remains: Remains, shown: _Shown) -> dict[str, int | str]:
    return {
        "pictures": len(shown.order), "not_decodable": len(shown.pictures) - len(shown.order),
        "before_first_key_picture": shown.leading, "media_bytes": remains.size, "unknown_bytes": remains.unknown,
        "torn_bytes": remains.torn, "sound_bytes": sum(end - start for start, end in remains.sounds),
        "sound_samples": remains.sound_samples,
    }  # fmt: skip


def _assumptions(setup: Setup, parent: str) -> dict[str, int | str]:
    return {
        "salvaged_from": parent, "salvage_version": VERSION, "rate_num": setup.rate_num, "rate_den": setup.rate_den,
        "times": "assumed from the rate of a healthy clip", "sound_starts": "assumed with the first picture",
    }  # fmt: skip
