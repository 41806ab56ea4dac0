"""RFC 3161 with the ``rfc3161-client`` package: requests, and answers verified before anybody keeps them.

The authority's certificate and its chain are given in a file and nothing an answer carries is trusted. Sending is
``export.timestamp_http``; the queue is ``review.timestamps``. The package is the extra ``timestamps``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    ObjectIdentifier,
    load_pem_x509_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client._rust import parse_timestamp_request  # the package has no public name for it

from bwc_review.errors import InputRefused, TimestampRefused
from bwc_review.export.timestamp_http import MAX_ANSWER_BYTES, post
from chain_of_custody.clock import epoch_us

SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
UNREADABLE = (ValueError, LookupError, TypeError, OverflowError)  # what the packages raise for bytes that are none
REFUSALS = {
    "not_a_response": "it is not a timestamp response (RFC 3161 section 2.4.2)",
    "not_granted": "the authority did not grant the request",
    "other_digest": "it is a timestamp over something else",
    "other_nonce": "it answers another request",
    "other_certificate": "it was not signed with the certificate given for this authority",
    "signature": "its signature or the authority's chain does not hold at the time it states",
}


class Rfc3161Authority:
    """``ports.timestamps.StampAuthority``. ``certificates``: PEM, the authority's own first, then up to the root.

    Raises InputRefused when the file is not such a chain. ``address`` is empty for one reached by files only.
    """

    def __init__(self, name: str, address: str, certificates: bytes) -> None:
        chain = _chain(name, certificates)
        self.name = name
        self.certificates = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        self._address = address
        self._own, *between, root = chain if len(chain) > 1 else (chain[0], chain[0])
        self._between, self._root = between, root

    def request(self, body: bytes) -> bytes:
        """SHA-256 and a nonce. No certificate is asked for: the one to verify with is at hand.

        Some authorities embed a chain that is not in DER order, which makes the whole answer unreadable here.
        """
        builder = TimestampRequestBuilder(data=body, hash_algorithm=HashAlgorithm.SHA256)
        return builder.nonce(nonce=True).cert_request(cert_request=False).build().as_bytes()

    def ask(self, request: bytes) -> bytes:
        """Send it to the address in the settings. Raises AuthorityUnreachable, InputRefused without an address."""
        if not self._address:
            raise InputRefused(
                f"The settings give no address for the timestamp authority {self.name}. Write its requests to files "
                "with `bwc-review timestamps send --into FOLDER`."
            )
        return post(self.name, self._address, request)

    def answers(self, request: bytes, response: bytes) -> bool:
        """Whether the nonce is the request's. Proves nothing."""
        try:
            return bool(_parsed(response).tst_info.nonce == _asked(request).nonce)
        except (TimestampRefused, *UNREADABLE):
            return False

    def check(self, body: bytes, request: bytes, response: bytes) -> int:
        """Return the authority's time, microseconds since 1970 UTC. Raises TimestampRefused (``REFUSALS``).

        Verified: granted without changes, SHA-256 of ``body``, this request's nonce, one signer, who is the holder of
        the certificate given, its use for nothing but timestamps, and the chain at the time stated.
        """
        answer = _parsed(response)
        if answer.status != 0:
            raise _refused("not_granted", "; ".join(map(str, answer.status_string)))
        try:
            return self._check(body, _asked(request), answer)
        except UNREADABLE as broken:
            raise _refused("not_a_response", str(broken)) from broken

    def _check(self, body: bytes, asked: TimeStampRequest, answer: TimeStampResponse) -> int:
        token = answer.tst_info
        imprint = token.message_imprint
        digest = hashlib.sha256(body).digest()
        if asked.message_imprint.message != digest or imprint.hash_algorithm != SHA256 or imprint.message != digest:
            raise _refused("other_digest")
        if asked.nonce is None or token.nonce != asked.nonce:
            raise _refused("other_nonce")
        signers = list(answer.signed_data.signer_infos)
        if len(signers) != 1 or (signers[0].issuer, signers[0].serial_number) != (
            self._own.issuer,
            self._own.serial_number,
        ):
            raise _refused("other_certificate")
        embedded = answer.signed_data.certificates
        if embedded and self._own.public_bytes(Encoding.DER) not in embedded:
            raise _refused("other_certificate")
        verifier = VerifierBuilder(
            tsa_certificate=self._own, intermediates=self._between, roots=[self._root], nonce=asked.nonce
        ).build()
        try:
            verifier.verify(answer, digest)
        except VerificationError as unproven:
            raise _refused("signature", str(unproven)) from unproven
        return epoch_us(token.gen_time)


def _refused(reason: str, detail: str = "") -> TimestampRefused:
    said = REFUSALS[reason]
    return TimestampRefused(
        reason,
        f"The timestamp was refused: {said}. It is kept as it came and proves nothing; ask again, and tell the "
        "authority if it happens twice.",
        detail=detail,
    )


def _parsed(response: bytes) -> TimeStampResponse:
    if len(response) > MAX_ANSWER_BYTES:
        raise _refused("not_a_response", "too large")
    try:
        answer = decode_timestamp_response(response)
    except UNREADABLE as broken:
        raise _refused("not_a_response", str(broken)) from broken
    if answer.as_bytes() != response:
        raise _refused("not_a_response", "not DER")
    return answer


def _asked(request: bytes) -> TimeStampRequest:
    return parse_timestamp_request(request)


def _chain(name: str, pem: bytes) -> Sequence[Certificate]:
    """The certificates in the file, if each is issued by the next and the last by itself. Raises InputRefused."""
    try:
        chain = load_pem_x509_certificates(pem)
    except ValueError as broken:
        raise _unusable(name, "it holds no certificates in PEM form") from broken
    for one, issuer in zip(chain, [*chain[1:], chain[-1]], strict=True):
        try:
            one.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as broken:
            raise _unusable(name, "each certificate must be issued by the next, the last by itself") from broken
    try:
        use = chain[0].extensions.get_extension_for_class(ExtendedKeyUsage)
    except (ExtensionNotFound, ValueError) as broken:
        raise _unusable(name, "the first is not for timestamps") from broken
    if not use.critical or list(use.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:  # RFC 3161 section 2.3
        raise _unusable(name, "the first must be for timestamps and nothing else")
    return chain


def _unusable(name: str, why: str) -> InputRefused:
    return InputRefused(
        f"The certificates of the timestamp authority {name} cannot be used: {why}. The file holds the authority's "
        "own certificate first, then its chain up to the root, obtained from the authority and not from an answer."
    )
