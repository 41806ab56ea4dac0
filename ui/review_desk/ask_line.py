"""One line that asks for one thing - a time, a word to find, a code by name, a reason - and never stops playback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QListView, QWidget

from ui import theme


class AskLine(QWidget):
    """Takes the palette's place while it asks. ``put_away`` when it is done or Esc was pressed."""

    put_away = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.prompt = QLabel("")
        self.prompt.setFont(theme.text_font(theme.BODY, strong=True))
        self.field = QLineEdit()
        self.hint = QLabel("")
        self.hint.setStyleSheet(f"color: {theme.DARK.dim};")
        self._answer: Callable[[str], object] = lambda _text: None
        self._stays = False
        self._choices: dict[str, str] = {}
        self._completer = QCompleter(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        offers = QListView()
        offers.setStyleSheet(
            f"QListView {{ background: {theme.DARK.floating}; border: 1px solid {theme.DARK.line}; }}"
            " QListView::item { padding: 3px 8px; }"
        )
        self._completer.setPopup(offers)
        self._words = QStringListModel(self)
        self._completer.setModel(self._words)
        self._completer.activated.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 16, 4)
        row.setSpacing(12)
        row.addWidget(self.prompt)
        row.addWidget(self.field, 1)
        row.addWidget(self.hint, 1)
        self.field.textEdited.connect(self._narrow)
        self.field.returnPressed.connect(self._enter)
        self.field.installEventFilter(self)

    def ask(
        self,
        prompt: str,
        answer: Callable[[str], object],
        *,
        placeholder: str = "",
        choices: Mapping[str, str] | None = None,
        stays: bool = False,
    ) -> None:
        """Ask. ``choices`` maps words to codes; then ``answer`` gets the code. ``stays`` keeps it open on Enter."""
        self.prompt.setText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.setPlaceholderText(placeholder)
        self.field.setCompleter(None)  # type: ignore[arg-type]
        self.field.clear()
        self.hint.setText("Enter: next · Esc: done" if stays else "Enter · Esc: never mind")
        self._answer, self._stays = answer, stays
        self._choices = dict(choices or {})
        if self._choices:
            self._words.setStringList(list(self._choices))
            self.field.setCompleter(self._completer)
        self.field.setFocus()

    def say(self, text: str) -> None:
        """A few words on what was found."""
        self.hint.setText(text)

    def _enter(self) -> None:
        text = self.field.text().strip()
        if not self._choices:
            self._give(text)
        elif text:
            best = ranked(text, self._choices)
            if best:
                self._take(best[0])
            else:
                self.say("No code has these words in its name")

    def _narrow(self, text: str) -> None:
        """Offer what fits best first, so that Enter takes what stands on top."""
        if self._choices:
            self._words.setStringList(ranked(text, self._choices))
            self._completer.complete()

    def _take(self, words: str) -> None:
        if words in self._choices:
            self._give(self._choices[words])

    def _give(self, text: str) -> None:
        if not text:
            return
        answer, stays = self._answer, self._stays
        if not stays:
            self._answer = lambda _text: None
            self.put_away.emit()
        answer(text)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.put_away.emit()
            return True
        return event.type() is QEvent.Type.ShortcutOverride and self._keeps(event)

    def _keeps(self, event: QEvent) -> bool:
        """Esc and the arrows belong to the field, not to the desk."""
        if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.accept()
            return True
        return False


def ranked(text: str, choices: Iterable[str]) -> list[str]:
    """The choices that hold the text: those that begin with it, then those with a word that does, then the rest."""
    wanted = text.strip().casefold()
    found = [(one.casefold(), one) for one in choices if wanted in one.casefold()]

    def place(pair: tuple[str, str]) -> tuple[bool, bool, str]:
        low = pair[0]
        begins = any(word.strip("(").startswith(wanted) for word in low.split())
        return not low.startswith(wanted), not begins, low

    return [one for _low, one in sorted(found, key=place)]
