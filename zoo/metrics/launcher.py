"""A script that becomes a command under limits, or builds and runs a program which sees nothing of the system but its libraries.

``zoo.metrics.sandbox`` starts it as a process of its own, so that no code of ours runs between fork and exec of a process with threads; it
needs nothing but Python.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

_SEEN = ("usr", "bin", "lib", "lib32", "lib64", "etc/alternatives")  # for the compiler and the program's libraries; nobody's own files
_NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups")  # root is bound by no limit on processes
_POWERLESS = ("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")


def set_limits(limits: dict[str, Any]) -> None:
    """Limit this process and all that it starts, as a ``zoo.metrics.sandbox.Limits`` says."""
    names = {"memory": resource.RLIMIT_AS, "file": resource.RLIMIT_FSIZE, "processes": resource.RLIMIT_NPROC}
    for name, kind in names.items():
        if limits[name] is not None:
            resource.setrlimit(kind, (limits[name], limits[name]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 1))  # the first is a signal that tells why
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine(order: dict[str, Any]) -> dict[str, Any]:
    """Compile and run a program under another root, a small file system in memory that is gone with this process.

    Namespaces of its own for mounts, processes, network and messages are needed, and the right to mount.

    Args:
        order: An empty folder ``root`` and its ``space`` in bytes; the ``source``, the ``compiler`` and its ``building`` limits; the
            program's ``running`` limits, ``given`` input, file for its ``output`` and ``patience`` in seconds; ``nobody``, whether to
            change to that user.

    Returns:
        ``built``, and of what was built its ``code`` as of ``subprocess``, None where it was not waited for any longer.
    """
    root = Path(order["root"])
    _mount("-t", "tmpfs", "-o", f"size={order['space']},mode=1777,nosuid,nodev", "tmpfs", str(root))
    for name in _SEEN:
        _show(Path("/", name), root / name)
    (root / "program.c").write_text(order["source"], encoding="utf-8")

    def start(command: list[str], limits: dict[str, Any], **streams: Any) -> int:
        def enter() -> None:
            os.chroot(root)
            os.chdir("/")
            set_limits(limits)

        command = ["setpriv", *(_NOBODY if order["nobody"] else ()), *_POWERLESS, *command]
        seconds = order["patience"] if limits is order["running"] else 2 * limits["seconds"]
        environment = {"PATH": "/usr/bin:/bin", "TMPDIR": "/"}
        return subprocess.run(command, env=environment, preexec_fn=enter, timeout=seconds, **streams).returncode

    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        built = start(order["compiler"], order["building"], **silent) == 0
    except subprocess.TimeoutExpired:
        built = False
    if not built:
        return {"built": False}
    with Path(order["output"]).open("wb") as output:
        try:
            code = start(["/program"], order["running"], input=order["given"].encode(), stdout=output, stderr=output)
        except subprocess.TimeoutExpired:
            return {"built": True, "code": None}
    return {"built": True, "code": code}


def _show(original: Path, place: Path) -> None:
    """Let a folder be seen, for reading alone, at a place under the other root."""
    if not original.is_dir():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if original.is_symlink():
        place.symlink_to(original.readlink())
        return
    place.mkdir()
    _mount("--bind", str(original), str(place))
    _mount("-o", "remount,bind,ro", str(place))


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _main() -> None:
    if len(sys.argv) > 1:
        order = json.loads(sys.argv[1])
        set_limits(order["limits"])
        os.execvp(order["command"][0], order["command"])
    print(json.dumps(confine(json.load(sys.stdin))), flush=True)  # a program may be longer than an argument


if __name__ == "__main__":
    _main()
