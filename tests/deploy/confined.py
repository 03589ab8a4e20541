"""What systemd takes from a service, taken from a process without systemd: memory that is run, and system calls."""

import ctypes
import ctypes.util
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest

_PR_SET_NO_NEW_PRIVS, _PR_SET_MDWE, _PR_GET_MDWE = 38, 65, 66
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001
_UNKNOWN = -1


def confine() -> None:
    """For a `preexec_fn`: NoNewPrivileges=, MemoryDenyWriteExecute=, SystemCallFilter=@system-service with EPERM."""
    libc, seccomp, numbers = prepared()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    refused = libc.prctl(_PR_SET_MDWE, 1, 0, 0, 0)
    filter_ = ctypes.c_void_p(seccomp.seccomp_init(_EPERM))
    for number in numbers:
        seccomp.seccomp_rule_add(filter_, _ALLOW, number, 0)
    if refused or seccomp.seccomp_load(filter_):
        raise OSError("this process cannot be confined")


@cache
def prepared() -> tuple[ctypes.CDLL, ctypes.CDLL, tuple[int, ...]]:
    """What `confine` needs; call it first. Where a kernel or a library cannot, the test is skipped."""
    libc, name = ctypes.CDLL(None), ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("libseccomp is not installed: it comes with systemd")
    if libc.prctl(_PR_GET_MDWE, 0, 0, 0, 0) < 0:
        pytest.skip("this kernel cannot refuse memory that is run: Linux 6.3 or newer")
    seccomp = ctypes.CDLL(name)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    found = (seccomp.seccomp_syscall_resolve_name(call.encode()) for call in set(_calls("@system-service")))
    numbers = tuple(number for number in found if number != _UNKNOWN)
    assert len(numbers) > 100
    return libc, seccomp, numbers


def _calls(group: str) -> Iterator[str]:
    """The system calls of a group, as this machine's systemd has them."""
    command = ["systemd-analyze", "syscall-filter", "--no-pager", group]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        name = line.strip()
        if name.startswith("@") and name != group:
            yield from _calls(name)
        elif name and not name.startswith(("@", "#")):
            yield name
