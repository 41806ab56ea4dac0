"""FLOE against answers of five other implementations, against its own specification's text, and against tampering."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from ingest.floe import (
    HEADER_BYTES,
    OVERHEAD,
    NotAuthentic,
    Parameters,
    plain_size,
    start_decryption,
    start_encryption,
)

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "floe"
KEY, AAD = bytes(range(32)), b"an object"
SMALL = Parameters(OVERHEAD + 8, rotation=2)


def answers() -> list[Path]:
    return sorted(VECTORS.glob("*_ct.txt"))


def parameters_of(name: str) -> Parameters:
    if "4K" in name:
        return Parameters(4096)
    return Parameters(64) if "IV256_64" in name else Parameters(40, rotation=2)


def segments_of(message: bytes, segment: int) -> list[bytes]:
    body = message[HEADER_BYTES:]
    return [body[at : at + segment] for at in range(0, len(body), segment)]


@pytest.mark.skipif(not answers(), reason="the vectors lie beside the project")
def test_there_are_answers_of_every_implementation() -> None:
    assert {path.name.split("_")[0] for path in answers()} == {"cpp", "go", "java", "pub", "rust"}


@pytest.mark.parametrize("path", answers(), ids=lambda path: path.stem)
def test_what_others_sealed_opens_and_is_sealed_again_to_the_same_bytes(path: Path) -> None:
    sealed = bytes.fromhex(path.read_text().strip())
    plain = bytes.fromhex(path.with_name(path.name.replace("_ct", "_pt")).read_text().strip())
    form = parameters_of(path.name)
    message = start_decryption(bytes(32), b"This is AAD", sealed[:HEADER_BYTES], form)
    parts = segments_of(sealed, form.segment)
    last = len(parts) - 1
    assert b"".join(message.open(one, n, last=n == last) for n, one in enumerate(parts)) == plain
    assert plain_size(len(sealed) - HEADER_BYTES, form) == len(plain)
    again = message.header
    for n, one in enumerate(parts):
        piece = plain[n * form.plain : (n + 1) * form.plain]
        again += message.seal(piece, n, last=n == last, entropy=lambda count, iv=one[4:16]: iv)
    assert again == sealed


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 section 2.3 with SHA-384, written out; every length here is at most one block."""
    return hmac.digest(key, info + b"\x01", hashlib.sha384)[:length]


def test_the_bytes_are_those_the_specification_writes_down_step_by_step() -> None:
    """Derived from the text of the specification with HMAC alone, not with the code under test."""
    iv, segment_iv = bytes(range(100, 132)), bytes(range(50, 62))
    context = bytes.fromhex("0000") + (OVERHEAD + 8).to_bytes(4, "big") + (32).to_bytes(4, "big") + iv
    tag = hkdf_expand(KEY, context + b"HEADER_TAG:" + AAD, 32)
    message_key = hkdf_expand(KEY, context + b"MESSAGE_KEY:" + AAD, 48)
    data_key = hkdf_expand(message_key, context + b"DEK:" + (4).to_bytes(8, "big") + AAD, 32)
    body = AESGCM(data_key).encrypt(segment_iv, b"five", (5).to_bytes(8, "big") + b"\x01")
    expected = (OVERHEAD + 4).to_bytes(4, "big") + segment_iv + body
    message = start_encryption(KEY, AAD, SMALL, entropy=lambda count: iv)
    assert message.header == context + tag
    assert message.seal(b"five", 5, last=True, entropy=lambda count: segment_iv) == expected


def sealed(plain: bytes) -> tuple[bytes, list[bytes]]:
    message = start_encryption(KEY, AAD, SMALL)
    pieces = [plain[at : at + 8] for at in range(0, len(plain), 8)] or [b""]
    last = len(pieces) - 1
    return message.header, [bytes(message.seal(one, n, last=n == last)) for n, one in enumerate(pieces)]


@given(st.binary(max_size=100))
def test_every_segment_opens_by_itself_in_any_order(plain: bytes) -> None:
    header, parts = sealed(plain)
    message = start_decryption(KEY, AAD, header, SMALL)
    for n in reversed(range(len(parts))):
        assert message.open(parts[n], n, last=n == len(parts) - 1) == plain[n * 8 : n * 8 + 8]
    assert plain_size(sum(map(len, parts)), SMALL) == len(plain)


@given(st.binary(min_size=9, max_size=60), st.data())
def test_a_flipped_bit_anywhere_is_refused(plain: bytes, data: st.DataObject) -> None:
    header, parts = sealed(plain)
    n = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, len(parts[n]) * 8 - 1))
    changed = bytearray(parts[n])
    changed[bit // 8] ^= 1 << bit % 8
    message = start_decryption(KEY, AAD, header, SMALL)
    with pytest.raises(NotAuthentic):
        message.open(bytes(changed), n, last=n == len(parts) - 1)


def test_segments_that_changed_places_were_dropped_or_made_the_last_are_refused() -> None:
    header, parts = sealed(bytes(range(40)))
    message = start_decryption(KEY, AAD, header, SMALL)
    for segment, position, last in (
        (parts[1], 0, False),
        (parts[2], 1, False),
        (parts[3], 3, True),
        (parts[4], 4, False),
    ):
        with pytest.raises(NotAuthentic):
            message.open(segment, position, last=last)


@pytest.mark.parametrize("change", ["key", "aad", "iv", "tag", "segment length", "short"])
def test_a_header_of_another_key_object_or_form_is_refused(change: str) -> None:
    header, _ = sealed(b"x")
    key, aad, form = KEY, AAD, SMALL
    if change == "key":
        key = bytes(32)
    elif change == "aad":
        aad = b"another object"
    elif change == "iv":
        header = header[:10] + bytes([header[10] ^ 1]) + header[11:]
    elif change == "tag":
        header = header[:-1] + bytes([header[-1] ^ 1])
    elif change == "segment length":
        form = Parameters(OVERHEAD + 9, rotation=2)
    else:
        header = header[:-1]
    with pytest.raises(NotAuthentic):
        start_decryption(key, aad, header, form)


@pytest.mark.parametrize("size", [0, OVERHEAD - 1, SMALL.segment + OVERHEAD - 1])
def test_a_length_no_segments_give_is_refused(size: int) -> None:
    with pytest.raises(NotAuthentic):
        plain_size(size, SMALL)


@pytest.mark.parametrize(
    ("plain", "position", "last"), [(bytes(9), 0, True), (bytes(7), 0, False), (b"", 2**40, True)]
)
def test_what_does_not_fit_is_not_sealed(plain: bytes, position: int, last: bool) -> None:
    with pytest.raises(ValueError):
        start_encryption(KEY, AAD, SMALL).seal(plain, position, last=last)
