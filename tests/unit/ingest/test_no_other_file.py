"""Whatever a file claims to be, examining it opens no other file: watched with inotify, and a listening port."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.findings import Trait
from ingest.isolation import ChildFailed, ask_child
from ingest.probe import Playability, probe
from tests.unit.ingest.media_making import make_recording

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
_IN_ACCESS, _IN_OPEN = 0x1, 0x20


@contextmanager
def watched(canary: Path) -> Iterator[list[int]]:
    """Events of opening or reading ``canary`` while the block runs, filled in when it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK)
    assert queue >= 0
    assert libc.inotify_add_watch(queue, os.fsencode(canary), _IN_ACCESS | _IN_OPEN) >= 0
    seen: list[int] = []
    try:
        yield seen
        if select.select([queue], [], [], 0.1)[0]:
            events = os.read(queue, 4096)
            seen.append(struct.unpack_from("iIII", events)[1])
    finally:
        os.close(queue)


def elsewhere(recording: Path, canary: Path) -> bytes:
    """An MP4 whose tracks say that their data lies in ``canary`` (dref with a location, no data of its own)."""
    data = recording.read_bytes()
    location = f"file://{canary}".encode() + b"\0"
    own = struct.pack(">I4sI", 12, b"url ", 1)
    other = struct.pack(">I4sI", 12 + len(location), b"url ", 0) + location
    assert own in data
    return _with_longer_boxes(data, own, other)


def _with_longer_boxes(data: bytes, own: bytes, other: bytes) -> bytes:
    more = len(other) - len(own)
    while (at := data.find(own)) >= 0:
        holders = [p for p in _holders(data, at) if p is not None]
        data = data[:at] + other + data[at + len(own) :]
        for place in holders:
            size = int.from_bytes(data[place : place + 4], "big") + more
            data = data[:place] + size.to_bytes(4, "big") + data[place + 4 :]
    return data


def _holders(data: bytes, at: int) -> list[int]:
    """Where the boxes begin that hold the byte ``at``: moov, trak, mdia, minf, dinf, dref."""
    holders, start, end = [], 0, len(data)
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        place = start
        while place + 8 <= end:
            size = int.from_bytes(data[place : place + 4], "big")
            if data[place + 4 : place + 8] == kind and place <= at < place + size:
                holders.append(place)
                start, end = place + 8, place + size
                break
            place += max(size, 8)
    return holders


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{canary}\n#EXT-X-ENDLIST\n",
    "hls_file": "#EXTM3U\n#EXTINF:1,\nfile://{canary}\n",
    "hls_http": "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n",
    "ffconcat": "ffconcat version 1.0\nfile '{canary}'\n",
    "concat": "file '{canary}'\n",
    "dash": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>file://{canary}</BaseURL></MPD>",
    "smil": "<smil><body><video src='{canary}'/></body></smil>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
}


def test_the_watch_sees_an_open_so_that_the_tests_below_can_fail(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_bytes(b"x")
    with watched(canary) as seen:
        canary.read_bytes()
    assert seen


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("task", ["probe", "frame-index", "pcm", "sprite", "setup"])
def test_a_list_posing_as_a_recording_opens_no_other_file_and_no_address(
    recordings: Path, tmp_path: Path, kind: str, task: str
) -> None:
    canary, trap = tmp_path / "canary.mp4", tmp_path / "clip.mp4"
    canary.write_bytes((recordings / "plain.mp4").read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap.write_text(PLAYLISTS[kind].format(canary=canary, port=listener.getsockname()[1]))
        with watched(canary) as seen:
            try:
                ask_child(task, trap, {}, timeout_s=30)
            except ChildFailed as refused:
                assert task != "probe", refused.reason
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert seen == []


def test_a_recording_whose_data_lies_in_another_file_is_not_followed(tmp_path: Path) -> None:
    whole = make_recording(tmp_path / "whole.mp4", options={"movflags": "+faststart"})
    canary, trap = tmp_path / "canary.bin", tmp_path / "clip.mp4"
    canary.write_bytes(whole.read_bytes())
    trap.write_bytes(elsewhere(whole, canary))
    with watched(canary) as seen:
        facts = probe(trap)
    assert seen == []
    assert Trait.ELSEWHERE in {one.trait for one in facts.findings}
    assert facts.playable is not Playability.PLAYABLE
    assert "lies in another file" in " ".join(facts.damage)
