"""One field for one attribute of a tag, by what the taxonomy says it is. Knows no tag and saves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from bwc_review.domain.tags import AttrValue
from bwc_review.domain.taxonomy import AttrSpec
from ui.review_desk.keys import COMBO_KEYS, KeepsKeys
from ui.words import spaced

NOT_SET = "–"


class AttrField(QWidget):
    """Base of all fields. ``edited`` when the person changed it; ``value`` None while it is not set."""

    edited = Signal()

    def value(self) -> AttrValue | None:
        """What it holds."""
        raise NotImplementedError

    def show_value(self, value: AttrValue | None) -> None:
        """Show a value without telling that it was edited."""
        raise NotImplementedError


class ChoiceField(AttrField):
    """One of several values."""

    def __init__(self, choices: Mapping[str, AttrValue]) -> None:
        super().__init__()
        self._choices = choices
        self.box = QComboBox()
        self.box.addItem(NOT_SET, None)
        for text, value in choices.items():
            self.box.addItem(text, value)
        self.box.installEventFilter(KeepsKeys(*COMBO_KEYS, parent=self))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self.box.activated.connect(lambda _at: self.edited.emit())
        _fill(self, self.box)

    def value(self) -> AttrValue | None:
        found: AttrValue | None = self.box.currentData()
        return found

    def show_value(self, value: AttrValue | None) -> None:
        at = next((n for n in range(self.box.count()) if self.box.itemData(n) == value and n), 0)
        if value is not None and not at:
            self.box.addItem(str(value), value)
            at = self.box.count() - 1
        self.box.setCurrentIndex(at)


class ManyField(AttrField):
    """Any of several values, ticked in a menu that is made when it is first opened."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        super().__init__()
        self._choices = choices
        self._ticked: tuple[str, ...] = ()
        self.button = QToolButton()
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setText(NOT_SET)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.installEventFilter(KeepsKeys(Qt.Key.Key_Space, parent=self))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._open)
        self.button.setMenu(self._menu)
        _fill(self, self.button)

    def _open(self) -> None:
        self._menu.clear()
        for text, value in self._choices.items():
            action = self._menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(value in self._ticked)
            action.toggled.connect(lambda on, one=value: self.tick(one, on))

    def tick(self, value: str, on: bool) -> None:
        """Tick one value, or take its tick away."""
        kept = {one for one in self._ticked if one != value} | ({value} if on else set())
        self._ticked = tuple(one for one in self._choices.values() if one in kept)
        self._write()
        self.edited.emit()

    def _write(self) -> None:
        on = [text for text, value in self._choices.items() if value in self._ticked]
        self.button.setText(", ".join(on) or NOT_SET)
        self.button.setToolTip(", ".join(on) or "nothing ticked")

    def value(self) -> AttrValue | None:
        return self._ticked or None

    def show_value(self, value: AttrValue | None) -> None:
        self._ticked = value if isinstance(value, tuple) else ()
        self._write()


class TextField(AttrField):
    """Words, or a whole number."""

    def __init__(self, *, number: bool = False) -> None:
        super().__init__()
        self._number = number
        self._shown = ""
        self.line = QLineEdit()
        if number:
            self.line.setValidator(QIntValidator(0, 2_000_000_000, self))
        self.line.editingFinished.connect(self._finished)
        _fill(self, self.line)

    def _finished(self) -> None:
        if self.line.text().strip() != self._shown:
            self._shown = self.line.text().strip()
            self.edited.emit()

    def value(self) -> AttrValue | None:
        text = self.line.text().strip()
        return None if not text else int(text) if self._number else text

    def show_value(self, value: AttrValue | None) -> None:
        text = "" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)
        if not (self.line.hasFocus() and self.line.isModified()):
            self._shown = text
            self.line.setText(text)


def field_for(
    spec: AttrSpec, enums: Mapping[str, Sequence[str]], people: Sequence[str], tags: Mapping[str, str]
) -> AttrField:
    """The field for an attribute. ``tags`` maps words to ids, for attributes that name another tag."""
    if spec.type == "enum":
        choices = {spaced(value): value for value in enums[spec.enum]}
        return ManyField(choices) if spec.many else ChoiceField(choices)
    if spec.type == "bool":
        return ChoiceField({"yes": True, "no": False})
    if spec.type == "ref" and spec.enum == "participant":
        return ChoiceField({one: one for one in people})
    if spec.type == "ref" and spec.enum == "tag":
        return ManyField(tags) if spec.many else ChoiceField(dict(tags))
    return TextField(number=spec.type in ("int", "ms"))


def _fill(field: AttrField, part: QWidget) -> None:
    row = QHBoxLayout(field)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(part, 1)
    field.setFocusProxy(part)
