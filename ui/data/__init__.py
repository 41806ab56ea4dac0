"""The desktop's own lists: words for codes, palettes of codes, the key map. The only place that reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> Mapping[str, Any]:
    """One list by name (``words``, ``palettes``, ``keys``), as TOML gives it."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
