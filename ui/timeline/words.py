"""What a mark says in words, for tool tips and screen readers: what it is, when, how sure."""

from __future__ import annotations

from html import escape

from bwc_review.domain.times import clock_text, seconds_text
from ui.timeline.model import Kind, Mark

_KIND = {
    Kind.CONFIRMED: "confirmed",
    Kind.SUGGESTION: "suggestion, nobody has decided yet",
    Kind.REJECTED: "rejected",
    Kind.COVERAGE: "coverage",
    Kind.SPEECH: "speech found",
    Kind.UNTRANSCRIBED: "speech, not transcribed",
}


def mark_lines(mark: Mark) -> tuple[str, ...]:
    """Plain lines: label and kind; times, length and uncertainty; what was said; conflict."""
    lines = [f"{mark.label} · {_KIND[Kind(mark.kind)]}" if mark.label else _KIND[Kind(mark.kind)]]
    when = clock_text(mark.start_us)
    if mark.is_open:
        when += " – still open"
    elif mark.end_us is not None and not mark.is_point:
        when += f" – {clock_text(mark.end_us)} ({seconds_text(mark.end_us - mark.start_us)})"
    if mark.uncertainty_us:
        when += f" ± {seconds_text(mark.uncertainty_us)}"
    lines.append(when)
    if mark.words:
        lines.append(mark.words)
    if mark.conflict:
        lines.append("in conflict with another order")
    return tuple(lines)


def tool_tip(mark: Mark) -> str:
    """The same as safe rich text: the label comes from footage and files and is never markup."""
    first, *rest = (escape(line) for line in mark_lines(mark))
    return f"<b>{first}</b>" + "".join(f"<br>{line}" for line in rest)
