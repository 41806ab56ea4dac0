"""FLOE: authenticated encryption in segments that can be read in any order (C2SP FLOE, AES-256-GCM, 32-byte IV).

One message is a header and numbered segments; the last one is marked, so that cutting, swapping, dropping and
flipping are all refused. Keys and files are other modules' business; nothing here touches a disk.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
OVERHEAD = 4 + 12 + 16  # length word, IV and tag of each segment
HEADER_BYTES = 10 + 32 + 32
MAX_SEGMENTS = 2**40
_IV_BYTES, _TAG_BYTES, _MESSAGE_KEY_BYTES = 32, 16, 48
_NOT_LAST = 0xFFFFFFFF

Entropy = Callable[[int], bytes]


class NotAuthentic(Exception):
    """A header or segment is not what was sealed with this key, at this place."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """``segment`` is the length of a sealed segment in bytes; a data key serves 2**``rotation`` segments."""

    segment: int = 65536 + OVERHEAD
    rotation: int = 20

    @property
    def plain(self) -> int:
        """Bytes of plaintext in every segment but the last."""
        return self.segment - OVERHEAD

    def encoded(self) -> bytes:
        """``PARAM_ENCODE``: AEAD 0 (AES-256-GCM), KDF 0 (HKDF-Expand-SHA-384), segment and IV length."""
        return struct.pack(">BBII", 0, 0, self.segment, _IV_BYTES)


DEFAULT = Parameters()


def _derived(key: bytes, context: bytes, purpose: bytes, aad: bytes, length: int) -> bytes:
    return HKDFExpand(SHA384(), length, context + purpose + aad).derive(key)


class Message:
    """One message under one key: seals and opens segments by position. ``header`` comes before them."""

    def __init__(self, key: bytes, aad: bytes, iv: bytes, parameters: Parameters) -> None:
        if len(key) != KEY_BYTES or len(iv) != _IV_BYTES:
            raise NotAuthentic("a key has 32 bytes and so has an IV")
        self.parameters = parameters
        self._aad = aad
        self._context = parameters.encoded() + iv
        self.header = self._context + _derived(key, self._context, b"HEADER_TAG:", aad, 32)
        self._message_key = _derived(key, self._context, b"MESSAGE_KEY:", aad, _MESSAGE_KEY_BYTES)
        self._cipher_of = -1
        self._cipher = AESGCM(bytes(KEY_BYTES))

    def seal(
        self, plain: bytes | memoryview, position: int, *, last: bool, entropy: Entropy = os.urandom
    ) -> bytearray:
        """The sealed segment; ValueError when ``plain`` does not fit or is no whole segment before the last."""
        whole = self.parameters.plain
        if len(plain) > whole or (not last and len(plain) != whole) or not 0 <= position < MAX_SEGMENTS:
            raise ValueError(f"{len(plain)} bytes at segment {position} do not fit segments of {whole}")
        out = bytearray(len(plain) + OVERHEAD)
        iv = entropy(12)
        out[:4] = struct.pack(">I", len(out) if last else _NOT_LAST)
        out[4:16] = iv
        self._cipher_at(position).encrypt_into(iv, plain, _place(position, last), memoryview(out)[16:])
        return out

    def open(self, segment: bytes | memoryview, position: int, *, last: bool) -> bytes:
        """The plaintext of the segment at ``position``. Raises NotAuthentic."""
        fits = (
            OVERHEAD <= len(segment) <= self.parameters.segment if last else len(segment) == self.parameters.segment
        )
        if not fits or int.from_bytes(segment[:4], "big") != (len(segment) if last else _NOT_LAST):
            raise NotAuthentic("its length is not the one sealed")
        try:
            return self._cipher_at(position).decrypt(bytes(segment[4:16]), segment[16:], _place(position, last))
        except InvalidTag as altered:
            raise NotAuthentic("its bytes are not the ones sealed at this place") from altered

    def _cipher_at(self, position: int) -> AESGCM:
        first = position >> self.parameters.rotation << self.parameters.rotation
        if first != self._cipher_of:
            purpose = b"DEK:" + struct.pack(">Q", first)
            self._cipher = AESGCM(_derived(self._message_key, self._context, purpose, self._aad, KEY_BYTES))
            self._cipher_of = first
        return self._cipher


def _place(position: int, last: bool) -> bytes:
    return struct.pack(">QB", position, last)


def start_encryption(
    key: bytes, aad: bytes, parameters: Parameters = DEFAULT, *, entropy: Entropy = os.urandom
) -> Message:
    """A new message under ``key`` (32 bytes) that opens only with the same ``aad``."""
    return Message(key, aad, entropy(_IV_BYTES), parameters)


def start_decryption(key: bytes, aad: bytes, header: bytes, parameters: Parameters = DEFAULT) -> Message:
    """The message ``header`` belongs to. Raises NotAuthentic for another key, ``aad``, IV or segment length."""
    encoded = parameters.encoded()
    if len(header) != HEADER_BYTES or header[: len(encoded)] != encoded:
        raise NotAuthentic("its header is of another form")
    message = Message(key, aad, header[len(encoded) : len(encoded) + _IV_BYTES], parameters)
    if not hmac.compare_digest(message.header, header):
        raise NotAuthentic("its header was sealed with another key or for another object")
    return message


def plain_size(body: int, parameters: Parameters = DEFAULT) -> int:
    """Bytes of plaintext in ``body`` bytes of segments. Raises NotAuthentic when no segments give that length."""
    count = -(-body // parameters.segment)
    if count < 1 or body - (count - 1) * parameters.segment < OVERHEAD:
        raise NotAuthentic("its length is that of no whole number of segments")
    return body - count * OVERHEAD
