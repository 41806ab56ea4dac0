"""Phrase templates compiled to state tables over whole tokens: no backtracking, one table step a token.

Template syntax: ``template_syntax`` of the lexicon file (words, (a|b), [optional], {SLOT}, <0-3>), and
``\\d+`` for a number, which its guards use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bwc_review.domain.defects import DefinitionRefused

ANY = "<any>"
NUMBER = "<number>"
MAX_STATES = 4000  # the largest shipped phrase needs under 100; a runaway template is refused at loading
_LEXEME = re.compile(r"\s*(?:(\\d\+)|<(\d+)-(\d+)>|\{([A-Z]+)\}|([()\[\]|])|([^\W_]+))")
_CLOSERS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled template. ``rows[state][token]`` is the next state; state 0 begins."""

    source: str
    rows: tuple[Mapping[str, int], ...]
    accepting: frozenset[int]

    @property
    def openers(self) -> frozenset[str]:
        """The tokens a match can begin with (or the ANY and NUMBER marks)."""
        return frozenset(self.rows[0])

    def longest(self, tokens: Sequence[str], at: int) -> int | None:
        """Return the end (exclusive) of the longest match that begins at ``at``, or None."""
        state, found = 0, None
        for index in range(at, len(tokens)):
            row = self.rows[state]
            token = tokens[index]
            following = row.get(token)
            if following is None and token.isdigit():
                following = row.get(NUMBER)
            if following is None:
                following = row.get(ANY)
            if following is None:
                break
            state = following
            if state in self.accepting:
                found = index + 1
        return found

    def occurs_in(self, tokens: Sequence[str]) -> bool:
        """Whether the template matches anywhere in ``tokens``."""
        return any(self.longest(tokens, at) is not None for at in range(len(tokens)))


@dataclass(slots=True)
class _Net:
    """A nondeterministic net while a template is being read: free steps and labelled steps by state."""

    free: list[list[int]] = field(default_factory=list)
    steps: list[list[tuple[str, int]]] = field(default_factory=list)

    def state(self) -> int:
        self.free.append([])
        self.steps.append([])
        if len(self.free) > MAX_STATES:
            raise DefinitionRefused(f"a phrase needs more than {MAX_STATES} states; write it as several phrases")
        return len(self.free) - 1

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        seen = set(states)
        todo = list(states)
        while todo:
            for following in self.free[todo.pop()]:
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
        return frozenset(seen)

    def after(self, states: frozenset[int], labels: frozenset[str]) -> frozenset[int]:
        return self.closure(frozenset(to for s in states for label, to in self.steps[s] if label in labels))


@dataclass(slots=True)
class _Reader:
    """Recursive descent over one template, slots read where they stand. ``path``: the slots being read."""

    net: _Net
    slots: Mapping[str, str]
    text: str
    path: tuple[str, ...] = ()
    at: int = 0

    def alternatives(self, start: int, closer: str) -> int:
        """Read ``a|b`` up to ``closer`` (empty: the end of the text); return the state where all meet."""
        end = self.net.state()
        state = start
        while True:
            lexeme = self._next()
            if lexeme is None or lexeme[5] in (")", "]"):
                if (lexeme[5] if lexeme else "") != closer:
                    raise DefinitionRefused(f"brackets do not close in the phrase {self.text!r}")
                self.net.free[state].append(end)
                return end
            if lexeme[5] == "|":
                self.net.free[state].append(end)
                state = start
            else:
                state = self._item(lexeme, state)

    def _next(self) -> re.Match[str] | None:
        if not self.text[self.at :].strip():
            return None
        lexeme = _LEXEME.match(self.text, self.at)
        if lexeme is None:
            raise DefinitionRefused(f"the phrase {self.text!r} cannot be read at {self.text[self.at :]!r}")
        self.at = lexeme.end()
        return lexeme

    def _item(self, lexeme: re.Match[str], state: int) -> int:
        number, least, most, slot, bracket, word = lexeme.groups()
        if bracket:
            begin = self.net.state()
            self.net.free[state].append(begin)
            end = self.alternatives(begin, _CLOSERS[bracket])
            if bracket == "[":
                self.net.free[state].append(end)
            return end
        if slot:
            return self._slot(slot, state)
        if least:
            return self._gap(int(least), int(most), state)
        return self._step(state, NUMBER if number else word)

    def _step(self, state: int, label: str) -> int:
        to = self.net.state()
        self.net.steps[state].append((label, to))
        return to

    def _slot(self, name: str, state: int) -> int:
        if name not in self.slots or name in self.path:
            raise DefinitionRefused(f"slot {{{name}}} in {self.text!r} is unknown or contains itself")
        begin = self.net.state()
        self.net.free[state].append(begin)
        inner = _Reader(self.net, self.slots, self.slots[name], (*self.path, name))
        return inner.alternatives(begin, "")

    def _gap(self, least: int, most: int, state: int) -> int:
        if least > most:
            raise DefinitionRefused(f"the gap <{least}-{most}> in {self.text!r} runs backwards")
        end = self.net.state()
        for step in range(most + 1):
            if step >= least:
                self.net.free[state].append(end)
            if step < most:
                state = self._step(state, ANY)
        return end


def compile_template(text: str, slots: Mapping[str, str]) -> Pattern:
    """Compile a template. Raises DefinitionRefused when it cannot be read or could match without a word."""
    net = _Net()
    start = net.state()
    final = _Reader(net, slots, text).alternatives(start, "")
    pattern = _determinised(net, start, final, text)
    if 0 in pattern.accepting:
        raise DefinitionRefused(f"the phrase {text!r} would match without a single word")
    return pattern


def _determinised(net: _Net, start: int, final: int, source: str) -> Pattern:
    first = net.closure(frozenset({start}))
    numbers = {first: 0}
    todo = [first]
    rows: list[dict[str, int]] = []
    for states in todo:  # grows while it is walked
        row: dict[str, int] = {}
        for label in sorted({label for s in states for label, _ in net.steps[s]}):
            reached = net.after(states, _also(label))
            if reached not in numbers:
                if len(numbers) >= MAX_STATES:
                    raise DefinitionRefused(f"the phrase {source!r} needs more than {MAX_STATES} states")
                numbers[reached] = len(numbers)
                todo.append(reached)
            row[label] = numbers[reached]
        rows.append(row)
    accepting = frozenset(number for states, number in numbers.items() if final in states)
    return Pattern(source, tuple(rows), accepting)


def _also(label: str) -> frozenset[str]:
    """A literal word may at the same time be what a gap or a number takes."""
    if label == ANY:
        return frozenset({ANY})
    return frozenset({label, ANY, NUMBER}) if label == NUMBER or label.isdigit() else frozenset({label, ANY})
