"""The parts of the Dock page and where they stand: docks own the page, the files of one of them lie below."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QLineEdit, QTreeView, QVBoxLayout, QWidget

from ui.context import Context
from ui.pages.dock_board import DockBoard
from ui.pages.page import Page, button, caption, heading, quiet
from ui.pages.rows import CELLS


class DockLayout(Page):
    """Makes and places the widgets. What they do is the page's business."""

    def __init__(self, context: Context, *panels: QWidget) -> None:
        super().__init__(context)
        self.board = DockBoard()
        self.path = QLineEdit()
        self.path.setPlaceholderText("another folder: any folder a card was copied to")
        self.path.setAccessibleName("Folder of the card")
        self.path.setToolTip("For what does not appear by itself. You can also drop a folder anywhere on this page.")
        self.choose = button("Choose &folder …", "Choose a folder that holds a card (Alt+F)")
        self.profile = QLineEdit()
        self.profile.setPlaceholderText("recognised by itself")
        self.profile.setAccessibleName("Camera profile")
        self.profile.setToolTip("Only needed when a card fits several camera profiles: the name of the right one")
        self.start = button("&Take this folder", "Take everything in this folder (Alt+T, or Enter in the path)")
        self.start_all = button("Start &all", "Take, or go on with, every card that is there (Alt+A)", primary=True)
        self.clock = button("Camera's &clock …", "Type what the chosen camera's display shows now (Alt+C)")
        self.found = quiet("")
        self.switch = button("Sign in as somebody else", "Sign in with another number")
        self.files_of = caption("Files")
        self.table = QTreeView()
        self.words = QLabel("")
        self.words.setWordWrap(True)
        self.words.setAccessibleName("What happened last")
        self.listen = button("&Listen to these recordings", "Transcribe and look for warnings (Alt+L)", primary=True)
        self.listen.hide()
        self._dress_table()
        self._lay_out(panels)
        in_order = (self.path, self.choose, self.profile, self.start, self.table)
        for before, after in pairwise(in_order):
            self.setTabOrder(before, after)
        self.board.follow(self.start)

    def _dress_table(self) -> None:
        self.table.setAccessibleName("Files met on the chosen card")
        self.table.setRootIsDecorated(False)
        self.table.setStyleSheet(CELLS)
        self.table.setUniformRowHeights(True)

    def size_columns(self) -> None:
        """After another model was set, which forgets the widths."""
        header = self.table.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for section, width in enumerate((420, 100, 120)):
            header.resizeSection(section, width)

    def _lay_out(self, panels: tuple[QWidget, ...]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 24, 8)
        column.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(heading("Take footage off cards"))
        top.addSpacing(16)
        top.addWidget(quiet("Nothing on a card is changed, and every refusal has its reason."), 1)
        for part in (self.found, self.switch, self.clock, self.start_all):
            top.addWidget(part)
        column.addLayout(top)
        row = QHBoxLayout()
        row.addWidget(self.path, 4)
        row.addWidget(self.choose)
        row.addWidget(QLabel("Camera profile"))
        row.addWidget(self.profile, 1)
        row.addWidget(self.start)
        column.addLayout(row)
        column.addWidget(caption("Docks"))
        column.addWidget(self.board, 5)
        column.addWidget(self.files_of)
        column.addWidget(self.table, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.listen)
        column.addLayout(foot)
        for panel in panels:
            column.addWidget(panel)
