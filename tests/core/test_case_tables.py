"""Tables as people have them, one kind of trouble each: how they are read, what is said of them, and what the first
experiment on them is. What simple models and networks reach on them is in `test_case_scores`.
"""

import pandas as pd
import pytest

from core.advice.checks import advise
from core.experiment.hints import apply_hint, open_hints
from core.experiment.spec import read
from core.tables.number_text import number_writing
from core.tables.prediction_rows import match_columns, prediction_rows_of_file
from core.tables.sources import read_bytes
from tests.core.case_tables import CASES, first_experiment


def frame_of(name: str) -> tuple[pd.DataFrame, str]:
    frame, info = read_bytes(name, (CASES / name).read_bytes())
    return frame, " ".join(info.notes)


def test_a_question_mark_among_numbers_is_missing_and_named():
    frame, says = frame_of("question.csv")
    text = pd.read_csv(CASES / "question.csv")["area"]
    assert frame["area"].isna().tolist() == (text == "?").tolist()
    assert "15 of 300 cells of 'area' are not numbers and count as missing: ?" in says


def test_names_that_are_repeated_among_the_rows_are_left_out_and_named():
    frame, says = frame_of("glued.csv")
    assert (len(frame), {str(dtype) for dtype in frame.dtypes}) == (400, {"float64"})
    assert "Lines 151, 302 repeat the names or the lines above them and were left out." in says


def test_a_row_of_units_is_recognised():
    frame, info = read_bytes("units_row.csv", (CASES / "units_row.csv").read_bytes())
    assert info.units == {"temp": "degC", "flow": "l/min", "yield": "%"}
    assert (len(frame), {str(dtype) for dtype in frame.dtypes}) == (400, {"float64"})


def test_a_dash_among_numbers_is_missing():
    frame, says = frame_of("dash.csv")
    text = pd.read_csv(CASES / "dash.csv", dtype="str")["sqft"].replace("-", None).str.replace(",", "")
    assert frame["sqft"].isna().sum() == 3
    assert frame["sqft"].dropna().tolist() == text.dropna().astype("int64").tolist()
    assert "3 of 400 cells of 'sqft' are not numbers and count as missing: -" in says


@pytest.mark.slow
def test_dates_are_the_same_days_however_they_are_written(tmp_path):
    expected = pd.to_datetime(pd.read_csv(CASES / "iso.csv")["day"])
    frame, says = frame_of("mon_day.csv")
    assert frame["day"].tolist() == expected.tolist()
    assert "300 of 300 cells were read" in says
    days = {}
    for name in ("iso.csv", "mon_day.csv", "yyyymmdd.csv", "epoch.csv"):
        tables, experiment = first_experiment(tmp_path, name, "sales", features={"day": "date", "b": "number"})
        days[name] = tables.prepared(experiment).raw["day"]
        assert days[name].tolist() == days["iso.csv"].tolist(), name
    assert days["iso.csv"][0] == (expected[0] - pd.Timestamp("1970-01-01")).days


def test_the_hour_of_day_is_a_part_of_a_moment(tmp_path):
    _, experiment = first_experiment(tmp_path, "load.csv", "load")
    assert "hour" in experiment.data.preparation_of("time").date_parts


def test_a_number_that_stands_for_missing_cells_has_a_hint_with_a_button(tmp_path):
    tables, experiment = first_experiment(tmp_path, "sensor.csv", "benzene")
    profile = tables.profile(experiment.data.table)
    hints = {hint.column: hint for hint in open_hints(experiment.data, profile) if hint.kind == "sentinel"}
    for column in ("temperature", "benzene"):
        often = int((pd.read_csv(CASES / "sensor.csv")[column] == -200).sum())
        assert hints[column].text.startswith(f"-200 occurs in {often} cells of {column!r}")
    reading = apply_hint(experiment.data, hints["temperature"]).reading
    assert tables.profile(experiment.data.table, reading).column("temperature").low > -200


def test_none_is_a_class_of_a_target(tmp_path):
    tables, experiment = first_experiment(tmp_path, "target_none.csv")
    assert experiment.data.targets == ("damage",)
    prepared = tables.prepared(experiment)
    assert (prepared.targets["damage"].classes, len(prepared.rows)) == (("Mild", "None", "Severe"), 400)


def test_blanks_make_no_classes(tmp_path):
    tables, experiment = first_experiment(tmp_path, "target.csv", "side")
    assert tables.prepared(experiment).targets["side"].classes == ("east", "west")


def test_all_shops_are_known(tmp_path):
    tables, experiment = first_experiment(tmp_path, "shops.csv", "sales")
    prepared = tables.prepared(experiment)
    assert prepared.cut == {}
    assert prepared.words == (300,)


