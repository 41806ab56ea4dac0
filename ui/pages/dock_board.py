"""All docks of the Dock page as a list of lines, and which slot each stands for. Finds the slot a card belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from bwc_review.review.dockings import DockingState
from bwc_review.review.docks import DockChange, DockView
from ui.pages.dock_row import DockRow
from ui.pages.dock_slot import Phase, Slot
from ui.pages.page import quiet

NOTHING = (
    "No card is there. Put one in: it appears here by itself once it is mounted. A folder that was copied from a "
    "card can be named above, or dropped anywhere on this page."
)


class DockBoard(QScrollArea):
    """The lines. ``chosen`` tells whose files to list, ``pressed`` whose button was pressed."""

    chosen = Signal(str)
    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Docks")
        self.slots_by_key: dict[str, Slot] = {}
        self.rows: dict[str, DockRow] = {}
        self.selected = ""
        self._before: QWidget | None = None
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(2)
        self.nothing: QLabel = quiet(NOTHING)
        self._column.addWidget(self.nothing)
        self._column.addStretch(1)
        self.setWidget(self._inner)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot, top to bottom."""
        return tuple(self.slots_by_key.values())

    def follow(self, part: QWidget) -> None:
        """Tab comes from ``part`` to the first line, and from line to line."""
        self._before = part

    def add(self, slot: Slot) -> Slot:
        """A line more."""
        row = DockRow(slot)
        last = next(reversed(self.rows.values()), None) or self._before
        self.slots_by_key[slot.key] = slot
        row.chosen.connect(self.choose)
        row.pressed.connect(self.pressed.emit)
        self.rows[slot.key] = row
        self._column.insertWidget(self._column.count() - 1, row)
        if last is not None:
            self.setTabOrder(last, row)
        self.nothing.hide()
        if not self.selected:
            self.choose(slot.key)
        return slot

    def choose(self, key: str) -> None:
        """List the files of another line."""
        self.selected = key
        for row in self.rows.values():
            row.mark(key)
        self.chosen.emit(key)

    def refresh(self, slot: Slot) -> None:
        """Paint a line again, or take it away when nothing of it is left."""
        if slot.is_left_over:
            self._remove(slot)
        elif slot.key in self.rows:
            self.rows[slot.key].show_slot(slot)

    def _remove(self, slot: Slot) -> None:
        row = self.rows.pop(slot.key, None)
        self.slots_by_key.pop(slot.key, None)
        if row is not None:
            self._column.removeWidget(row)
            row.deleteLater()
        self.nothing.setVisible(not self.rows)
        if self.selected == slot.key:
            self.selected = ""
            self.choose(next(iter(self.rows), ""))

    def changed(self, changes: Sequence[DockChange]) -> None:
        """Cards came and went."""
        for change in changes:
            if change.came:
                slot = self.slot_for(change.dock)
                slot.arrived(change.dock)
                self.refresh(slot)
            elif (gone := self.slots_by_key.get(self._key_of(change.dock))) is not None:
                gone.there = False
                self.refresh(gone)

    def _key_of(self, view: DockView) -> str:
        return next((one.key for one in self.slots if one.view is not None and one.view.key == view.key), "")

    def slot_for(self, view: DockView) -> Slot:
        """The slot of a card that came: its own, or the one an interrupted docking of it left, or a new one."""
        if (own := self._key_of(view)) or view.key in self.slots_by_key:
            return self.slots_by_key[own or view.key]
        for one in self.slots:
            if not one.there and one.standing is not None and not one.under_way and _is_of(one.standing, view):
                return one
        return self.add(Slot(view.key, view.label, view.root))

    def left_over(self, standings: Sequence[DockingState]) -> None:
        """Dockings that wait for their card, from before this page was opened."""
        known = {one.standing.docking.id for one in self.slots if one.standing is not None}
        known |= {one.docking for one in self.slots}
        for standing in standings:
            if not standing.resumable or standing.docking.id in known:
                continue
            here = next((one for one in self.slots if self._waits_for(one, standing)), None)
            slot = here or self.add(Slot(f"docking:{standing.docking.id}", standing.docking.label, None))
            slot.standing = standing
            if here is None:
                slot.phase = Phase.ENDED
            self.refresh(slot)

    @staticmethod
    def _waits_for(slot: Slot, standing: DockingState) -> bool:
        """Whether a card that is there, and not touched yet, looks like the one of an interrupted docking."""
        return (
            slot.phase is Phase.IDLE
            and slot.standing is None
            and slot.view is not None
            and _is_of(standing, slot.view)
        )


def _is_of(standing: DockingState, view: DockView) -> bool:
    """A guess for the label of a button only: whether it goes on is decided by what lies on the card."""
    docking = standing.docking
    if docking.volume and view.volume:
        return docking.volume == view.volume
    return docking.label == view.label
