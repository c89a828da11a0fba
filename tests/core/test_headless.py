"""The headless twin: files in, lines and numbers out, and a sentence where something is wrong."""

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import __version__
from core.__main__ import main
from core.experiment.spec import read
from tests.core.installation import ROOT, ran

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("programs")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the command runs."""
    return tmp_path_factory.mktemp("headless")


@pytest.fixture
def home(folder, monkeypatch):
    """The workspace that the commands use."""
    monkeypatch.setenv("LAYERDECK_HOME", str(folder / "home"))
    return folder / "home"


@pytest.fixture(scope="module")
def spec(tmp_path_factory, points, experiment_of):
    """An experiment and its table as files."""
    folder = tmp_path_factory.mktemp("spec")
    points.to_csv(folder / "points.csv", index=False)
    path = folder / "spec.json"
    path.write_text(experiment_of(table=folder / "points.csv", epochs=4).text(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(command, spec, folder):
    """`layerdeck run SPEC --json` of an installation, in a process and an empty folder of its own."""
    done = ran(command, "run", spec, "--json", cwd=folder, LAYERDECK_HOME=str(folder / "home"))
    assert done.returncode == 0, done.stderr
    return done


def test_an_installation_trains_in_an_empty_folder(command, alone, folder):
    says = ran(command, "--version", cwd=folder)
    assert (says.returncode, says.stdout) == (0, f"layerdeck {__version__}\n"), says.stderr
    assert "epoch 4/4" in alone.stdout
    assert (folder / "home" / "mlflow.db").is_file()


def test_a_run_ends_with_one_line_of_json(alone):
    lines = alone.stdout.splitlines()
    result = json.loads(lines[-1])
    assert {"run", "epochs", "seconds", "steps_per_second", "history", "test", "baselines", "model"} <= set(result)
    assert result["classes"] == {}
    assert result["epochs"] == 4
    assert set(result["history"]) == {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"}
    assert {len(values) for values in result["history"].values()} == {4}
    assert set(result["test"]) == {"loss", "mae", "rmse"}
    assert set(result["baselines"]) == {"mean", "linear model", "gradient boosting"}
    assert result["steps_per_second"] == pytest.approx(4 * 6 / result["seconds"])  # 84 training rows in batches of 14
    assert Path(result["model"]).suffix == ".keras"
    assert Path(result["model"]).is_file()
    assert [line.split()[:2] for line in lines if line.startswith("epoch ")] == [
        ["epoch", f"{number}/4"] for number in (1, 2, 3, 4)
    ]
    assert any(line.startswith("test rmse ") and "linear model" in line for line in lines)
    assert "Traceback" not in alone.stderr


def test_a_run_tells_what_its_curves_advise_with_an_experiment_that_can_be_run(alone):
    advice = json.loads(alone.stdout.splitlines()[-1])["advice"]
    assert [one["code"] for one in advice] == ["still-improving"]
    assert advice[0]["says"] in alone.stderr
    assert advice[0]["link"].startswith("https://keras.io/api/")
    assert read(advice[0]["fix"]).fit.epochs == 12  # three times four


def test_the_same_seed_gives_the_same_numbers_in_another_process(alone, spec, home, capsys):
    assert home
    assert main(["run", str(spec), "--json"]) == 0
    again, first = (json.loads(text.splitlines()[-1]) for text in (capsys.readouterr().out, alone.stdout))
    assert again["run"] != first["run"]
    for name in ("history", "test", "baselines", "epochs"):
        assert again[name] == first[name], name


def test_a_run_names_the_classes_of_its_target(home, tmp_path, capsys):
    assert home
    assert main(["new", "sample:penguins"]) == 0
    experiment = json.loads(capsys.readouterr().out)
    (tmp_path / "spec.json").write_text(json.dumps(experiment | {"fit": {"epochs": 1}}))
    assert main(["run", str(tmp_path / "spec.json"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["classes"] == {"species": ["Adelie", "Chinstrap", "Gentoo"]}


def test_predictions_stand_beside_their_rows(alone, home, points, tmp_path, capsys):
    assert home
    run = json.loads(alone.stdout.splitlines()[-1])["run"]
    rows = points.head(3)[["x0", "x1"]].assign(x0=[1.0, None, 2.0], note="mine")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    assert main(["predict", run, str(tmp_path / "rows.csv")]) == 0
    answers = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(answers.columns) == ["x0", "x1", "note", "predicted y", "note (model)"]
    assert np.isfinite(answers["predicted y"]).all()
    assert answers["note (model)"].fillna("").tolist() == ["", "x0 is missing: filled with the training median", ""]


def test_contributions_stand_beside_predictions_and_add_up_to_them(alone, home, points, tmp_path, capsys):
    assert home
    run = json.loads(alone.stdout.splitlines()[-1])["run"]
    points.head(4).to_csv(tmp_path / "rows.csv", index=False)
    assert main(["predict", run, str(tmp_path / "rows.csv"), "--interval", "0.9", "--explain"]) == 0
    out, said = capsys.readouterr()
    rows = pd.read_csv(io.StringIO(out))
    added = ["base value", "contribution x0", "contribution x1"]
    assert list(rows)[-7:] == ["predicted y", "lower y", "upper y", *added, "note"]
    np.testing.assert_allclose(rows[added].sum(axis=1), rows["predicted y"], rtol=1e-4)
    assert "Base value and contributions add up to the predicted y" in said


def test_intervals_stand_beside_predictions_at_the_level_that_is_typed(alone, home, points, tmp_path, capsys):
    assert home
    run = json.loads(alone.stdout.splitlines()[-1])["run"]
    points.head(4).to_csv(tmp_path / "rows.csv", index=False)
    widths = []
    for level in ("0.5", "0.9"):
        assert main(["predict", run, str(tmp_path / "rows.csv"), "--interval", level]) == 0
        out, said = capsys.readouterr()
        rows = pd.read_csv(io.StringIO(out))
        assert list(rows)[-4:] == ["predicted y", "lower y", "upper y", "note"]
        np.testing.assert_allclose((rows["lower y"] + rows["upper y"]) / 2, rows["predicted y"])
        widths.append(rows["upper y"] - rows["lower y"])
        assert re.search(
            rf"The {float(level):.0%} intervals of y contain the actual value for \d+% of 18 test rows", said
        )
    assert (widths[0] < widths[1]).all()
    assert main(["predict", run, str(tmp_path / "rows.csv"), "--interval", "0.99"]) == 1
    assert capsys.readouterr().err == ("18 validation rows are too few for intervals of 99%. Choose a lower level.\n")
    with pytest.raises(SystemExit):
        main(["predict", run, str(tmp_path / "rows.csv"), "--interval", "90"])
    assert "'90' is not a level from 0.5 to 0.99" in capsys.readouterr().err


def test_columns_are_matched_by_name_and_what_is_absent_is_said_once(alone, home, tmp_path, capsys):
    assert home
    run = json.loads(alone.stdout.splitlines()[-1])["run"]
    given, exact = tmp_path / "given.csv", tmp_path / "exact.csv"
    given.write_text("X0 ,other\n1.5,a\n0.5,b\n?,c\n")
    exact.write_text("x0,x1,other\n1.5,,a\n0.5,,b\n,,c\n")
    assert main(["predict", run, str(given)]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "Columns were matched by name without regard to case and spaces: 'X0 ' as 'x0'.",
        "A column is absent and counts as missing in every row: 'x1'.",
    ]
    assert main(["predict", run, str(exact)]) == 0
    by_name, of_exact = pd.read_csv(io.StringIO(said.out)), pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert by_name["predicted y"].tolist() == of_exact["predicted y"].tolist()
    assert by_name["note"].fillna("").tolist() == ["", "", "x0 '?' cannot be read as a number, so it counts as missing"]
    given.write_text("a,b\n1,2\n")
    assert main(["predict", run, str(given)]) == 1
    assert (
        capsys.readouterr().err == "The table has none of the model's columns. It needs 'x0', 'x1', and has 'a', 'b'.\n"
    )


def test_a_report_is_one_page(alone, home, capsys):
    assert home
    run = json.loads(alone.stdout.splitlines()[-1])["run"]
    assert main(["report", run]) == 0
    text = capsys.readouterr().out
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert "<title>Points</title>" in text
    assert "84 rows for training, 18 for validation, 18 for test" in text


def test_the_script_is_the_program_of_the_experiment(spec, capsys):
    assert main(["script", str(spec)]) == 0
    program = capsys.readouterr().out
    compile(program, "program.py", "exec")
    assert 'keras.layers.Dense(units=8, activation="relu")' in program
    assert "points.csv" in program


def test_samples_are_listed_and_printed(capsys):
    assert main(["samples"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()][:2] == ["sacramento_homes", "titanic"]
    assert main(["samples", "xor"]) == 0
    assert pd.read_csv(io.StringIO(capsys.readouterr().out)).shape == (500, 3)


def changed(spec: Path, folder: Path, **parts) -> str:
    """The path of the experiment with some parts changed."""
    value = json.loads(spec.read_text(encoding="utf-8"))
    for path, new in parts.items():
        *steps, last = path.split("__")
        at = value
        for step in steps:
            at = at[step]
        at[last] = new
    (folder / "changed.json").write_text(json.dumps(value), encoding="utf-8")
    return str(folder / "changed.json")


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"compile__optimizer": {"class": "Adm"}}, "compile.optimizer.class: got 'Adm', expected one of"),
        ({"epochs": 3}, "epochs: unknown field"),
        ({"version": 2}, "version: got 2; this program reads version 1."),
        ({"data__table": "gone.csv"}, "The table 'gone.csv' can't be opened"),
        ({"data__table": "sample:peguins"}, "did you mean 'penguins'?"),
        ({"data__table": "file:0"}, "names no table"),
        ({"data__targets": ["gone"]}, "data.targets: The table has no column 'gone'."),
        (
            {"compile__loss": {"class": "BinaryCrossentropy"}},
            "compile.loss: BinaryCrossentropy is not a loss for regression",
        ),
        ({"layers": []}, "layers: The network has no layers."),
    ],
)
@pytest.mark.parametrize("command", ["run", "script"])
def test_a_wrong_experiment_ends_with_a_sentence(spec, home, tmp_path, capsys, command, parts, says):
    runs = list(home.glob("artifacts/*"))
    assert main([command, changed(spec, tmp_path, **parts)]) == 1
    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""
    assert list(home.glob("artifacts/*")) == runs  # It was not begun.


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This is not JSON"),
        (b"\xff\xfe\x00{", "This is not JSON"),
        (b"[]", "An experiment is a JSON object"),
        (b"{}", "data: is missing."),
    ],
)
def test_a_file_that_is_no_experiment_is_refused(tmp_path, capsys, content, says):
    (tmp_path / "spec.json").write_bytes(content)
    assert main(["run", str(tmp_path / "spec.json")]) == 1
    assert says in capsys.readouterr().err


def test_a_file_with_a_byte_order_mark_is_read(spec, tmp_path, capsys):
    (tmp_path / "spec.json").write_bytes(b"\xef\xbb\xbf" + spec.read_bytes())  # As Windows editors save it.
    assert main(["script", str(tmp_path / "spec.json")]) == 0
    assert "keras.layers.Dense" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", b""),
        ("rows.csv", b"x0,x1\n"),
        ("rows.xlsx", b"no workbook"),
        ("rows.pdf", b"%PDF"),
        ("rows.csv", b"\x00\x01\x02"),
    ],
)
def test_rows_that_cannot_be_read_are_refused(home, tmp_path, capsys, name, content):
    assert home
    (tmp_path / name).write_bytes(content)
    assert main(["predict", "0123456789ab", str(tmp_path / name)]) == 1
    told = capsys.readouterr()
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "gone.json"], "gone.json"),
        (["run", "."], "directory"),
        (["samples", "peguins"], "did you mean 'penguins'?"),
        (["predict", "0123456789ab", "gone.csv"], "The table 'gone.csv' can't be opened"),
    ],
)
def test_what_is_not_there_is_told(home, capsys, arguments, says):
    assert home
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert says in told
    assert len(told.strip().splitlines()) == 1


@pytest.mark.parametrize("run", ["ffffffffffff", "../../etc", "' OR 1=1"])
def test_an_unknown_run_is_told(home, spec, capsys, run):
    assert home
    for command in (["predict", run, str(spec.with_name("points.csv"))], ["report", run]):
        assert main(command) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert "run" in told.err
        assert len(told.err.strip().splitlines()) == 1


def test_the_exit_code_of_the_process_is_1_and_nothing_is_traced_and_mlflow_not_imported(tmp_path):
    done = ran(sys.executable, "-X", "importtime", "-m", "core", "run", tmp_path / "gone.json", cwd=ROOT)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    imported = [line for line in lines if line.startswith("import time:")]
    assert any(line.endswith(" core.experiment.spec") for line in imported)
    assert not any(line.endswith(" mlflow") for line in imported)
    (said,) = [line for line in lines if line not in imported]
    assert "gone.json" in said


def test_another_table_may_take_the_place_of_the_experiments_and_a_second_one_validate(
    home, spec, tmp_path, points, capsys
):
    assert home
    points.assign(y=points["y"] / 1000).to_csv(tmp_path / "thousands.csv", index=False)
    points.tail(50).to_csv(tmp_path / "later.csv", index=False)
    value = json.loads(spec.read_text())
    value["data"]["split"] = {
        "method": "table",
        "table": str(tmp_path / "later.csv"),
        "train": 0.6,
        "validation": 0.2,
        "test": 0.2,
    }
    value["fit"]["batch_size"] = 16
    (tmp_path / "apart.json").write_text(json.dumps(value))
    assert main(["run", str(tmp_path / "apart.json"), "--table", str(tmp_path / "thousands.csv"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["baselines"]["mean"]["test"]["mae"] < 100 < result["baselines"]["mean"]["validation"]["mae"]
    # 96 of 120 rows train, in batches of 16.
    assert result["steps_per_second"] == pytest.approx(4 * 6 / result["seconds"])
    assert main(["script", str(tmp_path / "apart.json")]) == 0
    assert "VALIDATION = sys.argv[2] if len(sys.argv) > 2 else 'later.csv'" in capsys.readouterr().out
    (tmp_path / "later.csv").write_text("x0,y\n1,2\n")
    assert main(["run", str(tmp_path / "apart.json")]) == 1
    assert "The validation table has no column 'x1'" in capsys.readouterr().err
