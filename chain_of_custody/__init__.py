"""The ground a court reads: custody entries, hash chain, Merkle tree, signed checkpoints, bundle and verifier.

What lives here: formats and checks, on the standard library and `cryptography` alone. What does not: databases,
screens, decoding of media. Authority: docs/custody-format.md (RFC 8785, 9162, 8493; C2SP notes).
"""

from __future__ import annotations

__version__ = "1.0.0"
