"""The command `layerdeck`: what it takes, what it refuses, and that the wheel holds all it needs."""

import sys
import tomllib
import zipfile

import pytest
from packaging.specifiers import SpecifierSet

import layerdeck
from core import __version__
from tests.core.installation import ROOT, ran


@pytest.mark.parametrize(
    ("version", "tried"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False), ((2, 7), False)]
)
def test_a_python_that_was_not_tried_is_refused_with_a_sentence(version, tried):
    wanted = f"Layerdeck needs Python 3.11 to 3.13; this is {version[0]}.{version[1]}."
    assert layerdeck.python_problem(version) == ("" if tried else wanted)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert SpecifierSet(project["requires-python"]).contains(f"{version[0]}.{version[1]}") == tried


def test_the_source_is_no_collision():
    assert layerdeck.shadow_problem(ROOT) == ""


@pytest.mark.parametrize("name", ["core", "dashboard"])
def test_a_package_of_the_same_name_elsewhere_is_refused_with_a_sentence(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    run = "import sys; sys.path.insert(0, sys.argv.pop(1)); import layerdeck; sys.exit(layerdeck.main())"
    done = ran(sys.executable, "-c", run, tmp_path, "--version", cwd=ROOT)
    assert done.returncode == 1
    assert f"package `{name}` collides with {tmp_path.resolve() / name}." in done.stderr
    assert "pipx or uv tool" in done.stderr


def test_a_distribution_that_wrote_to_a_package_of_ours_is_named(tmp_path, monkeypatch):
    other = tmp_path / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "RECORD").write_text("other.py,,\npandas/core/__init__.py,,\n")
    (tmp_path / "core").symlink_to(ROOT / "core")
    monkeypatch.syspath_prepend(tmp_path)
    assert layerdeck.shadow_problem(ROOT) == ""
    (other / "RECORD").write_text("other.py,,\ncore/__init__.py,,\n")
    assert "package `core` collides with the distribution other." in layerdeck.shadow_problem(ROOT)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "0"], "a port is a whole number from 1 to 65535, not '0'"),
        (["--port", "x"], "a port is a whole number from 1 to 65535, not 'x'"),
        (["serve"], "unknown: serve"),
        (["--prot", "8600"], "unknown: --prot"),
    ],
)
def test_what_it_does_not_know_is_refused_with_a_sentence(arguments, says, capsys):
    with pytest.raises(SystemExit) as ended:
        layerdeck.main(arguments)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_commands_without_the_page_are_those_of_core(capsys):
    assert layerdeck.main(["samples", "penguins"]) == 0
    assert capsys.readouterr().out.startswith("species,")
    with pytest.raises(SystemExit):
        layerdeck.main(["run"])
    assert "usage: layerdeck run" in capsys.readouterr().err


@pytest.mark.slow
def test_the_wheel_holds_every_file_that_the_source_reads(wheel):
    kept = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("core", "dashboard")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert wanted - kept == set()
    assert "dashboard/.streamlit/config.toml" in kept
    assert {name.partition("/")[0] for name in kept} == {
        "core", "dashboard", "layerdeck.py", f"layerdeck-{__version__}.dist-info"
    }  # fmt: skip


@pytest.mark.slow
def test_an_installation_beside_another_package_of_that_name_is_refused(command, tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").touch()
    done = ran(command, "--version", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "package `core` collides with" in done.stderr
