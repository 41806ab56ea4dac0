"""The refusal of a taxonomy or lexicon that contradicts itself. Its text says which line of which file to mend."""

from __future__ import annotations

from bwc_review.errors import InputRefused


class DefinitionRefused(InputRefused):
    """A taxonomy or lexicon cannot be used: a name is unknown, given twice, or a phrase cannot be read."""
