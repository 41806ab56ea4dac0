"""ECDSA P-256 beside Ed25519, and keys by their duty: strict forms, and keystores of each kind (FIPS 186-5, C2SP)."""

from __future__ import annotations

import hashlib
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chain_of_custody.checkpoint import Checkpoint, open_checkpoint
from chain_of_custody.ecdsa_p256 import ORDER, load_public, signature_holds
from chain_of_custody.errors import KeystoreDamaged, NoteRefused, WeakKey
from chain_of_custody.keys import KdfCost, LogKey, open_key, open_key_of, seal_key
from chain_of_custody.note import Note
from chain_of_custody.signing import OperatorKey, WitnessKey, generate
from chain_of_custody.vkey import COSIGNATURE, ECDSA_P256, ED25519, VerifierKey
from tests.unit.custody.scene import ORIGIN, from_label, key_named, refusal

CHEAP = KdfCost(memory_kib=8192, passes=1, lanes=1)
P256 = key_named("card", alg=ECDSA_P256)
POINT = Checkpoint(ORIGIN, 5, hashlib.sha256(b"root").digest())
WITNESS = generate(WitnessKey, "witness.example/w1", entropy=from_label("witness"))


def test_a_published_p256_signature_holds_and_no_flipped_byte_of_it_does() -> None:
    # RFC 6979 appendix A.2.5, key and signature with SHA-256 over "sample"
    public = ec.EllipticCurvePublicNumbers(
        0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
        0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
        ec.SECP256R1(),
    ).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = encode_dss_signature(
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    )
    assert signature_holds(der, signature, b"sample")
    for at in range(len(signature)):
        assert not signature_holds(der, signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :], b"sample")


def test_a_p256_key_is_written_and_read_in_one_form_with_the_c2sp_key_id() -> None:
    vkey = P256.vkey
    assert VerifierKey.parse(vkey.format()) == vkey
    assert vkey.key_id == hashlib.sha256(vkey.public).digest()[:4]
    assert (vkey.alg_name, len(vkey.public)) == ("ecdsa-p256", 91)


def test_every_flipped_bit_of_a_p256_checkpoint_is_refused() -> None:
    raw = POINT.sign(P256)
    assert open_checkpoint(raw, [P256.vkey]) == POINT
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        refusal(partial(open_checkpoint, changed, [P256.vkey]))


def test_another_spelling_of_a_p256_signature_is_refused_but_both_signs_of_s_are_borne() -> None:
    signature = P256.sign(b"text\n")
    r, s = decode_dss_signature(signature)
    holds = partial(signature_holds, P256.vkey.public, message=b"text\n")
    assert holds(signature=encode_dss_signature(r, ORDER - s))
    padded = bytes([0x30, len(signature) - 1, 0x02, signature[3] + 1, 0x00]) + signature[4:]
    assert not holds(signature=padded)
    assert not holds(signature=signature + b"\x00")
    assert not holds(signature=encode_dss_signature(0, 0))
    assert not holds(signature=b"")


def test_public_keys_that_are_not_the_one_form_of_a_p256_key_are_refused() -> None:
    spki = PublicFormat.SubjectPublicKeyInfo
    point = load_public(P256.vkey.public).public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(Encoding.DER, spki)
    rsa_key = rsa.generate_private_key(65537, 1024).public_key().public_bytes(Encoding.DER, spki)
    off_curve = P256.vkey.public[:-1] + bytes([P256.vkey.public[-1] ^ 1])
    infinity = bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d030107030200") + b"\x00"
    refused = [refusal(partial(load_public, der)) for der in (compressed, p384, rsa_key, off_curve, infinity, b"")]
    assert refused == [
        (WeakKey, "non_canonical"),
        (WeakKey, "curve"),
        (WeakKey, "curve"),
        (WeakKey, "not_a_key"),
        (WeakKey, "not_a_key"),
        (WeakKey, "not_a_key"),
    ]


def test_a_number_outside_the_group_is_drawn_again_rather_than_reduced() -> None:
    draws = iter([b"\xff" * 32, bytes(32), b"\x01" * 32])
    assert generate(LogKey, ORIGIN, alg=ECDSA_P256, entropy=lambda _: next(draws)).seed() == b"\x01" * 32


def test_a_witness_has_ed25519_only_and_no_key_is_made_of_a_type_it_cannot_have() -> None:
    assert refusal(lambda: generate(WitnessKey, "w", alg=ECDSA_P256)) == (NoteRefused, "key_type")
    assert refusal(lambda: generate(LogKey, "w", alg=COSIGNATURE)) == (NoteRefused, "key_type")


@pytest.mark.parametrize("alg", [ED25519, ECDSA_P256])
def test_keystores_of_each_type_open_to_the_same_key(alg: int) -> None:
    key = generate(OperatorKey, "clerk-0042", alg=alg, entropy=from_label("clerk"))
    opened = open_key_of(OperatorKey, seal_key(key, "x", cost=CHEAP), "x")
    assert (opened.vkey, opened.seed()) == (key.vkey, key.seed())
    assert key.seed().hex() not in repr(opened)


def test_a_key_of_another_duty_is_refused_as_a_log_key() -> None:
    sealed = seal_key(WITNESS, "x", cost=CHEAP)
    assert open_key_of(WitnessKey, sealed, "x").vkey == WITNESS.vkey
    assert refusal(lambda: open_key(sealed, "x")) == (KeystoreDamaged, "unknown_kind")


def test_a_sealed_number_outside_the_group_is_damage() -> None:
    class Liar(LogKey):
        def seed(self) -> bytes:
            return bytes(32)

    liar = Liar(ORIGIN, P256._private)
    assert refusal(lambda: open_key(seal_key(liar, "x", cost=CHEAP), "x")) == (KeystoreDamaged, "private_number")


# --- timestamped cosignatures (c2sp.org/tlog-cosignature)


def test_the_published_cosignature_example_parses_to_its_time() -> None:
    # c2sp.org/tlog-cosignature, example; its witness key is not published, so only the form is checked
    raw = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo"
        "0xUe+mbIUBkBIfZ+qnA==\n"
    ).encode()
    note = Note.parse(raw)
    assert note.format() == raw
    assert int.from_bytes(note.signatures[0].signature[:8], "big") == 1679315147


def test_a_cosignature_holds_for_its_text_and_time_and_every_flipped_byte_is_refused() -> None:
    line = WITNESS.cosign(POINT.text(), 1_767_262_000)
    note = Note(POINT.text(), (line,))
    assert note.verify([WITNESS.vkey]) == (WITNESS.vkey,)
    for at in range(len(line.signature)):
        changed = line.signature[:at] + bytes([line.signature[at] ^ 1]) + line.signature[at + 1 :]
        assert not WITNESS.vkey.holds(changed, POINT.text().encode())
    assert not WITNESS.vkey.holds(line.signature[:-1], POINT.text().encode())
    assert not WITNESS.vkey.holds(b"\x80" + bytes(71), POINT.text().encode())


def test_a_witness_line_under_the_logs_name_does_not_stand_for_the_logs_signature() -> None:
    twin = generate(WitnessKey, ORIGIN, entropy=from_label("twin"))
    raw = Note(POINT.text(), (twin.cosign(POINT.text(), 1),)).format()
    assert refusal(lambda: open_checkpoint(raw, [twin.vkey])) == (NoteRefused, "signed_by_another_log")
