"""Opening hostile media through an open file: sniffed first, the demuxer forced, no other file reachable.

The only module that calls ``av.open`` for reading. Anything that runs it on footage runs in a child process
(``ingest.isolation``), except readers of what a child has already found playable.
"""

from __future__ import annotations

import os

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from ingest.boxes import read_skeleton
from ingest.errors import ProbeFailed
from ingest.files import MediaFile
from ingest.sniff import HEAD_BYTES, Nature, Sniffed, sniff

av.logging.set_level(None)


def sniff_file(file: MediaFile) -> Sniffed:
    """Judge the first bytes of a seekable file and return to its start."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return sniff(head)


def open_media(file: MediaFile) -> InputContainer:
    """A demuxer over ``file`` (seekable, binary), from its start.

    Raises ProbeFailed when it is no media this program knows or its structure cannot be read.
    """
    sniffed = sniff_file(file)
    if sniffed.nature is not Nature.MEDIA:
        raise ProbeFailed("This file is no recording that can be decoded. It is preserved as it is.")
    try:
        # An empty list of protocols is "all"; a name that does not exist is none.
        options = {"protocol_whitelist": "none"}
        return av.open(file, "r", format=sniffed.demuxer, options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise ProbeFailed(
            "The structure of this recording is damaged, so it cannot be decoded. It is preserved as it is.",
            detail=type(error).__name__,
        ) from error


def refuse_encrypted(file: MediaFile) -> None:
    """Raise ProbeFailed where picture or sound is encrypted: a decoder would show noise as if it were footage."""
    if sniff_file(file).demuxer == "mov" and read_skeleton(file).encrypted:
        raise ProbeFailed("The camera encrypted this recording: preserved, plays only with the camera's key.")


def main_video(container: InputContainer) -> VideoStream | None:
    """The first moving picture; a cover picture does not count."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def size_of(file: MediaFile) -> int:
    """Bytes in a seekable file; returns to its start."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size
