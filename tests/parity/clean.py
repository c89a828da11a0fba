"""Printed programs, run where a stranger would run them: in a clean interpreter that cannot reach this project."""

import atexit
import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.waiting import until

# The interpreter imports what every program imports, and forks before anything of it has run: each program has a
# process of its own, and Keras is imported once for all.
_EACH = """
import json, os, runpy, sys
import keras, pandas, sklearn.metrics, tensorflow
for line in sys.stdin:
    folder, program, arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open("complaints", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.argv = [program, *arguments]
        runpy.run_path(program, run_name="__main__")
        sys.exit()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(os.path.join(folder, "code.part"), "w") as file:
        file.write(str(code))
    os.rename(file.name, os.path.join(folder, "code"))
"""


@functools.cache
def _interpreter() -> subprocess.Popen[str]:
    """The one that runs all programs of this process's tests, until these are over."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "TF_CPP_MIN_LOG_LEVEL": "3"
    }
    command = [sys.executable, "-I", "-c", _EACH]
    process = subprocess.Popen(command, cwd="/", env=clean, stdin=subprocess.PIPE, text=True)

    def end() -> None:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()

    atexit.register(end)
    return process


class Programs:
    """Programs that run one after another, each in its folder, beside whatever the test does meanwhile.

    Args:
        programs: Name -> folder, and the program's file in it.
        arguments: Name -> what the program is given on its command line, where that is something.
    """

    def __init__(
        self, programs: Mapping[str, tuple[Path, str]], arguments: Mapping[str, list[str]] | None = None
    ) -> None:
        self._folders = {name: folder for name, (folder, _) in programs.items()}
        stdin = _interpreter().stdin
        assert stdin is not None
        for name, (folder, program) in programs.items():
            (folder / "code").write_text("")
            stdin.write(json.dumps([str(folder), program, (arguments or {}).get(name, [])]) + "\n")
        stdin.flush()

    def printed(self, name: str) -> dict[str, Any]:
        """The last line of a program, once it has ended."""
        folder = self._folders[name]
        code = until((folder / "code").read_text, 240)
        assert code == "0", (folder / "complaints").read_text()[-2000:]
        return json.loads((folder / "said").read_text().strip().splitlines()[-1])


def printed(folder: Path, program: str, *arguments: str) -> dict[str, Any]:
    """The last line of one program that is run in its folder."""
    return Programs({"": (folder, program)}, {"": list(arguments)}).printed("")
