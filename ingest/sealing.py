"""Shutting a media child in before it meets hostile bytes: no further file, no network, no other program.

Two layers, each harmless where the platform lacks it. The ceiling of open files is lowered onto those already open
(POSIX). On Linux a seccomp filter (``seccomp(2)``, classic BPF, set through ``prctl(2)``) also refuses what needs
no descriptor: starting programs, removing or renaming files, signals to others. A refused call gets EPERM.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """Which layers hold: no descriptor can be opened; the system calls of ``REFUSED_CALLS`` are refused."""

    files: bool
    calls: bool


def seal() -> Sealed:
    """Shut this process in for the rest of its life. Everything it needs must be imported and open by now."""
    _end_with_the_parent()
    return Sealed(files=_close_the_door(), calls=_refuse_calls())


def _end_with_the_parent() -> None:
    """Linux: whoever wanted the result was killed, so nobody waits for it and its half-made file can be swept."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _close_the_door() -> bool:
    """No new descriptor: the lowest free number becomes the limit. Files already open stay usable."""
    if sys.platform == "win32":
        return False
    import resource

    lowest_free = os.dup(0)
    os.close(lowest_free)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, lowest_free))
        return True
    return False


# Numbers: Linux arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h; None: not on this one.
REFUSED_CALLS: Mapping[str, tuple[int | None, int | None]] = {
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "openat2": (437, 437),
    "open_by_handle_at": (304, 265), "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203),
    "bind": (49, 200), "sendto": (44, 206), "sendmsg": (46, 211), "execve": (59, 221), "execveat": (322, 281),
    "fork": (57, None), "vfork": (58, None), "ptrace": (101, 117), "kill": (62, 129), "tkill": (200, 130),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "mknod": (133, None),
    "mknodat": (259, 33), "chmod": (90, None), "fchmodat": (268, 53), "chown": (92, None), "fchownat": (260, 54),
    "truncate": (76, 45), "setxattr": (188, 5), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280),
    "perf_event_open": (298, 241), "keyctl": (250, 219), "add_key": (248, 217), "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282), "memfd_create": (319, 279),
}  # fmt: skip
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # AUDIT_ARCH_*, column above
_X32_BIT = 0x40000000  # the x32 ABI gives the same calls other numbers
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 1, 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000


def filter_program(machine: str) -> bytes:
    """The filter for ``machine`` as an array of ``sock_filter``; raises KeyError for one that is not known here."""
    audit, column = _ARCHITECTURES[machine]
    refused = sorted(number for pair in REFUSED_CALLS.values() if (number := pair[column]) is not None)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps.append((_AT_LEAST, len(refused) + 1, 0, _X32_BIT))
    steps += [(_EQUAL, len(refused) - at, 0, number) for at, number in enumerate(refused)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _refuse_calls() -> bool:
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    code = filter_program(platform.machine())
    held = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(held))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0) != 0:
        return False
    done = prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(ctypes.c_char.from_buffer(program)), 0, 0)
    return bool(done == 0)
