"""Each package that is imported has its line in the requirements, and each of the app's requirements a use."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.locks import ROOT, direct

OURS = {"core", "dashboard", "benchmarks", "tests", "layerdeck"}
DISTRIBUTION = {
    "sklearn": "scikit-learn",
    "xdist": "pytest-xdist",
    "markdown_it": "markdown-it-py",
    "yaml": "pyyaml",
    "PIL": "pillow",
}  # Where it has another name than its import.
# Import -> why it has no line.
NO_LINE = {
    "pydantic_core": "pydantic's own half: each pydantic names the one version it works with",
    "torch": "a peer that `python -m benchmarks steps` is measured against only where it is installed",
    "jax": "likewise",
    "optax": "likewise",
}
# Distribution -> who imports it, where none of the app's own files does.
NOT_IMPORTED = {
    "cryptography": "Dask, which makes the certificate of the cluster's TLS with it",
    "jinja2": "pandas, to style a table",
    "openpyxl": "pandas, to read .xlsx",
}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements, those within others too; to walk through every expression takes five times as long."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield node
            yield from statements(node)


def imported(files: Iterable[Path]) -> dict[str, str]:
    """Top-level name of each module that is imported and is neither Python's own nor ours -> a file that imports it."""
    found: dict[str, str] = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for node in ast.walk(tree) if "import_module" in text else statements(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and "import_module" in (
                getattr(node.func, "id", ""),
                getattr(node.func, "attr", ""),
            ):
                names = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
            tops = {name.split(".")[0] for name in names} - OURS - set(sys.stdlib_module_names)
            found |= {top: str(path.relative_to(ROOT)) for top in tops}
    return found


def sources(*folders: str) -> list[Path]:
    """All Python files of folders."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def listed(*files: str) -> set[str]:
    """Canonical names of the distributions that requirements files list."""
    return {canonicalize_name(one.name) for file in files for one in direct(ROOT / file)}


def without_a_line(found: dict[str, str], lines: set[str]) -> dict[str, str]:
    """Those of some imports that no line stands for."""
    return {
        top: file
        for top, file in found.items()
        if top not in NO_LINE and DISTRIBUTION.get(top, canonicalize_name(top)) not in lines
    }


@pytest.fixture(scope="module")
def by_the_app() -> dict[str, str]:
    """What the app imports."""
    return imported([*sources("core", "dashboard"), ROOT / "layerdeck.py"])


@pytest.mark.slow
def test_what_the_app_imports_is_required(by_the_app):
    found = by_the_app
    assert {"tensorflow", "keras", "streamlit", "sklearn"} <= found.keys()
    assert without_a_line(found, listed("requirements.txt")) == {}


@pytest.mark.slow
def test_what_tests_and_benchmarks_import_is_required_by_app_or_developers():
    found = imported(sources("tests", "benchmarks"))
    assert {"pytest", "playwright"} <= found.keys()
    assert without_a_line(found, listed("requirements.txt", "requirements-dev.txt")) == {}


@pytest.mark.slow
def test_what_the_app_requires_is_imported(by_the_app):
    used = {DISTRIBUTION.get(top, canonicalize_name(top)) for top in by_the_app}
    assert listed("requirements.txt") - used - NOT_IMPORTED.keys() == set()


def test_an_import_without_a_line_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    program = tmp_path / "program.py"
    program.write_text(
        "import os\nimport numpy.linalg\nfrom h11 import Connection\nimportlib.import_module('dask.bag')\n"
    )
    found = imported([program])
    assert found.keys() == {"numpy", "h11", "dask"}
    assert without_a_line(found, {"numpy"}).keys() == {"h11", "dask"}


def test_keras_is_named_by_the_series_whose_private_parts_are_used():
    (keras,) = [str(one.specifier) for one in direct(ROOT / "requirements.txt") if one.name == "keras"]
    assert set(keras.split(",")) == {">=3.15", "<3.16"}
