"""Examining one recording inside the isolated child: streams, counts, time bases and damage, in words.

Returns plain data for JSON; ``ingest.probe`` checks and types it in the parent. Never run in the parent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.boxes import Skeleton, read_skeleton
from ingest.demux import main_video, open_media, size_of, sniff_file
from ingest.errors import ProbeFailed
from ingest.files import MediaFile
from ingest.sniff import Nature

_TRIAL_SECONDS = 3.0
_TRIAL_FRAMES = 300
_NO_ROTATION = -(2**31)  # libavutil's answer for a display matrix without a direction
_MAX_TEXT = 200


@dataclass(slots=True)
class _Track:
    """What demuxing showed of one stream: packets, presentation times and the end, in ticks."""

    packets: int = 0
    torn: int = 0
    pts: list[int] = field(default_factory=list)
    end: int | None = None


@dataclass(slots=True)
class _Trial:
    """What decoding the beginning showed."""

    frames: int = 0
    errors: int = 0
    rotation: int = 0
    first_audio: dict[int, int] = field(default_factory=dict)
    sounded: int = 0


def examine(file: MediaFile) -> dict[str, Any]:
    """Facts about a seekable file as plain data; see ``ingest.probe.ProbeFacts`` for the fields and units."""
    sniffed = sniff_file(file)
    if size_of(file) == 0:
        return _unplayable("", "The file has no bytes.")
    if sniffed.nature is Nature.PLAYLIST:
        return _unplayable("playlist", "The file is a list that names other files; it was not followed.")
    if sniffed.nature is Nature.UNKNOWN:
        return _unplayable("unknown", "The first bytes are of no recording format that is known here.")
    skeleton = read_skeleton(file) if sniffed.demuxer == "mov" else None
    damage = _torn(skeleton)
    try:
        container = open_media(file)
    except ProbeFailed as error:
        if not damage:
            damage = [f"The structure of the recording cannot be read ({error.detail})."]
        return _unplayable(sniffed.container, *damage)
    with container:
        tracks = _demux(container, damage)
        facts = _facts(container, tracks)
    facts["container"] = sniffed.container
    with open_media(file) as again:
        trial = _try_decoding(again)
    return _judged(facts, trial, skeleton, damage)


def _unplayable(container: str, *damage: str) -> dict[str, Any]:
    return {
        "container": container, "playable": "unplayable", "duration_us": None, "video": None, "audio": [],
        "encrypted": False, "creation_time": None, "damage": list(damage),
    }  # fmt: skip


def _torn(skeleton: Skeleton | None) -> list[str]:
    if skeleton is None:
        return []
    damage = []
    if skeleton.torn_box:
        damage.append(
            f"The file ends inside its part '{skeleton.torn_box}': {skeleton.missing_bytes} bytes are missing."
        )
    if not skeleton.has_index:
        damage.append("The recording's index (moov) is missing, as after a camera lost power.")
    elif not skeleton.has_media:
        damage.append("The file holds an index but no picture or sound data.")
    return damage


def _demux(container: InputContainer, damage: list[str]) -> dict[int, _Track]:
    tracks = {stream.index: _Track() for stream in container.streams}
    try:
        for packet in container.demux():
            if packet.size == 0 or packet.is_discard:
                continue
            track = tracks[packet.stream.index]
            track.packets += 1
            track.torn += bool(packet.is_corrupt)
            when = packet.pts if packet.pts is not None else packet.dts
            if when is not None:
                track.pts.append(when)
                track.end = max(when + (packet.duration or 0), track.end if track.end is not None else when)
    except av.FFmpegError as error:
        damage.append(f"Reading stopped before the end of the file ({type(error).__name__}).")
    return tracks


def _facts(container: InputContainer, tracks: dict[int, _Track]) -> dict[str, Any]:
    video = main_video(container)
    audio = [_audio(stream, tracks[stream.index]) for stream in container.streams.audio]
    picture = None if video is None else _video(video, tracks[video.index])
    main = video if video is not None else next(iter(container.streams.audio), None)
    creation = container.metadata.get("creation_time")
    return {
        "duration_us": None if main is None else _length_us(main, tracks[main.index]),
        "claimed_us": None if main is None else _claimed_us(main),
        "video": picture,
        "claimed_frames": 0 if video is None else video.frames,
        "torn_packets": sum(track.torn for track in tracks.values()),
        "audio": audio,
        "creation_time": None if creation is None else creation[:_MAX_TEXT],
    }


def _video(stream: VideoStream, track: _Track) -> dict[str, Any]:
    base, rate = _fraction(stream.time_base), _fraction(stream.average_rate)
    steps = [b - a for a, b in pairwise(sorted(track.pts))]
    return {
        "index": stream.index, "codec": _codec(stream), "width": stream.codec_context.width,
        "height": stream.codec_context.height, "frames": track.packets,
        "time_base_num": base.numerator, "time_base_den": base.denominator,
        "first_pts": min(track.pts, default=None), "rate_num": rate.numerator, "rate_den": rate.denominator,
        # A tick of rounding is no variable rate: 30000/1001 in milliseconds steps 33, 33, 34.
        "vfr": bool(steps) and max(steps) - min(steps) > 1, "rotation": 0,
    }  # fmt: skip


def _audio(stream: AudioStream, track: _Track) -> dict[str, Any]:
    base = _fraction(stream.time_base)
    return {
        "index": stream.index, "codec": _codec(stream), "rate": stream.codec_context.sample_rate,
        "channels": stream.codec_context.channels, "time_base_num": base.numerator,
        "time_base_den": base.denominator, "first_pts": min(track.pts, default=None),
    }  # fmt: skip


def _codec(stream: VideoStream | AudioStream) -> str:
    context = stream.codec_context
    return "unknown" if context is None else str(context.codec.canonical_name)


def _fraction(value: Fraction | None) -> Fraction:
    return value if value is not None and value > 0 else Fraction(0, 1)


def _length_us(stream: VideoStream | AudioStream, track: _Track) -> int | None:
    if track.end is None:
        return None
    return round((track.end - min(track.pts)) * _fraction(stream.time_base) * 1_000_000)


def _claimed_us(stream: VideoStream | AudioStream) -> int | None:
    return None if not stream.duration else round(stream.duration * _fraction(stream.time_base) * 1_000_000)


def _try_decoding(container: InputContainer) -> _Trial:
    trial = _Trial()
    video = main_video(container)
    wanted = ([] if video is None else [video]) + list(container.streams.audio)
    until = time.perf_counter() + _TRIAL_SECONDS
    try:
        for packet in container.demux(wanted) if wanted else ():
            _decode(packet, trial)
            if trial.frames + trial.errors >= _TRIAL_FRAMES or time.perf_counter() > until:
                break
    except av.FFmpegError:
        trial.errors += 1
    return trial


def _decode(packet: av.Packet[Any], trial: _Trial) -> None:
    try:
        frames = packet.decode()
    except av.FFmpegError:
        trial.errors += 1
        return
    for frame in frames:
        if isinstance(frame, VideoFrame):
            if trial.frames == 0 and frame.rotation != _NO_ROTATION:
                # libavutil counts counter-clockwise; a person turns a picture clockwise.
                trial.rotation = -frame.rotation % 360
            trial.frames += 1
        elif isinstance(frame, AudioFrame):
            trial.sounded += 1
            if frame.pts is not None:
                trial.first_audio.setdefault(packet.stream.index, frame.pts)


def _judged(facts: dict[str, Any], trial: _Trial, skeleton: Skeleton | None, damage: list[str]) -> dict[str, Any]:
    video, claimed_us, claimed_frames = facts["video"], facts.pop("claimed_us"), facts.pop("claimed_frames")
    if video is not None:
        video["rotation"] = trial.rotation
        if claimed_frames and claimed_frames != video["frames"] and video["frames"]:
            damage.append(f"The index names {claimed_frames} frames; {video['frames']} are there.")
        if not trial.frames:
            damage.append("No picture can be decoded.")
    for stream in facts["audio"]:
        stream["first_pts"] = trial.first_audio.get(stream["index"], stream["first_pts"])
    found_us = facts["duration_us"] or 0
    if claimed_us is not None and abs(claimed_us - found_us) > max(1_000_000, claimed_us // 100):
        damage.append(f"The header claims {claimed_us / 1e6:.1f} s; {found_us / 1e6:.1f} s are there.")
    if torn := facts.pop("torn_packets"):
        damage.append(f"{torn} pieces of picture or sound are torn.")
    if trial.errors:
        damage.append(f"{trial.errors} pieces of picture or sound at the beginning cannot be decoded.")
    encrypted = skeleton is not None and skeleton.encrypted
    if encrypted:
        damage.append("The camera encrypted picture or sound: preserved, plays only with the camera's key.")
    nothing = not trial.frames and (video is not None or not trial.sounded)
    playable = "unplayable" if encrypted or nothing else "damaged" if damage else "playable"
    return {**facts, "encrypted": encrypted, "damage": damage, "playable": playable}
