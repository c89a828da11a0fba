"""Flags behind numbers, amounts in two units, times of day in digits, and codes with the .0 of a number."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from core.experiment.data import Data
from core.experiment.hints import apply_hint
from core.experiment.reading import ColumnReading, as_json
from core.experiment.spec import read as read_experiment
from core.keras_code.script import program
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.number_text import NumberText
from core.tables.prediction_rows import prediction_rows, prediction_rows_of_file
from core.tables.profile import profile
from core.tables.raw import words
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

PLAIN = [f"{at / 7:.1f}" for at in range(1, 60)]


def read(cells: list, name: str = "value") -> tuple[list, ColumnReading, str]:
    """Values of a column, how its cells are read, and what is said of it."""
    frame = pd.DataFrame({name: cells}, dtype="str")
    readings, notes = column_readings(frame)
    values = with_values(frame, as_json(readings), CELL_READERS)[name]
    values = [None if pd.isna(value) else value for value in values]
    return values, readings.get(name, ColumnReading()), " ".join(note.text for note in notes)


@pytest.mark.parametrize(
    ("flagged", "values", "said"),
    [
        (["1234.5 e", "12.3 p", ":"], [1234.5, 12.3, None], "in 2 cells (e in 1, p in 1)"),
        (["345 b", ": c", "7.5 bp"], [345, None, 7.5], "in 2 cells (b in 1, bp in 1)"),
        (["12.3e", "8.1e"], [12.3, 8.1], "in 2 cells (e in 2)"),
        (["-4.5 u", "3 s", ": "], [-4.5, 3, None], "in 2 cells (u in 1, s in 1)"),
        (["4 d", ": c"], [4, None], "in 1 cell (d in 1)"),
    ],
)
def test_letters_of_flags_are_no_units(flagged, values, said):
    found, reading, notes = read([*PLAIN, *flagged])
    assert found == [*map(float, PLAIN), *values]
    assert reading.as_ == "number"
    assert reading.unit is None
    assert said in notes
    form = NumberText.of({"columns": {"value": as_json({"value": reading})["value"]}}, "value")
    assert form.readings(flagged[0]) == [values[0]]
    assert form.readings("12.5") == [12.5]
    assert form.readings("7.5 z") == [7.5]  # Of another row.


@pytest.mark.parametrize(
    "cells",
    [
        [f"{at} {unit}" for at in range(1, 40) for unit in "ds"],  # Days and seconds.
        [*PLAIN, "5 m", "3 s", "10 d"],
        [*map(str, range(1, 40)), "12a", "12b", "14c"],  # Houses.
        [*map(str, range(1, 40)), "12b", "14c", "14e"],
        [f"{at} e" for at in range(1, 40)],
        [f"{at}{band}" for at in range(70, 105, 5) for band in ("", "", " b", " c")],  # Sizes.
        [f"{at}{grade}" for at in range(3, 9) for grade in ("", "", " c")],
    ],
)
def test_units_and_houses_have_no_flags(cells):
    _, reading, notes = read(cells)
    assert reading.flags is None
    assert "flags" not in notes


def test_beside_colons_fewer_numbers_need_to_be_plain():
    cells = [*(f"{at / 7:.1f}" for at in range(1, 20)), *(f"{at / 7:.1f} {'ep'[at % 2]}" for at in range(20, 50)), ":"]
    assert read(cells)[0] == [*(float(f"{at / 7:.1f}") for at in range(1, 50)), None]


def test_whole_percentages_have_flags_beside_colons_only():
    whole = [*map(str, range(10, 60)), "45 b", "47 p"]
    assert read([*whole, ":"])[0] == [*range(10, 60), 45, 47, None]
    assert read(whole)[1].flags is None


@pytest.mark.parametrize("name", ["pace", "lap 1", "Rundenzeit"])
def test_feet_and_inches_are_no_times(name):
    assert read([f"5'0{at}\"" for at in range(10)], name)[1].parts is None


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ([*PLAIN, "12.3 e", "7 bp"], ["def cells_without_flags(", "'flags': 'bcdefilnprsuz'"]),
        (["5 ft 11 in", "6 ft 2 in", "5 ft"], ["def cells_in_one_unit(", "'parts': ['ft', 'in']"]),
    ],
)
def test_the_program_reads_them_too(tmp_path, cells, wanted):
    tables = Tables(TableStore(tmp_path))
    content = "x,y\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(cells))
    info = tables.store.keep("a.csv", content.encode())
    of = read_experiment(
        {
            "version": 1,
            "data": {"table": info.ref, "targets": ["y"], "features": {"x": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
        }
    )
    source = program(of, tables.situation(of), info)
    assert all(part in source for part in wanted)


@pytest.mark.parametrize(
    ("cells", "values", "unit"),
    [
        (["5 ft 11 in", "6 ft 0 in", "5 ft 6 in"], [5 + 11 / 12, 6, 5.5], "ft"),
        (["5'11\"", "6'0\"", "5'6.5\"", "6'"], [5 + 11 / 12, 6, 5 + 6.5 / 12, 6], "ft"),
        (["5\u203211\u2033", "6\u20320\u2033", "5' 6''"], [5 + 11 / 12, 6, 5.5], "ft"),
        (["5'11", "6'2", "5'6"], [5 + 11 / 12, 6 + 2 / 12, 5.5], "ft"),
        (["5 feet 11 inches", "6 feet 1 inch", "5 feet"], [5 + 11 / 12, 6 + 1 / 12, 5], "ft"),
        (["6 lb 3 oz", "8 lb", "7 lbs 12 oz"], [6 + 3 / 16, 8, 7.75], "lb"),
        (["11 st 4 lb", "9 st 7 lb"], [11 + 4 / 14, 9.5], "st"),
        (["1m80", "1m65", "1 m 72"], [1.8, 1.65, 1.72], "m"),
        (["3 kg 250 g", "2 kg 50 g"], [3.25, 2.05], "kg"),
    ],
)
def test_amounts_in_two_units_are_one_number_in_the_first(cells, values, unit):
    found, reading, notes = read([*cells, "?"])
    assert found == [*map(pytest.approx, values), None]
    assert reading.unit == unit
    assert f"amounts in two units like {cells[0]}, read as one number in {unit}" in notes
    rows, _ = prediction_rows(
        pd.DataFrame({"value": [cells[0], "6"]}),
        {
            "features": [{"name": "value", "kind": "number"}],
            "numbers": {"columns": as_json({"value": reading})},
        },
    )
    assert rows["value"].tolist() == [pytest.approx(values[0]), 6]


@pytest.mark.parametrize(
    "cells",
    [
        ["5 ft 11 in", "6 ft 14 in", "5 ft 1 in"],  # There is no 14th inch.
        ["5 ft 11 in", "180 cm", "6 ft 1 in"],
        ["180 m", "12 m", "7 m"],
        ["2020M04", "2020M05", "2021 M 12"],  # Months.
        ["4m35", "5m10", "4m58"],
        ["12m30", "15m45", "59m10"],  # Minutes and seconds.
        ["43445 m2", "20772 m2", "52750 \u33a1"],
        ["120 ft2", "95 ft2", "1200 ft2"],
        ["5 ft", "6 ft", "7 ft"],
        ["12'45\"", "59'07\"", "31'11\""],  # Minutes and seconds.
        ["2 h 15 min", "1 h 30 min", "45 min"],
    ],
)
def test_other_amounts_are_not_of_two_units(cells):
    assert read(cells)[1].parts is None


def test_hours_and_minutes_stay_durations():
    values, reading, _ = read(["2 h 15 min", "1 h 30 min", "45 min", "2h15m"])
    assert values == [8100, 5400, 2700, 8100]
    assert reading.as_ == "duration"


CLOCKS = [517, 533, 542, 544, 554, 555, 557, 558, 600, 1455, 2359, 2400, 1, 30]


@pytest.mark.parametrize("name", ["dep_time", "sched_arr_time", "DepTime", "Uhrzeit", "heure"])
@pytest.mark.parametrize("written", ["numbers", "with blanks", "padded"])
def test_times_of_day_in_digits_are_offered_as_such(name, written):
    cells = {
        "numbers": [str(clock) for clock in CLOCKS],
        "with blanks": [*(str(clock) for clock in CLOCKS), ""],
        "padded": [f"{clock:04}" for clock in CLOCKS],
    }[written]
    content = f"{name},y\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    assert name not in info.decided.columns  # Never by itself.
    (hint,) = [hint for hint in profile(frame).hints if hint.kind == "clock"]
    assert hint.action == "Read as times of day"
    data = apply_hint(Data(table=info.ref), hint)
    again, told = read_bytes("a.csv", content.encode(), data.reading)
    expected = [clock // 100 + clock % 100 / 60 for clock in CLOCKS]
    assert again[name].dropna().tolist() == [pytest.approx(hour) for hour in expected]
    assert told.decided.columns[name].unit == "h"
    assert not [hint for hint in profile(again).hints if hint.kind == "clock"]
    card = {
        "features": [{"name": name, "kind": "number"}],
        "numbers": {"columns": as_json(told.decided.columns)},
        "reading": json.loads(data.reading.carried().model_dump_json(by_alias=True)),
    }
    for asked in ("1430,1\n,2\n0905,3\n", "1430,1\n905,2\n", "1430,1\n,2\n905,3\n", "14:30,1\n09:05,2\n"):
        content = f"{name},y\n{asked}"
        frame, info = read_bytes("b.csv", content.encode(), data.reading.carried(), cells=True)
        rows, _ = prediction_rows_of_file(frame, info, content.encode(), card)
        assert rows[name].dropna().tolist() == [14.5, pytest.approx(9 + 5 / 60)]
        again, _ = prediction_rows(rows, card)  # As the predictor itself does.
        assert again[name].dropna().tolist() == [14.5, pytest.approx(9 + 5 / 60)]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("air_time", list(range(20, 700, 7))),  # Minutes.
        ("dep_time", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),  # Hours.
        ("price", CLOCKS),
        ("time", list(range(100))),
        ("lifetime", [1000 + at for at in range(80)]),
    ],
)
def test_other_numbers_are_not_offered_as_times_of_day(name, cells):
    frame = pd.DataFrame({name: cells, "y": range(len(cells))})
    assert not [hint for hint in profile(frame).hints if hint.kind == "clock"]


def test_digits_that_are_no_time_of_day_are_named():
    cells = [*CLOCKS, 2475, 999]
    content = "dep_time\n" + "".join(f"{cell}\n" for cell in cells)
    _, info = read_bytes("a.csv", content.encode())
    given = info.decided.model_copy(update={"columns": {"dep_time": ColumnReading(as_="time", dates=("HHMM",))}})
    frame, info = read_bytes("a.csv", content.encode(), given)
    assert frame["dep_time"].tail(2).isna().all()
    assert "2 of 16 cells of 'dep_time' are no times of day and count as missing: 2475, 999" in " ".join(info.notes)


@pytest.mark.parametrize("name", ["postcode", "zip", "customer_id"])
def test_codes_with_the_point_of_a_number_are_codes(name):
    draw = np.random.default_rng(0)
    codes = draw.integers(3000, 3020, 60).tolist()
    whole = profile(pd.DataFrame({name: codes})).columns[0]
    for cells in ([float(code) for code in codes], [*map(float, codes), math.nan]):
        column = profile(pd.DataFrame({name: cells})).columns[0]
        assert (column.kind, column.top, column.left_out) == (whole.kind, whole.top, whole.left_out)


@pytest.mark.parametrize("name", ["postcode", "zip", "Postal code"])
def test_codes_beside_words_lose_the_point_of_a_number(name):
    codes = [3000 + at % 20 for at in range(60)]
    content = f"{name},y\n" + "".join(f"{code}.0,{at}\n" for at, code in enumerate(codes)) + "unknown,0\nPO Box,1\n"
    frame, info = read_bytes("a.csv", content.encode())
    assert set(frame[name]) == {*map(str, codes), "unknown", "PO Box"}
    assert f"of {name!r} were read as {codes[0]}, without the .0" in " ".join(info.notes)


@pytest.mark.parametrize(
    ("name", "cells"), [("version", ["1.0", "2.0", "3.0", "beta"]), ("x", ["1.0", "2.0", "b", "c"])]
)
def test_versions_keep_their_point(name, cells):
    content = f"{name},y\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(cells * 5))
    assert set(read_bytes("a.csv", content.encode())[0][name]) == set(cells)


@pytest.mark.parametrize("known", [["3067", "3121"], ["3067.0", "3121.0"]])
@pytest.mark.parametrize("asked", [["3067", "3121"], ["3067.0", "3121.0"], [3067, 3121], [3067.0, 3121.0]])
def test_a_code_is_the_same_word_with_and_without_the_point(known, asked):
    card = {"features": [{"name": "zip", "kind": "category", "words": [*known, "unknown"]}]}
    rows, _ = prediction_rows(pd.DataFrame({"zip": asked}), card)
    assert [str(cell).removesuffix(".0") for cell in rows["zip"]] == ["3067", "3121"]
    if isinstance(asked[0], str) or known[0] == "3067.0":
        assert rows["zip"].tolist() == known
    else:  # Numbers become words later, without a point.
        assert words(rows["zip"]).tolist() == known
