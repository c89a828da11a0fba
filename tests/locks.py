"""The two locks, from what is installed: make lock

requirements.lock        every distribution that the app needs, directly or not, at its version
requirements-dev.lock    those that only the tools of developers need besides
"""

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NEVER = {"pip"}  # An environment brings its own.


def direct(path: Path) -> list[Requirement]:
    """The requirements that a file lists."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def needed(wanted: list[Requirement]) -> dict[str, str]:
    """Canonical name -> "name==version" of all that is installed and needed for `wanted`, those included.

    Raises PackageNotFoundError where one is not installed.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, "") for requirement in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name in NEVER:
            continue
        of = importlib.metadata.distribution(name)
        found[name] = f"{of.metadata['Name']}=={of.version}"
        for one in ("", *requirement.extras):
            if (name, one) not in seen:
                seen.add((name, one))
                waiting += [(Requirement(text), one) for text in of.requires or ()]
    return found


def locks() -> tuple[list[str], list[str]]:
    """The lines of both locks."""
    app = needed(direct(ROOT / "requirements.txt"))
    both = needed(direct(ROOT / "requirements.txt") + direct(ROOT / "requirements-dev.txt"))
    return [app[name] for name in sorted(app)], [both[name] for name in sorted(both.keys() - app.keys())]


def written(name: str) -> list[str]:
    """The lines of a lock as it lies there."""
    return [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if re.match(r"\w", line)]


if __name__ == "__main__":
    for file, lines in zip(("requirements.lock", "requirements-dev.lock"), locks(), strict=True):
        (ROOT / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
