"""Examining one recording inside the isolated child: streams, counts, time bases and findings.

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
from ingest.findings import Finding, Trait, found
from ingest.loudness import Ear
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
    hidden: int = 0
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
        return _unplayable("", found(Trait.EMPTY))
    if sniffed.nature is Nature.PLAYLIST:
        return _unplayable("playlist", found(Trait.PLAYLIST))
    if sniffed.nature is Nature.UNKNOWN:
        return _unplayable("unknown", found(Trait.UNKNOWN))
    skeleton = read_skeleton(file) if sniffed.demuxer == "mov" else None
    findings = _of_boxes(skeleton)
    try:
        container = open_media(file)
    except ProbeFailed as error:
        if not any(one.is_damage for one in findings):
            findings.append(found(Trait.UNREADABLE, how=error.detail or "no reason given"))
        return _unplayable(sniffed.container, *findings)
    with container:
        ear = Ear(container)
        tracks = _demux(container, findings, ear)
        facts = _facts(container, tracks)
    facts["container"] = sniffed.container
    with open_media(file) as again:
        trial = _try_decoding(again)
    _compare(facts, trial, findings)
    return _judged(facts, trial, [*findings, *_notes(facts, tracks, ear)])


def _unplayable(container: str, *findings: Finding) -> dict[str, Any]:
    return {
        "container": container, "playable": "unplayable", "duration_us": None, "video": None, "audio": [],
        "creation_time": None, "findings": [one.to_plain() for one in findings],
    }  # fmt: skip


def _of_boxes(skeleton: Skeleton | None) -> list[Finding]:
    if skeleton is None:
        return []
    findings = []
    if skeleton.torn_box:
        findings.append(found(Trait.TORN, part=skeleton.torn_box, missing=skeleton.missing_bytes))
    if not skeleton.has_index:
        findings.append(found(Trait.NO_INDEX))
    elif not skeleton.has_media:
        findings.append(found(Trait.NO_MEDIA))
    if skeleton.elsewhere:
        findings.append(found(Trait.ELSEWHERE))
    if skeleton.encrypted:
        findings.append(found(Trait.ENCRYPTED))
    if skeleton.edited:
        findings.append(found(Trait.EDITED))
    return findings


def _demux(container: InputContainer, findings: list[Finding], ear: Ear) -> dict[int, _Track]:
    tracks = {stream.index: _Track() for stream in container.streams}
    try:
        for packet in container.demux():
            track = tracks[packet.stream.index]
            if packet.size == 0 or packet.is_discard:
                track.hidden += packet.size > 0
                continue
            track.packets += 1
            track.torn += bool(packet.is_corrupt)
            when = packet.pts if packet.pts is not None else packet.dts
            if when is not None:
                track.pts.append(when)
                track.end = max(when + (packet.duration or 0), track.end if track.end is not None else when)
            ear.listen(packet)
    except av.FFmpegError as error:
        findings.append(found(Trait.STOPPED, how=type(error).__name__))
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
    context = stream.codec_context  # None for a codec that nobody knows
    return {
        "index": stream.index, "codec": _codec(stream), "width": 0 if context is None else context.width,
        "height": 0 if context is None else context.height, "frames": track.packets,
        "time_base_num": base.numerator, "time_base_den": base.denominator,
        "first_pts": min(track.pts, default=None), "rate_num": rate.numerator, "rate_den": rate.denominator,
        # A tick of rounding is no variable rate: 30000/1001 in milliseconds steps 33, 33, 34.
        "vfr": bool(steps) and max(steps) - min(steps) > 1, "rotation": 0,
    }  # fmt: skip


def _audio(stream: AudioStream, track: _Track) -> dict[str, Any]:
    base, context = _fraction(stream.time_base), stream.codec_context  # None for a codec that nobody knows
    return {
        "index": stream.index, "codec": _codec(stream), "rate": 0 if context is None else context.sample_rate,
        "channels": 0 if context is None else context.channels, "time_base_num": base.numerator,
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


def _compare(facts: dict[str, Any], trial: _Trial, findings: list[Finding]) -> None:
    """What header, index and a trial of decoding say against each other; fills in what only decoding shows."""
    video, claimed_us, claimed_frames = facts["video"], facts.pop("claimed_us"), facts.pop("claimed_frames")
    if video is not None:
        video["rotation"] = trial.rotation
        if claimed_frames and claimed_frames != video["frames"] and video["frames"]:
            findings.append(found(Trait.FRAMES_GONE, named=claimed_frames, there=video["frames"]))
        if not trial.frames:
            findings.append(found(Trait.NO_PICTURE))
    for stream in facts["audio"]:
        stream["first_pts"] = trial.first_audio.get(stream["index"], stream["first_pts"])
    found_us = facts["duration_us"] or 0
    if claimed_us is not None and abs(claimed_us - found_us) > max(1_000_000, claimed_us // 100):
        findings.append(found(Trait.LENGTH, claimed=f"{claimed_us / 1e6:.1f}", there=f"{found_us / 1e6:.1f}"))
    if torn := facts.pop("torn_packets"):
        findings.append(found(Trait.TORN_PIECES, count=torn))
    if trial.errors:
        findings.append(found(Trait.UNDECODABLE, count=trial.errors))


def _notes(facts: dict[str, Any], tracks: dict[int, _Track], ear: Ear) -> list[Finding]:
    video, audio, notes = facts["video"], facts["audio"], []
    if video is not None:
        if video["vfr"]:
            notes.append(found(Trait.UNEVEN))
        if hidden := tracks[video["index"]].hidden:
            notes.append(found(Trait.HIDDEN, count=hidden))
        if video["rotation"]:
            notes.append(found(Trait.ROTATED, degrees=video["rotation"]))
        if not audio:
            notes.append(found(Trait.NO_SOUND))
    if len(audio) > 1:
        notes.append(found(Trait.SEVERAL_SOUNDS, count=len(audio)))
    for number, stream in enumerate(audio, start=1):
        if places := ear.only_silence(stream["index"]):
            notes.append(found(Trait.MUTED, track=number, places=places))
    return notes


def _judged(facts: dict[str, Any], trial: _Trial, findings: list[Finding]) -> dict[str, Any]:
    encrypted = any(one.trait is Trait.ENCRYPTED for one in findings)
    nothing = not trial.frames and (facts["video"] is not None or not trial.sounded)
    if nothing and not encrypted and not any(one.is_damage for one in findings):
        findings = [*findings, found(Trait.UNREADABLE, how="it names nothing that can be seen or heard")]
    damaged = any(one.is_damage for one in findings)
    playable = "unplayable" if encrypted or nothing else "damaged" if damaged else "playable"
    return {**facts, "findings": [one.to_plain() for one in findings], "playable": playable}
