"""What the store keeps of clocks: starts that persons adopted, and recordings that are parts of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bwc_review.domain.clocks import AdoptedStart, Series
from bwc_review.domain.ids import RecordingId


class Clocks(Protocol):
    """Append-only: a later adoption or series supersedes, nothing is altered."""

    def adopt(self, start: AdoptedStart) -> None:
        """Keep an adoption."""

    def adoptions(self, recording: RecordingId) -> Sequence[AdoptedStart]:
        """Every adoption for a recording, oldest first."""

    def adopted(self, recording: RecordingId) -> AdoptedStart | None:
        """The adoption that counts: the last one."""

    def join(self, series: Series) -> None:
        """Keep a series."""

    def series(self) -> Sequence[Series]:
        """Every series ever made, oldest first."""

    def series_of(self, recording: RecordingId) -> Series | None:
        """The newest series a recording is part of."""
