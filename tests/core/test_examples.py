"""What lies in `examples/` runs: experiments, a plug-in, and a script that uses an exported model."""

import io
import json
import re
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.experiment.spec import read
from core.tables.samples import load_sample

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "examples"
SPECS = sorted(EXAMPLES.glob("*.json"))


@pytest.fixture
def trained(workspace, monkeypatch, tmp_path, capsys):
    """A function that trains an example for two epochs, changed in some fields; the result's value."""
    monkeypatch.setenv("LAYERDECK_HOME", str(workspace))

    def train(spec: Path, **compile: object) -> dict:
        value = json.loads(spec.read_text(encoding="utf-8"))
        value["fit"]["epochs"] = 2
        value["compile"] |= compile
        (tmp_path / "spec.json").write_text(json.dumps(value))
        assert main(["run", str(tmp_path / "spec.json"), "--json"]) == 0
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return train


def test_the_readme_of_the_examples_names_each():
    named = re.findall(r"examples/([\w/]+\.\w+)|`([\w/]+\.py)`", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    there = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.suffix in (".json", ".py")}
    assert {one or other for one, other in named} == there
    assert len(SPECS) == 3


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_an_experiment_trains_and_its_model_predicts_with_plain_keras(spec, trained, tmp_path, capsys):
    result = trained(spec)
    experiment = read(spec.read_bytes())
    rows = load_sample(experiment.data.table.removeprefix("sample:")).head(5)
    rows[list(experiment.data.features)].to_csv(tmp_path / "rows.csv", index=False)
    runpy.run_path(str(EXAMPLES / "predict_with_model.py"))["main"](result["model"], tmp_path / "rows.csv")
    plain = pd.read_csv(io.StringIO(capsys.readouterr().out)).drop(columns=list(experiment.data.features))
    assert main(["predict", result["run"], str(tmp_path / "rows.csv")]) == 0
    asked = pd.read_csv(io.StringIO(capsys.readouterr().out)).drop(columns=[*experiment.data.features, "note"])
    np.testing.assert_allclose(
        np.sort(plain.to_numpy(), axis=None), np.sort(asked.select_dtypes("number").to_numpy(), axis=None), rtol=1e-5
    )


def test_the_plug_in_is_a_metric_that_counts_the_rows_within_a_share(trained, monkeypatch, catalog):  # noqa: ARG001
    import keras

    monkeypatch.setenv("LAYERDECK_PLUGINS", str(EXAMPLES / "plugins"))
    result = trained(EXAMPLES / "house_prices.json", metrics=["WithinShare"])
    assert 0 <= result["test"]["within_share"] <= 1
    metric = keras.saving.get_registered_object("plugins>WithinShare")(0.1)
    # Off by 5 %, 10 %, 20 % and 300 %; the second counts twice: 3 of 5.
    metric.update_state([100.0, 100.0, 100.0, -1.0], [105.0, 90.0, 120.0, 2.0], sample_weight=[1.0, 2.0, 1.0, 1.0])
    assert float(metric.result()) == pytest.approx(3 / 5)
