"""Angles in degrees, minutes and seconds, inches with fractions, hours and minutes, and clocks of six digits. The
expected values are arithmetic.
"""

import pandas as pd
import pytest

from core.experiment.data import Data
from core.experiment.hints import apply_hint
from core.experiment.reading import as_json
from core.tables.prediction_rows import prediction_rows, prediction_rows_of_file
from core.tables.profile import profile
from core.tables.sources import read_bytes


def read(cells, name="value"):
    content = pd.DataFrame({name: cells, "y": range(len(cells))}).to_csv(index=False).encode()
    frame, info = read_bytes("a.csv", content)
    values = [None if pd.isna(cell) else cell for cell in frame[name].tolist()]
    return values, info.decided.columns.get(name), " ".join(info.notes)


NORTH = 53 + 11 / 60 + 22.5 / 3600


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["53°11'22.5\"N", "12°05'06\"S", "9°00'00\" N"], [NORTH, -12.085, 9]),
        (["53° 11' 22,5\" N", "12° 5' 6\" S"], [NORTH, -12.085]),
        (["N 53°11\u203222.5\u2033", "S12°05\u203206\u2033"], [NORTH, -12.085]),
        (["53\u00ba11\u201922.5\u201dE", "12\u00ba05\u201906\u201dW", "40.5°E"], [NORTH, -12.085, 40.5]),
        (["53°11.25'N", "12°30'S", "7°N"], [53.1875, -12.5, 7]),
        (["-53°30'18\"", "12°05'06\""], [-53.505, 12.085]),
        (["53°11'22.5''N", "12°05'06''N"], [NORTH, 12.085]),
    ],
)
def test_angles_are_degrees(cells, values):
    found, reading, notes = read([*cells, "?"], "position")
    assert found == [*map(pytest.approx, values), None]
    assert (reading.as_, reading.unit) == ("number", "°")
    assert "read as one number in °" in notes
    rows, _ = prediction_rows(
        pd.DataFrame({"position": [cells[0], "0°30'W", "53.25"]}),
        {"features": [{"name": "position", "kind": "number"}], "numbers": {"columns": as_json({"position": reading})}},
    )
    assert rows["position"].tolist() == [pytest.approx(values[0]), -0.5, 53.25]


@pytest.mark.parametrize(
    "cells",
    [
        ["53°71'22\"N", "12°05'59\"S"],  # There is no 71st minute.
        ["53°11'22\"N", "12.5 kg"],
        ["N 53°11'22\"N", "N 12°05'59\"N"],
    ],
)
def test_other_signs_are_no_angles(cells):
    assert read(cells)[1] is None or read(cells)[1].parts is None


def test_degrees_alone_are_read_as_before():
    assert read(["12°", "13.5°", "14°"])[0] == [12, 13.5, 14]
    assert read(["53.11°N", "12.5°S"])[1].signs == ("N", "S")


@pytest.mark.parametrize("separator", [",", ";"])
def test_inches_may_have_fractions_and_decimals(separator):
    cells = ["5 ft 11 1/2 in", "6' 1\"", "5' 9 1/4\"", "5 ft 3/4 in", "5 ft 6.5 in", "5'11\u00bd\""]
    expected = [5 + 11.5 / 12, 6 + 1 / 12, 5 + 9.25 / 12, 5 + 0.75 / 12, 5 + 6.5 / 12, 5 + 11.5 / 12]
    frame = pd.DataFrame({"height": cells, "y": [f"{at},5" if separator == ";" else at for at in range(6)]})
    values, info = read_bytes("a.csv", frame.to_csv(index=False, sep=separator).encode())
    assert values["height"].tolist() == [*map(pytest.approx, expected)]
    assert info.decided.columns["height"].parts == ("ft", "in")


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (["1 h 20", "2 h 05", "1 h", "3 h 5"], [4800, 7500, 3600, 11_100]),
        (["1 hr 20", "2 hr 05", "45 min"], [4800, 7500, 2700]),
        (["1:20 h", "26:05 h", "0:45 h"], [4800, 93_900, 2700]),
    ],
)
def test_hours_and_minutes_are_durations(cells, seconds):
    values, reading, notes = read(cells)
    assert (values, reading.as_) == (seconds, "duration")
    assert "minutes and seconds" not in notes


def test_an_h_behind_a_clock_is_a_time_of_day_unless_the_name_says_otherwise():
    assert read(["14:30 h", "8:15 h", "23:45 h"])[0] == [14.5, 8.25, 23.75]
    assert read(["1:30 h", "2:15 h", "0:45 h"], "duration")[0] == [5400, 8100, 2700]


CLOCKS = ["093015", "101500", "235959", "000130", "141516", "153000", "081500", "091011", "112233", "200000"]
HOURS = [int(clock[:2]) + int(clock[2:4]) / 60 + int(clock[4:]) / 3600 for clock in CLOCKS]


@pytest.mark.parametrize("padded", [True, False])
def test_clocks_of_six_digits_are_offered_as_times_of_day(padded):
    cells = CLOCKS if padded else [str(int(clock)) for clock in CLOCKS]
    content = "event_time,y\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(cells))
    frame, info = read_bytes("a.csv", content.encode())
    (hint,) = [hint for hint in profile(frame).hints if hint.kind == "clock"]
    assert "235959 for 23:59:59" in hint.text
    data = apply_hint(Data(table=info.ref), hint)
    again, told = read_bytes("a.csv", content.encode(), data.reading)
    assert again["event_time"].tolist() == [*map(pytest.approx, HOURS)]
    assert "(hours, minutes and seconds: 093015)" in " ".join(told.notes)
    card = {
        "features": [{"name": "event_time", "kind": "number"}],
        "numbers": {"columns": as_json(told.decided.columns)},
        "reading": data.reading.carried().model_dump(mode="json", by_alias=True),
    }
    asked = b"event_time,y\n143000,1\n90530,2\n"
    frame, info = read_bytes("b.csv", asked, data.reading.carried(), cells=True)
    rows, _ = prediction_rows_of_file(frame, info, asked, card)
    assert rows["event_time"].tolist() == [14.5, pytest.approx(9 + 5 / 60 + 30 / 3600)]


