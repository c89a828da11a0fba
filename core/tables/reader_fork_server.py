"""Processes that read uploads, each for one file: forked from one that has imported pandas, so that they are there at
once, or, where libraries do not stand a fork, fresh interpreters that import it themselves.

process = start_reader()                             waits for its order
process.send(b'{"name": ...}\\n')
process.ended(0.05)                                  whether it has ended within that time
process.end()                                        kills it, wherever it is

A process ends with the one that started it: it reads on from where its order came from, and that then ends.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

import psutil

from core.tables.upload_reader import carry_out_order, load_pandas

_ROOT = Path(__file__).parents[2]
_SPAWNED = "core.tables.upload_reader"
# What is freed goes back to the system: Arrow's own pool and, beyond its first parts, malloc keep it.
_LEAN = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 20),
}
# Another thread would not be forked: OpenBLAS's for products of matrices, and one that tidies Arrow's memory.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


class Reader(Protocol):
    """A process that reads one file and ends."""

    def send(self, order: bytes) -> None:
        """Tells it what to read. One that has died takes no order, and ends without an outcome."""

    def ended(self, seconds: float) -> bool:
        """Waits for its end, for so long."""

    def memory(self) -> int:
        """Bytes that it takes; 0 when it has not begun or has ended."""

    def end(self) -> None:
        """Kills it, if it has not ended."""


class SpawnedReader:
    """A fresh interpreter: about a second passes until it reads."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _SPAWNED], stdin=subprocess.PIPE, cwd=_ROOT, env={**os.environ, **_LEAN}
        )

    def send(self, order: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(order)
            self._process.stdin.flush()

    def ended(self, seconds: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is not None

    def memory(self) -> int:
        return _memory(psutil.Process(self._process.pid)) if self._process.poll() is None else 0

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()


class ForkedReader:
    """A fork of the fork server; it says its id, and then nothing more until its end closes the connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._process: psutil.Process | None = None
        self._ordered = self._over = False

    def send(self, order: bytes) -> None:
        self._ordered = True
        with contextlib.suppress(OSError):
            self._connection.sendall(order)

    def ended(self, seconds: float) -> bool:
        # Behind its id its end may have come, too.
        while not self._over and select.select([self._connection], [], [], seconds)[0]:
            try:
                said = self._connection.recv(64)
            except OSError:  # It was killed before it read its order.
                said = b""
            self._over = not said
            if said:
                seconds = 0
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._process = psutil.Process(int(said))
        return self._over

    def memory(self) -> int:
        return _memory(self._process) if self._process and not self._over else 0

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
        # One that is not forked yet and has no order ends by itself.
        while (self._ordered or self._process) and not self.ended(0.05):
            if self._process is not None:
                with contextlib.suppress(psutil.Error):
                    self._process.kill()
        self._connection.close()


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


class ForkServer:
    """The process that readers are forked from, while someone needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None

    def join(self) -> None:
        """Counts one more who needs it, and starts it ahead of the first file; does not wait for it."""
        with self._lock:
            self._users += 1
            self._started()

    def leave(self) -> None:
        """Counts one less; without any it ends."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._end()

    def fork(self) -> ForkedReader:
        """A new reader."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs, contextlib.suppress(OSError):  # Should it have just died, so has the reader.
            socket.send_fds(self._started(), [b"1"], [theirs.fileno()])
        return ForkedReader(ours)

    def _started(self) -> socket.socket:
        if self._orders is not None and self._process is not None and self._process.poll() is None:
            return self._orders
        self._end()
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=_ROOT,
                env={**os.environ, **_ONE_THREAD, **_LEAN},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return self._orders

    def _end(self) -> None:
        if self._orders is not None:
            self._orders.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._orders = None


FORK_SERVER = ForkServer()


def forks() -> bool:
    """Whether readers are forked: on Linux, unless LAYERDECK_START_METHOD says spawn."""
    return sys.platform == "linux" and os.environ.get("LAYERDECK_START_METHOD") != "spawn"


def start_reader() -> Reader:
    """A process that waits for its order."""
    return FORK_SERVER.fork() if forks() else SpawnedReader()


def _serve(orders: socket.socket) -> None:
    """Forks a reader for each connection that is sent, until nobody can send one any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # It ends with its server.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # No reader that has ended waits for this process to look.
    load_pandas()
    while connections := socket.recv_fds(orders, 1, 1)[1]:
        connection = socket.socket(fileno=connections[0])
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            with contextlib.suppress(ConnectionError):  # Nobody waits for it any more.
                connection.sendall(str(os.getpid()).encode())
            carry_out_order(connection.makefile("rb"))
            os._exit(1)
        connection.close()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
