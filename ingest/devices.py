"""Which device a folder lies on, who made it, and whether anything could write to it.

Linux: ``/sys/dev/block`` for the disk under a partition and its ``ro`` switch, udev for vendor, product, serial and
volume. Elsewhere the number of the volume and the mount's own flags. Asks, never opens and never mounts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil

from ingest.names import shown_text

if sys.platform == "linux":
    import pyudev

_SYS_BLOCK = Path("/sys/dev/block")
LONGEST_FACT = 128


class Protection(StrEnum):
    """What keeps a source from being changed, strongest first."""

    BLOCKED = "write-blocked"
    READ_ONLY = "mounted-read-only"
    WRITABLE = "writable"


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted tree: the device as the system names it, where it stands, and its flags (``ro,noatime``)."""

    device: str
    root: Path
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """``device`` is one string for everything on one disk; ``volume`` names this file system wherever it is put.

    Vendor, product, serial and volume are empty where nothing says so. All are safe to show.
    """

    device: str
    vendor: str
    product: str
    serial: str
    volume: str
    removable: bool
    blocked: bool


Identify = Callable[[Mount], DeviceFacts]


def mounts() -> tuple[Mount, ...]:
    """Every mounted tree that lies on a device. Raises OSError."""
    return tuple(_mount(one) for one in psutil.disk_partitions(all=False))


def mount_of(folder: Path) -> Mount:
    """The mounted tree ``folder`` lies in; one of its own where the system does not say."""
    at = folder.resolve()
    around = [one for one in map(_mount, psutil.disk_partitions(all=True)) if at.is_relative_to(one.root)]
    return max(around, key=lambda one: len(one.root.parts), default=Mount("", folder, ()))


def facts_of(mount: Mount) -> DeviceFacts:
    """Who a mounted tree belongs to. Raises OSError when it is gone."""
    number = mount.root.stat().st_dev
    disk = _disk(number)
    known = _from_udev(number) if disk is not None else {}
    return DeviceFacts(
        device=disk.name if disk is not None else _without_disk(mount, number),
        vendor=_fact(known, "ID_VENDOR") or _attribute(disk, "device/vendor"),
        product=_fact(known, "ID_MODEL") or _attribute(disk, "device/model"),
        serial=_fact(known, "ID_SERIAL_SHORT") or _attribute(disk, "device/serial"),
        volume=_fact(known, "ID_FS_UUID"),
        removable=_attribute(disk, "removable") == "1" or "removable" in mount.flags or "cdrom" in mount.flags,
        blocked=_attribute(disk, "ro") == "1",
    )


def protection_of(mount: Mount, facts: DeviceFacts) -> Protection:
    """A switch below the file system is stronger than a promise of the mount."""
    if facts.blocked:
        return Protection.BLOCKED
    return Protection.READ_ONLY if "ro" in mount.flags else Protection.WRITABLE


def _mount(one: Any) -> Mount:
    return Mount(one.device, Path(one.mountpoint), tuple(one.opts.split(",")))


def _disk(number: int) -> Path | None:
    """The whole disk under a device number, as sysfs has it; None elsewhere and for trees without a disk."""
    if sys.platform != "linux" or os.major(number) == 0:
        return None
    block = (_SYS_BLOCK / f"{os.major(number)}:{os.minor(number)}").resolve()
    if not block.is_dir():
        return None
    return block.parent if (block / "partition").is_file() else block


def _without_disk(mount: Mount, number: int) -> str:
    """A share is one device however often it is mounted; anything else goes by the number of its volume."""
    return shown_text(mount.device) if ":" in mount.device.strip(":\\") else f"volume-{number:x}"


def _from_udev(number: int) -> dict[str, str]:
    if sys.platform != "linux":
        return {}
    try:
        device = pyudev.Devices.from_device_number(pyudev.Context(), "block", number)
        return {str(name): str(value) for name, value in device.properties.items()}
    except (pyudev.DeviceNotFoundError, ImportError, OSError, UnicodeDecodeError):
        return {}  # no udev here: sysfs says what it can


def _fact(known: dict[str, str], name: str) -> str:
    return _clean(known.get(name, "").replace("_", " "))


def _attribute(disk: Path | None, name: str) -> str:
    if disk is None:
        return ""
    try:
        with (disk / name).open("rb") as file:
            return _clean(file.read(LONGEST_FACT).decode("ascii", "replace"))
    except OSError:
        return ""


def _clean(text: str) -> str:
    return shown_text(text.strip().strip("\0"))[:LONGEST_FACT]
