"""Confining the image worker, so that a file which takes it over gains little: what is held on which system.

| held | Linux | macOS | Windows |
| --- | --- | --- | --- |
| memory, CPU time, core dumps, size and number of files: setrlimit(2) | yes | yes | no |
| no new process or thread: RLIMIT_NPROC, which does not apply to root | not as root | not as root | no |
| no network: an empty namespace, network_namespaces(7) | [1] | no | no |
| no other folder: chroot(2) into the folder of the drafts, without the right to leave it | [1] | no | no |
| no capabilities(7) but, as root, CAP_DAC_OVERRIDE; none gained by execve(2) | yes | no | no |
| only files of that folder, no listing of it; no program, device, signal, TCP: landlock(7) | [2] | no | no |

[1] As root, or where every user may create user_namespaces(7); Ubuntu since 23.10 and Docker's default profile refuse.
[2] From Linux 5.13, if enabled at boot; TCP from 6.7, signals from 6.12. What a kernel lacks is left out.

File names in the folder consist of 128 random bits, so a worker can only open images whose names it was told.

There is no seccomp(2) filter. System calls have other numbers on each architecture, which libseccomp knows; on PyPI,
only pyseccomp (0.1.2, of 2021, without the library) and private builds without wheels offer it.

The numbers below are from Linux's include/uapi/linux/{landlock,sched,prctl,capability}.h; they are the same on every
architecture that Python runs on but Alpha.
"""

import contextlib
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from realtime.chat.images.model import ImageLimits

if sys.platform != "win32":
    import resource

try:
    import ctypes
except ImportError:  # a Python may be built without it
    ctypes = None  # type: ignore[assignment]  # then `_call` raises AttributeError

NICENESS = 5  # the chat has priority
OPEN_FILES = 16

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_NO_NEW_PRIVS = 38
CAPABILITIES_VERSION = 0x20080522
CAP_DAC_OVERRIDE = 1 << 1

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # Landlock's system calls
GET_VERSION, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 1, 1 << 2, 1 << 5, 1 << 8, 1 << 14
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # the number of rights that exist, by the version that added the last
TCP_SINCE, TCP = 4, 0b11  # bind, connect
SCOPES_SINCE, SCOPES = 6, 0b11  # abstract Unix sockets, signals


def confine(folder: Path, limits: ImageLimits) -> list[str]:
    """Confine this process to the files of `folder`, its working folder from now on; return what the system refused.

    It must have one thread: the others would not be confined. What is to be imported later must be imported before.
    """
    os.chdir(folder)
    refused: list[str] = []

    def hold(what: str, step: Callable[[], object]) -> None:
        try:
            step()
        except (OSError, ValueError, AttributeError) as error:  # ValueError: of setrlimit; AttributeError: not in libc
            refused.append(f"{what} ({error})")

    if sys.platform == "win32":
        return ["resource limits", "confinement"]
    hold("niceness", lambda: os.nice(NICENESS))
    for name, most in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", limits.memory_bytes),
        ("RLIMIT_FSIZE", limits.memory_bytes),  # a file is made in memory
        ("RLIMIT_NOFILE", OPEN_FILES),
    ):
        hold(name, lambda name=name, most=most: resource.setrlimit(getattr(resource, name), (most, most)))  # type: ignore[misc]  # bound for the loop
    if sys.platform != "linux":
        return [*refused, "confinement"]
    hold("no network", _leave_network)
    hold("no other folder", lambda: os.chroot("."))
    hold("no capabilities", _drop_capabilities)
    hold("landlock", _restrict_files)
    return refused


def forbid_processes() -> None:
    """Let this process start no other and no further thread, if it is not root's."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def limit_processor_time(limits: ImageLimits) -> None:
    """Allow the next image `decode_s` on top of the CPU time used so far."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + limits.decode_s, hard))


def _call(function: str, *arguments: object) -> int:
    """Call a function of the C library. Raises OSError, or AttributeError if there is none."""
    result = int(getattr(ctypes.CDLL(None, use_errno=True), function)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _leave_network() -> None:
    """Move to a network namespace without any interface that is up."""
    try:
        _call("unshare", CLONE_NEWNET)  # root can do this alone, and in a user namespace could not use others' folders
    except OSError:
        _call("unshare", CLONE_NEWUSER | CLONE_NEWNET)


def _drop_capabilities() -> None:
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = struct.pack("=Ii", CAPABILITIES_VERSION, 0)
    capabilities = ctypes.create_string_buffer(24)  # effective, permitted, inheritable; then the same of 32 to 63
    _call("capget", header, capabilities)
    kept = struct.unpack_from("=I", capabilities)[0] & CAP_DAC_OVERRIDE
    _call("capset", header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def _restrict_files() -> None:
    """Restrict this process with Landlock, and let it use the files of its working folder."""
    version = _call("syscall", CREATE_RULESET, None, 0, GET_VERSION)
    rights = (1 << FILE_RIGHTS[max(known for known in FILE_RIGHTS if known <= version)]) - 1
    attributes = struct.pack("=Q", rights)
    if version >= TCP_SINCE:
        attributes += struct.pack("=Q", TCP)
    if version >= SCOPES_SINCE:
        attributes += struct.pack("=Q", SCOPES)
    allowed = (READ_FILE | WRITE_FILE | TRUNCATE | MAKE_REG | REMOVE_FILE) & rights
    ruleset = _call("syscall", CREATE_RULESET, attributes, len(attributes), 0)
    folder = os.open(".", os.O_PATH)
    try:
        _call("syscall", ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, folder), 0)
        _call("syscall", RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(folder)
        os.close(ruleset)
