"""Operators as the settings write them: a role alone, or a table with role and unit. Both forms stay readable.

A unit is a code, as roles and purposes are: it may stand in a custody entry, where no name may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bwc_review.errors import InputRefused

UNIT = re.compile(r"[a-z0-9_]{1,64}")


def read_operators(written: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """Role and unit by operator; no unit where none is written. Raises TypeError, KeyError for another form."""
    roles, units = {}, {}
    for who, what in written.items():
        if isinstance(what, Mapping):
            roles[who] = str(what["role"])
            if unit := str(what.get("unit", "")):
                units[who] = unit
        else:
            roles[who] = str(what)
    return roles, units


def read_operator(text: str) -> tuple[str, str, str]:
    """Read ``ID:ROLE`` or ``ID:ROLE:UNIT``; the unit is "" where none is named. Raises InputRefused."""
    who, _, rest = text.partition(":")
    role, _, unit = rest.partition(":")
    if not who or not role:
        raise InputRefused(f"'{text}' is not ID:ROLE or ID:ROLE:UNIT, e.g. clerk-0042:evidence_clerk:north.")
    return who, role, unit


def check_unit(unit: str) -> None:
    """Raise InputRefused unless the unit is a code that may stand in a custody entry."""
    if not UNIT.fullmatch(unit):
        raise InputRefused(f"'{unit}' cannot be a unit: small letters, digits and underscores, e.g. north_2.")
