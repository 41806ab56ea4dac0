"""What a phrase suggests about a tag's attributes. Suggestions only: the person who listens sets them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.ids import EventCode
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.taxonomy import EventType, Taxonomy

# "This is your last warning" announces a consequence without naming force, so nothing is suggested for these.
_UNNAMED_FORCE = frozenset({EventCode("WRN.GENERIC_FORCE"), EventCode("WRN.ARREST")})
_BREATHING = frozenset({"breathe", "breath", "breathing", "suffocating", "choking"})
_CALLED_OUT: Mapping[str, str] = {
    "taser": "ced",
    "tazer": "ced",
    "teaser": "ced",
    "ced": "ced",
    "cew": "ced",
    "stun": "ced",
    "spray": "irritant_spray",
    "oc": "irritant_spray",
    "pava": "irritant_spray",
    "bean": "impact_round",
    "beanbag": "impact_round",
    "less": "impact_round",
    "baton": "impact_round",  # only "baton round" is a call-out
}


def proposals(entry: Mapping[str, Any], event: EventType, taxonomy: Taxonomy) -> Mapping[str, AttrValue]:
    """Return what a lexicon entry (act, clar, comp, str, de) suggests, as far as ``event`` has room for it.

    Raises DefinitionRefused when a suggested value is none of the taxonomy's.
    """
    found: dict[str, AttrValue] = {}
    if "act" in entry:
        found["instructed_action"] = (entry["act"],)
    if "de" in entry:
        found["type"] = (entry["de"],)
    for key, name in (("clar", "action_clarity"), ("str", "strength")):
        if key in entry:
            found[name] = entry[key]
    for component in ("identifies_police", "states_consequence"):
        if component in entry.get("comp", ()):
            found[component] = True
    if event.code not in _UNNAMED_FORCE:
        found["names_force"] = True
    kept = {name: value for name, value in found.items() if name in event.attrs}
    if problems := taxonomy.wrong_attrs(event.code, kept):
        raise DefinitionRefused(f"phrase {entry['id']}: {'; '.join(problems)}")
    return MappingProxyType(kept)


def heard_proposals(event: EventCode, tokens: tuple[str, ...]) -> Mapping[str, AttrValue]:
    """Return what the words themselves suggest: the weapon of a call-out, whether distress is about breathing."""
    if event == "WRN.CALLOUT":
        return {"warned_force": _CALLED_OUT[tokens[0]]} if tokens[0] in _CALLED_OUT else {}
    if event == "SUB.DISTRESS" and _BREATHING & set(tokens):
        return {"breathing": True}
    return {}
