"""A verification's report: numbered steps with their findings, as text for people and JSON for programs.

Hostile names are shown escaped. What the words mean: docs/custody-format.md section 12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chain_of_custody.findings import Finding, Severity, Verdict, verdict_of

_STATES = {
    Verdict.VERIFIED: "ok",
    Verdict.VERIFIED_WITH_UNCHECKED: "NOT FULLY CHECKED",
    Verdict.FAILED: "FAILED",
    Verdict.COULD_NOT_CHECK: "COULD NOT CHECK",
}
_MARKS = {
    Severity.FAILED: "failed",
    Severity.UNREADABLE: "could not check",
    Severity.UNCHECKED: "not checked",
    Severity.NOTE: "note",
}
_SENTENCES = {
    Verdict.VERIFIED: "VERIFIED. Every check was made and held.",
    Verdict.VERIFIED_WITH_UNCHECKED: "VERIFIED AS FAR AS CHECKED. Nothing wrong was found; see what was not checked.",
    Verdict.FAILED: "FAILED. At least one check proves that something is wrong or missing.",
    Verdict.COULD_NOT_CHECK: "COULD NOT CHECK. Something could not be read; this proves nothing either way.",
}
BY_HAND = """\
The same by hand, without this program (in the bundle's folder, with K set to the key file obtained elsewhere):
  sha256sum -c tagmanifest-sha256.txt manifest-sha256.txt
  sha512sum -c tagmanifest-sha512.txt manifest-sha512.txt
  bagit.py --validate .
  sha256sum tagmanifest-sha256.txt   # must be tagmanifest_sha256 in seal/seal-entry.json
  T=$(mktemp -d)
  head -n 3 seal/checkpoint > $T/body
  sed -n 5p seal/checkpoint | cut -d' ' -f3 | base64 -d | tail -c +5 > $T/signature
  cut -d+ -f3- "$K" | base64 -d | tail -c +2 > $T/key.der
  printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000' | cat - $T/key.der > $T/ed25519.der
  [ $(wc -c < $T/key.der) -ne 32 ] || mv $T/ed25519.der $T/key.der
  openssl pkeyutl -verify -pubin -keyform DER -inkey $T/key.der -rawin -in $T/body -sigfile $T/signature
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered check and what it found (custody-format section 12)."""

    number: int
    title: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found about one bundle or log, in the order of the specification's list.

    Custody-format section 12.
    """

    subject: str
    steps: tuple[Step, ...]
    by_hand: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.findings)

    def to_json(self) -> str:
        """The report as one JSON object, ASCII only."""
        steps = [
            {
                "number": step.number,
                "title": step.title,
                "verdict": step.verdict.value,
                "findings": [
                    {"code": f.code, "severity": f.severity.value, "where": f.where, "text": f.text}
                    for f in step.findings
                ],
            }
            for step in self.steps
        ]
        verdict = self.verdict
        whole = {"subject": self.subject, "verdict": verdict.value, "exit_code": verdict.exit_code, "steps": steps}
        return json.dumps(whole, indent=2) + "\n"

    def to_text(self) -> str:
        """The report as numbered plain text, ending with the verdict and, for a bundle, the commands to repeat it."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"Verification of {shown(self.subject)}"
        yield ""
        for step in self.steps:
            yield f"{step.number}. {step.title}: {_STATES[step.verdict]}"
            for finding in step.findings:
                place = f"{shown(finding.where)}: " if finding.where else ""
                yield f"     [{_MARKS[finding.severity]}] {place}{shown(finding.text)} ({finding.code})"
        yield ""
        yield _SENTENCES[self.verdict]
        if self.by_hand:
            yield ""
            yield self.by_hand


def shown(text: str) -> str:
    """`text` with everything a terminal might obey written as an escape (custody-format section 12)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
