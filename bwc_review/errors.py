"""The one error root of ``bwc_review`` and what every front door does with it.

An error says to a person what happened, to which file, and what to do next; its ``exit_code`` is
what the command line returns (documented in the README). ``detail`` is for logs only.
"""

from __future__ import annotations


class ReviewError(Exception):
    """Root of every error this package raises on purpose."""

    exit_code = 1

    def __init__(self, text: str, *, detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.detail = detail

    def message(self) -> str:
        """Return what happened, to which file, and what to do next."""
        return self.text


class InputRefused(ReviewError):
    """What was typed or handed over cannot be used as it is."""

    exit_code = 2


class WorkspaceMissing(ReviewError):
    """There is no workspace where one was expected."""

    exit_code = 53


class WorkspaceTooNew(ReviewError):
    """The database was written by a newer version of this program."""

    exit_code = 54


class WorkspaceBusy(ReviewError):
    """Another process holds the database."""

    exit_code = 55


class StoreDamaged(ReviewError):
    """The database or a row in it is not what this program wrote."""

    exit_code = 56


class LogRefused(ReviewError):
    """The custody log could not be written, so the act did not take place."""

    exit_code = 57


class ModelRefused(ReviewError):
    """A speech model is missing or is not the one whose digest is pinned."""

    exit_code = 58


class MediaUnreadable(ReviewError):
    """A preserved recording cannot be decoded. The original is untouched."""

    exit_code = 59


class ExportFailed(ReviewError):
    """A bundle was not written. Nothing half-written stands under its final name."""

    exit_code = 60


class NotFound(ReviewError):
    """No exhibit, incident, candidate or tag answers to this name."""

    exit_code = 61


class Cancelled(ReviewError):
    """A person stopped a long act. What was finished before stays."""

    exit_code = 62


class PermissionDenied(ReviewError):
    """The role does not allow the act (taxonomy ``permissions``). The refusal is in the log."""

    exit_code = 63


class ReceiptFailed(ReviewError):
    """A docking receipt was not written. Nothing half-written stands under its name."""

    exit_code = 66


class TimestampRefused(ReviewError):
    """A timestamp authority's answer does not hold. ``reason`` is a code that goes into the custody log."""

    exit_code = 67

    def __init__(self, reason: str, text: str, *, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.reason = reason


class AuthorityUnreachable(ReviewError):
    """The timestamp authority gave no answer. The request stays in the queue."""

    exit_code = 68


class KeyringUnusable(ReviewError):
    """The machine has no keyring that may keep a passphrase. Nothing was kept."""

    exit_code = 69


class KeyUnusable(ReviewError):
    """A key that should sign cannot: its file is missing, or it was rotated or revoked meanwhile."""

    exit_code = 71


class CheckFailed(ReviewError):
    """A verification found something wrong. Nothing was changed."""

    exit_code = 64


class ErasureIncomplete(ReviewError):
    """A content was erased on record, but its bytes may still lie in unused parts of the database's files."""

    exit_code = 75


class StoreUnreachable(ReviewError):
    """The database server does not answer."""

    exit_code = 65


class LogContradicted(ReviewError):
    """The log is not the one a witness cosigned: put back to an earlier state, or another. Reading goes on."""

    exit_code = 72


class WitnessUnreachable(ReviewError):
    """A witness gave no answer. What it has not cosigned waits."""

    exit_code = 73


class MemoryDamaged(ReviewError):
    """What was witnessed, kept outside the database, cannot be read or written. Nothing is appended without it."""

    exit_code = 74


class DockingsIncomplete(ReviewError):
    """Of several cards docked at once at least one was not taken whole. The others were."""

    exit_code = 84
