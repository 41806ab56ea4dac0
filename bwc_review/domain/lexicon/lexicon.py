"""The lexicon as values: phrases, guards, settings, compiled and checked against the taxonomy when read.

Source: ``bwc_review/data/lexicon.yaml``. Finding phrases in speech is in ``finding``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.ids import EventCode
from bwc_review.domain.lexicon.normalise import tokens_of
from bwc_review.domain.lexicon.pattern import ANY, NUMBER, Pattern, compile_template
from bwc_review.domain.lexicon.proposals import proposals
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros

_SCHEMA = "bwc-lexicon"


class Allowed(StrEnum):
    """Who must have said it for the phrase to mean what its category says."""

    OFFICER = "officer"
    CIVILIAN = "civilian"
    ANY = "any"


class Action(StrEnum):
    """What a guard does to a match it applies to."""

    SUPPRESS = "suppress"
    RELABEL_RADIO = "relabel_radio"


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase. ``refused_before`` are words that, following it, make it mean something else."""

    id: str
    category: str
    code: EventCode
    label: str
    allowed: Allowed
    pattern: Pattern
    refused_before: Pattern | None
    example: str
    low: bool
    proposed: Mapping[str, AttrValue]
    keeps_text: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """Surroundings in which a phrase is not what it seems. ``left`` looks back ``window`` words in the sentence."""

    id: str
    left: tuple[Pattern, ...]
    anywhere: Pattern | None
    window: int
    applies: tuple[str, ...]
    only_questions: bool
    action: Action

    def covers(self, category: str) -> bool:
        """Whether the guard applies to a lexicon category (its ``applies`` are prefixes)."""
        return category.startswith(self.applies)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The whole file, compiled. ``digest``: SHA-256 of its bytes; ``by_opener``: the entries by their first word."""

    version: str
    digest: str
    language: str
    entries: tuple[Entry, ...]
    guards: tuple[Guard, ...]
    polarity_critical: tuple[tuple[str, ...], ...]
    join_gap: Micros
    low_weight_window: Micros
    by_opener: Mapping[str, tuple[Entry, ...]]

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any], digest: str, taxonomy: Taxonomy) -> Lexicon:
        """Build from the parsed file. Raises DefinitionRefused naming the entry, guard or part that is wrong."""
        if raw.get("schema") != _SCHEMA:
            raise DefinitionRefused(f"this file is no lexicon: its schema is {raw.get('schema')!r}, not {_SCHEMA}")
        try:
            settings = raw["settings"]
            entries = _entries(raw, taxonomy)
            return cls(
                version=str(raw["version"]),
                digest=digest,
                language=raw["language"],
                entries=entries,
                guards=_guards(raw, int(settings["guard_left_words"])),
                polarity_critical=_polarity(raw["polarity_critical"]),
                join_gap=Micros(settings["join_gap_ms"] * 1000),
                low_weight_window=Micros(settings["low_weight_needs_force_within_ms"] * 1000),
                by_opener=_by_opener(entries),
            )
        except (KeyError, TypeError, AttributeError) as wrong:
            raise DefinitionRefused(
                f"the lexicon lacks a part or has it in another shape: {wrong}", detail=repr(wrong)
            ) from wrong


def _entries(raw: Mapping[str, Any], taxonomy: Taxonomy) -> tuple[Entry, ...]:
    entries: dict[str, Entry] = {}
    for one in raw["entries"]:
        if one["id"] in entries:
            raise DefinitionRefused(f"phrase {one['id']} stands twice in the lexicon")
        entries[one["id"]] = _entry(one, raw["categories"], raw["slots"], taxonomy)
    return tuple(entries.values())


def _entry(
    one: Mapping[str, Any], categories: Mapping[str, Any], slots: Mapping[str, str], taxonomy: Taxonomy
) -> Entry:
    category = categories.get(one["cat"])
    if category is None:
        raise DefinitionRefused(f"phrase {one['id']} has the unknown category {one['cat']}")
    event = taxonomy.events.get(EventCode(category["event"]))
    if event is None:
        raise DefinitionRefused(f"category {one['cat']} means {category['event']}, which the taxonomy does not list")
    pattern = compile_template(one["t"], slots)
    if ANY in pattern.openers or NUMBER in pattern.openers:
        raise DefinitionRefused(f"phrase {one['id']} begins with a gap; it must begin with a word")
    return Entry(
        id=one["id"],
        category=one["cat"],
        code=event.code,
        label=event.label,
        allowed=Allowed(category["speaker"]),
        pattern=pattern,
        refused_before=compile_template(one["na"], slots) if "na" in one else None,
        example=one["ex"],
        low=one.get("w") == "low",
        proposed=proposals(one, event, taxonomy),
        keeps_text="text" in event.attrs,
    )


def _guards(raw: Mapping[str, Any], window: int) -> tuple[Guard, ...]:
    """Guards that are templates. G-COLLEAGUE, G-SPEAKER, G-AUDIO, G-POLARITY have none: they are rules in code."""
    guards: list[Guard] = []
    for one in raw["guards"]:
        left = tuple(compile_template(one[key], raw["slots"]) for key in ("left", "also_left") if key in one)
        anywhere = compile_template(one["anywhere"], raw["slots"]) if "anywhere" in one else None
        if not left and anywhere is None:
            continue
        guards.append(
            Guard(
                id=one["id"],
                left=left,
                anywhere=anywhere,
                window=int(one.get("window", window)),
                applies=tuple(one["applies"]),
                only_questions=bool(one.get("needs_question_mark_or_interrogative", False)),
                action=Action(one["action"]),
            )
        )
    return tuple(guards)


def _polarity(raw: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    """Every wording of every pair, as tokens ("a / b" gives two)."""
    return tuple(tokens_of(wording) for pair in raw for side in pair for wording in side.split(" / "))


def _by_opener(entries: tuple[Entry, ...]) -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for opener in sorted(entry.pattern.openers):
            found.setdefault(opener, []).append(entry)
    return MappingProxyType({opener: tuple(them) for opener, them in found.items()})
