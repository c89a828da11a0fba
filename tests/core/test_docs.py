"""What the documents say is true of the code."""

import json
import re
from pathlib import Path

import pytest

from core.advice.checks import CHECKS
from core.experiment.spec import read
from core.tables.samples import FOLDER, SAMPLES
from tests.locks import locks, written

ROOT = Path(__file__).parents[2]
README, ARCHITECTURE = (ROOT / name for name in ("README.md", "ARCHITECTURE.md"))


def test_the_readme_lists_every_sample_with_its_own_words():
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", README.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((sample.name, sample.what) for sample in SAMPLES.values())


def test_every_table_that_is_shipped_has_a_notice():
    notice = (FOLDER / "NOTICE.md").read_text()
    for path in FOLDER.glob("*.csv"):
        assert path.name in notice
        assert path.stem in SAMPLES


def test_the_readme_shows_an_experiment_that_can_be_read():
    shown = re.search(r"```json\n(.*?)```", README.read_text(), re.DOTALL)
    assert shown
    assert read(json.loads(shown[1])).name == "House prices"


@pytest.mark.parametrize("document", [README, ARCHITECTURE], ids=lambda path: path.name)
def test_files_that_are_named_exist(document):
    text = document.read_text()
    named = re.findall(r"`((?:core|dashboard|tests|assets)/[\w/{},.]*\w[}/]?)`", text) + re.findall(
        r"\]\(([\w/.-]+)\)", text
    )
    assert named
    for name in named:
        stem, _, rest = name.partition("{")
        for choice in rest.partition("}")[0].split(",") if rest else [""]:
            path = ROOT / (stem + choice + rest.partition("}")[2])
            assert path.exists(), path


def test_make_knows_the_commands_that_are_named():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^    make (\w+)", README.read_text(), re.MULTILINE))
    assert named == {"run", "test", "bench"}
    assert named <= targets


def test_the_locks_hold_all_that_is_needed_exactly_and_the_apps_no_tool_of_developers():
    app, tools = locks()
    assert written("requirements.lock") == app
    assert written("requirements-dev.lock") == tools
    assert {"pytest", "ruff", "playwright"} <= {line.partition("==")[0] for line in tools}


def test_no_file_of_ours_names_a_path_of_a_machine():
    for folder in ("core", "dashboard", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".js", ".css", ".md") and path != Path(__file__):
                assert not re.search(r"/(root|home|Users)/\w", path.read_text(encoding="utf-8")), path


def test_every_check_says_what_it_looks_at():
    for check in CHECKS:
        assert check.__doc__, check
