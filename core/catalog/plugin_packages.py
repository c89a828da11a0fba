"""Modules that installed Python packages offer as plug-ins: an entry point of the group `layerdeck.plugins` names one.

    [project.entry-points."layerdeck.plugins"]
    quartic = "my_losses.quartic"

Nothing is imported to find them: a distribution's own list of files says where the module's source is, and for one that
is installed from a folder of its own (editable) that folder or the search path does.
"""

import ast
import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlparse

from core.catalog.syntax import syntax_tree

GROUP = "layerdeck.plugins"


@dataclass(frozen=True)
class Installed:
    """A module that a package offers.

    Attributes:
        module: Its name, "my_losses.quartic".
        package: Name and version of the distribution, "my-losses 1.2".
        path: Its source; None when that is nowhere to be found.
    """

    module: str
    package: str
    path: Path | None


def installed() -> dict[str, Installed]:
    """Module -> what is known of it, in the order of their names. Looked up once for each search path."""
    return _installed(tuple(sys.path))


@lru_cache(maxsize=4)
def _installed(_search: tuple[str, ...]) -> dict[str, Installed]:
    found: dict[str, Installed] = {}
    for about in distributions():
        if GROUP not in (about.read_text("entry_points.txt") or ""):
            continue
        package = f"{about.metadata['Name']} {about.version}"
        try:
            names = [point.value.split(":")[0].strip() for point in about.entry_points.select(group=GROUP)]
        except (TypeError, ValueError):  # Its list of entry points cannot be read.
            names = ["entry_points.txt"]
        for name in names:
            found.setdefault(name, Installed(name, package, _source(name, about)))
    return dict(sorted(found.items()))


def _source(module: str, about: Distribution) -> Path | None:
    """The module's file, found without importing it or the package that it lies in."""
    steps = module.replace(".", "/")
    names = (f"{steps}.py", f"{steps}/__init__.py")
    listed = [Path(str(about.locate_file(file))) for file in about.files or () if file.as_posix() in names]
    places = [*_folders(about), *(Path(place or ".") for place in sys.path)]
    return next(
        (path for path in (*listed, *(place / name for place in places for name in names)) if path.is_file()), None
    )


def _folders(about: Distribution) -> list[Path]:
    """Where the source of an editable installation lies."""
    text = about.read_text("direct_url.json")
    try:
        url = str(json.loads(text)["url"]) if text else ""
    except (ValueError, KeyError, TypeError):
        url = ""
    folder = Path(unquote(urlparse(url).path))
    return [folder, folder / "src"] if url.startswith("file:") else []


def absolute(text: str, module: str, is_package: bool) -> str:
    """A module's source that stands on its own: `from .ways import far` becomes `from my_losses.ways import far`."""
    lines = text.encode().splitlines(keepends=True)  # Columns of the syntax tree count bytes.
    nodes = [node for node in ast.walk(syntax_tree(text)) if isinstance(node, ast.ImportFrom) and node.level]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        steps = module.split(".")
        above = steps[: len(steps) - node.level + is_package]
        names = ", ".join(one.name + (f" as {one.asname}" if one.asname else "") for one in node.names)
        whole = f"from {'.'.join([*above, *([node.module] if node.module else [])])} import {names}"
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        before, after = lines[node.lineno - 1][: node.col_offset], lines[node.end_lineno - 1][node.end_col_offset :]
        lines[node.lineno - 1 : node.end_lineno] = [before + whole.encode() + after]
    return b"".join(lines).decode()
