"""What is kept of times from elsewhere: alignments by sound, rosters, device logs and the views of their clocks.

Nothing here is ever changed or deleted once it is kept. One contract suite runs over every implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bwc_review.domain.aligning import ProposedClock
from bwc_review.domain.device_log import ClockOffset, DeviceLog
from bwc_review.domain.expected import Roster
from bwc_review.domain.ids import IncidentId, OperatorId


@dataclass(frozen=True, slots=True)
class Adoption:
    """That a person made a proposed clock theirs, and why."""

    proposal: str
    by: OperatorId
    at: int
    reason: str


class Alignments(Protocol):
    """Clocks proposed from shared sound, and which a person adopted. Raises NotFound for an unknown id."""

    def add(self, proposal: ProposedClock) -> None: ...
    def proposal(self, proposal: str) -> ProposedClock: ...
    def proposals(self, incident: IncidentId) -> Sequence[ProposedClock]:
        """All of an incident, oldest first."""

    def adopt(self, adoption: Adoption) -> None: ...
    def adopted(self, proposal: str) -> Adoption | None: ...


class Rosters(Protocol):
    """Imported rosters and dispatch lists. Raises NotFound for an unknown id."""

    def add(self, roster: Roster) -> None: ...
    def roster(self, roster: str) -> Roster: ...
    def rosters(self) -> Sequence[Roster]:
        """All, oldest first."""


class DeviceLogs(Protocol):
    """Imported device logs, and the views of their clocks. Raises NotFound for an unknown id."""

    def add(self, log: DeviceLog) -> None: ...
    def log(self, log: str) -> DeviceLog: ...
    def logs(self) -> Sequence[DeviceLog]:
        """All, oldest first."""

    def view(self, view: ClockOffset) -> None:
        """Keep a view; the latest of a log in an incident holds, the earlier ones stay."""

    def views(self, incident: IncidentId) -> Sequence[ClockOffset]:
        """All views in an incident, oldest first."""
