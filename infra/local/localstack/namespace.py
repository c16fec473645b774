"""A network of its own for a command and all it starts, with nothing in it but loopback.

DynamoDB Local listens on every interface and has no setting for that. In a
network that has only a loopback interface, every interface is loopback. Linux
gives such a network to any user unless the machine forbids it; where it does,
and on other systems, the caller is told so.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

NEW_USER, NEW_NETWORK = 0x1000_0000, 0x4000_0000
SET_FLAGS = 0x8914
UP_AND_RUNNING = 0x1 | 0x40


def enter() -> bool:
    """Move this process into a network of its own; false, and nothing done, if it may not.

    Tried in a child first: some systems let a process in and then forbid it to
    switch loopback on, and there is no way back out.
    """
    if not hasattr(os, "fork") or not Path("/proc/self/ns/net").exists():
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if _move() else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0 and _move()


def is_alone() -> bool:
    """Whether this process sees no interface but loopback."""
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def _move() -> bool:
    user, group = os.getuid(), os.getgid()
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    try:
        # An administrator needs no user namespace; anyone else has the right in one of their own.
        if unshare(NEW_NETWORK) != 0:
            if unshare(NEW_USER | NEW_NETWORK) != 0:
                return False
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _switch_on("lo")
    except OSError:
        return False
    return True


def _switch_on(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", interface.encode(), UP_AND_RUNNING)
        fcntl.ioctl(any_socket, SET_FLAGS, request)
