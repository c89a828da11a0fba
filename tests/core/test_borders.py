"""Who may import whom, seen in fresh processes: the page without TensorFlow, the core without a page."""

import ast
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import core
import dashboard.views

ROOT = Path(__file__).parents[2]
HEAVY = {"tensorflow", "keras", "torch", "jax"}


_LOADED = "\nimport json, sys; print('loaded', json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"


def loaded(*codes: str) -> list[set[str]]:
    """The packages that a fresh process has loaded after each of some pieces of code, which it runs one after
    another.
    """
    code = "".join(one + _LOADED for one in codes)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("loaded ") for line in done.stdout.splitlines() if line.startswith("loaded ")]
    return [set(json.loads(line)) for line in lines]


def modules(package) -> list[str]:
    """The names of all modules in a package, in all its folders."""
    return [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


CORE = [name for name in modules(core) if name != "core.__main__"]


def test_the_walk_finds_the_modules():
    assert {"core.experiment.spec", "core.tables.raw", "core.training.compiled_epoch", "core.runs.engine"} <= set(CORE)


@pytest.mark.slow
def test_the_experiment_is_plain_python_tables_know_no_runs_and_the_page_no_tensorflow():
    """One process imports them in this order: what the next ones load, those before them have not."""
    experiment, tables = (
        [name for name in CORE if name.startswith(start)] for start in ("core.experiment", "core.tables")
    )
    assert len(experiment) > 10
    views = modules(dashboard.views)
    assert "dashboard.views.build" in views
    page = ["dashboard.server", *views, "dashboard.session.state", "dashboard.figures.scores", "core.runs.engine"]
    # what the engine's thread imports later, too
    page += ["core.runs.worker", "core.runs.mlflow_store", "core.runs.run_training", "distributed"]
    imports = ["\n".join(f"import {name}" for name in names) for names in (experiment, tables, page)]
    by_experiment, by_tables, by_page = loaded(*imports)
    runs = {"mlflow", "distributed", "streamlit"}
    assert not by_experiment & (HEAVY | runs | {"pandas", "numpy", "sklearn", "scipy", "pyarrow", "dask"})
    assert not by_tables & (HEAVY | runs)
    assert not by_page & HEAVY
    assert runs | {"pandas"} <= by_page


@pytest.mark.slow
def test_the_core_does_without_streamlit_and_everything_without_fcntl():
    pages = [name for name in modules(dashboard) if name not in ("dashboard.__main__", "dashboard.app")]
    code = [
        "import locket, sys",  # Locket, which Dask imports, does without fcntl only where the system is another one.
        "sys.modules['fcntl'] = sys.modules['streamlit'] = None",
        *(f"import {name}" for name in [*CORE, "core.__main__"]),
        "assert 'dashboard' not in {name.split('.')[0] for name in sys.modules}",
        "del sys.modules['streamlit']",
        *(f"import {name}" for name in pages),
    ]
    (found,) = loaded("\n".join(code))
    assert {"tensorflow", "dashboard", "streamlit"} <= found


def test_no_package_imports_its_own_modules():
    """A package that does can be handed out half-loaded when two threads of a starting server import it from both
    ends.
    """
    packages = [path for folder in ("core", "dashboard") for path in (ROOT / folder).rglob("__init__.py")]
    assert len(packages) > 5
    for path in packages:
        own = ".".join(path.relative_to(ROOT).parent.parts)
        imported = [
            node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)
        ]
        assert not [name for name in imported if name.startswith(own)], own
