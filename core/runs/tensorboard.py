"""TensorBoard on a run's folder, on loopback, in a process that ends with this one.

Boards(workspace()).open(run)    "http://127.0.0.1:40123"
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from pathlib import Path

from core.runs.journal import Journal

_ROOT = Path(__file__).parents[2]
_MOST = 3  # Boards at a time; the oldest is closed for a new one.
_PATIENCE = 30.0


class Boards:
    """The boards that this server has opened."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._open: OrderedDict[str, tuple[subprocess.Popen[bytes], str]] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, run: str) -> str:
        """The address of the run's board; waits until it answers. Raises LookupError for a run without one, OSError
        when none comes up.
        """
        folder = Journal(self._workspace, run).folder / "tensorboard"
        if not folder.is_dir():
            raise LookupError("This run wrote no TensorBoard log. Add the callback on the Build page and train.")
        with self._lock:
            process, address = self._open.get(run, (None, ""))
            if process is not None and process.poll() is None:
                return address
            while len(self._open) >= _MOST:
                _end(self._open.popitem(last=False)[1][0])
            process, address = self._open[run] = _start(folder)
            return address

    def close(self) -> None:
        """Ends them all."""
        with self._lock:
            while self._open:
                _end(self._open.popitem()[1][0])


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "core.runs.tensorboard",
        "--logdir",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}"
        time.sleep(0.05)
    _end(process)
    raise OSError("TensorBoard did not start.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def _end_with_parent() -> None:
    sys.stdin.read()  # Until the other end is closed: by `close`, or because that process is no more.
    os._exit(0)


if __name__ == "__main__":
    # Not `tensorboard.main`, which imports TensorFlow only to see whether it is there: five seconds and 600 MB.
    from tensorboard import default, program

    threading.Thread(target=_end_with_parent, daemon=True).start()
    board = program.TensorBoard(default.get_plugins())
    board.configure(sys.argv)
    sys.exit(board.main())
