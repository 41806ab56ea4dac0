"""What the profiles make of a card, as text for a person and as rows for a program."""

from __future__ import annotations

from collections.abc import Iterator

from bwc_review.cli.times import DOUBTS, moment_text
from bwc_review.domain.times import seconds_text
from ingest.clips import NamedClip
from ingest.explain import CardExplained, FileSaid
from ingest.profiles import GENERIC, Match, Role
from ingest.segments import Part
from ingest.times import Claim

ROLES = {Role.VIDEO: "recording", Role.SIDECAR: "side file", Role.OTHER: "no rule", None: "not taken"}
MEANS = {"start": "starts", "end": "ends", "within": "has a moment at"}


def card_text(card: CardExplained) -> str:
    """The whole explanation."""
    lines = [f"Card '{card.listing.label}': {len(card.listing.entries)} entries met.", "", "Profiles"]
    for one in card.matches:
        lines += _match_lines(one, card)
    if card.tied:
        lines.append(f"  These fit equally well: {', '.join(card.tied)}. Docking asks; choose one with --profile.")
    lines += ["", f"Files, as {card.profile.id} reads them (it rests on: {card.profile.grade.value})"]
    bound = {name for said in card.files for name in said.companions}
    for said in card.files:
        lines += _file_lines(said, bound)
    for joined in card.joined:
        names = ", ".join(_part(part) for part in joined.parts)
        lines.append(f"  one recording in {len(joined.parts)} parts: {names} ({joined.why})")
    counts = {name: sum(1 for one in card.files if ROLES[one.role] == name) for name in ROLES.values()}
    lines += ["", ", ".join(f"{count} {name}" for name, count in counts.items()) + "."]
    return "\n".join(lines)


def _match_lines(one: Match, card: CardExplained) -> Iterator[str]:
    needed = "always fits, last" if one.profile.id == GENERIC else f"{one.score} of {one.profile.minimum} needed"
    state = "fits" if one.knows else "does not fit"
    chosen = "  <- reads this card" if one.profile.id == card.profile.id else ""
    yield f"  {one.profile.id:<16} {state:<12} {needed}{chosen}"
    for why in one.why:
        yield f"      + {why}"
    for missed in one.missed:
        yield f"      - {missed}"


def _file_lines(said: FileSaid, bound: set[str]) -> Iterator[str]:
    name = said.file.name.shown
    yield f"  {ROLES[said.role]:<10} {name}"
    if said.role is Role.SIDECAR and name not in bound:
        yield "      no recording has the path its stem names: it is taken and bound to nothing"
    if said.role is None or said.role is Role.OTHER:
        yield f"      {said.reason}"
    if said.clip is not None:
        yield from _clip_lines(said.clip)
    for companion in said.companions:
        yield f"      side file {companion}"


def _clip_lines(clip: NamedClip) -> Iterator[str]:
    identity = {"device": clip.device_id, "worn by": clip.officer_id, "recording": clip.recording_id}
    said = [f"{word} {value}" for word, value in identity.items() if value is not None]
    if clip.segment is not None:
        said.append(f"part {clip.segment}")
    if clip.prebuffer_us:
        said.append(f"pre-event buffer of {clip.prebuffer_us / 1e6:g} s")
    yield f"      {', '.join(said) or 'nothing says which camera or who'}"
    for claim in clip.claims:
        yield f"      {claim_line(claim)}"
        yield from (f"        reading: {moment_text(reading)}" for reading in claim.readings)
    if not clip.claims:
        yield "      nothing here says when"
    for note in clip.notes:
        yield f"      note: {note}"


def claim_line(claim: Claim) -> str:
    """One claim of a name or a side file, with its source and how it was read."""
    at = f"{moment_text(claim.at_us)} ± {seconds_text(claim.uncertainty_us)}"
    doubt = f"; {DOUBTS[claim.doubt.value]}" if claim.doubt else ""
    return f"{MEANS[claim.means.value]} {at}, by {claim.where} '{claim.text}' read as {claim.zone}{doubt}"


def card_row(card: CardExplained) -> dict[str, object]:
    """The whole explanation for a program. Times in microseconds since 1970 UTC."""
    return {
        "card": card.listing.label,
        "profile": card.profile.id,
        "tied": list(card.tied),
        "profiles": [
            {
                "id": one.profile.id,
                "fits": one.knows,
                "score": one.score,
                "min": one.profile.minimum,
                "why": list(one.why),
                "missed": list(one.missed),
            }
            for one in card.matches
        ],
        "files": [_file_row(one) for one in card.files],
        "joined": [
            {
                "parts": [{"name": part.clip.name.shown, "gap_us": part.gap_us} for part in one.parts],
                "why": one.why,
            }
            for one in card.joined
        ],
    }  # fmt: skip


def _file_row(said: FileSaid) -> dict[str, object]:
    row: dict[str, object] = {
        "name": said.file.name.shown,
        "taken": said.role is not None,
        "role": said.role.value if said.role else None,
        "reason": said.reason,
        "side_files": list(said.companions),
    }
    clip = said.clip
    if clip is not None:
        words = ("device_id", "officer_id", "recording_id", "segment", "prebuffer_us")
        row |= {word: getattr(clip, word) for word in words}
        row["notes"] = list(clip.notes)
        row["times"] = [
            {
                "source": one.source.value,
                "where": one.where,
                "means": one.means.value,
                "at_us": one.at_us,
                "uncertainty_us": one.uncertainty_us,
                "text": one.text,
                "zone": one.zone,
                "doubt": one.doubt.value,
                "readings": list(one.readings),
            }
            for one in clip.claims
        ]
    return row


def _part(part: Part) -> str:
    name = part.clip.name.shown.rpartition("/")[2]
    return name if part.gap_us is None else f"{name} ({seconds_text(part.gap_us)} after)"
