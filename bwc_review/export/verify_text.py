"""VERIFY.txt: how a stranger checks the bundle with tools other people wrote. Its words and commands are data.

The test suite runs every command in it as printed.
"""

from __future__ import annotations

from datetime import UTC, datetime

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
    filled["@WITNESSED@"] = one_line(witnessed_text(content))
    lines = []
    for line in template.splitlines():
        # one token a line, so that a name cannot smuggle in another token
        token = next((token for token in filled if token in line), None)
        lines.append(line if token is None else line.replace(token, filled[token]))
    return "\n".join(lines) + "\n"


def witnessed_text(content: BundleContent) -> str:
    """What was witnessed when the bundle was laid out, in words. The cosignatures are what counts, not this."""
    if not content.witnessed:
        return "No witness had cosigned this log when the bundle was made."
    of = len(content.log.leaves)
    seen = (f"{one.witness} the first {one.size}, at {moment(one.stamp)}" for one in content.witnessed)
    return f"Cosigned of the log's {of} entries when the bundle was made: {'; '.join(seen)}."


def moment(stamp: int) -> str:
    """A witness's time, seconds since 1970, as a date in UTC; beyond the calendar, the number."""
    try:
        return f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {stamp}"


def one_line(text: str) -> str:
    """``text`` with everything that is not printable shown as ``?``; a line break would look like a command."""
    return "".join(c if c.isprintable() else "?" for c in text).strip()
