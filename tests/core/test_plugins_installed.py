"""Packages that are installed offer plug-ins by an entry point: found without an import, run by the worker, kept with
the run.
"""

import json
import sys
from pathlib import Path

import pytest

from core.catalog.losses import LOSSES
from core.catalog.plugin_packages import absolute
from core.catalog.plugins import register, source
from core.experiment.spec import read
from core.keras_code.script import program
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore
from tests.parity.clean import printed

QUARTIC = """
import keras

from .ways import far as _far


@keras.saving.register_keras_serializable(package="plugins")
class Quartic(keras.losses.Loss):
    '''Errors to the fourth power.'''

    def __init__(self, unit: float = 20_000.0, **kwargs):
        super().__init__(**kwargs)
        self.unit = unit

    def call(self, y_true, y_pred):
        return keras.ops.mean(_far(y_true, y_pred, self.unit) ** 4, axis=-1)
"""
ENTRIES = """[console_scripts]
other = my_losses:main

[layerdeck.plugins]
quartic = my_losses.quartic
broken = my_losses.broken
gone = my_losses.gone
"""


def install(site: Path, listed: bool = True) -> None:
    """Lays a small package out as an installer does; with or without the list of its files."""
    package, info = site / "my_losses", site / "my_losses-1.2.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(
        "from pathlib import Path\n(Path(__file__).parent / 'imported').touch()\nimport tensorflow\n"
    )
    (package / "quartic.py").write_text(QUARTIC)
    (package / "ways.py").write_text("def far(truth, said, unit):\n    return (truth - said) / unit\n")
    (package / "broken.py").write_text("def (")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-losses\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    if listed:
        names = sorted(path.relative_to(site).as_posix() for folder in (package, info) for path in folder.iterdir())
        (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))


@pytest.fixture
def site(tmp_path, monkeypatch, catalog):  # noqa: ARG001
    """A folder of installed packages on the search path, and no folder of plug-ins."""
    monkeypatch.setenv("LAYERDECK_PLUGINS", str(tmp_path / "none"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    yield tmp_path / "site"
    for name in [name for name in sys.modules if "my_losses" in name.split(".")]:
        del sys.modules[name]


@pytest.mark.parametrize("listed", [True, False], ids=["with a list of its files", "without"])
def test_a_package_joins_the_catalog_and_is_not_imported(site, tmp_path, listed):
    install(site, listed)
    found = register(tmp_path / "none")
    assert [row.name for row in found.rows] == ["Quartic"]
    assert (LOSSES["Quartic"].help, LOSSES["Quartic"].fields[0].default) == ("Errors to the fourth power.", 20_000.0)
    assert found.broken == {
        "my_losses.broken of my-losses 1.2": "line 1: invalid syntax.",
        "my_losses.gone of my-losses 1.2": (
            "The package names this module, but its source is not among the package's files."
        ),
    }
    assert source(tmp_path / "none", LOSSES["Quartic"].module) == site / "my_losses" / "quartic.py"
    assert not (site / "my_losses" / "imported").exists()
    assert "my_losses" not in sys.modules


def test_a_package_that_is_worked_on_is_found_in_its_own_folder(site, tmp_path):
    install(tmp_path / "work" / "src")
    info = site / "my_losses-1.2.dist-info"
    info.mkdir(parents=True)
    for file in (tmp_path / "work" / "src" / info.name).iterdir():
        (info / file.name).write_text(file.read_text() if file.name != "RECORD" else "")
    (info / "direct_url.json").write_text(
        json.dumps({"url": (tmp_path / "work").as_uri(), "dir_info": {"editable": True}})
    )
    register(tmp_path / "none")
    assert source(tmp_path / "none", LOSSES["Quartic"].module) == tmp_path / "work" / "src" / "my_losses" / "quartic.py"


def test_a_package_whose_entry_points_cannot_be_read_is_told_by_name(site, tmp_path):
    install(site)
    (site / "my_losses-1.2.dist-info" / "entry_points.txt").write_text("[layerdeck.plugins]\nno sign of equality\n")
    found = register(tmp_path / "none")
    assert found.rows == []
    assert list(found.broken) == ["entry_points.txt of my-losses 1.2"]


@pytest.mark.parametrize(
    ("text", "module", "is_package", "expected"),
    [
        ("from . import a, b as c\n", "p.q", False, "from p import a, b as c\n"),
        ("from .. import a\n", "p.q.r", False, "from p import a\n"),
        ("from .q import (\n    a,\n    b,\n)\nx = 1\n", "p", True, "from p.q import a, b\nx = 1\n"),
        ("é = 1; from .q import a; b = 2\n", "p.r", False, "é = 1; from p.q import a; b = 2\n"),
        ("from p import q\nimport r\n", "p.r", False, "from p import q\nimport r\n"),
    ],
)
def test_a_source_that_stands_alone_imports_by_full_names(text, module, is_package, expected):
    assert absolute(text, module, is_package) == expected


@pytest.mark.slow
def test_it_trains_is_kept_and_printed(site, workspace, store, points_table, points, tmp_path):
    from core.runs.predictors import predictor
    from core.runs.run_training import run

    install(site)
    register(tmp_path / "none")
    experiment = read(
        {
            "version": 1,
            "data": {"table": points_table, "targets": ["y"], "features": {"x0": "number", "x1": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {"loss": {"class": "Quartic"}, "metrics": ["MeanAbsoluteError"]},
            "fit": {"epochs": 3, "batch_size": 14},
        }
    )
    tables = Tables(TableStore(workspace))
    journal = Journal(workspace, "00000000ab11")
    journal.begin(experiment.text())
    result = run(journal, tables, store)
    assert (result["state"], result.get("epochs")) == ("finished", 3), result["says"]
    assert (site / "my_losses" / "imported").exists()
    assert len(predictor(store, "00000000ab11").predict(points)) == 120
    (kept,) = store.plugins("00000000ab11")
    assert kept.name == "installed.my_losses.quartic.py"
    assert "from my_losses.ways import far as _far" in kept.read_text()

    source = program(experiment, tables.situation(experiment), tables.about(points_table), tmp_path / "none")
    assert "# Plug-in my_losses.quartic of my-losses 1.2" in source
    points.to_csv(tmp_path / "points.csv", index=False)
    (tmp_path / "program.py").write_text(source)
    # Where the package is installed.
    (tmp_path / "there.py").write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(site)!r})\nrunpy.run_path('program.py', run_name='__main__')\n"
    )
    assert printed(tmp_path, "there.py", "points.csv")["test"] == pytest.approx(result["test"], rel=1e-4)


@pytest.mark.slow
def test_a_package_that_breaks_or_is_gone_fails_the_run_by_its_name(
    site, workspace, store, points_table, tmp_path, monkeypatch
):
    from core.runs.run_training import run

    install(site)
    register(tmp_path / "none")
    (site / "my_losses" / "ways.py").write_text("1 / 0\n")
    experiment = read(
        {
            "version": 1,
            "data": {"table": points_table, "targets": ["y"], "features": {"x0": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {"loss": {"class": "Quartic"}},
        }
    )

    def says(run_id: str) -> str:
        journal = Journal(workspace, run_id)
        journal.begin(experiment.text())
        return run(journal, Tables(TableStore(workspace)), store)["says"]

    named = "The plug-in my_losses.quartic of my-losses 1.2 cannot be run: ZeroDivisionError: division by zero"
    assert says("00000000ab12") == named
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(site)])
    assert says("00000000ab13") == "The package of the plug-in my_losses.quartic is not installed here."
