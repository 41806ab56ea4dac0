"""Every error of the package: one root, a name for the reason, words for a person, an exit code.

Findings of a verification are not errors; they live in findings.py. Exit codes: docs/custody-format.md section 12.
"""

from __future__ import annotations

from typing import ClassVar


class CustodyError(Exception):
    """Root of all errors here. `reason` is a stable name for programs, `message()` is for people.

    Custody-format section 12.
    """

    exit_code: ClassVar[int] = 20
    what: ClassVar[str] = "The custody record could not be handled"
    next_step: ClassVar[str] = "Keep the file as it is and show this message to whoever looks after the log."

    def __init__(self, reason: str, where: str = "", detail: str = "") -> None:
        super().__init__(reason, where, detail)
        self.reason = reason
        self.where = where
        self.detail = detail

    def message(self) -> str:
        """What happened, to which file or field, and what to do next."""
        place = f" in {self.where}" if self.where else ""
        more = f": {self.detail}" if self.detail else ""
        return f"{self.what}{place} ({self.reason.replace('_', ' ')}){more}. {self.next_step}"

    def __str__(self) -> str:
        return self.message()


class NotCanonical(CustodyError):
    """Bytes or values outside the restricted RFC 8785 profile (custody-format section 2)."""

    exit_code = 21
    what = "JSON is not in the one form the log accepts"
    next_step = "Do not repair it by hand; compare it with the copy held by the workstation."


class EntryRefused(CustodyError):
    """An entry, draft or one of its fields breaks the entry format (custody-format section 3)."""

    exit_code = 22
    what = "A custody entry breaks the format"
    next_step = "Nothing was written; correct the caller or compare the entry with the original log."


class ProofRefused(CustodyError):
    """A Merkle proof does not hold (RFC 9162 sections 2.1.3 and 2.1.4)."""

    exit_code = 23
    what = "A Merkle proof does not hold"
    next_step = "Treat the log as altered until the owner explains it."


class NoteRefused(CustodyError):
    """A signed note, verifier key, checkpoint or tlog-proof is malformed or not signed by a known key."""

    exit_code = 24
    what = "A signed note is refused"
    next_step = "Obtain the checkpoint and the key again, each by its own way."


class WeakKey(CustodyError):
    """A public key that would accept forged signatures (RFC 8032 section 5.1.7, low-order points)."""

    exit_code = 25
    what = "A public key is refused"
    next_step = "Do not trust anything signed with it; ask for the key in person."


class WrongPassphrase(CustodyError):
    """The keystore is intact, the passphrase is not the one it was sealed with (custody-format section 12)."""

    exit_code = 26
    what = "The passphrase does not open the key"
    next_step = "Type it again; the file itself is undamaged."


class KeystoreDamaged(CustodyError):
    """The keystore cannot be read whatever the passphrase (custody-format section 12)."""

    exit_code = 27
    what = "The key file is damaged"
    next_step = "Restore it from its backup; typing the passphrase again will not help."


class BadTime(CustodyError):
    """A time that is naive, not UTC, or not written with six digits (custody-format section 3)."""

    exit_code = 28
    what = "A time is refused"
    next_step = "Give an aware UTC time with microseconds."


class BagRefused(CustodyError):
    """A folder cannot become a bundle as it stands (RFC 8493, custody-format section 8)."""

    exit_code = 29
    what = "The folder cannot be made into a bundle"
    next_step = "Remove or rename what is named here and export again."


class BundleUnreadable(CustodyError):
    """A file of a bundle is missing, too large, or not a regular file (custody-format section 12)."""

    exit_code = 30
    what = "A file of the bundle cannot be read"
    next_step = "Copy the bundle again from the medium it was delivered on."


class PayloadRefused(CustodyError):
    """A payload does not belong to its commitment (custody-format section 4)."""

    exit_code = 31
    what = "A payload does not match its commitment"
    next_step = "Compare it with the payload held by the workstation."


class KeyRefused(CustodyError):
    """A key event or an entry signature breaks the rules of operator and log keys (custody-format section 6)."""

    exit_code = 32
    what = "A key or an entry's signature is refused"
    next_step = "Ask who held the key; until then the entry counts as signed by nobody."


class WitnessRefused(CustodyError):
    """A witness did not cosign, or what it answered does not hold (c2sp.org/tlog-witness)."""

    exit_code = 33
    what = "The witness did not cosign"
    next_step = "Keep request and answer; a log that was not altered can prove so to the witness."


class PolicyRefused(CustodyError):
    """A quorum policy file is malformed (c2sp.org/tlog-policy)."""

    exit_code = 34
    what = "The policy file cannot be used"
    next_step = "Correct the line named here; nothing was verified with it."


class StateDamaged(CustodyError):
    """A witness's own memory cannot be read; without it nothing may be cosigned (custody-format section 14)."""

    exit_code = 35
    what = "The witness's state cannot be used"
    next_step = "Restore the state folder from its backup before cosigning anything."
