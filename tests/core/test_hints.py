"""Hints about a table: found where a person would see something, not found where there is nothing, and carried out."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from core.experiment.columns import Hint
from core.experiment.hints import apply_hint, open_hints
from core.experiment.reading import as_json
from core.experiment.spec import Data
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.profile import profile, suggest
from core.tables.sources import read_bytes
from core.tables.table_hints import hints

DRAW = np.random.default_rng(0)
ROWS = 400


def table(**columns) -> pd.DataFrame:
    """A table of these columns beside some measurements."""
    return pd.DataFrame({**columns, "other": DRAW.normal(size=ROWS).round(3)})


def found(frame: pd.DataFrame, kind: str) -> list[Hint]:
    return [hint for hint in profile(frame).hints if hint.kind == kind]


def some(values: np.ndarray, stand_in: float, often: int) -> np.ndarray:
    """Values of which some are another number."""
    cells = values.copy()
    cells[DRAW.choice(len(cells), often, replace=False)] = stand_in
    return cells


def data(frame: pd.DataFrame, target: str) -> Data:
    return Data(table="t", targets=(target,), features=suggest(profile(frame), target))


@pytest.mark.parametrize(
    ("stand_in", "values"),
    [
        (-200, DRAW.uniform(-5, 35, ROWS).round(1)),
        (-999, DRAW.uniform(0, 100, ROWS).round(1)),
        (9999, DRAW.integers(0, 120, ROWS)),
        (999, DRAW.uniform(20, 60, ROWS).round(2)),
        (-1, DRAW.integers(0, 5000, ROWS)),
    ],
)
def test_a_number_that_stands_for_missing_cells_is_asked_about_and_taken_out(stand_in, values):
    frame = table(temperature=some(values, stand_in, 20))
    (hint,) = found(frame, "sentinel")
    assert f"{stand_in} occurs in 20 cells of 'temperature'" in hint.text
    assert hint.action == f"Treat {stand_in} as missing"
    changed = apply_hint(data(frame, "other"), hint)
    assert changed.reading.columns["temperature"].missing == (str(stand_in),)
    read = with_values(frame, as_json(changed.reading.columns), CELL_READERS)["temperature"]
    assert (read.isna().sum(), (read == stand_in).sum()) == (20, 0)
    assert hint not in open_hints(changed, profile(frame))


@pytest.mark.parametrize(
    "values",
    [
        DRAW.normal(0, 100, ROWS).round(1),
        np.where(np.arange(ROWS) % 20 == 0, -10.0, DRAW.uniform(-9, 9, ROWS)),
        DRAW.exponential(1000, ROWS).round(),
        DRAW.integers(-1, 2, ROWS),
        np.where(np.arange(ROWS) == 7, 9999, DRAW.integers(0, 50, ROWS)),  # Once: an outlier.
    ],
)
def test_numbers_without_a_stand_in_have_no_hint(values):
    assert found(table(x=values), "sentinel") == []


def test_zeros_far_from_all_measurements_are_asked_about():
    pressure = some(DRAW.integers(40, 110, ROWS).astype(float), 0, 30)
    frame = table(
        pressure=pressure, pregnancies=DRAW.integers(0, 14, ROWS), gain=some(DRAW.exponential(900, ROWS), 0, 300)
    )
    (hint,) = found(frame, "zero")
    assert (hint.column, hint.fix) == ("pressure", {"reading": {"columns": {"pressure": {"missing": ["0"]}}}})
    read = with_values(frame, as_json(apply_hint(data(frame, "other"), hint).reading.columns), CELL_READERS)
    assert read["pressure"].isna().sum() == 30


def test_spellings_of_one_word_are_merged_into_the_most_frequent():
    side = np.array(["East", "east", "West", "EAST", "west-side"])[DRAW.choice(5, ROWS, p=[0.5, 0.1, 0.3, 0.05, 0.05])]
    frame = table(side=side)
    (hint,) = found(frame, "spellings")
    assert hint.fix["reading"]["columns"]["side"]["same"] == {"east": "East", "EAST": "East"}
    merged = with_values(frame, as_json(apply_hint(data(frame, "other"), hint).reading.columns), CELL_READERS)
    assert set(merged["side"]) == {"East", "West", "west-side"}
    assert found(merged, "spellings") == []


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        (["MÃ¼nchen", "KÃ¶ln", "Berlin"], ["München", "Köln", "Berlin"]),
        (["CafÃ© â€“ Bar", "plain", "Ã‰cole"], ["Café \u2013 Bar", "plain", "École"]),
        (["R&amp;D", "Sales &lt; 1", "HR"], ["R&D", "Sales < 1", "HR"]),
    ],
)
def test_words_that_were_encoded_twice_are_repaired_by_a_button(spelt, meant):
    frame = table(place=np.array(spelt)[np.arange(ROWS) % 3])
    (hint,) = found(frame, "encoded twice")
    assert hint.action == f"Read as {meant[0]}"
    read = with_values(frame, as_json(apply_hint(data(frame, "other"), hint).reading.columns), CELL_READERS)
    assert read["place"].tolist() == [meant[at % 3] for at in range(ROWS)]
    assert found(read, "encoded twice") == []


def test_words_with_accents_are_as_they_are():
    frame = table(place=np.array(["Ångström", "Âge", "Tâche & co", "âme", "Ä"])[np.arange(ROWS) % 5])
    assert found(frame, "encoded twice") == []


def test_a_question_mark_among_words_is_asked_about():
    frame = table(work=np.array(["private", "state", "?"])[DRAW.integers(0, 3, ROWS)])
    (hint,) = found(frame, "placeholder")
    read = with_values(frame, as_json(apply_hint(data(frame, "other"), hint).reading.columns), CELL_READERS)
    assert set(read["work"].dropna()) == {"private", "state"}


def test_a_target_of_few_numbers_may_be_one_of_classes():
    frame = table(label=np.array([10, 20, 30])[DRAW.integers(0, 3, ROWS)], n=DRAW.integers(0, 500, ROWS))
    (hint,) = found(frame, "classes")
    assert hint.text == "'label' has only the values 10, 20, 30: are they classes rather than amounts?"
    of = data(frame, "label")
    assert hint in open_hints(of, profile(frame))
    assert hint not in open_hints(data(frame, "n"), profile(frame))
    changed = apply_hint(of, hint)
    assert changed.target_kinds == {"label": "code"}
    assert hint not in open_hints(changed, profile(frame))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [([2, 4], "code"), ([10, 1000], "code"), ([0, 1], "boolean"), ([2.5, 4.0], "number"), ([2, 4, 9], "number")],
)
def test_a_target_of_exactly_two_whole_numbers_is_a_class(cells, kind):
    assert profile(table(label=np.array(cells)[DRAW.integers(0, len(cells), ROWS)])).column("label").target_kind == kind


def test_neighbours_in_time_that_are_alike_ask_for_a_split_by_date():
    hours = pd.date_range("2023-01-01", periods=ROWS, freq="h")
    load = 100 + 30 * np.sin(2 * np.pi * np.arange(ROWS) / 24) + DRAW.normal(0, 2, ROWS)
    up = np.where(load > 100, "high", "low")
    frame = table(time=hours, load=load, noise=DRAW.normal(size=ROWS), up=up).sample(frac=1, random_state=0)
    assert {hint.column for hint in found(frame, "time order")} == {"load", "up"}
    of = data(frame, "load")
    (hint,) = [hint for hint in open_hints(of, profile(frame)) if hint.kind == "time order"]
    changed = apply_hint(of, hint)
    assert (changed.split.method, changed.split.column) == ("time", "time")
    assert hint not in open_hints(changed, profile(frame))
    assert found(table(day=np.repeat(hours[:4], ROWS // 4), load=load), "time order") == []


def test_rows_that_repeat_are_counted():
    frame = table(x=DRAW.normal(size=ROWS))
    (hint,) = found(pd.concat([frame, frame.head(12)]), "repeated rows")
    assert hint.text.startswith("12 rows repeat another row in all columns")
    assert found(frame, "repeated rows") == []


@pytest.mark.parametrize(
    "name", ["id", "user_id", "pidnum", "PatientID", "OrderNo", "ticket", "custid", "Invoice Number"]
)
def test_numbers_that_nearly_all_differ_and_are_named_so_tell_rows_apart(name):
    numbers = DRAW.choice(10**6, ROWS, replace=False)
    numbers[:5] = numbers[5]
    assert profile(table(**{name: numbers})).column(name).left_out == "identifier"


@pytest.mark.parametrize("name", ["paid", "humid", "amount", "grid", "mileage"])
def test_numbers_of_other_names_are_measurements(name):
    assert profile(table(**{name: DRAW.choice(10**6, ROWS, replace=False)})).column(name).left_out is None


def test_the_number_of_a_flight_is_a_code():
    assert profile(table(flight=DRAW.integers(1, 300, ROWS))).column("flight").kind == "code"


def _credit() -> pd.DataFrame:
    status = np.where(np.arange(ROWS) % 3, "good", "bad")
    return table(Status=status, Income=DRAW.normal(size=ROWS), Price=DRAW.normal(size=ROWS), Age=DRAW.normal(size=ROWS))


def _letters() -> pd.DataFrame:
    return table(lettr=np.array(list("ABCDEF"))[np.arange(ROWS) % 6], xbox=DRAW.normal(size=ROWS))


def _homes() -> pd.DataFrame:
    return table(SalePrice=DRAW.normal(size=ROWS), Rooms=DRAW.normal(size=ROWS)).assign(
        Commission=DRAW.normal(size=ROWS)
    )


def _sales() -> pd.DataFrame:
    kinds, amounts = np.array(["House", "Condo"])[np.arange(ROWS) % 2], np.linspace(0.5, 9.5, ROWS)
    return pd.DataFrame({"Property type": kinds, "Living area": amounts, "Sale price": amounts**2})


@pytest.mark.parametrize(
    ("frame", "target"),
    [(_credit(), "Status"), (_letters(), "lettr"), (_homes(), "SalePrice"), (_sales(), "Sale price")],
)
def test_the_target_is_the_one_that_a_person_would_choose(frame, target):
    described = profile(frame)
    assert described.suggested_target == target
    (hint,) = [hint for hint in open_hints(data(frame, target), described) if hint.kind == "target"]
    assert hint.text == f"{target!r} is a guess. Is this what you want to predict?"
    assert hint not in open_hints(data(frame, "other"), described)


def test_a_hint_that_fails_takes_no_other_with_it(monkeypatch):
    monkeypatch.setattr("core.tables.table_hints.np.ptp", lambda *_: 1 / 0)
    frame = table(side=np.array(["East", "east"])[np.arange(ROWS) % 2], x=some(DRAW.uniform(0, 9, ROWS), -999, 9))
    assert {hint.kind for hint in profile(frame).hints} == {"target", "spellings"}


def test_an_ordinary_table_has_no_hints():
    assert hints(pd.DataFrame(), (), {}) == ()
    assert profile(table(x=DRAW.normal(size=ROWS), word=np.array(["a", "b", "c"])[np.arange(ROWS) % 3])).hints[1:] == ()


def test_words_are_added_to_those_that_are_missing_already():
    frame = table(x=some(some(DRAW.uniform(0, 9, ROWS), -999, 9), 999, 9))
    of = data(frame, "other")
    for hint in found(frame, "sentinel"):
        of = apply_hint(of, hint)
    assert of.reading.columns["x"].missing == ("-999", "999")
    file = io.StringIO(frame.to_csv(index=False))
    read = pd.read_csv(file)
    readings, _ = column_readings(read, of.reading.columns)
    assert with_values(read, as_json(readings), CELL_READERS)["x"].isna().sum() == 18


@pytest.mark.slow
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%Y%m%d"])
@pytest.mark.parametrize("stand_in", ["1900-01-01", "1970-01-01", "9999-12-31"])
def test_a_day_that_stands_for_missing_cells_is_asked_about_and_taken_out(form, stand_in):
    """`strftime` writes the days, as a text file would have them."""
    days = [dt.datetime(2021, 1, 1) + dt.timedelta(days=int(day)) for day in DRAW.permutation(ROWS)]
    days = [dt.datetime.fromisoformat(stand_in) if at % 20 == 0 else day for at, day in enumerate(days)]
    content = "\n".join(["end;other", *(f"{day:{form}};{at % 7}" for at, day in enumerate(days))]).encode()
    frame, _ = read_bytes("a.csv", content)
    (hint,) = found(frame, "sentinel")
    assert f"{stand_in} occurs in 20 cells of 'end'" in hint.text
    changed = apply_hint(data(frame, "other"), hint)
    again, _ = read_bytes("a.csv", content, changed.reading)
    assert again["end"].isna().sum() == 20


def test_days_that_only_come_often_stand_for_themselves():
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=max(0, at - 40)) for at in range(ROWS)]
    assert not found(table(day=pd.to_datetime(days)), "sentinel")
