"""The file a private key sleeps in: Argon2id for the passphrase, AES-256-GCM for the key.

RFC 9106 (Argon2id), SP 800-38D (AES-GCM). File format: docs/custody-format.md section 6. The keys: signing.py.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from chain_of_custody.canonical import canon, parse
from chain_of_custody.errors import CustodyError, KeystoreDamaged, WrongPassphrase
from chain_of_custody.fields import Fields
from chain_of_custody.signing import (
    SEED_BYTES,
    Entropy,
    Kind,
    LogKey,
    SigningKey,
    generate_log_key,
    private_from_seed,
)
from chain_of_custody.vkey import ECDSA_P256, ED25519, VerifierKey

__all__ = [
    "DEFAULT_COST",
    "KdfCost",
    "LogKey",
    "generate_log_key",
    "open_key",
    "open_key_of",
    "seal_key",
    "stated_vkey",
]

MAX_KEYSTORE_BYTES = 16_384
MAX_PASSPHRASE_CHARS = 1024

_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_ALGS = {"ed25519": ED25519, "ecdsa-p256": ECDSA_P256}
_CHECK_LABEL = b"bwc-log-key/check/v1\n"
_KEYS = frozenset({"v", "kind", "name", "alg", "public", "kdf", "nonce", "check", "sealed", "sum"})
_KDF_KEYS = frozenset({"name", "salt", "memory_kib", "passes", "lanes"})


@dataclass(frozen=True, slots=True)
class KdfCost:
    """What a guess costs: Argon2id memory in KiB, passes, lanes. Bounded: a file must not ask for the machine.

    Custody-format section 6.
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        within = 8_192 <= self.memory_kib <= 1_048_576 and 1 <= self.passes <= 16 and 1 <= self.lanes <= 16
        if not within:
            raise KeystoreDamaged("kdf_cost_out_of_bounds")


DEFAULT_COST = KdfCost()


def seal_key(
    private: SigningKey, passphrase: str, *, entropy: Entropy = os.urandom, cost: KdfCost = DEFAULT_COST
) -> bytes:
    """The keystore file for `private`. Raises WrongPassphrase when the passphrase is empty or too long.

    Custody-format section 6.
    """
    salt, nonce = entropy(_SALT_BYTES), entropy(_NONCE_BYTES)
    key, check = _derive(passphrase, salt, cost)
    header: dict[str, object] = {
        "v": 1,
        "kind": private.kind,
        "name": private.name,
        "alg": "ecdsa-p256" if private.vkey.alg == ECDSA_P256 else "ed25519",
        "public": private.vkey.public.hex(),
        "kdf": {"name": "argon2id", "salt": salt.hex(), **asdict(cost)},
        "nonce": nonce.hex(),
        "check": check.hex(),
    }
    sealed = AESGCM(key).encrypt(nonce, private.seed(), canon(header))
    whole = {**header, "sealed": sealed.hex()}
    return canon({**whole, "sum": hashlib.sha256(canon(whole)).hexdigest()})


def open_key(blob: bytes, passphrase: str) -> LogKey:
    """The log key in a keystore file. Raises WrongPassphrase, or KeystoreDamaged whatever the passphrase.

    Custody-format section 6.
    """
    return open_key_of(LogKey, blob, passphrase)


def open_key_of(kind: type[Kind], blob: bytes, passphrase: str) -> Kind:
    """The key of that kind in a keystore file; a key of another duty is refused as unknown_kind.

    Custody-format section 6.
    """
    whole = _undamaged(blob)
    got = Fields(whole, _KEYS, KeystoreDamaged)
    alg = _alg_of(kind, got)
    seed = _unsealed(whole, got, passphrase)
    try:
        opened = kind(got.text("name"), private_from_seed(alg, seed))
    except ValueError as outside:
        raise KeystoreDamaged("private_number") from outside
    if opened.vkey.public != got.hexadecimal("public"):
        raise KeystoreDamaged("public_key_differs")
    return opened


def stated_vkey(kind: type[SigningKey], blob: bytes) -> VerifierKey:
    """The verifier key that a keystore file says it holds (section 6): it finds the file, and proves no possession.

    Raises KeystoreDamaged; NoteRefused or WeakKey for a name or public key that could be nobody's.
    """
    got = Fields(_undamaged(blob), _KEYS, KeystoreDamaged)
    alg = _alg_of(kind, got)
    public_type = kind.ed25519_type if alg == ED25519 else alg
    return VerifierKey(got.text("name"), got.hexadecimal("public"), public_type)


def _alg_of(kind: type[SigningKey], got: Fields) -> int:
    alg = _ALGS.get(got.text("alg"))
    if (got.integer("v"), got.text("kind")) != (1, kind.kind) or alg is None:
        raise KeystoreDamaged("unknown_kind")
    return alg


def _unsealed(whole: Mapping[str, object], got: Fields, passphrase: str) -> bytes:
    kdf = Fields(got.mapping("kdf"), _KDF_KEYS, KeystoreDamaged, "kdf")
    cost = KdfCost(kdf.integer("memory_kib"), kdf.integer("passes"), kdf.integer("lanes"))
    salt, nonce, sealed = kdf.hexadecimal("salt"), got.hexadecimal("nonce"), got.hexadecimal("sealed")
    lengths = (len(salt), len(nonce), len(sealed))
    if lengths != (_SALT_BYTES, _NONCE_BYTES, SEED_BYTES + _TAG_BYTES) or kdf.text("name") != "argon2id":
        raise KeystoreDamaged("header")
    key, check = _derive(passphrase, salt, cost)
    if not hmac.compare_digest(check, got.hexadecimal("check")):
        raise WrongPassphrase("wrong_passphrase")
    header = {name: value for name, value in whole.items() if name not in ("sealed", "sum")}
    try:
        return AESGCM(key).decrypt(nonce, sealed, canon(header))
    except InvalidTag as altered:
        raise KeystoreDamaged("seal_broken") from altered


def _undamaged(blob: bytes) -> Mapping[str, object]:
    """The file's object, once its own digest holds: a damaged file must not look like a wrong passphrase."""
    try:
        whole = parse(blob, max_bytes=MAX_KEYSTORE_BYTES)
    except CustodyError as broken:
        raise KeystoreDamaged(broken.reason) from broken
    rest = {name: value for name, value in whole.items() if name != "sum"}
    if whole.get("sum") != hashlib.sha256(canon(rest)).hexdigest():
        raise KeystoreDamaged("sum_differs")
    return whole


def _derive(passphrase: str, salt: bytes, cost: KdfCost) -> tuple[bytes, bytes]:
    """The AES key and a check value that tells a wrong passphrase from a broken seal."""
    if not 1 <= len(passphrase) <= MAX_PASSPHRASE_CHARS:
        raise WrongPassphrase("empty_or_too_long")
    kdf = Argon2id(salt=salt, length=64, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    # NFC: the same words typed on another keyboard may arrive decomposed
    okm = kdf.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"))
    return okm[:32], hashlib.sha256(_CHECK_LABEL + okm[32:]).digest()
