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


def loaded(code: str) -> set[str]:
    """The packages that a fresh process has loaded after some code."""
    code += "\nimport json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def modules(package) -> list[str]:
    """The names of all modules in a package, in all its folders."""
    return [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


CORE = [name for name in modules(core) if name != "core.__main__"]


def test_the_walk_finds_the_modules():
    assert {"core.experiment.spec", "core.tables.raw", "core.training.compiled_epoch", "core.runs.engine"} <= set(CORE)


def test_an_experiment_is_plain_python():
    names = [name for name in CORE if name.startswith("core.experiment")]
    assert len(names) > 10
    found = loaded("\n".join(f"import {name}" for name in names))
    assert not found & (
        HEAVY | {"pandas", "numpy", "sklearn", "scipy", "pyarrow", "mlflow", "distributed", "dask", "streamlit"}
    )


def test_tables_know_no_keras_and_no_runs():
    names = [name for name in CORE if name.startswith("core.tables")]
    assert not loaded("\n".join(f"import {name}" for name in names)) & (HEAVY | {"mlflow", "distributed", "streamlit"})


def test_the_pages_process_never_loads_tensorflow():
    views = modules(dashboard.views)
    assert "dashboard.views.build" in views
    names = ["dashboard.server", *views, "dashboard.session.state", "dashboard.figures.scores", "core.runs.engine"]
    # what the engine's thread imports later, too
    names += ["core.runs.worker", "core.runs.mlflow_store", "core.runs.run_training", "distributed"]
    assert not loaded("\n".join(f"import {name}" for name in names)) & HEAVY


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
    assert {"tensorflow", "dashboard", "streamlit"} <= loaded("\n".join(code))


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
