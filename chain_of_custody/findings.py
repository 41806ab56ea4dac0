"""What a verification found, and what it amounts to. "False" and "could not tell" are different words.

Codes, verdicts and exit codes: docs/custody-format.md section 12.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

MAX_PER_CODE = 50
"""A hostile bundle may hold millions of broken entries; beyond this many of a kind they are counted only."""


class Severity(Enum):
    """How a finding bears on the verdict (custody-format section 12)."""

    FAILED = "failed"
    UNREADABLE = "could_not_check"
    UNCHECKED = "not_checked"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """A stable code, its severity, the file or entry it concerns, a sentence for a person.

    Custody-format section 12.
    """

    code: str
    severity: Severity
    where: str
    text: str


class Verdict(Enum):
    """The whole in one word, with the exit code of the command (custody-format section 12)."""

    VERIFIED = "verified"
    VERIFIED_WITH_UNCHECKED = "verified_with_unchecked"
    FAILED = "failed"
    COULD_NOT_CHECK = "could_not_check"

    @property
    def exit_code(self) -> int:
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Verdict.VERIFIED: 0,
    Verdict.FAILED: 1,  # 2 is argparse's
    Verdict.VERIFIED_WITH_UNCHECKED: 3,
    Verdict.COULD_NOT_CHECK: 4,
}


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """One proven failure outweighs everything; what could not be read outweighs what was left unchecked.

    Custody-format section 12.
    """
    met = {finding.severity for finding in findings}
    if Severity.FAILED in met:
        return Verdict.FAILED
    if Severity.UNREADABLE in met:
        return Verdict.COULD_NOT_CHECK
    if Severity.UNCHECKED in met:
        return Verdict.VERIFIED_WITH_UNCHECKED
    return Verdict.VERIFIED


class Collector:
    """Findings of one step in the order met, at most MAX_PER_CODE of a code (custody-format section 12)."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._met: Counter[tuple[str, Severity]] = Counter()

    def add(self, code: str, severity: Severity, where: str, text: str) -> None:
        self._met[code, severity] += 1
        if self._met[code, severity] <= MAX_PER_CODE:
            self._kept.append(Finding(code, severity, where, text))

    def failed(self, code: str, where: str, text: str) -> None:
        self.add(code, Severity.FAILED, where, text)

    def unreadable(self, code: str, where: str, text: str) -> None:
        self.add(code, Severity.UNREADABLE, where, text)

    def unchecked(self, code: str, where: str, text: str) -> None:
        self.add(code, Severity.UNCHECKED, where, text)

    def note(self, code: str, where: str, text: str) -> None:
        self.add(code, Severity.NOTE, where, text)

    def all(self) -> tuple[Finding, ...]:
        """What was kept, and for each code that overflowed how many more there were."""
        more = [
            Finding(code, severity, "", f"and {count - MAX_PER_CODE} more of this kind")
            for (code, severity), count in self._met.items()
            if count > MAX_PER_CODE
        ]
        return (*self._kept, *more)
