"""The timeline: frozen values of what lies on it, and one widget that paints them and reports what a person does."""

from ui.timeline.model import Kind, Lane, Mark, TimelineModel, WaveBand
from ui.timeline.view import TimelineView

__all__ = ["Kind", "Lane", "Mark", "TimelineModel", "TimelineView", "WaveBand"]
