"""The system calls that a candidate's program is refused, as a classic BPF program (seccomp(2)).

Namespaces and resource limits bound everything else. These calls hold memory that no limit counts, or widen
what of the kernel can be attacked.
"""

from __future__ import annotations

import platform
import struct

# name: (x86_64, aarch64)
_REFUSED = {
    "shmget": (29, 194),
    "memfd_create": (319, 279),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "setsid": (
        112,
        157,
    ),  # a session of its own would be a group of its own for the scheduler, without niceness
    "pivot_root": (155, 41),
}
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, …|JGE|K, BPF_RET|K
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_X32 = 0x40000000  # the other way to number calls on x86_64


def program(machine: str = platform.machine()) -> bytes:
    """For `bwrap --seccomp`. Raises KeyError for a machine whose call numbers are not known here."""
    audited = _AUDIT[machine]
    column = list(_AUDIT).index(machine)
    numbers = sorted(pair[column] for pair in _REFUSED.values())
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audited), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _EPERM)]
    for left, number in zip(range(len(numbers), 0, -1), numbers, strict=True):
        steps.append((_EQUAL, left, 0, number))
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
