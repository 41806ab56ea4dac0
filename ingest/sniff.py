"""What a file says it is by its first bytes, never by its name; pure.

The answer is the one demuxer that will be forced on the file. Text that lists other files is refused here,
because a decoder that follows it would open files it was never given (DESIGN section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096


class Nature(StrEnum):
    """What kind of thing the first bytes are."""

    MEDIA = "media"
    PLAYLIST = "playlist"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The nature of a file; for media also our name of the container and libavformat's of its demuxer."""

    nature: Nature
    container: str = ""
    demuxer: str = ""


# First box types of ISO/IEC 14496-12 and QuickTime files, whole or torn.
_MP4_FIRST_BOXES = frozenset(
    (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moof", b"emsg", b"prft")
)
_PREFIXES = (
    (b"\x1aE\xdf\xa3", "matroska", "matroska"),
    (b"FLV\x01", "flv", "flv"),
    (b"ID3", "mp3", "mp3"),
    (b"fLaC", "flac", "flac"),
    (b"OggS", "ogg", "ogg"),
    (b"\xff\xd8\xff", "jpeg", "jpeg_pipe"),
    (b"\x89PNG\r\n\x1a\n", "png", "png_pipe"),
)
_RIFF_FORMS = {b"AVI ": "avi", b"AVIX": "avi", b"WAVE": "wav"}
_PLAYLIST_STARTS = (b"#extm3u", b"ffconcat", b"<mpd", b"<smil", b"<asx", b"[playlist]", b"[reference]", b"file '")


def sniff(head: bytes) -> Sniffed:
    """Judge the first ``HEAD_BYTES`` of a file. Total: anything not known is ``UNKNOWN``."""
    if _is_playlist(head):
        return Sniffed(Nature.PLAYLIST)
    if head[4:8] in _MP4_FIRST_BOXES:
        return Sniffed(Nature.MEDIA, _brand(head), "mov")
    for prefix, container, demuxer in _PREFIXES:
        if head.startswith(prefix):
            return Sniffed(Nature.MEDIA, container, demuxer)
    if head[:4] == b"RIFF" and head[8:12] in _RIFF_FORMS:
        form = _RIFF_FORMS[head[8:12]]
        return Sniffed(Nature.MEDIA, form, form)
    if _is_transport_stream(head):
        return Sniffed(Nature.MEDIA, "mpeg-ts", "mpegts")
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # MPEG audio sync, layer III
        return Sniffed(Nature.MEDIA, "mp3", "mp3")
    return Sniffed(Nature.UNKNOWN)


def _brand(head: bytes) -> str:
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand[:3] in (b"3gp", b"3g2"):
        return "3gp"
    return "mov" if brand == b"qt  " else "mp4"


def _is_playlist(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith(_PLAYLIST_STARTS) or (text.startswith(b"<?xml") and b"<mpd" in text)


def _is_transport_stream(head: bytes) -> bool:
    # 188-byte packets, or 192 with a four-byte arrival time in front (AVCHD's .m2ts).
    for offset, step in ((0, 188), (4, 192)):
        marks = head[offset : offset + 5 * step : step]
        if len(marks) >= 3 and set(marks) == {0x47}:
            return True
    return False
