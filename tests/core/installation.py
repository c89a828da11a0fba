"""Layerdeck as it is installed: its wheel, and the command of that in a fresh environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ran(*command, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    """A command that has ended, by an environment of which nothing leads to the source."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False
    )


def built_wheel(source: Path, built: Path) -> Path:
    """The wheel of the source, built without a network from a copy of the files that git knows or would know.

    Args:
        source: An empty folder for the copy; built: for the wheel.
    """
    listed = ran("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"  # As pip calls it.
    done = ran(sys.executable, "-c", build, built, cwd=source)
    assert done.returncode == 0, done.stderr
    return next(built.glob("*.whl"))


def installed_command(wheel: Path, folder: Path) -> Path:
    """The command of a wheel in a fresh environment, which finds Layerdeck's dependencies where they are."""
    venv.create(folder, with_pip=False)
    packages = next(folder.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    done = ran(*pip, "install", "--no-deps", "--no-index", "--no-compile", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages / "dependencies.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    return folder / "bin" / "layerdeck"
