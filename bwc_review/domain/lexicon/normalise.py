"""How words are made comparable: the ``normalise`` list of the lexicon file. Only text in, only tokens out."""

from __future__ import annotations

import re
import unicodedata

_QUOTES = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"'})
_MASKED_ING = re.compile(r"\[\s*(?:expletive|bleep)[^\]]*\]|\bf\*+c?k?ing\b|\bbleep(?:ing|ed)?\b")
_MASKED = re.compile(r"\bf\*+c?k?(?!\w)")
_TOKEN = re.compile(r"[^\W_]+")


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the comparable tokens of ``text``: lower-case, without apostrophes, accents and punctuation.

    Masked swearing becomes the word it masks. "K-9" gives two tokens, "don't" gives one ("dont").
    """
    # Quotes first: NFKC takes the acute accent apart into a space and a mark.
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES)).lower()
    plain = _MASKED.sub("fuck", _MASKED_ING.sub("fucking", plain)).replace("'", "")
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return tuple(_TOKEN.findall(bare))