@pytest.mark.parametrize("cells", [range(0, 170_000, 1777), range(100_000, 100_012)])
def test_seconds_and_few_numbers_are_not_offered_as_clocks(cells):
    frame = pd.DataFrame({"time": [*cells], "y": range(len(cells))})
    found = [hint.text for hint in profile(frame).hints if hint.kind == "clock"]
    assert bool(found) is (len(cells) == 12)  # 10:00:00 to 10:00:11 are clocks.


@pytest.mark.parametrize(
    ("cells", "values", "unit"),
    [
        (
            [f"{3 + at / 10:.1f}/5" for at in range(20)] + ["4/5", "NEW"],
            [*(3 + at / 10 for at in range(20)), 4, None],
            "/5",
        ),
        (["4.1 / 5", "3.8 / 5", "4 / 5"], [4.1, 3.8, 4], "/ 5"),
        (["4.5 out of 5 stars", "3.0 out of 5 stars", "5.0 out of 5 stars"], [4.5, 3, 5], "out of 5 stars"),
        (["85/100", "90/100", "100/100"], [85, 90, 100], "/100"),
        (["4,5 von 5", "3,0 von 5", "5,0 von 5"], [4.5, 3, 5], "von 5"),
    ],
)
def test_ratings_on_a_scale_are_numbers(cells, values, unit):
    found, reading, _ = read(cells, "rating")
    assert found == [None if value is None else pytest.approx(value) for value in values]
    assert (reading.as_, reading.unit) == ("number", unit)
    rows, _ = prediction_rows(
        pd.DataFrame({"rating": [cells[0], "4"]}),
        {"features": [{"name": "rating", "kind": "number"}], "numbers": {"columns": as_json({"rating": reading})}},
    )
    assert rows["rating"].tolist() == [pytest.approx(values[0]), 4]


@pytest.mark.parametrize(
    "cells",
    [
        ["120/80", "130/80", "110/80"],  # Blood pressure.
        ["7/10", "8/10", "9/10"],  # Days of October, or a rating: a note says so.
        ["3/4", "5/6", "1/2"],
        ["4.1/5", "8.2/10", "3.5/5"],
    ],
)
def test_other_fractions_are_no_ratings(cells):
    assert read(cells)[1] is None


def test_powers_of_ten_are_numbers():
    assert read(["1.5\u00d710^3", "2\u00d710^4", "3.5 x 10^-2", "7"])[0] == [1500, 20_000, 0.035, 7]


POINTED = ["08.30", "17.45", "00.15", "23.59", "9.05", "12.00", "12.30", "13.10", "14.20", "15.55", "16.40"]


@pytest.mark.parametrize("name", ["Uhrzeit", "start time", "hora"])
def test_clocks_with_a_point_are_offered_as_times_of_day(name):
    content = f"{name},y\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(POINTED))
    frame, info = read_bytes("a.csv", content.encode())
    assert name not in info.decided.columns  # Never by itself.
    (hint,) = [hint for hint in profile(frame).hints if hint.kind == "clock"]
    assert "23.59 for 23:59" in hint.text
    data = apply_hint(Data(table=info.ref), hint)
    again, told = read_bytes("a.csv", content.encode(), data.reading)
    expected = [int(cell.split(".")[0]) + int(cell.split(".")[1]) / 60 for cell in POINTED]
    assert again[name].tolist() == [*map(pytest.approx, expected)]
    card = {
        "features": [{"name": name, "kind": "number"}],
        "numbers": {"columns": as_json(told.decided.columns)},
        "reading": data.reading.carried().model_dump(mode="json", by_alias=True),
    }
    asked = f"{name},y\n14.30,1\n9.05,2\n".encode()
    frame, info = read_bytes("b.csv", asked, data.reading.carried(), cells=True)
    rows, _ = prediction_rows_of_file(frame, info, asked, card)
    assert rows[name].tolist() == [14.5, pytest.approx(9 + 5 / 60)]


def test_hours_with_decimals_are_not_offered_as_clocks():
    for hours in ([at * 0.73 for at in range(30)], [at // 5 + at % 5 / 10 for at in range(60)]):
        frame = pd.DataFrame({"time": hours, "y": range(len(hours))}).round(2)
        assert not [hint for hint in profile(frame).hints if hint.kind == "clock"]


@pytest.mark.parametrize("tail", ["h", " h", " hrs", "hours"])
def test_clocks_of_four_digits_before_an_h_are_times_of_day(tail):
    values, reading, _ = read([f"0830{tail}", f"1430{tail}", f"2359{tail}", f"0005{tail}"])
    assert values == [8.5, 14.5, pytest.approx(23 + 59 / 60), pytest.approx(5 / 60)]
    assert reading.as_ == "time"
    hours, reading, _ = read([f"1200{tail}", f"1550{tail}", f"2045{tail}"])  # Of a machine.
    assert (hours, reading.as_) == ([1200, 1550, 2045], "number")
