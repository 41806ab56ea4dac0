"""The package's own data files and the only place that reads them: taxonomy and lexicon, as built domain values."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

import yaml

from bwc_review.domain.lexicon import Lexicon
from bwc_review.domain.taxonomy import Taxonomy


def _bytes(name: str) -> bytes:
    return resources.files(__name__).joinpath(name).read_bytes()


@cache
def load_taxonomy() -> Taxonomy:
    """Return the shipped taxonomy; its ``digest`` is the file's SHA-256. Raises DefinitionRefused."""
    data = _bytes("taxonomy.yaml")
    return Taxonomy.from_mapping(yaml.safe_load(data), hashlib.sha256(data).hexdigest())


@cache
def load_lexicon() -> Lexicon:
    """Return the shipped lexicon, compiled; its ``digest`` is the file's SHA-256. Raises DefinitionRefused."""
    data = _bytes("lexicon.yaml")
    return Lexicon.from_mapping(yaml.safe_load(data), hashlib.sha256(data).hexdigest(), load_taxonomy())
