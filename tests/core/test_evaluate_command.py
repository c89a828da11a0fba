"""`python -m core evaluate`: one JSON object of numbers that the page shows, and a summary in words."""

import json

import pytest

from core.__main__ import main
from core.runs.evaluated_run import evaluation_section
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow


@pytest.fixture
def home(workspace, monkeypatch):
    """The workspace that the commands use."""
    monkeypatch.setenv("LAYERDECK_HOME", str(workspace))
    return workspace


def test_a_runs_evaluation_is_one_json_object(kept, home, store, capsys):
    result, _, _ = kept
    run = result["run"]
    assert main(["evaluate", run, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["run"] == run
    for part in ("test", "validation"):
        values = {name: one["value"] for name, one in found["scores"][part].items()}
        assert values == pytest.approx(result["scores"][part], rel=1e-6)
        assert all(one["low"] <= one["value"] <= one["high"] for one in found["scores"][part].values())
    for baseline, parts in result["baselines"].items():
        better = {name: parts["test"][name] - result["test"][name] for name in result["test"]}
        assert {name: one["value"] for name, one in found["difference"][baseline].items()} == pytest.approx(
            better, rel=1e-5
        )
    tables = Tables(TableStore(home))
    ask = evaluation_section(store, tables, Journal(home, run), None, "importance")
    assert set(found["importance"]) == {"x0", "x1", "w"}
    assert found["importance"]["x0"] == pytest.approx(ask["features"]["x0"])
    covered = evaluation_section(store, tables, Journal(home, run), None, "coverage")["y"]
    assert found["coverage"]["0.9"]["nominal"] == 0.9
    assert found["coverage"]["0.9"]["test"] == pytest.approx(covered.share(0.9))
    assert {one["column"] for one in found["slices"]} == {"x0", "x1", "w"}
    errors = [one["error"] for one in found["slices"]]
    assert errors == sorted(errors, reverse=True)
    assert (found["calibration"], found["thresholds"]) == (None, None)  # They are of classes.
    what, good, uses, weak = found["summary"]
    train, validation, test = tables.prepared(kept[2]).sizes
    assert what == (
        f"The network predicts y from 3 columns: {train} rows for training, {validation} for validation, "
        f"{test} for test."
    )
    assert f"On the test rows the MAE is {result['test']['mae']:,.0f} (95% interval" in good
    assert "than the linear model" in good
    largest = max(found["importance"], key=lambda name: found["importance"][name]["mean"])
    assert uses.startswith(f"It uses {largest} most")
    assert "The 90% intervals of y contain the actual value for" in weak


@pytest.mark.usefixtures("home")
def test_at_an_epoch_and_in_words(kept, capsys):
    result, _, _ = kept
    assert main(["evaluate", result["run"], "--epoch", "2", "--json"]) == 0
    early = json.loads(capsys.readouterr().out)
    assert early["epoch"] == 2
    assert early["scores"]["test"]["mae"]["value"] > result["test"]["mae"]
    assert main(["evaluate", result["run"]]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("The network predicts y from 3 columns")
    assert any(line.startswith(f"test mae {result['test']['mae']:.5g} (") for line in lines)


@pytest.mark.usefixtures("home")
def test_a_run_that_is_not_there_is_said_to_be_so(capsys):
    assert main(["evaluate", "ffffffffffff"]) == 1
    assert capsys.readouterr().err.strip()
