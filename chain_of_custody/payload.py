"""Names and free text kept outside the log: a salted commitment stands in the entry, the content in a payload row.

Erasing the row (salt and content) leaves the log verifiable and the content unguessable.
Authority: docs/custody-format.md section 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from chain_of_custody.errors import PayloadRefused

SALT_BYTES = 16
"""One length only: with a free length, bytes could move between salt and content under one commitment."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Content withheld from the entry, with its own random salt of SALT_BYTES bytes (custody-format section 4)."""

    salt: bytes = field(repr=False)
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise PayloadRefused("salt_length", detail=f"{len(self.salt)} bytes, must be {SALT_BYTES}")

    @property
    def commitment(self) -> str:
        """SHA-256(salt || content), lower-case hexadecimal."""
        return hashlib.sha256(self.salt + self.content).hexdigest()

    def check(self, commitment: str) -> None:
        """Raise PayloadRefused unless this payload is the one committed to."""
        if self.commitment != commitment:
            raise PayloadRefused("commitment_differs", commitment[:16])
