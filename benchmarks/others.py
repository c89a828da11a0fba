"""Starts the processes of `benchmarks.peers`, and makes the environment that PyTorch and JAX need."""

import functools
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.stacks import Stack

_ROOT = Path(__file__).parents[1]
_HOME = _ROOT / "build" / "bench-venv"
_NEEDS = ["torch==2.13.0", "jax", "jaxlib", "optax"]


@functools.cache
def _python() -> str:
    """The other environment's Python, made when it is not there; "" when it cannot be."""
    python, ready = _HOME / "bin" / "python", _HOME / ".ready"
    if not ready.exists():
        print(f"making {_HOME.relative_to(_ROOT)} with {', '.join(_NEEDS)} ...", flush=True)
        for command in (
            [sys.executable, "-m", "venv", str(_HOME)],
            [str(python), "-m", "pip", "install", "--quiet", *_NEEDS],
        ):
            made = subprocess.run(command, capture_output=True, text=True)
            if made.returncode:
                why = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
                print(f"without PyTorch and JAX: their environment could not be made ({why[:100]})", flush=True)
                return ""
        ready.touch()
    return str(python)


class Peer:
    """A process that makes epochs; `with` ends it."""

    def __init__(self, way: str, stack: Stack, epochs: int = 1) -> None:
        self.way, self.epochs = way, epochs
        python = _python() if way in ("torch", "jax") else sys.executable
        self._process = python and subprocess.Popen(
            [python, "-m", "benchmarks.peers", way, *map(str, stack)],
            cwd=_ROOT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ready(self) -> bool:
        """Waits for it; whether it is there."""
        there = bool(self._process) and self._process.stdout.readline().strip() == "ready"
        if not there and self._process:
            print(f"without {self.way}: it could not be started", flush=True)
        return there

    def __call__(self) -> None:
        """Has its epochs made."""
        self._process.stdin.write(f"{self.epochs}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != "done":
            raise RuntimeError(f"{self.way} ended before its epoch did")

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.stdin.close()
            self._process.wait()
