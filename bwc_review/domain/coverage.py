"""Where the cameras could hear and see. Every claim of absence asks here first ("not found" is not "not given")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bwc_review.domain.ids import CameraId, ParticipantId
from bwc_review.domain.recording import Recording
from bwc_review.domain.times import Micros, Span, clip, total, union, without


def audible(recording: Recording, usable: Iterable[Span]) -> tuple[Span, ...]:
    """Where a recording can be heard, on its own clock: ``usable`` audio, as listened to, without the pre-event
    buffer known to carry no sound, whatever noise stands there. Every place that speaks of sound asks here."""
    lead = Span(Micros(0), Micros(min(recording.silent_lead, recording.span.end)))
    return tuple(part for span in usable for part in without(span, (lead,)))


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """One camera's usable audio and video on the incident's master clock, sorted and disjoint."""

    camera: CameraId
    wearer: ParticipantId | None
    audio: tuple[Span, ...]
    video: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of a window some camera could hear and see, each 0..1."""

    audio: Fraction
    video: Fraction


@dataclass(frozen=True, slots=True)
class Coverage:
    """All cameras of an incident. ``end`` is where the last recording ends, master clock."""

    cameras: tuple[CameraCoverage, ...]
    end: Micros

    @property
    def audible(self) -> tuple[Span, ...]:
        """Where at least one camera had usable audio."""
        return union(span for camera in self.cameras for span in camera.audio)

    @property
    def visible(self) -> tuple[Span, ...]:
        """Where at least one camera had usable video."""
        return union(span for camera in self.cameras for span in camera.video)

    def share(self, window: Span) -> Share:
        """Return the audible and visible share of ``window``; an empty window counts as covered by neither."""
        if window.length == 0:
            return Share(Fraction(0), Fraction(0))
        return Share(
            Fraction(total(clip(self.audible, window)), window.length),
            Fraction(total(clip(self.visible, window)), window.length),
        )

    def hears_all_of(self, window: Span) -> bool:
        """Whether every moment of ``window`` was audible on some camera."""
        return not without(window, self.audible)

    def sees_all_of(self, window: Span) -> bool:
        """Whether every moment of ``window`` was visible on some camera."""
        return not without(window, self.visible)
