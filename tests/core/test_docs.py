"""What the documents say is true of the code."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from core.advice.checks import CHECKS
from core.experiment.spec import read
from core.tables.samples import FOLDER, SAMPLES
from tests.locks import locks, written

ROOT = Path(__file__).parents[2]
README, GUIDE, HEADLESS = (ROOT / name for name in ("README.md", "docs/guide.md", "docs/headless.md"))
FILM = ROOT / "assets" / "pictures" / "training.webp"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md")])


def test_the_guide_lists_every_sample_with_its_own_words():
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", GUIDE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((sample.name, sample.what) for sample in SAMPLES.values())


def test_every_table_that_is_shipped_has_a_notice():
    notice = (FOLDER / "NOTICE.md").read_text()
    for path in FOLDER.glob("*.csv"):
        assert path.name in notice
        assert path.stem in SAMPLES


def test_the_guide_to_headless_use_shows_an_experiment_that_can_be_read():
    shown = re.search(r"```json\n(.*?)```", HEADLESS.read_text(), re.DOTALL)
    assert shown
    assert read(json.loads(shown[1])).name == "House prices"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document):
    text = document.read_text()
    named = re.findall(r"`((?:core|dashboard|tests|assets|examples|docs)/[\w/{},.]*\w[}/]?)`", text)
    for name in named if document.name != "CHANGELOG.md" else ():
        stem, _, rest = name.partition("{")
        for choice in rest.partition("}")[0].split(",") if rest else [""]:
            path = ROOT / (stem + choice + rest.partition("}")[2])
            assert path.exists(), path
    for name in re.findall(r"\]\(([\w/.-]+)\)", text):
        assert (document.parent / name).exists(), name


def test_the_readme_leads_to_every_document():
    linked = {(ROOT / name).resolve() for name in re.findall(r"\]\(([\w/.-]+)\)", README.read_text())}
    assert set(DOCUMENTS) - {README} <= linked


def test_the_readme_lists_every_environment_variable():
    used = {
        name
        for folder in ("core", "dashboard", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"LAYERDECK_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
    }
    listed = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", README.read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert {name for name in listed if name.startswith("LAYERDECK_")} == used


def test_the_moving_picture_moves_and_is_small():
    with Image.open(FILM) as film:
        assert film.n_frames >= 10
    assert FILM.stat().st_size <= 3_000_000
    assert FILM.relative_to(ROOT).as_posix() in README.read_text().split("## ")[0]


def test_make_knows_the_commands_that_are_named():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [path.read_text() for path in DOCUMENTS]
    named = {name for text in texts for name in re.findall(r"^    make (\w+)", text, re.MULTILINE)}
    assert {"run", "test", "check", "format", "bench"} <= named
    assert named <= targets


@pytest.mark.slow
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
