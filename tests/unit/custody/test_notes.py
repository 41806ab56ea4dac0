"""Signed notes, verifier keys, checkpoints and proof files: strict pairs, and refusals by name (C2SP)."""

from __future__ import annotations

import hashlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.errors import NoteRefused
from chain_of_custody.merkle import EMPTY_ROOT
from chain_of_custody.note import MAX_NOTE_BYTES, Note, Signature, sign_note
from chain_of_custody.tlog_proof import ConsistencyProof, TlogProof
from chain_of_custody.vkey import VerifierKey, decode, encode
from tests.unit.custody.scene import KEY, ORIGIN, key_named, refusal

POINT = Checkpoint(ORIGIN, 5, hashlib.sha256(b"root").digest())


# --- verifier keys and notes -------------------------------------------------------------------------------------


def test_a_published_go_verifier_key_and_its_note_are_accepted() -> None:
    # golang.org/x/mod/sumdb/note, documentation example
    vkey = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    raw = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZS"
        "NXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    ).encode()
    assert Note.parse(raw).verify([vkey]) == (vkey,)
    assert Note.parse(raw).format() == raw


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name", "vkey_form"),
        ("name+00000000", "vkey_form"),
        ("name+00000000+!!!!", "base64"),
        ("name+00000000+" + encode(b"\x03" + bytes(32)), "vkey_type"),
        ("name+00000000+", "vkey_type"),
        ("name+00000000+" + encode(b"\x02" + bytes(32)), "not_a_key"),
        ("name+00000000+" + encode(b"\x01" + KEY.vkey.public), "vkey_id"),
        ("+00000000+" + encode(b"\x01" + KEY.vkey.public), "key_name"),
        ("na me+00000000+" + encode(b"\x01" + KEY.vkey.public), "key_name"),
        ("name+00000000+" + encode(b"\x01" + b"\x01" + bytes(31)), "low_order"),
        (KEY.vkey.format() + "\n", "base64"),
        (KEY.vkey.format().rstrip("=") + "=", "base64"),
    ],
)
def test_other_verifier_keys_are_refused_by_name(text: str, reason: str) -> None:
    assert refusal(lambda: VerifierKey.parse(text))[1] == reason


def test_base64_with_stray_bits_is_refused() -> None:
    assert decode("QQ==") == b"A"
    assert refusal(lambda: decode("QR==")) == (NoteRefused, "base64")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_notes_of_any_text_format_and_parse_to_the_same_bytes(text: str) -> None:
    note = sign_note(text + "\n", KEY, key_named("second", "second.example"))
    assert Note.parse(note.format()) == note
    assert note.verify([KEY.vkey]) == (KEY.vkey,)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"text\n", "no_signatures"),
        (b"text\n\n", "no_signatures"),
        (b"text\n\nno dash\n", "signature_line"),
        ("text\n\n— name\n".encode(), "signature_line"),
        ("text\n\n— name QUJD\n".encode(), "signature_length"),
        ("text\n\n— name QUJDRA==\n".encode(), "signature_length"),
        ("te\rxt\n\n— name QUJDREU=\n".encode(), "text"),
        ("text\n\n— name QUJDREU=".encode(), "no_signatures"),
        (b"\xff\n\n", "not_utf8"),
        (b"x" * (MAX_NOTE_BYTES + 1), "too_large"),
        (b"text\n\n" + "— name QUJDREU=\n".encode() * 101, "signature_count"),
    ],
)
def test_malformed_notes_are_refused_by_name(raw: bytes, reason: str) -> None:
    assert refusal(lambda: Note.parse(raw)) == (NoteRefused, reason)


def test_a_note_is_refused_without_a_known_signer_with_a_bad_one_and_with_one_twice() -> None:
    note = sign_note("text\n", KEY)
    line = note.signatures[0]
    assert refusal(lambda: note.verify([key_named("another").vkey]))[1] == "unknown_key"
    assert refusal(lambda: Note("other\n", note.signatures).verify([KEY.vkey]))[1] == "bad_signature"
    short = Signature(line.name, line.key_id, line.signature[:-1])
    assert refusal(lambda: Note("text\n", (short,)).verify([KEY.vkey]))[1] == "bad_signature"
    assert refusal(lambda: Note("text\n", (line, line)).verify([KEY.vkey]))[1] == "duplicate_signature"


