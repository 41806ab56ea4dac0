"""A prober that decodes nothing: it knows the answers to the files it was told of, and sniffs the rest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from ingest.errors import ProbeFailed
from ingest.findings import Finding, Trait, found
from ingest.probe import Playability, ProbeFacts
from ingest.sniff import HEAD_BYTES, Nature, sniff


class FakeProber:
    """``known`` maps a file's SHA-256 to what is to be said of it; any other recording is said to be unreadable."""

    def __init__(self, known: Mapping[str, ProbeFacts]) -> None:
        self._known = known

    def __call__(self, recording: Path | int, *, timeout_s: float = 1.0) -> ProbeFacts:
        """As ``ingest.probe.probe``."""
        try:
            data = _read(recording)
        except OSError as error:
            raise ProbeFailed(
                "The preserved file cannot be opened. Check that the vault's disk is mounted."
            ) from error
        if timeout_s < 0.1:
            return _unplayable(found(Trait.NOT_EXAMINED, how=f"It was given up after {timeout_s:g} s."))
        known = self._known.get(hashlib.sha256(data).hexdigest())
        if known is not None:
            return known
        nature = sniff(data[:HEAD_BYTES]).nature
        if not data:
            return _unplayable(found(Trait.EMPTY))
        trait = {Nature.PLAYLIST: Trait.PLAYLIST, Nature.UNKNOWN: Trait.UNKNOWN}.get(nature)
        return _unplayable(found(trait) if trait else found(Trait.UNREADABLE, how="the fake decodes nothing"))


def _read(recording: Path | int) -> bytes:
    if isinstance(recording, Path):
        return recording.read_bytes()
    os.lseek(recording, 0, os.SEEK_SET)
    return os.read(recording, 1 << 30)


def _unplayable(why: Finding) -> ProbeFacts:
    return ProbeFacts("unknown", Playability.UNPLAYABLE, None, None, (), None, (why,))
