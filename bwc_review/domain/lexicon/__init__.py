"""Phrases that may be warnings, orders, interventions or calls for help, and where a transcript holds them."""

from __future__ import annotations

from bwc_review.domain.lexicon.finding import Flag, Role, SpokenBy, find_candidates
from bwc_review.domain.lexicon.lexicon import Allowed, Entry, Guard, Lexicon

__all__ = ["Allowed", "Entry", "Flag", "Guard", "Lexicon", "Role", "SpokenBy", "find_candidates"]
