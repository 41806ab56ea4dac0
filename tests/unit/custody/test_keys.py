"""Ed25519 keys nobody may trust, and the keystore: a wrong passphrase and damage are different things."""

from __future__ import annotations

import hashlib
import json
from functools import partial

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chain_of_custody.canonical import canon
from chain_of_custody.ed25519 import load_public, signature_holds
from chain_of_custody.errors import KeystoreDamaged, NoteRefused, WeakKey, WrongPassphrase
from chain_of_custody.keys import KdfCost, LogKey, generate_log_key, open_key, seal_key, stated_vkey
from chain_of_custody.signing import OperatorKey, SigningKey, WitnessKey
from chain_of_custody.vkey import ECDSA_P256
from tests.unit.custody.scene import KEY, ORIGIN, key_named, operator_named, refusal, witness_named

CHEAP = KdfCost(memory_kib=8192, passes=1, lanes=1)
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


# --- public keys -----------------------------------------------------------------------------------------------


def _on_curve(y: int) -> list[tuple[int, int]]:
    """Points of edwards25519 with this y (RFC 8032 section 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return [(x, y), (P - x, y)] if x * x % P == square else []


def _add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = a, b
    cross = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P


def _small_order_encodings() -> set[bytes]:
    """Multiples of L times points of the curve lie in the subgroup of order 8: collect them all."""
    order = 2**252 + 27742317777372353535851937790883648493
    found: set[tuple[int, int]] = set()
    for y in range(2, 60):
        for start in _on_curve(y):
            total, power = (0, 1), start
            for bit in bin(order)[:1:-1]:
                total = _add(total, power) if bit == "1" else total
                power = _add(power, power)
            found.add(total)
    return {(y | (x & 1) << 255).to_bytes(32, "little") for x, y in found}


def test_every_point_of_small_order_derived_from_the_curve_is_refused() -> None:
    encodings = _small_order_encodings()
    assert len(encodings) == 8
    for raw in encodings:
        assert refusal(partial(load_public, raw)) == (WeakKey, "low_order")


def test_a_non_canonical_encoding_of_a_point_is_refused() -> None:
    for y in (P, P + 1, 2**255 - 1):
        assert refusal(partial(load_public, y.to_bytes(32, "little"))) == (WeakKey, "non_canonical")
    assert refusal(lambda: load_public(b"short")) == (WeakKey, "length")


def test_the_identity_keys_universal_signature_would_pass_without_our_refusal() -> None:
    identity, universal = b"\x01" + bytes(31), b"\x01" + bytes(31) + bytes(32)
    try:
        Ed25519PublicKey.from_public_bytes(identity).verify(universal, b"any text")
    except InvalidSignature:
        pytest.skip("this build of cryptography refuses it by itself")
    assert refusal(lambda: signature_holds(identity, universal, b"any text")) == (WeakKey, "low_order")


# --- keystore --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keystore() -> bytes:
    return seal_key(KEY, "correct horse", cost=CHEAP)


def test_a_sealed_key_opens_with_its_passphrase_and_signs_the_same(keystore: bytes) -> None:
    opened = open_key(keystore, "correct horse")
    assert opened.vkey == KEY.vkey
    assert opened.sign(b"x") == KEY.sign(b"x")


def test_a_composed_and_a_decomposed_passphrase_are_the_same_words() -> None:
    assert open_key(seal_key(KEY, "caf\u00e9", cost=CHEAP), "cafe\u0301").name == ORIGIN


def test_a_wrong_passphrase_is_not_called_damage(keystore: bytes) -> None:
    assert refusal(lambda: open_key(keystore, "correct horsf"))[0] is WrongPassphrase
    assert refusal(lambda: open_key(keystore, ""))[0] is WrongPassphrase
    assert refusal(lambda: seal_key(KEY, "x" * 1025))[0] is WrongPassphrase


def test_damage_is_not_called_a_wrong_passphrase_wherever_a_byte_flips(keystore: bytes) -> None:
    for at in range(len(keystore)):
        changed = bytearray(keystore)
        changed[at] ^= 1
        assert refusal(partial(open_key, bytes(changed), "correct horse"))[0] is KeystoreDamaged
    assert refusal(lambda: open_key(keystore[:-1], "correct horse"))[0] is KeystoreDamaged


def _edited(keystore: bytes, **changes: object) -> bytes:
    """The keystore with fields changed and its sum made right again, as an attacker would."""
    whole = {**json.loads(keystore), **changes}
    del whole["sum"]
    return canon({**whole, "sum": hashlib.sha256(canon(whole)).hexdigest()})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "another.example/log"}, "seal_broken"),
        ({"public": "00" * 32}, "seal_broken"),
        ({"kind": "another"}, "unknown_kind"),
        ({"v": 2}, "unknown_kind"),
        ({"nonce": "00" * 11}, "header"),
        ({"nonce": "0"}, "type_of_nonce"),
        ({"extra": 1}, "keys"),
        (
            {"kdf": {"name": "argon2id", "salt": "00" * 16, "memory_kib": 2**30, "passes": 1, "lanes": 1}},
            "kdf_cost_out_of_bounds",
        ),
        ({"kdf": {"name": "argon2d", "salt": "00" * 16, "memory_kib": 8192, "passes": 1, "lanes": 1}}, "header"),
    ],
)
def test_an_edited_header_with_a_corrected_sum_is_refused(
    keystore: bytes, changes: dict[str, object], reason: str
) -> None:
    assert refusal(lambda: open_key(_edited(keystore, **changes), "correct horse")) == (KeystoreDamaged, reason)


def test_a_keystore_that_states_another_public_key_is_refused() -> None:
    class Liar(LogKey):
        def seed(self) -> bytes:
            return key_named("another").seed()

    honest = key_named("log key")
    liar = Liar(ORIGIN, honest._private)
    assert refusal(lambda: open_key(seal_key(liar, "x", cost=CHEAP), "x")) == (KeystoreDamaged, "public_key_differs")


def test_new_keys_differ_and_never_show_their_seed() -> None:
    first, second = generate_log_key(ORIGIN), generate_log_key(ORIGIN)
    assert first.vkey != second.vkey
    assert first.seed().hex() not in repr(first)


@pytest.mark.parametrize(
    "key", [KEY, key_named("p", alg=ECDSA_P256), operator_named("clerk-0042", alg=ECDSA_P256), witness_named("w")]
)
def test_a_sealed_file_states_whose_key_it_is_without_its_passphrase(key: SigningKey) -> None:
    assert stated_vkey(type(key), seal_key(key, "words", cost=CHEAP)) == key.vkey


def test_what_a_sealed_file_states_is_refused_where_nobody_could_hold_it() -> None:
    sealed = json.loads(seal_key(operator_named("clerk-0042"), "words", cost=CHEAP))

    def stating(**changed: str) -> bytes:
        whole = {name: value for name, value in {**sealed, **changed}.items() if name != "sum"}
        return canon({**whole, "sum": hashlib.sha256(canon(whole)).hexdigest()})

    for kind, blob, reason in (
        (LogKey, stating(), (KeystoreDamaged, "unknown_kind")),
        (WitnessKey, stating(), (KeystoreDamaged, "unknown_kind")),
        (OperatorKey, stating(alg="rsa"), (KeystoreDamaged, "unknown_kind")),
        (OperatorKey, stating(public="01" + "00" * 31), (WeakKey, "low_order")),
        (OperatorKey, stating(name="two words"), (NoteRefused, "key_name")),
        (OperatorKey, stating()[:-9], (KeystoreDamaged, "not_json")),
    ):
        assert refusal(partial(stated_vkey, kind, blob))[0] is reason[0], reason
        if reason[1] != "not_json":
            assert refusal(partial(stated_vkey, kind, blob)) == reason
