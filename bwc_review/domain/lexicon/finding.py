"""From a transcript to candidates a person should listen to. Neither a match nor none proves a thing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import CandidateId, EventCode
from bwc_review.domain.lexicon.lexicon import Allowed, Lexicon
from bwc_review.domain.lexicon.matching import Match, matches
from bwc_review.domain.lexicon.proposals import heard_proposals
from bwc_review.domain.lexicon.speech_run import Run, runs
from bwc_review.domain.speech import LOW_MEAN, LOW_WORD, Transcript, Word
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.times import Span, without

NO_SPEECH = 600  # per mille; Whisper's own default for "this segment is no speech"
RADIO_CODE = EventCode("RPT.RADIO_STATUS")
_RADIO_RELABELS = ("WRN.", "CMD.", "IDN.ROLE")


class Role(StrEnum):
    """Who a person has said is speaking. No software decides this."""

    OFFICER = "officer"
    SUBJECT = "subject"
    BYSTANDER = "bystander"
    RADIO = "radio"


@dataclass(frozen=True, slots=True)
class SpokenBy:
    """A stretch of the recording's media clock and who speaks in it."""

    span: Span
    role: Role


class Flag(StrEnum):
    """What to be wary of before confirming."""

    SPEAKER_UNKNOWN = "speaker_unknown"
    LOW_CONFIDENCE = "low_confidence"
    LOW_WEIGHT = "low_weight"  # worth little unless force follows within the lexicon's low_weight_window
    LISTEN_FIRST = "listen_first"  # one lost syllable turns the meaning round (guard G-POLARITY)
    RADIO = "radio"
    UNRELIABLE_TEXT = "unreliable_text"  # text where little or no sound was: may be invented (guard G-AUDIO)


def find_candidates(
    transcript: Transcript, lexicon: Lexicon, *, speakers: tuple[SpokenBy, ...] = ()
) -> tuple[Candidate, ...]:
    """Return what the phrases of ``lexicon`` propose for a transcript, in time order.

    Speakers are unknown unless ``speakers`` covers the whole match; a known speaker the category does not allow
    suppresses it (guard G-SPEAKER). Ids are the same whenever transcript, lexicon, phrase and times are.
    """
    found: list[Candidate] = []
    for run in runs(transcript.heard, lexicon.join_gap):
        kept = [m for m in matches(run, lexicon) if _may_say(m, _speaker(_span(m, run), speakers))]
        orders: dict[int, list[Match]] = defaultdict(list)
        for match in kept:
            if match.entry.code == "CMD.ORDER" and not match.radio:
                orders[run.sentence_of[match.start]].append(match)
        for match in kept:
            role = _speaker(_span(match, run), speakers)
            nearby = orders[run.sentence_of[match.start]]
            found.append(_candidate(match, run, transcript, lexicon, role, nearby))
    return tuple(sorted(found, key=lambda c: (c.span, c.phrase)))


def _words(match: Match, run: Run) -> tuple[Word, ...]:
    return run.words[run.word_of[match.start] : run.word_of[match.end - 1] + 1]


def _span(match: Match, run: Run) -> Span:
    words = _words(match, run)
    return Span(min(w.span.start for w in words), max(w.span.end for w in words))


def _speaker(span: Span, speakers: tuple[SpokenBy, ...]) -> Role | None:
    for spoken in speakers:
        if spoken.span.start <= span.start and span.end <= spoken.span.end:
            return spoken.role
    return None


def _may_say(match: Match, role: Role | None) -> bool:
    if role is None or match.entry.allowed is Allowed.ANY:
        return True
    by_officer = role in (Role.OFFICER, Role.RADIO)
    return by_officer == (match.entry.allowed is Allowed.OFFICER)


def _candidate(
    match: Match, run: Run, transcript: Transcript, lexicon: Lexicon, role: Role | None, orders: list[Match]
) -> Candidate:
    words, span = _words(match, run), _span(match, run)
    confidences = [word.confidence for word in words]
    text = " ".join(word.text.strip() for word in words)
    radio = match.radio or (role is Role.RADIO and match.entry.category.startswith(_RADIO_RELABELS))
    flags = _flags(match, run, transcript, lexicon, span)
    flags += [Flag.RADIO] if radio else []
    flags += [Flag.SPEAKER_UNKNOWN] if role is None else []
    return Candidate(
        id=_id(transcript, lexicon, match, span),
        recording=transcript.recording,
        transcript=transcript.id,
        code=RADIO_CODE if radio else match.entry.code,
        span=span,
        words=text,
        phrase=match.entry.id,
        why=f'The words "{text}" match phrase {match.entry.id}: {_label(match, radio)}.',
        confidence=sum(confidences) // len(confidences),
        weakest=min(confidences),
        flags=tuple(sorted(flag.value for flag in flags)),
        proposed={"text": text} if radio else _proposed(match, run, text, orders),
    )


def _label(match: Match, radio: bool) -> str:
    return f"{match.entry.label}; but it sounds like radio traffic" if radio else match.entry.label


def _flags(match: Match, run: Run, transcript: Transcript, lexicon: Lexicon, span: Span) -> list[Flag]:
    words = _words(match, run)
    confidences = [word.confidence for word in words]
    flags: list[Flag] = []
    if sum(confidences) < LOW_MEAN * len(confidences) or min(confidences) < LOW_WORD:
        flags.append(Flag.LOW_CONFIDENCE)
    if match.entry.low:
        flags.append(Flag.LOW_WEIGHT)
    if _holds_any(run.tokens[match.start : match.end], lexicon.polarity_critical):
        flags.append(Flag.LISTEN_FIRST)
    segments = run.segments[run.word_of[match.start] : run.word_of[match.end - 1] + 1]
    if any(segment.no_speech >= NO_SPEECH for segment in segments) or without(span, transcript.heard.usable):
        flags.append(Flag.UNRELIABLE_TEXT)
    return flags


def _holds_any(tokens: tuple[str, ...], wordings: Iterable[tuple[str, ...]]) -> bool:
    return any(
        tokens[at : at + len(wording)] == wording
        for wording in wordings
        for at in range(len(tokens) - len(wording) + 1)
    )


def _proposed(match: Match, run: Run, text: str, orders: list[Match]) -> dict[str, AttrValue]:
    proposed = dict(match.entry.proposed)
    proposed.update(heard_proposals(match.entry.code, run.tokens[match.start : match.end]))
    if match.entry.keeps_text:
        proposed["text"] = text
    if match.entry.code.startswith("WRN.") and "names_force" in proposed:
        proposed.update(_instructed(orders))
    return proposed


def _instructed(orders: list[Match]) -> dict[str, AttrValue]:
    """What the orders in the same sentence tell the person to do ("Drop it or I will shoot")."""
    actions = tuple(dict.fromkeys(a for order in orders for a in _actions(order)))
    if not actions:
        return {}
    clarity = orders[0].entry.proposed["action_clarity"] if len(actions) == 1 else "compound"
    return {"instructed_action": actions, "action_clarity": clarity}


def _actions(order: Match) -> tuple[str, ...]:
    actions = order.entry.proposed["instructed_action"]
    return actions if isinstance(actions, tuple) else ()


def _id(transcript: Transcript, lexicon: Lexicon, match: Match, span: Span) -> CandidateId:
    # The recording too: two recordings may have the very same transcript, and each has candidates of its own.
    parts = (transcript.recording, transcript.digest, lexicon.digest, match.entry.id, str(span.start), str(span.end))
    return CandidateId(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32])
