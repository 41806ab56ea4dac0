"""VERIFY.txt: how a stranger checks the bundle with tools other people wrote. Its words and commands are data.

The test suite runs every command in it as printed.
"""

from __future__ import annotations

from bwc_review.ports.bundle import BundleContent


def verify_text(template: str, content: BundleContent) -> str:
    """Return the template with this bundle's names in it, each on one line and printable."""
    log = content.log
    held = len(log.leaves) - len(log.entries)
    reason = one_line(log.withheld_reason) or "no reason given"
    withheld = (
        f"{held} of {len(log.leaves)} custody entries are withheld ({reason}); their hashes are in leaves.txt."
        if held
        else "No custody entry is withheld."
    )
    incident = one_line(f"{content.incident.id}: {content.incident.title}")
    filled = {"@NAME@": content.name, "@ORIGIN@": log.origin, "@INCIDENT@": incident, "@WITHHELD@": withheld}
    lines = []
    for line in template.splitlines():
        # one token a line, so that a name cannot smuggle in another token
        token = next((token for token in filled if token in line), None)
        lines.append(line if token is None else line.replace(token, filled[token]))
    return "\n".join(lines) + "\n"


def one_line(text: str) -> str:
    """``text`` with everything that is not printable shown as ``?``; a line break would look like a command."""
    return "".join(c if c.isprintable() else "?" for c in text).strip()
