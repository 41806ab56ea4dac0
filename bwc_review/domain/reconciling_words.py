"""The sentences of the reconciliation: each says what, how far, how sure and from which source. Times in UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bwc_review.domain.expected import UNCLASSIFIED, DockingSeen, Expectation, Expected, Footage
from bwc_review.domain.times import seconds_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _HOUR = 60_000_000, 3_600_000_000


def moment(us: int) -> str:
    """``2026-03-14 09:39:30 UTC``, cut to whole seconds."""
    return f"{_EPOCH + timedelta(microseconds=us):%Y-%m-%d %H:%M:%S} UTC"


def length(us: int) -> str:
    """A length as a person says it: ``12.300 s``, ``14 min``, ``3 h 5 min``."""
    if abs(us) < 10 * _MINUTE:
        return seconds_text(us)
    hours, rest = divmod(abs(us), _HOUR)
    text = f"{hours} h {rest // _MINUTE} min" if hours else f"{rest // _MINUTE} min"
    return f"-{text}" if us < 0 else text


def start(one: Footage) -> int:
    """When it began; 0 where nothing says so (callers ask only for what has a start)."""
    return one.begun.start if one.begun else 0


def end(one: Footage) -> int:
    """When it ended; its start where its length is not known."""
    return start(one) + (one.length or 0)


def doubt(one: Footage) -> int:
    """How unsure its start is."""
    return one.begun.uncertainty if one.begun else 0


def source_of(one: Footage) -> str:
    """``WS1-0003 (start by sidecar, ± 0.001 s)``."""
    if one.begun is None:
        return f"{one.exhibit} (nothing says when it began)"
    return f"{one.exhibit} (start by {one.begun.source}, ± {length(one.begun.uncertainty)})"


def docking(one: DockingSeen) -> str:
    """``docking of CARD at 2026-03-14 18:02:11 UTC (interrupted)``."""
    state = one.state if not one.failed else f"{one.state}, {one.failed} files could not be taken"
    return f"docking of {one.label} at {moment(one.started_at)} ({state})"


def _who(row: Expected) -> str:
    named = [f"officer {row.officer}" if row.officer else "", f"camera {row.camera}" if row.camera else ""]
    return " with ".join(filter(None, named))


def _row(row: Expected) -> str:
    what = "on duty" if row.kind is Expectation.DUTY else "at a call"
    return f"{row.id}: {_who(row)} {what} from {moment(row.start)} to {moment(row.end)}"


def arrived(row: Expected, found: Sequence[Footage]) -> str:
    """Something is here."""
    return f"{_row(row)}. Arrived: {_names(found)}."


def _names(found: Sequence[Footage]) -> str:
    shown = ", ".join(one.exhibit for one in found[:6])
    return f"{shown} and {len(found) - 6} more" if len(found) > 6 else shown


def maybe_arrived(row: Expected, found: Sequence[Footage]) -> str:
    """Something is here, of a time nobody can be sure of."""
    return (
        f"{_row(row)}. Whether it arrived cannot be told: {'; '.join(source_of(one) for one in found[:6])} may or "
        "may not be of that time."
    )


def not_over(row: Expected) -> str:
    """The row lies in the future."""
    return f"{_row(row)}. It is not over yet."


def no_camera(row: Expected) -> str:
    """Without a camera nobody knows whose docking to wait for."""
    return (
        f"{_row(row)}. Nothing worn by this officer arrived from that time. The row names no camera, so whether the "
        "camera was docked since cannot be told."
    )


def unfinished(row: Expected, found: Sequence[DockingSeen]) -> str:
    """Nothing is missing as long as a docking did not end whole."""
    which = "; ".join(docking(one) for one in found[:3])
    return f"{_row(row)}. Nothing has arrived, but a docking is not finished: {which}. It may still hold the footage."


def not_docked(row: Expected) -> str:
    """The camera has not been here."""
    return f"{_row(row)}. Expected; no finished docking shows camera {row.camera} since then."


def due(when: int | None, overdue: int | None) -> str:
    """Whether it is overdue, only against a time the agency named."""
    if when is None:
        return "No time is named by which it has to be docked."
    if overdue is None:
        return f"It is to be docked by {moment(when)}."
    return f"It was to be docked by {moment(when)} and is overdue by {length(overdue)}."


def unnamed(row: Expected, found: Sequence[Footage]) -> str:
    """A camera nobody could name may be the one."""
    return (
        f"{_row(row)}. The camera was docked since and brought nothing from that time, but {_names(found)} of a "
        "camera that could not be identified may be of it."
    )


def missing(row: Expected, whole: Sequence[DockingSeen]) -> str:
    """The camera was docked whole and brought nothing."""
    return (
        f"{_row(row)}. Missing: the camera was docked since ({docking(whole[-1])}) and brought nothing of that time."
    )


def rows_overlap(row: Expected, other: Expected) -> str:
    """Two rows want the same person or camera at once."""
    same = "officer" if row.officer is not None and row.officer == other.officer else "camera"
    return f"The row {other.id} names the same {same} for an overlapping time; a recording may answer both."


def other_camera(row: Expected, one: Footage) -> str:
    """Another camera than planned."""
    return f"{one.exhibit} is of camera {one.camera}; the row names {row.camera}."


def other_wearer(row: Expected, one: Footage) -> str:
    """Another wearer than planned."""
    return f"{one.exhibit} was worn by {one.wearer}, as the camera says; the row names {row.officer}."


def unplayable(one: Footage) -> str:
    """Preserved, no length."""
    return f"{one.exhibit} is preserved and cannot be played: how long it is is not known."


def damaged(one: Footage) -> str:
    """What probing found."""
    return f"{one.exhibit} is damaged: {'; '.join(one.damage)}"


def silent_lead(one: Footage) -> str:
    """The pre-event buffer."""
    return f"The first {length(one.silent_lead)} of {one.exhibit} are the camera's pre-event buffer without sound."


def late(row: Expected, one: Footage, amount: int, unsure: int, sure: bool) -> str:
    """The camera was switched on after the call began."""
    buffered = start(one) - row.start
    picture = f" Pictures of its pre-event buffer begin {_against(buffered)}." if one.silent_lead else ""
    if sure or amount > unsure:
        return (
            f"Late: {one.exhibit} was recording {length(amount)} after {row.id} began, ± {length(unsure)}.{picture}"
        )
    return (
        f"Whether {one.exhibit} began late cannot be told: {_against(amount)} {row.id} began, "
        f"± {length(unsure)}.{picture}"
    )


def _against(amount: int) -> str:
    return f"{length(abs(amount))} {'before' if amount < 0 else 'after'}"


def gap(before: Footage, after: Footage, amount: int, unsure: int) -> Callable[[bool], str]:
    """Between two recordings."""

    def words(sure: bool) -> str:
        between = f"between {before.exhibit} and {after.exhibit}"
        if sure or amount > unsure:
            return f"Gap: {length(amount)} {between} are not recorded, ± {length(unsure)}."
        return f"Whether there is a gap {between} cannot be told: {length(amount)}, ± {length(unsure)}."

    return words


def early(row: Expected, one: Footage, amount: int, unsure: int, sure: bool) -> str:
    """The camera was switched off before the call ended."""
    if sure or amount > unsure:
        return f"Ends early: {one.exhibit} ends {length(amount)} before {row.id} does, ± {length(unsure)}."
    return f"Whether {one.exhibit} ends early cannot be told: {_against(-amount)} {row.id} ends, ± {length(unsure)}."


def expected(one: Footage, rows: Sequence[Expected], category: str) -> str:
    """Somebody expected it."""
    return f"{one.exhibit}: expected by {', '.join(row.id for row in rows)}. {_category(rows, category)}"


def _category(rows: Sequence[Expected], category: str) -> str:
    if category != UNCLASSIFIED:
        return f"Category by the list: {category}."
    if len({row.category for row in rows if row.category}) > 1:
        return "Unclassified: the rows name different categories. It is kept until a person decides."
    return "Unclassified: no row names a category. It is kept until a person decides."


def perhaps_expected(one: Footage, rows: Sequence[Expected]) -> str:
    """It may answer a row."""
    if one.begun is None:
        return f"{one.exhibit}: nothing says when it was made. Unclassified, kept until a person decides."
    rows_ = ", ".join(row.id for row in rows)
    return (
        f"{source_of(one)}: whether it was expected by {rows_} cannot be told. "
        "Unclassified, kept until a person decides."
    )


def outside(one: Footage, first: int, last: int) -> str:
    """Another day."""
    spoken = f"{moment(first)} to {moment(last)}"
    return f"{source_of(one)}: outside the time this list speaks of ({spoken}). Unclassified."


def unexpected(one: Footage) -> str:
    """Nobody was rostered for it."""
    worn = f"worn by {one.wearer}" if one.wearer else "wearer not known"
    return (
        f"{source_of(one)}, camera {one.camera}, {worn}: nobody was on the list for it. "
        "Unclassified, kept until a person decides."
    )
