"""Processes of Lambda functions in the local emulator: forks of a parent that has imported the function's layers.

``functions`` imports this module, in the emulator's own Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

WORKER_PROGRAM = Path(__file__).with_name("worker.py")
# The packages of the AWS runtime. Custom resources of the CDK have no layers and import boto3.
RUNTIME_PACKAGES = (
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "urllib3",
    "six.py",
)
A_DAY = 86_400.0
LONGEST_START = 60.0


def extracted(archive: bytes, folder: Path) -> Path:
    """Unpack an archive once for all users, and return its folder."""
    target = folder / hashlib.sha256(archive).hexdigest()[:24]
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unpacked = Path(tempfile.mkdtemp(dir=folder))
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(unpacked)
        unpacked.chmod(0o755)
        try:
            unpacked.rename(target)
        except OSError:  # another worker was faster
            shutil.rmtree(unpacked, ignore_errors=True)
    return target


def discard_old(folder: Path, age: float = A_DAY) -> None:
    """Remove folders that former runs unpacked, if they are older than ``age`` seconds."""
    for entry in folder.glob("*"):
        if time.time() - entry.stat().st_mtime > age:
            shutil.rmtree(entry, ignore_errors=True)


class Process:
    """A forked worker, with as much of the interface of ``subprocess.Popen`` as ministack uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = False

    def poll(self) -> int | None:
        """Return None while the process lives."""
        if not self._ended:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                self._ended = True
        return 0 if self._ended else None

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        deadline = time.monotonic() + (timeout if timeout is not None else 3600)
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.005)
        return 0


class Parent:
    """A process that forks others when it is asked over its socket."""

    def __init__(self, control: socket.socket, process: Process | subprocess.Popen[bytes]) -> None:
        self._control, self._process = control, process
        self._lock = threading.Lock()

    def alive(self) -> bool:
        """Return whether the process lives and can fork others."""
        return self._process.poll() is None

    def bear(self, message: bytes, fds: list[int], seconds: float) -> Process:
        """Fork a process that gets some file descriptors.

        Raises
        ------
        EOFError
            If the parent ends.
        TimeoutError
            If that takes longer than ``seconds``.
        """
        with self._lock:
            self._control.settimeout(seconds)
            socket.send_fds(self._control, [message], fds)
            pid = self._control.recv(32)
        if not pid:
            raise EOFError
        return Process(int(pid))

    def close(self) -> None:
        """Let the process end; its children live on."""
        self._control.close()


class Zygote(Parent):
    """A process that has imported a function's handler and forks its workers."""

    def close(self) -> None:
        """End the process, even during an import; its workers live on."""
        super().close()
        self._process.kill()


class Nursery(Parent):
    """A process that forks the zygotes of all functions with the same layers."""

    def __init__(self, layers: tuple[str, ...]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(WORKER_PROGRAM), str(theirs.fileno()), *layers],
                env={**runtime_environment(), "LAMBDA_TASK_ROOT": "/var/task"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        super().__init__(ours, process)

    def zygote(self, birth: bytes) -> Zygote:
        """Return a new zygote."""
        ours, theirs = socket.socketpair()
        with theirs:
            return Zygote(ours, self.bear(birth, [theirs.fileno()], LONGEST_START))

    def close(self) -> None:
        """Let the process end; its zygotes live on."""
        super().close()
        self._process.wait()


def runtime_packages(folder: Path) -> Path:
    """Make a folder with only the packages of the AWS runtime, linked to the emulator's own packages."""
    ours = Path(boto3.__file__).parent.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in RUNTIME_PACKAGES:
        (folder / name).symlink_to(ours / name)
    return folder


def used[K, P: Parent](parents: dict[K, P], key: K, start: Callable[[], P], most: int) -> P:
    """Return the parent of a key, started if needed; above ``most`` parents the least recently used is closed."""
    parent = parents.pop(key, None)
    if parent is None or not parent.alive():
        parent = start()
    parents[key] = parent  # the last is the one used last
    if len(parents) > most:
        parents.pop(next(iter(parents))).close()
    return parent


class Nurseries:
    """The nurseries of the layers in use, and the zygotes of the functions in use; both are limited in number."""

    MOST, MOST_ZYGOTES = 4, 60

    def __init__(self, runtime: Path) -> None:
        self._runtime = str(runtime)
        self._by_layers: dict[tuple[str, ...], Nursery] = {}
        self._zygotes: dict[tuple[Any, ...], Zygote] = {}
        self._lock = threading.Lock()

    def bear(self, layers: tuple[str, ...], birth: bytes, fds: list[int]) -> Process:
        """Start a worker that reads from the first descriptor, answers on the second and logs to the third."""
        zygote = self._zygote_of(layers, birth)
        try:
            return zygote.bear(b"bear", fds, LONGEST_START)
        except BaseException:
            self.discard(layers, birth)
            raise

    def discard(self, layers: tuple[str, ...], birth: bytes) -> None:
        """End a function's zygote, so that the next worker imports the handler anew."""
        with self._lock:
            zygote = self._zygotes.pop((layers, birth), None)
        if zygote:
            zygote.close()

    def _zygote_of(self, layers: tuple[str, ...], birth: bytes) -> Zygote:
        with self._lock:
            return used(
                self._zygotes, (layers, birth), lambda: self._nursery_of(layers).zygote(birth), self.MOST_ZYGOTES
            )

    def _nursery_of(self, layers: tuple[str, ...]) -> Nursery:
        return used(self._by_layers, layers, lambda: Nursery((*layers, self._runtime)), self.MOST)


def runtime_environment() -> dict[str, str]:
    """Return the environment variables that every function has."""
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info[0]}.{sys.version_info[1]}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        # There is no X-Ray here to send traces to.
        "POWERTOOLS_TRACE_DISABLED": "true",
        "TZ": ":UTC",
    }
