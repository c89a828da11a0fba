"""The version stands in one place, and everything that says it reads it there."""

import re
import tomllib
from pathlib import Path

import pytest

from core import __version__
from core.__main__ import main

ROOT = Path(__file__).parents[2]
SECTIONS = ("Added", "Changed", "Fixed")


def test_the_command_says_it(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"layerdeck {__version__}\n")


def test_it_is_written_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version", "dependencies", "optional-dependencies"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "core.__version__"}
    written = [
        path.relative_to(ROOT).as_posix()
        for folder in ("core", "dashboard", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if f'"{__version__}"' in path.read_text(encoding="utf-8")
    ]
    assert written == ["core/__init__.py"]


def test_the_changelog_is_by_version_and_its_first_section_is_of_this_one():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == (f"Unreleased: {__version__.partition('.dev')[0]}" if ".dev" in __version__ else __version__)
    assert len(versions) == len(set(versions))
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert kinds == [kind for kind in SECTIONS if kind in kinds]
        assert kinds


def test_the_licence_is_the_whole_text_and_the_one_that_the_package_names():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["license"], project["license-files"][0]) == ("Apache-2.0", "LICENSE")
    assert re.findall(r"^   (\d)\. [A-Z]", text, re.MULTILINE) == list("123456789")
    assert text.strip().startswith("Apache License\n                           Version 2.0, January 2004")
    assert text.rstrip().endswith("limitations under the License.")
