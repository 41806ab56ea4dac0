"""The chip in the top bar that says how the custody log stands: its size, its last checkpoint, who witnessed it.

Always there, never loud. What it says comes from ``review.witness_overview``; it holds no rule.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bwc_review.review.witness_overview import Overview, WitnessRow

EVERY_MS = 60_000


def chip_text(found: Overview) -> str:
    """Size, checkpoint and witnessed state in one line."""
    if found.stopped:
        return f"log {found.size} · stopped, reading only"
    waits = ", key locked" if found.locked else ""
    seen = f"witnessed {found.witnessed}" if found.witnesses else "no witness"
    return f"log {found.size} · checkpoint {found.covered}{waits} · {seen}"


def chip_hint(found: Overview) -> str:
    """The same in sentences, with what each witness saw when."""
    lines = [
        f"The custody log of this workstation has {found.size} entries. "
        f"The last signed checkpoint covers the first {found.covered}."
    ]
    if found.stopped:
        lines.append(f"The log was {found.stopped}. Nothing is added to it; everything can be read.")
    if found.locked:
        lines.append("A checkpoint is overdue: the log key is locked. The next act that unlocks it signs one.")
    lines += [_witness_line(one) for one in found.witnesses]
    if not found.witnesses:
        lines.append("Nobody outside the house cosigns it: the settings name no witness.")
    lines += [f"{place}, which remembers what was witnessed too, cannot be reached." for place in found.away]
    return "\n".join(lines)


def _witness_line(one: WitnessRow) -> str:
    waits = f"; {one.after} entries wait since {_utc(one.waiting_since // 1_000_000)}" if one.after else ""
    if not one.cosigned:
        return f"Witness {one.name}: has cosigned nothing yet{waits}."
    return f"Witness {one.name}: cosigned the first {one.cosigned} at {_utc(one.stamp)}{waits}."


def _utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
