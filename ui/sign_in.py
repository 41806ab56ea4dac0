"""Sign-in: who sits down and for what purpose. Both go into every custody entry, so neither has a silent default.

Whoever has an enrolled key opens it here, on a thread of its own: Argon2 takes a good part of a second on purpose.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bwc_review.domain.ids import OperatorId
from bwc_review.review.desk import Desk
from bwc_review.review.sessions import keyed_operators, unlock_operator
from bwc_review.review.unlocked import Unlocked
from ui import theme
from ui.messages import in_words, log_detail
from ui.tasks import Tasks
from ui.words import word, words_of

USUAL_PURPOSE = {"evidence_clerk": "routine_docking", "auditor": "audit", "psd_investigator": "complaint"}
WIDTH = 560
BEGIN, OPENING = "Begin session", "Opening your key …"


class SignIn(QDialog):
    """Asks for operator, purpose and, where there is a key, its passphrase.

    ``operator``, ``purpose`` and ``unlocked`` (None: the workstation alone attests) hold the answers once accepted.
    """

    def __init__(self, desk: Desk, chosen: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sign in · BWC Review")
        self.setMinimumWidth(WIDTH)
        self.resize(WIDTH, 0)
        self.unlocked: Unlocked | None = None
        self._desk = desk
        self._roles = dict(desk.operators)
        self._keyed: frozenset[OperatorId] = frozenset()
        self._tasks = Tasks(self)
        self._busy = False
        self.who = QComboBox()
        self.who.setAccessibleName("Operator")
        for operator, role in sorted(desk.operators.items()):
            unit = f"  ·  unit {desk.units[operator]}" if operator in desk.units else ""
            self.who.addItem(f"{operator}  ·  {word('roles', role)}{unit}", str(operator))
        self.why = QComboBox()
        self.why.setAccessibleName("Purpose")
        for code, text in words_of("purposes").items():
            self.why.addItem(text, code)
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setAccessibleName("Passphrase of your key")
        self.passphrase.setPlaceholderText("leave empty if it is kept here")
        self.begin = QPushButton(BEGIN)
        self.trouble = QLabel("")
        self.who.currentIndexChanged.connect(self._suggest)
        self._lay_out()
        self.who.setCurrentIndex(max(0, self.who.findData(chosen)))
        self._suggest()

    def _lay_out(self) -> None:
        title = QLabel("Who is at this desk?")
        title.setFont(theme.text_font(theme.LARGE, strong=True))
        said = QLabel(
            "Your number and the purpose are written into the custody log with everything you look at and do."
        )
        said.setWordWrap(True)
        said.setStyleSheet(f"color: {theme.DARK.dim};")
        form = self._form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for box in (self.who, self.why, self.passphrase):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        form.addRow("&Operator", self.who)
        form.addRow("&Purpose", self.why)
        form.addRow("Pa&ssphrase of your key", self.passphrase)
        self.trouble.setWordWrap(True)
        self.trouble.setAccessibleName("What is wrong")
        self.trouble.hide()
        buttons = QDialogButtonBox()
        buttons.addButton(self.begin, QDialogButtonBox.ButtonRole.AcceptRole)
        self.begin.setProperty("primary", True)
        self.begin.setDefault(True)
        self.begin.setToolTip("Begin (Enter)")
        self.begin.setEnabled(self.who.count() > 0)
        buttons.addButton("Leave", QDialogButtonBox.ButtonRole.RejectRole).setToolTip("Leave (Esc)")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        for part in (title, said):
            column.addWidget(part)
        if not self.who.count():
            column.addWidget(QLabel("Nobody is enrolled in this workspace. Add operators to workspace.toml."))
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever was enrolled since the last look is asked for the passphrase too."""
        self._keyed = keyed_operators(self._desk)
        self.unlocked = None
        self._suggest()
        super().showEvent(event)

    def _suggest(self) -> None:
        role = self._roles.get(self.operator, "")
        self.why.setCurrentIndex(max(0, self.why.findData(USUAL_PURPOSE.get(role, "use_of_force_review"))))
        self.passphrase.clear()
        self._form.setRowVisible(self.passphrase, self.operator in self._keyed)
        self._say("")

    def accept(self) -> None:
        """Begin; where a key has to be opened first, that happens elsewhere and the dialog stays until it is open."""
        if self._busy:
            return
        if self.operator not in self._keyed:
            super().accept()
            return
        self._wait(busy=True)
        desk, operator, purpose, typed = self._desk, self.operator, self.purpose, self.passphrase.text() or None
        self._tasks.start(
            lambda _told: unlock_operator(desk, operator, purpose, typed), done=self._opened, failed=self._refused
        )

    def reject(self) -> None:
        """Leave, but not in the middle of opening a key."""
        if not self._busy:
            self.passphrase.clear()
            super().reject()

    def _opened(self, unlocked: Unlocked | None) -> None:
        self._wait(busy=False)
        self.unlocked = unlocked
        self.passphrase.clear()
        super().accept()

    def _refused(self, error: Exception) -> None:
        self._wait(busy=False)
        log_detail(error)
        self._say(in_words(error))
        self.passphrase.clear()
        self.passphrase.setFocus()

    def _wait(self, *, busy: bool) -> None:
        self._busy = busy
        self.begin.setText(OPENING if busy else BEGIN)
        for part in (self.begin, self.who, self.why, self.passphrase):
            part.setEnabled(not busy)

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown needs: a layout alone would squeeze the fields before it grows the dialog."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(layout.heightForWidth(self.width()), layout.sizeHint().height()))

    @property
    def operator(self) -> OperatorId:
        """The operator chosen."""
        return OperatorId(str(self.who.currentData()))

    @property
    def purpose(self) -> str:
        """The code of the purpose chosen."""
        return str(self.why.currentData())


def ask_passphrase(parent: QWidget | None) -> str | None:
    """Ask for the passphrase of this workstation's log key; None when the person would rather not."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle("Passphrase of the log key")
    dialog.setLabelText("This act is signed with the workstation's log key.\nThe key is locked: type its passphrase.")
    dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
    dialog.setOkButtonText("Unlock")
    dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
    dialog.resize(420, dialog.sizeHint().height())
    return dialog.textValue() if dialog.exec() == QDialog.DialogCode.Accepted else None
