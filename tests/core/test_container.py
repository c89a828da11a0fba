"""Dockerfile and compose file: what they copy is enough, the page has no rights, and what people make stays."""

import json
import re
from pathlib import Path

import pytest
import yaml

import layerdeck
from tests.locks import ROOT


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile and what they are given, in their order."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def service() -> dict:
    """The one service of the compose file."""
    (found,) = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    return found


def of(steps: list[tuple[str, str]], instruction: str) -> list[str]:
    """What is given to each instruction of that name."""
    return [given for name, given in steps if name == instruction]


def test_its_python_is_one_that_was_tried(steps):
    (image,) = of(steps, "FROM")
    version = re.fullmatch(r"python:(\d+\.\d+)-slim", image)[1]
    assert layerdeck.python_problem(tuple(map(int, version.split(".")))) == ""


def test_it_copies_all_that_the_build_reads_and_nothing_is_ignored_that_it_copies(steps):
    copied = {name for given in of(steps, "COPY") for name in given.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    read = set(re.findall(r'"(requirements[\w.-]*|README\.md|LICENSE)"', project)) | {
        "layerdeck.py",
        "core",
        "dashboard",
    }
    assert read | {"pyproject.toml", "requirements.lock"} == copied
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert lines[0] == "*"
    assert all(any(Path(name).match(line[1:]) for line in lines if line.startswith("!")) for name in copied)


def test_it_serves_as_a_user_without_rights_and_keeps_the_workspace_in_a_volume(steps, service):
    names = [name for name, _ in steps]
    (user,) = of(steps, "USER")
    assert user == "layerdeck"
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    (volume,), (home,) = of(steps, "VOLUME"), of(steps, "ENV")
    assert home == f"LAYERDECK_HOME={volume}"
    assert f"-m 700 -o layerdeck -g layerdeck {volume}" in of(steps, "RUN")[-1]  # Docker gives the volume its owner.
    assert [one.partition(":")[2] for one in service["volumes"]] == [volume]


def test_the_command_is_one_that_layerdeck_takes_and_the_port_is_open_to_this_machine_alone(steps, service):
    (entry,), (command,), (port,) = of(steps, "ENTRYPOINT"), of(steps, "CMD"), of(steps, "EXPOSE")
    assert json.loads(entry) == ["layerdeck"]
    assert json.loads(command) == ["--host", "0.0.0.0", "--port", port]
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"http://127.0.0.1:{port}/api/health" in of(steps, "HEALTHCHECK")[0]
    assert service["init"] is True
