"""The passphrase, asked for on the GUI thread by whichever thread needs the log key. Holds no passphrase."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from bwc_review.errors import Cancelled

NOT_GIVEN = "The log key was not unlocked, so nothing was done. Start again when you have the passphrase."


@dataclass(eq=False)
class _Question:
    answered: threading.Event = field(default_factory=threading.Event)
    answer: str | None = None


class Keyring(QObject):
    """``ask`` is what ``open_workspace`` wants; ``show`` puts the question to the person."""

    _asked = Signal(object)

    def __init__(self, show: Callable[[], str | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._asked.connect(self._put, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> str:
        """The passphrase, from any thread. Raises Cancelled when the person does not give it."""
        if QThread.currentThread() is self.thread():
            answer = self._show()
        else:
            question = _Question()
            self._asked.emit(question)
            question.answered.wait()
            answer = question.answer
        if answer is None:
            raise Cancelled(NOT_GIVEN)
        return answer

    @Slot(object)
    def _put(self, question: _Question) -> None:
        try:
            question.answer = self._show()
        finally:
            question.answered.set()
