"""The docked inspector: attributes of the last or selected tag. A change is a revision, saved as it is made."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from bwc_review.domain.ids import EventCode, ParticipantId
from bwc_review.domain.tags import AttrValue, Tag
from bwc_review.domain.taxonomy import AttrSpec, Taxonomy
from bwc_review.domain.times import clock_text
from bwc_review.review.tagging import Sighting, sighting_of
from ui import theme
from ui.pages.page import caption
from ui.review_desk.attr_fields import AttrField, ChoiceField, TextField, field_for
from ui.review_desk.board import Board
from ui.words import short_code, spaced, uncertainty_text

P = theme.DARK
FIELDS_AT_ONCE = 2


class Inspector(QFrame):
    """``changed`` carries the tag and the sighting the person wants instead."""

    changed = Signal(object, object)

    def __init__(self, board: Board, taxonomy: Taxonomy) -> None:
        super().__init__()
        self._board = board
        self._taxonomy = taxonomy
        self._tag: Tag | None = None
        self._fields: dict[str, AttrField] = {}
        self._waiting: deque[tuple[str, AttrSpec]] = deque()
        self._lines: QFormLayout | None = None  # the form while fields are still to be added
        self._who = ChoiceField({})
        self._whom = ChoiceField({})
        self.note = TextField()
        self.setObjectName("inspector")
        self.setStyleSheet(
            f"QFrame#inspector {{ background: {P.raised}; border: 1px solid {P.line}; border-radius: 8px; }}"
            " QScrollArea, QWidget#form { background: transparent; border: none; }"
            " QLineEdit, QComboBox, QFrame#inspector QToolButton { padding: 2px 6px; min-height: 16px; }"
        )
        self.setAccessibleName("Attributes of the tag")
        self.title = QLabel("")
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.times = QLabel("")
        self.times.setWordWrap(True)
        self.times.setStyleSheet(f"color: {P.dim};")
        self.times.setFont(theme.text_font(theme.SMALL))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 6, 6)
        column.setSpacing(3)
        column.addWidget(caption("This tag · A"))
        column.addWidget(self.title)
        column.addWidget(self.times)
        column.addWidget(self._scroll, 1)
        board.selected.connect(self.show_tag)
        self.show_tag(None)

    def show_tag(self, tag: Tag | None) -> None:
        """Show a tag. The next revision of the tag shown keeps its fields and the focus in them."""
        before, self._tag = self._tag, tag
        if tag is None:
            self._fields = {}
            self._lines = None
            self.title.setText("No tag chosen.")
            self.times.setText("A digit writes one; [ and ] go from tag to tag.")
            self._scroll.takeWidget()
            return
        same = before is not None and (tag.supersedes == before.id or tag.id == before.id) and tag.code == before.code
        if not same:
            self._build(tag)
        self._fill(tag)

    def focus_first(self) -> None:
        """Put the cursor into the first attribute that is still needed, else the first."""
        needed = (self._fields[name] for name in self._missing() if name in self._fields)
        first = next(needed, next(iter(self._fields.values()), self._who if self._tag else None))
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_note(self) -> None:
        """Put the cursor into the note."""
        if self._tag is not None:
            self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build(self, tag: Tag) -> None:
        """A fresh form. The first fields stand at once, the others follow as the GUI thread has time."""
        form = QWidget()
        form.setObjectName("form")
        lines = QFormLayout(form)
        lines.setContentsMargins(0, 2, 6, 2)
        lines.setVerticalSpacing(3)
        lines.setHorizontalSpacing(6)
        lines.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        specs = self._taxonomy.events[tag.code].attrs
        people = [str(one) for one in self._board.people]
        self._fields = {}
        self._lines = lines
        self._waiting = deque(sorted(specs.items(), key=lambda item: not item[1].required))
        self._who = ChoiceField({one: one for one in people})
        self._whom = ChoiceField({one: one for one in people})
        self.note = TextField()
        self._scroll.setWidget(form)
        self._build_more()

    def _build_more(self) -> None:
        tag, lines = self._tag, self._lines
        if tag is None or lines is None:
            return
        people = [str(one) for one in self._board.people]
        for _ in range(min(FIELDS_AT_ONCE, len(self._waiting))):
            name, spec = self._waiting.popleft()
            others = self._other_tags(tag) if spec.type == "ref" else {}
            field = field_for(spec, self._taxonomy.enums, people, others)
            field.show_value(tag.attrs.get(name))
            self._fields[name] = field
            self._add(lines, _label(name, spec), field)
        if self._waiting:
            QTimer.singleShot(0, self, self._build_more)
            return
        self._lines = None
        for text, field in (("who", self._who), ("to whom", self._whom), ("note", self.note)):
            self._add(lines, text, field)

    def _other_tags(self, tag: Tag) -> dict[str, str]:
        """The other tags by short name and time, for attributes that name one."""
        others = (one for one in self._board.in_order() if one.id != tag.id)
        return {f"{short_code(one.code)} {clock_text(one.start)[:-2]}": str(one.id) for one in others}

    def _add(self, lines: QFormLayout, text: str, field: AttrField) -> None:
        label = QLabel(text)
        label.setFont(theme.text_font(theme.SMALL))
        label.setStyleSheet(f"color: {P.dim};")
        label.setWordWrap(True)
        label.setFixedWidth(84)
        proxy = field.focusProxy()
        if proxy is not None:
            proxy.setAccessibleName(text.replace("\n", " "))
            proxy.setToolTip(text.replace("\n", " "))
        field.edited.connect(self._edited)
        lines.addRow(label, field)

    def _fill(self, tag: Tag) -> None:
        event = self._taxonomy.events[tag.code]
        self.title.setText(event.label)
        end = "still open" if tag.end is None else clock_text(tag.end)
        span = clock_text(tag.start) if tag.end == tag.start else f"{clock_text(tag.start)} – {end}"
        self.times.setText(f"{span} {uncertainty_text(tag.uncertainty)} · by {tag.by}")
        for name, field in self._fields.items():
            field.show_value(tag.attrs.get(name))
        self._who.show_value(tag.actor)
        self._whom.show_value(tag.target)
        self.note.show_value(tag.note or None)
        missing = self._missing()
        if missing:
            words = ", ".join(spaced(name) for name in missing)
            self.times.setText(f"{self.times.text()}\nneeded before sign-off: {words}")

    def _missing(self) -> list[str]:
        tag = self._tag
        if tag is None:
            return []
        specs = self._taxonomy.events[tag.code].attrs
        return [name for name, spec in specs.items() if spec.required and name not in tag.attrs]

    def _edited(self) -> None:
        tag = self._tag
        if tag is not None:
            self.changed.emit(tag, self._wanted(sighting_of(tag)))

    def _wanted(self, seen: Sighting) -> Sighting:
        attrs: dict[str, AttrValue] = dict(seen.attrs)
        for name, field in self._fields.items():
            value = field.value()
            if value is not None:
                attrs[name] = value
            else:
                attrs.pop(name, None)
        who, whom, note = self._who.value(), self._whom.value(), self.note.value()
        return replace(
            seen,
            attrs=attrs,
            actor=ParticipantId(str(who)) if who is not None else None,
            target=ParticipantId(str(whom)) if whom is not None else None,
            note=str(note) if note is not None else "",
        )


def _label(name: str, spec: AttrSpec) -> str:
    words = spaced(name.removesuffix("_ms") + ", ms" if spec.type == "ms" and name.endswith("_ms") else name)
    return f"{words} *" if spec.required else words


def reason_attr(taxonomy: Taxonomy, code: EventCode) -> str | None:
    """Where a judgement's reason goes: its first required text; None when it has none and the note takes it."""
    specs = taxonomy.events[code].attrs
    return next((name for name, spec in specs.items() if spec.type == "text" and spec.required), None)
