"""How soon help was asked for, given, or the pressure taken off: M19 to M22."""

from __future__ import annotations

from dataclasses import dataclass

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures.case import Case, is_open, texts
from bwc_review.domain.measures.results import (
    AT_MOST,
    Sense,
    absent,
    addressee_flags,
    apart,
    computed,
    not_applicable,
    unless_observed,
)
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import MeasureInfo, Taxonomy
from bwc_review.domain.times import Micros, Span

FORCE_OPEN = "force_end_not_seen"
_SIGNS = ("MED.INJURY_SEEN", "MED.COMPLAINT", "SUB.DISTRESS")
_PRESSURE = ("FRC.NECK", "FRC.GROUND_HOLD")


@dataclass(frozen=True, slots=True)
class Anchors:
    """What latencies count from: A, where force ended (None while it is open), and B, the first sign of harm."""

    last_force: Tag | None
    force_end: Micros | None
    sign: Tag | None

    @property
    def start(self) -> Micros:
        """The earlier of the two, where help could first be expected."""
        return min(a for a in (self.force_end, self.sign.start if self.sign else None) if a is not None)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags the anchors rest on."""
        return tuple(tag for tag in (self.last_force, self.sign) if tag is not None)

    @property
    def flags(self) -> tuple[str, ...]:
        """Says when anchor A is missing because nobody saw the force end."""
        return (FORCE_OPEN,) if self.last_force is not None and self.force_end is None else ()


def _anchors(case: Case, person: ParticipantId) -> Anchors | None:
    last = case.last_force(person)
    end = None if last is None or is_open(last) else last.end_or(case.end)
    signs = case.about(person, case.of(*_SIGNS))
    if end is None and not signs:
        return None
    return Anchors(last, end, signs[0] if signs else None)


def aid_requested(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M19, per person, record of microseconds: first request for medical help after force ended and after a sign.

    Negative: asked for earlier. ``at_most`` when the time between was not audible throughout.
    """
    return tuple(_latency(case, taxonomy, "M19", "MED.AID_REQUESTED", Sense.HEARD, p) for p in case.people())


def aid_rendered(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M20, per person, record of microseconds: first aid given by anybody, and by officers, after both anchors."""
    return tuple(_latency(case, taxonomy, "M20", "MED.AID_RENDERED", Sense.SEEN, p) for p in case.people())


def _latency(case: Case, taxonomy: Taxonomy, measure: str, code: str, sense: Sense, person: ParticipantId) -> Measure:
    info = taxonomy.measures[measure]
    anchors = _anchors(case, person)
    if anchors is None:
        return not_applicable(info, person, "record")
    window = Span(anchors.start, max(anchors.start, case.encounter(person).end))
    aid = case.about(person, case.of(code))
    if not aid:
        return absent(case, info, person, window, sense, unit="record", basis=anchors.tags, flags=anchors.flags)
    value = _since(anchors, aid[0])
    if measure == "M20":
        by_officers = [a for a in aid if a.attrs.get("by") == "officer_first_aid"]
        value |= {f"officer_{name}": at for name, at in _since(anchors, *by_officers[:1]).items()}
    return _latency_found(case, info, person, anchors, aid[0], value, sense)


def _since(anchors: Anchors, *aid: Tag) -> dict[str, int | None]:
    at = aid[0].start if aid else None
    sign = anchors.sign.start if anchors.sign else None
    return {
        "from_force_end_us": None if at is None or anchors.force_end is None else at - anchors.force_end,
        "from_first_sign_us": None if at is None or sign is None else at - sign,
    }


def _latency_found(
    case: Case,
    info: MeasureInfo,
    person: ParticipantId,
    anchors: Anchors,
    aid: Tag,
    value: dict[str, int | None],
    sense: Sense,
) -> Measure:
    window = Span(min(anchors.start, aid.start), max(anchors.start, aid.start))
    return computed(
        case,
        info,
        person,
        value,
        window,
        unit="record",
        basis=(aid, *anchors.tags),
        uncertainty=apart(aid, max(anchors.tags, key=lambda t: t.uncertainty)),
        flags=(*anchors.flags, *unless_observed(case, window, sense, AT_MOST), *addressee_flags(aid)),
    )


def aid_even_if_declined(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M21, per person, category: "yes" when help was requested given injury, complaint or distress.

    Declining does not change it and is flagged. "no" only where everything after the first sign was audible.
    """
    return tuple(_even_if_declined(case, taxonomy, person) for person in case.people())


def _even_if_declined(case: Case, taxonomy: Taxonomy, person: ParticipantId) -> Measure:
    info = taxonomy.measures["M21"]
    signs = case.about(person, case.of(*_SIGNS))
    if not signs:
        return not_applicable(info, person, "category")
    declined = case.about(person, case.of("MED.AID_DECLINED"))
    flags = ("declined",) if declined else ()
    window = Span(signs[0].start, max(signs[0].start, case.encounter(person).end))
    requests = case.about(person, case.of("MED.AID_REQUESTED"))
    basis = (*requests[:1], signs[0], *declined)
    if not requests:
        return absent(
            case, info, person, window, Sense.HEARD, unit="category", basis=basis, none_found="no", flags=flags
        )
    flags = (*flags, *addressee_flags(*requests[:1]))
    return computed(case, info, person, "yes", window, unit="category", basis=basis, flags=flags)


def distress_to_response(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M22, per breathing complaint, microseconds: from its end to pressure or prone position ending, or aid.

    Whether moving to the side counts is a setting (``aid_position_change_counts``). Negative: while still speaking.
    """
    complaints = [tag for tag in case.of("SUB.DISTRESS") if tag.attrs.get("breathing") is True]
    return tuple(_response(case, taxonomy, complaint) for complaint in complaints)


def _response(case: Case, taxonomy: Taxonomy, complaint: Tag) -> Measure:
    info, end = taxonomy.measures["M22"], complaint.end_or(complaint.start)
    responses = _responses(case, complaint)
    if not responses:
        window = Span(end, max(end, case.encounter(case.person_of(complaint)).end))
        return absent(case, info, complaint.id, window, Sense.HEARD_AND_SEEN, unit="us", basis=[complaint])
    at, response = min(responses, key=lambda r: (r[0], r[1].id))
    window = Span(min(end, at), max(end, at))
    return computed(
        case,
        info,
        complaint.id,
        at - end,
        window,
        unit="us",
        basis=(complaint, response),
        uncertainty=apart(complaint, response),
        flags=unless_observed(case, window, Sense.HEARD_AND_SEEN, AT_MOST),
    )


def _responses(case: Case, complaint: Tag) -> list[tuple[Micros, Tag]]:
    """Moments after the complaint began at which something was done about it, with their tags."""
    person = case.person_of(complaint)
    pressing = list(case.about(person, case.of(*_PRESSURE)))
    if case.parameters.aid_position_change_counts:
        pressing += [t for t in case.about(person, case.of("RST.POSTURE")) if "prone" in texts(t, "posture")]
    released = [
        (tag.end_or(case.end), tag)
        for tag in pressing
        if not is_open(tag) and tag.start <= complaint.end_or(complaint.start)
    ]
    aid = [(tag.start, tag) for tag in case.about(person, case.of("MED.AID_RENDERED"))]
    return [(at, tag) for at, tag in (*released, *aid) if at > complaint.start]
