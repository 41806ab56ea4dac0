"""ECDSA on P-256 with SHA-256, for keys that live in smart cards, TPMs and FIPS modules. Strict on every byte.

FIPS 186-5 section 6; keys as SubjectPublicKeyInfo (RFC 5480 section 2), signatures as DER (RFC 3279 section 2.2.3).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from chain_of_custody.errors import WeakKey

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the base point of P-256 (SP 800-186 section 3.2.1.3)."""


def load_public(der: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key `der` is the one SPKI form of (named curve, uncompressed point). Raises WeakKey.

    Reasons: not_a_key, curve, non_canonical. A point off the curve and the point at infinity are not_a_key.
    Custody-format section 6.
    """
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as broken:
        raise WeakKey("not_a_key", detail="no public key in SPKI form") from broken
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise WeakKey("curve", detail="only P-256 is accepted")
    if public_der(key) != der:
        raise WeakKey("non_canonical")
    return key


def public_der(key: ec.EllipticCurvePublicKey) -> bytes:
    """The one form in which such a key is written: SPKI in DER, 91 bytes (custody-format section 6)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signature_holds(der: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is that key's over SHA-256 of `message`. High and low s are both accepted.

    Another DER spelling of the same two numbers is refused: bytes must not vary under one meaning. Raises WeakKey.
    Custody-format section 6.
    """
    key = load_public(der)
    try:
        decode_dss_signature(signature)  # strict DER, which not every OpenSSL behind `verify` insists on
        key.verify(signature, message, ec.ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True
