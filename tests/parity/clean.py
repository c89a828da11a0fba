"""Printed programs, run where a stranger would run them: in a clean interpreter that cannot reach this project."""

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
for folder, program, arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if child == 0:
        os.chdir(folder)
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
        for folder in self._folders.values():
            (folder / "code").write_text("")
        given = [
            (str(folder), program, (arguments or {}).get(name, [])) for name, (folder, program) in programs.items()
        ]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
            "TF_CPP_MIN_LOG_LEVEL": "3"
        }
        self._process = subprocess.Popen([sys.executable, "-I", "-c", _EACH, json.dumps(given)], cwd="/", env=clean)

    def printed(self, name: str) -> dict[str, Any]:
        """The last line of a program, once it has ended."""
        folder = self._folders[name]
        code = until((folder / "code").read_text, 240)
        assert code == "0", (folder / "complaints").read_text()[-2000:]
        return json.loads((folder / "said").read_text().strip().splitlines()[-1])

    def close(self) -> None:
        """Ends what is still running."""
        self._process.kill()
        self._process.wait()