@pytest.mark.parametrize("name", ["space", "nbsp", "nnbsp", "apostrophe"])
def test_blanks_and_apostrophes_stand_between_thousands(name):
    frame, says = frame_of(f"{name}.csv")
    text = pd.read_csv(CASES / "space.csv", sep=";", dtype="str")
    expected = text.apply(lambda column: column.str.replace(" ", "").astype("int64"))
    pd.testing.assert_frame_equal(
        frame.sort_values(["km", "price"], ignore_index=True)[["km", "price"]].astype("int64"),
        expected.sort_values(["km", "price"], ignore_index=True)[["km", "price"]],
    )
    assert "read without signs, units and spaces" in says


def test_numbers_have_their_units():
    frame, info = read_bytes("units.csv", (CASES / "units.csv").read_bytes())
    assert info.units == {"weight": "kg", "temp": "°C", "size": "cm", "speed": "km/h"}
    assert frame.iloc[0].tolist() == [59.7, 23.6, 596, 119, 59_700, 59_697]
    assert "numbers like 59.7 kg" in " ".join(info.notes)


def test_a_line_that_names_the_separator_is_heeded_and_white_space_separates():
    expected = frame_of("units_row.csv")[0]
    for name in ("sep_line.csv", "spaces.txt"):
        frame, _ = frame_of(name)
        assert list(frame) == ["a", "b", "y"]
        assert (len(frame), {str(dtype) for dtype in frame.dtypes}) == (len(expected), {"float64"})


def test_formulas_that_were_never_calculated_are_named():
    _, says = frame_of("formulas.xlsx")
    assert "240 cells of y hold formulas without a value: open the file in a spreadsheet program and save it" in says


def test_two_numbers_are_classes_and_few_are_asked_about(tmp_path):
    tables, experiment = first_experiment(tmp_path, "two_four.csv", "label")
    assert tables.situation(experiment).task.kind == "binary"
    assert tables.prepared(experiment).targets["label"].classes == ("2", "4")
    tables, experiment = first_experiment(tmp_path, "tens.csv", "label")
    assert tables.situation(experiment).task.kind == "regression"
    (hint,) = [
        hint
        for hint in open_hints(experiment.data, tables.profile(experiment.data.table))
        if hint.kind == "classes" and hint.column == "label"
    ]
    changed = experiment.model_copy(update={"data": apply_hint(experiment.data, hint)})
    assert tables.situation(changed).task.kind == "multiclass"


def test_a_percentage_of_nothing_is_warned_of_before_training(tmp_path):
    tables, experiment = first_experiment(tmp_path, "zero.csv", "demand")
    value = experiment.value()
    value["compile"]["loss"] = "MeanAbsolutePercentageError"
    chosen = read(value)
    (advice,) = [one for one in advise(chosen, tables.situation(chosen)) if one.code == "percentage-of-zero"]
    zeros = int((pd.read_csv(CASES / "zero.csv")["demand"] == 0).sum())
    assert advice.says.startswith(f"{zeros} rows have")
    assert advice.button == "Use MeanAbsoluteError"
    assert advice.fix.compile.single_loss.name == "MeanAbsoluteError"


@pytest.mark.parametrize(
    ("trained", "asked", "lengths"),
    [
        ("train_comma.csv", "ask_ambiguous.csv", [612.125, 505.25]),  # The training table's mark is remembered.
        ("train_dot.csv", "ask_ambiguous.csv", ["612,125", "505,250"]),  # May be thousands: quoted at prediction.
        ("train_dot.csv", "ask_case.csv", [612.12, 505.25]),
        ("train_dot.csv", "ask_spaces_in_names.csv", [612.12, 505.25]),
        ("train_dot.csv", "ask_question.csv", ["?", 505.25]),
    ],
)
def test_rows_to_predict_for_are_matched_and_read(trained, asked, lengths):
    _, info = read_bytes(trained, (CASES / trained).read_bytes())
    kinds = {"len": "number", "wid": "number", "mat": "category"}
    card = {"features": [{"name": name, "kind": kind} for name, kind in kinds.items()], "numbers": number_writing(info)}
    content = (CASES / asked).read_bytes()
    frame, about = read_bytes(asked, content, cells=True)
    rows, notes = prediction_rows_of_file(frame, about, content, card)
    assert rows["len"].tolist() == lengths
    assert rows["mat"].tolist() == ["oak", "pine"]
    exact = list(frame) == list(kinds)
    assert bool(notes) == (not exact)
    assert match_columns(frame.columns, kinds).absent == ()