def test_flipping_any_bit_of_a_signed_checkpoint_is_refused() -> None:
    raw = POINT.sign(KEY)
    assert open_checkpoint(raw, [KEY.vkey]) == POINT
    for at in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            refusal(partial(open_checkpoint, bytes(changed), [KEY.vkey]))


# --- checkpoints and proof files ---------------------------------------------------------------------------------


@given(
    st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32), st.lists(st.text("ab c", min_size=1), max_size=2)
)
def test_checkpoints_parse_back_to_themselves(size: int, root: bytes, extensions: list[str]) -> None:
    point = Checkpoint(ORIGIN, size, root, tuple(extensions))
    assert Checkpoint.parse_text(point.text()) == point
    assert Checkpoint.parse(point.sign(KEY)) == point


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("log\n5\n", "checkpoint_form"),
        (f"log\n5\n{encode(EMPTY_ROOT)}", "checkpoint_form"),
        (f"log\n05\n{encode(EMPTY_ROOT)}\n", "decimal"),
        (f"log\n-5\n{encode(EMPTY_ROOT)}\n", "decimal"),
        (f"log\n٥\n{encode(EMPTY_ROOT)}\n", "decimal"),
        (f"log\n9999999999999999\n{encode(EMPTY_ROOT)}\n", "checkpoint_size"),
        (f"log\n5\n{encode(b'short')}\n", "checkpoint_root"),
        (f"\n5\n{encode(EMPTY_ROOT)}\n", "checkpoint_line"),
        (f"log\n5\n{encode(EMPTY_ROOT)}\n\n", "checkpoint_line"),
    ],
)
def test_malformed_checkpoints_are_refused_by_name(text: str, reason: str) -> None:
    assert refusal(lambda: Checkpoint.parse_text(text)) == (NoteRefused, reason)


def test_a_checkpoint_signed_by_the_key_of_another_log_is_refused() -> None:
    other = key_named("other", "agency.example/bwc/ws-18")
    assert refusal(lambda: open_checkpoint(POINT.sign(other), [other.vkey]))[1] == "signed_by_another_log"


HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=5).map(tuple)


@given(st.integers(0, 10**15), HASHES)
def test_inclusion_files_parse_back_to_themselves(index: int, hashes: tuple[bytes, ...]) -> None:
    proof = TlogProof(index, hashes, POINT.sign(KEY))
    assert TlogProof.parse(proof.format()) == proof


@given(st.integers(0, 10**15), st.integers(0, 10**15), HASHES)
def test_consistency_files_parse_back_to_themselves(old: int, new: int, hashes: tuple[bytes, ...]) -> None:
    proof = ConsistencyProof(old, new, hashes)
    assert ConsistencyProof.parse(proof.format()) == proof


HEAD = b"c2sp.org/tlog-proof@v1\n"
LINE = encode(EMPTY_ROOT).encode() + b"\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + b"index 0\n", "proof_form"),
        (b"another\nindex 0\n\nnote", "proof_header"),
        (HEAD + b"\nnote", "proof_header"),
        (HEAD + b"extra QQ==\nindex 0\n\nnote", "proof_form"),
        (HEAD + b"index 00\n\nnote", "decimal"),
        (HEAD + b"index 0\nQQ==\n\nnote", "hash_length"),
        (HEAD + b"index 0\n" + LINE * 65 + b"\nnote", "proof_too_long"),
        (b"\xff\n\n", "proof_form"),
        (b"x" * (MAX_NOTE_BYTES + 1), "proof_form"),
    ],
)
def test_malformed_inclusion_files_are_refused_by_name(raw: bytes, reason: str) -> None:
    assert refusal(lambda: TlogProof.parse(raw)) == (NoteRefused, reason)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"bwc-custody/consistency@v1\nold 1\n", "proof_form"),
        (b"bwc-custody/consistency@v1\nold 1\nnew 2", "proof_form"),
        (b"another\nold 1\nnew 2\n", "proof_header"),
        (b"bwc-custody/consistency@v1\nnew 1\nold 2\n", "proof_form"),
        (b"bwc-custody/consistency@v1\nold 1\nnew 2\nQQ==\n", "hash_length"),
        (b"x" * (MAX_NOTE_BYTES + 1), "proof_form"),
    ],
)
def test_malformed_consistency_files_are_refused_by_name(raw: bytes, reason: str) -> None:
    assert refusal(lambda: ConsistencyProof.parse(raw)) == (NoteRefused, reason)
