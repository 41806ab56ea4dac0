"""What we rely on around us: Qt that counts its references, OpenCV that leaves Qt alone, tests without a network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.conftest import NetworkReached


def test_qt_does_not_lose_references_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12 does, and Python up to 3.11 then aborts; later ones never count None (docs/adr/0002)."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for number in range(5000):
        label.setText(str(number))
        label.setToolTip(str(number))
    assert sys.getrefcount(None) > before - 1000


@pytest.mark.parametrize("first", ["ingest.image", "PySide6.QtWidgets"])
def test_opencv_and_qt_run_in_one_process_in_either_order(first: str) -> None:
    second = {"ingest.image": "PySide6.QtWidgets", "PySide6.QtWidgets": "ingest.image"}[first]
    program = f"import {first}, {second}; from PySide6.QtWidgets import QApplication; QApplication([]); print('up')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "up"), done.stderr
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ


def test_a_test_that_reaches_for_the_network_is_stopped(network_reached: list[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, pytest.raises(NetworkReached):
        out.connect(("192.0.2.1", 9))  # an address kept for documentation (RFC 5737)
    with pytest.raises(NetworkReached):
        socket.getaddrinfo("example.org", 443)
    assert network_reached == ["192.0.2.1", "example.org"]
    network_reached.clear()


def test_this_machine_may_be_reached() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()
