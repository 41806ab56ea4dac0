"""Ed25519 public keys that may be trusted: small-order and non-canonical points are refused on load.

`cryptography` accepts the identity point, under which one signature fits every message. RFC 8032 section 5.1.3.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chain_of_custody.errors import WeakKey

PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
_SIGN_BIT = 1 << 255
# y coordinates of the eight points whose order divides 8; the tests derive them from the curve equation.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)


def load_public(raw: bytes) -> Ed25519PublicKey:
    """The key `raw` (32 bytes) encodes. Raises WeakKey: length, non_canonical, low_order.

    Custody-format section 6.
    """
    if len(raw) != PUBLIC_BYTES:
        raise WeakKey("length", detail=f"{len(raw)} bytes, must be {PUBLIC_BYTES}")
    y = int.from_bytes(raw, "little") & ~_SIGN_BIT
    if y >= _P:
        raise WeakKey("non_canonical")
    if y in _SMALL_ORDER_Y:
        raise WeakKey("low_order")
    return Ed25519PublicKey.from_public_bytes(raw)


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) is `public`'s over `message`. Raises WeakKey for a key nobody may trust.

    Custody-format section 6.
    """
    try:
        load_public(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
