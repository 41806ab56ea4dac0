"""The time zone an agency's clocks are set to, by its name in the IANA database."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bwc_review.errors import InputRefused


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name; None for no name: then local times stay undecided. Raises InputRefused."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise InputRefused(
            f"There is no time zone '{name[:60]}'. Name one of the IANA database, such as America/Vancouver; "
            "where none is found at all, install the Python package tzdata."
        ) from unknown
