"""Sign-in: who sits down and for what purpose. Both go into every custody entry, so neither has a silent default."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bwc_review.domain.ids import OperatorId
from ui import theme
from ui.words import word, words_of

USUAL_PURPOSE = {"evidence_clerk": "routine_docking", "auditor": "audit", "psd_investigator": "complaint"}


NO_UNITS: Mapping[OperatorId, str] = MappingProxyType({})


class SignIn(QDialog):
    """Asks for operator and purpose. ``operator`` and ``purpose`` hold the answers once accepted."""

    def __init__(
        self,
        operators: Mapping[OperatorId, str],
        chosen: str = "",
        parent: QWidget | None = None,
        units: Mapping[OperatorId, str] = NO_UNITS,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sign in · BWC Review")
        self.setMinimumWidth(460)
        self._roles = dict(operators)
        self.who = QComboBox()
        self.who.setAccessibleName("Operator")
        for operator, role in sorted(operators.items()):
            unit = f"  ·  unit {units[operator]}" if operator in units else ""
            self.who.addItem(f"{operator}  ·  {word('roles', role)}{unit}", str(operator))
        self.why = QComboBox()
        self.why.setAccessibleName("Purpose")
        for code, text in words_of("purposes").items():
            self.why.addItem(text, code)
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
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for box in (self.who, self.why):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        form.addRow("&Operator", self.who)
        form.addRow("&Purpose", self.why)
        buttons = QDialogButtonBox()
        begin = buttons.addButton("Begin session", QDialogButtonBox.ButtonRole.AcceptRole)
        begin.setProperty("primary", True)
        begin.setDefault(True)
        begin.setToolTip("Begin (Enter)")
        begin.setEnabled(self.who.count() > 0)
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
        column.addWidget(buttons)

    def _suggest(self) -> None:
        role = self._roles.get(OperatorId(str(self.who.currentData())), "")
        self.why.setCurrentIndex(max(0, self.why.findData(USUAL_PURPOSE.get(role, "use_of_force_review"))))

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
