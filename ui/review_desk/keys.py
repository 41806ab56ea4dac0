"""The key map: read from ``ui/data/keys.toml``, checked for conflicts, bound to actions. The overlay shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from ui.data import load

SIGNS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Shift": "⇧", "Del": "Delete"}


class KeysConflict(ValueError):
    """Two actions on one key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the map. ``numbers`` is empty for a single key; an empty ``action`` is the shell's own key."""

    group: str
    action: str
    keys: str
    words: str
    numbers: str = ""
    repeat: bool = False

    def sequences(self) -> tuple[tuple[str, int | None], ...]:
        """Every key of the line with its digit."""
        if not self.numbers:
            return ((self.keys, None),)
        return tuple((self.keys.replace("{n}", digit), int(digit)) for digit in self.numbers)

    @property
    def shown(self) -> str:
        """The key as the overlay and the tool tips write it: ``Ctrl+1–6``."""
        text = self.keys.replace("{n}", f"{self.numbers[:1]}–{self.numbers[-1:]}") if self.numbers else self.keys
        return "+".join(SIGNS.get(part, part) for part in text.split("+")) if len(text) > 1 else text


def read_keys(raw: Mapping[str, Any]) -> tuple[Key, ...]:
    """The map as values. Raises KeysConflict when one key stands twice."""
    keys = tuple(Key(**line) for line in raw["key"])
    taken: dict[str, str] = {}
    for key in keys:
        for sequence, _number in key.sequences() if key.action else ():
            name = QKeySequence(sequence).toString()
            if name in taken:
                raise KeysConflict(f"{sequence} is both {taken[name]} and {key.action}")
            taken[name] = key.action
    return keys


@cache
def key_map() -> tuple[Key, ...]:
    """The map in force."""
    return read_keys(load("keys"))


def shown_key(action: str) -> str:
    """The key of an action, for a button or a tool tip."""
    return next(key.shown for key in key_map() if key.action == action)


def bind(page: QWidget, actions: Mapping[str, Callable[..., object]]) -> tuple[QShortcut, ...]:
    """Put every action of the map on its key, wherever the focus is on ``page``. Text fields keep their letters.

    Raises LookupError when map and actions do not name the same acts.
    """
    wanted = {key.action for key in key_map() if key.action}
    if wanted != set(actions):
        raise LookupError(f"keys without act or acts without key: {sorted(wanted ^ set(actions))}")
    return tuple(chain.from_iterable(_shortcuts(page, key, actions[key.action]) for key in key_map() if key.action))


def _shortcuts(page: QWidget, key: Key, act: Callable[..., object]) -> tuple[QShortcut, ...]:
    made = []
    for sequence, number in key.sequences():
        shortcut = QShortcut(QKeySequence(sequence), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setAutoRepeat(key.repeat)
        shortcut.activated.connect(act if number is None else lambda n=number: act(n))
        made.append(shortcut)
    return tuple(made)


class KeepsKeys(QObject):
    """An event filter that lets a focused widget keep some plain keys for itself, a button its Space."""

    def __init__(self, *keys: Qt.Key, parent: QObject) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if plain and event.key() in self._keys:
                event.accept()
                return True
        return False


BUTTON_KEYS = (Qt.Key.Key_Space,)
COMBO_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape)
