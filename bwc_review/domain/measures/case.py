"""What a measure may look at: the confirmed tags of one incident, its coverage, the settings. Selectors, no results.

Groups and scopes follow the taxonomy's ``measure_conventions``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bwc_review.domain.coverage import Coverage
from bwc_review.domain.device_log import NO_LOGS, LogsGiven
from bwc_review.domain.ids import IncidentId, ParticipantId
from bwc_review.domain.measures.covering import narrowed
from bwc_review.domain.tags import EndStatus, Tag, TagState
from bwc_review.domain.taxonomy import Parameters
from bwc_review.domain.times import Micros, Span

UNKNOWN = ParticipantId("unknown")
MECHANICAL = ("RST.HANDCUFF", "RST.LIMB", "RST.BODY")
RESTRAINTS = (*MECHANICAL, "RST.SPIT_GUARD")
_NO_WARNING = frozenset({"WRN.ARREST", "WRN.CALLOUT", "WRN.NOT_GIVEN"})
_NOT_SPOKEN = frozenset({"WRN.CALLOUT", "WRN.NOT_GIVEN", "WRN.NONVERBAL"})
# In these the actor is the person concerned, not an officer.
_OWN_STATE = ("SUB.", "MED.COMPLAINT", "MED.INJURY_SEEN", "MED.AID_DECLINED", "RST.POSTURE")
_SCOPED = ("FRC.", "RST.", "WRN.", "CMD.ORDER")


@dataclass(frozen=True, slots=True)
class Case:
    """One incident as measures see it: only confirmed tags, in time order, coverage less what camera tags take away.

    Tags in any other state are dropped on construction. Raises ValueError when a tag belongs to another incident.
    """

    incident: IncidentId
    tags: tuple[Tag, ...]
    coverage: Coverage
    parameters: Parameters
    logs: LogsGiven = NO_LOGS

    def __post_init__(self) -> None:
        strangers = [tag.id for tag in self.tags if tag.incident != self.incident]
        if strangers:
            raise ValueError(f"tags {strangers} belong to another incident than {self.incident}")
        confirmed = [tag for tag in self.tags if tag.state is TagState.CONFIRMED]
        object.__setattr__(self, "tags", tuple(sorted(confirmed, key=lambda t: (t.start, t.id))))
        object.__setattr__(self, "coverage", narrowed(self.coverage, confirmed))

    @property
    def end(self) -> Micros:
        """Where the last recording ends."""
        return self.coverage.end

    def of(self, *codes: str) -> tuple[Tag, ...]:
        """Return the tags whose code is, or (for "DTI.") begins with, one of ``codes``."""
        return tuple(tag for tag in self.tags if _is(tag, codes))

    def about(self, person: ParticipantId, tags: Iterable[Tag]) -> tuple[Tag, ...]:
        """Return those of ``tags`` that concern ``person``, or nobody who was named (see ``addressee_flags``)."""
        return tuple(tag for tag in tags if not (named := people_of(tag)) or person in named)

    def force(self) -> tuple[Tag, ...]:
        """Force events: FRC.* without shows of force, and restraints."""
        return tuple(tag for tag in self.tags if is_force(tag))

    def applied(self, person: ParticipantId) -> tuple[Tag, ...]:
        """Force events on a person without the restraints."""
        return tuple(tag for tag in self.about(person, self.force()) if not _is(tag, RESTRAINTS))

    def warnings(self, person: ParticipantId) -> tuple[Tag, ...]:
        """What counts as a warning of force to a person: no call-outs, no arrest warnings (taxonomy M01)."""
        return tuple(t for t in self.about(person, self.of("WRN.")) if t.code not in _NO_WARNING)

    def utterances(self, person: ParticipantId) -> tuple[Tag, ...]:
        """Orders and spoken warnings to a person (taxonomy M05, M06, M08); what was said to colleagues is none."""
        said = self.of("WRN.", "CMD.ORDER")
        return tuple(tag for tag in self.about(person, said) if tag.code not in _NOT_SPOKEN)

    def people(self) -> tuple[ParticipantId, ...]:
        """Persons force, warnings or orders were directed at, in order of time; ``UNKNOWN`` when none is named."""
        scoped = self.of(*_SCOPED)
        named = dict.fromkeys(person for tag in scoped for person in people_of(tag))
        return tuple(named) or ((UNKNOWN,) if scoped else ())

    def person_of(self, tag: Tag) -> ParticipantId:
        """Whom a tag concerns; ``UNKNOWN`` when nobody is named."""
        return next(iter(people_of(tag)), UNKNOWN)

    def encounter(self, person: ParticipantId) -> Span:
        """From CTX.ENCOUNTER_START to CTX.ENCOUNTER_END, or the master clock's zero and the recordings' end."""
        starts = [tag.start for tag in self.about(person, self.of("CTX.ENCOUNTER_START"))]
        ends = [tag.start for tag in self.about(person, self.of("CTX.ENCOUNTER_END"))]
        start = min(starts, default=Micros(0))
        return Span(start, max(start, max(ends, default=self.end)))

    def look_back(self, force: Tag, person: ParticipantId) -> Span:
        """The stretch before a force event in which warnings count, bounded by the start of the encounter."""
        start = Micros(force.start - self.parameters.window_before_force_us)
        known = [tag.start for tag in self.about(person, self.of("CTX.ENCOUNTER_START"))]
        return Span(min(force.start, max(start, min(known, default=start))), force.start)

    def last_force(self, person: ParticipantId) -> Tag | None:
        """The force event on a person that ended last, restraints excluded (``force_end``); open ones end last."""
        return max(self.applied(person), key=lambda t: (is_open(t), t.end_or(self.end), t.id), default=None)


def _is(tag: Tag, codes: Iterable[str]) -> bool:
    return any(tag.code == code or (code.endswith(".") and tag.code.startswith(code)) for code in codes)


def is_force(tag: Tag) -> bool:
    """Whether a tag is a force event of the taxonomy (a show of force is none)."""
    return tag.code in RESTRAINTS or (tag.code.startswith("FRC.") and not tag.code.startswith("FRC.SHOW."))


def is_open(tag: Tag) -> bool:
    """Whether the end of a tag is not known: every length of it is a lower bound."""
    return tag.end is None or tag.end_status in (EndStatus.OPEN_AT_RECORDING_END, EndStatus.NOT_SEEN_TO_END)


def people_of(tag: Tag) -> tuple[ParticipantId, ...]:
    """Return the persons a tag concerns: its target, a person or addressee named in it, or whose state it tells."""
    named = [tag.target, *(tag.attrs.get(name) for name in ("person", "addressee"))]
    if not any(named) and _is(tag, _OWN_STATE):
        named = [tag.actor]
    return tuple(dict.fromkeys(ParticipantId(str(one)) for one in named if one))


def texts(tag: Tag, name: str) -> tuple[str, ...]:
    """Return a list attribute; a single value counts as a list of one, a missing one as empty."""
    value = tag.attrs.get(name, ())
    return value if isinstance(value, tuple) else (str(value),)
