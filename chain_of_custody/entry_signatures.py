"""Signatures over single entries, kept beside them: one `<key id> <base64>` a line.

What is signed is `bwc-custody-entry/v1`, a newline and the leaf hash, so that no other text can be meant.
docs/custody-format.md section 6. Whether a key may sign is decided in operators.py and log_keys.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chain_of_custody.errors import KeyRefused, NoteRefused
from chain_of_custody.signing import SigningKey
from chain_of_custody.vkey import VerifierKey, decode, encode

CONTEXT = b"bwc-custody-entry/v1\n"
MAX_SIGNERS = 4

_LINE = re.compile(r"([0-9a-f]{64}) ([A-Za-z0-9+/=]{8,512})")


@dataclass(frozen=True, slots=True)
class EntrySignature:
    """`key`: the signer's key id, 64 hexadecimal digits; `signature`: as the key's type has it.

    Custody-format section 6.
    """

    key: str
    signature: bytes


def key_id(vkey: VerifierKey) -> str:
    """What `actor.key` names a key by: SHA-256(signature type || public key), hexadecimal.

    Custody-format section 6.
    """
    return hashlib.sha256(vkey.material).hexdigest()


def sign_entry(leaf: bytes, *signers: SigningKey) -> bytes:
    """The signature file of the entry with that leaf hash (32 bytes), signed by each in turn.

    Custody-format section 6.
    """
    made = (EntrySignature(key_id(one.vkey), one.sign(CONTEXT + leaf)) for one in signers)
    return format_signatures(tuple(made))


def format_signatures(signatures: tuple[EntrySignature, ...]) -> bytes:
    """The signature file (custody-format section 6)."""
    return "".join(f"{one.key} {encode(one.signature)}\n" for one in signatures).encode("ascii")


def parse_signatures(raw: bytes) -> tuple[EntrySignature, ...]:
    """The inverse of `format_signatures`: 1 to MAX_SIGNERS lines, each key once. Raises KeyRefused.

    Custody-format section 6.
    """
    lines = raw.decode("ascii", "replace").split("\n")
    if lines[-1] or not 2 <= len(lines) <= MAX_SIGNERS + 1:
        raise KeyRefused("signature_file_form")
    found = tuple(_parse_line(line) for line in lines[:-1])
    if len({one.key for one in found}) != len(found):
        raise KeyRefused("signature_twice")
    return found


def _parse_line(line: str) -> EntrySignature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise KeyRefused("signature_line", detail=ascii(line)[:80])
    try:
        return EntrySignature(match[1], decode(match[2]))
    except NoteRefused as broken:
        raise KeyRefused("signature_line", detail="base64") from broken


def check_signed(leaf: bytes, raw: bytes | None, signers: Mapping[str, VerifierKey]) -> None:
    """Raise KeyRefused unless exactly `signers` (key id -> key) signed the entry with that leaf hash.

    Reasons: signed_by_another, and those of `check_signed_by`.
    Custody-format section 6.
    """
    check_signed_by(leaf, raw, signers)
    if raw is not None and (others := {one.key for one in parse_signatures(raw)} - set(signers)):
        raise KeyRefused("signed_by_another", detail=f"key {min(others)[:16]} has no part in this entry")


def check_signed_by(leaf: bytes, raw: bytes | None, signers: Mapping[str, VerifierKey]) -> None:
    """Raise KeyRefused unless each of `signers` signed the entry, whoever else did (custody-format section 6).

    Reasons: not_signed, not_signed_by_all, bad_signature, and those of `parse_signatures`.
    """
    if raw is None and signers:
        raise KeyRefused("not_signed", detail=f"{len(signers)} signatures are due")
    lines = {} if raw is None else {one.key: one.signature for one in parse_signatures(raw)}
    if missing := set(signers) - set(lines):
        raise KeyRefused("not_signed_by_all", detail=f"key {min(missing)[:16]} did not sign")
    for key, vkey in signers.items():
        if not vkey.holds(lines[key], CONTEXT + leaf):
            raise KeyRefused("bad_signature", detail=f"of key {key[:16]}")
