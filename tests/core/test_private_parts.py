"""Private parts of other libraries are used in one file for each library, as far as that can be told from source."""

import ast
import re
from importlib.metadata import version
from pathlib import Path

import plotly
import pytest

from tests.sources import ROOT, nodes_of, syntax_of

# Module below which all is private to its library -> the only file that imports it.
PRIVATE_MODULES = {
    "keras.src": "core/model/keras_internals.py",
    "streamlit.runtime": "dashboard/session/streamlit_patches.py",
    "streamlit.proto": "dashboard/session/streamlit_patches.py",
    "mlflow.store": "core/runs/mlflow_internals.py",
    "distributed.utils": "core/runs/dask_internals.py",
    "distributed.node": "core/runs/dask_internals.py",
    "uvicorn.protocols": "dashboard/slow_requests.py",
}
PLOTLYS = "dashboard/components/live/plotly_internals.js"  # The only script that looks into Plotly's charts.
# File -> the distribution whose version it names as tried.
TRIED = {
    "core/model/keras_internals.py": "keras",
    "core/runs/dask_internals.py": "distributed",
    "core/runs/mlflow_internals.py": "mlflow",
    "dashboard/session/streamlit_patches.py": "streamlit",
}
FILES = {
    "core/model/keras_internals.py",
    "dashboard/session/streamlit_patches.py",
}
PYTHONS = {"_exit", "_replace"}  # Documented by Python: `os._exit`, and `_replace` of a named tuple.


@pytest.fixture(scope="module")
def sources() -> dict[str, ast.Module]:
    """Path from the root -> syntax tree, of each file of core and dashboard."""
    return {
        path.relative_to(ROOT).as_posix(): syntax_of(path)
        for folder in ("core", "dashboard")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def private(name: str) -> bool:
    """Whether a name is private by Python's custom."""
    return name.startswith("_") and not name.startswith("__") and name != "_"


def defined(tree: ast.Module) -> set[str]:
    """Names that a file makes: functions, classes, variables, fields, and attributes of `self` and `cls`."""
    found = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and of_self(node):
            found.add(node.attr)
    return found


def of_self(node: ast.Attribute) -> bool:
    """Whether it is an attribute of an object of the file's own class."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def asked(node: ast.AST) -> str:
    """The private attribute that a node reads or writes, by a dot or by its name as text; "" where there is none."""
    if isinstance(node, ast.Attribute) and private(node.attr):
        return node.attr
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "hasattr", "setattr", "delattr"):
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and private(name.value):
            return name.value
    return ""


def strange(tree: ast.Module, ours: set[str]) -> list[str]:
    """Private attributes in a file that no file of ours makes: another library's."""
    return [name for node in nodes_of(tree) if (name := asked(node)) and name not in ours and name not in PYTHONS]


def modules(tree: ast.Module) -> set[str]:
    """The modules that a file imports."""
    found = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.slow
def test_private_attributes_of_other_libraries_stand_in_the_files_for_them(sources):
    ours = {name for path, tree in sources.items() if path not in FILES for name in defined(tree)}
    found = {path: names for path, tree in sources.items() if path not in FILES and (names := strange(tree, ours))}
    assert found == {}


@pytest.mark.slow
def test_private_modules_of_other_libraries_are_imported_in_the_files_for_them(sources):
    for path, tree in sources.items():
        imported = modules(tree)
        for module, file in PRIVATE_MODULES.items():
            if path != file:
                assert not {one for one in imported if one == module or one.startswith(f"{module}.")}, path


def test_each_file_for_a_library_names_the_version_it_was_tried_with():
    """A newer version in the lock is tried before the file may name it."""
    for path, distribution in TRIED.items():
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        (tried,) = [
            node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TRIED"
        ]
        assert version(distribution).startswith(f"{tried}."), path
    plotlys = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")[:100]
    tried = re.search("PLOTLY_TRIED = '(.+)'", (ROOT / PLOTLYS).read_text("utf-8"))[1]
    assert f"plotly.js v{tried}." in plotlys


def test_private_parts_of_plotly_are_used_in_one_script():
    scripts = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "dashboard").rglob("*.js")}
    found = {name for name, path in scripts.items() if re.search(r"[\w)\]]\??\._[a-zA-Z]", path.read_text("utf-8"))}
    assert found == {PLOTLYS}


def test_a_private_attribute_of_another_library_is_seen():
    tree = ast.parse(
        "class Ours:\n    def f(self):\n        self._kept = model._nodes\n        getattr(model, '_seeds')\n"
    )
    assert strange(tree, defined(tree)) == ["_nodes", "_seeds"]
