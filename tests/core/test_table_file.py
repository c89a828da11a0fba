"""Rows with predictions go back in the format in which they came, and are read there as they were."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from core.tables.prediction_columns import rounded_amounts, rounded_predictions
from core.tables.sources import read_bytes
from core.tables.table_file import table_file
from dashboard.text import number

ROWS = pd.DataFrame(
    {
        "name": ["Süd", "=1+1", None],
        "amount": [1.5, 2.25, -3.0],
        "day": pd.to_datetime(["2024-01-02", "2024-03-04", None]),
        "predicted y": [10.5, 11.0, 12.25],
    }
)


@pytest.mark.parametrize("name", ["r.xlsx", "r.parquet", "r.feather", "r.jsonl", "r.json", "r.csv", "r.tsv", "R.XLSX"])
def test_a_table_comes_back_as_it_went(name):
    file = table_file(ROWS, name, {"sep": "\t"} if name == "r.tsv" else {})
    assert file.ending == f".{name.lower().partition('.')[2]}"
    frame, info = read_bytes(f"predictions{file.ending}", file.write())
    assert list(frame) == list(ROWS)
    assert info.rows == 3
    assert frame["predicted y"].tolist() == ROWS["predicted y"].tolist()
    assert frame["amount"].tolist() == ROWS["amount"].tolist()
    assert pd.to_datetime(frame["day"]).dt.date.tolist()[:2] == ROWS["day"].dt.date.tolist()[:2]
    kept = file.ending in (".parquet", ".feather", ".jsonl", ".json")  # No spreadsheet opens these.
    assert frame["name"].tolist()[:2] == ["Süd", "=1+1" if kept else "'=1+1"]


@pytest.mark.parametrize("name", ["r.xls", "r.xlsm", "r.xlsb", "r.ods"])
def test_every_workbook_comes_back_as_one(name):
    file = table_file(ROWS, name, {})
    assert (file.ending, file.format) == (".xlsx", "Excel")
    sheet = openpyxl.load_workbook(io.BytesIO(file.write())).active
    assert [cell.value for cell in sheet[3]][:2] == ["'=1+1", 2.25]
    assert sheet["A3"].data_type == "s"  # Text, no formula.


def test_a_text_file_keeps_its_separator_its_decimal_mark_and_its_encoding():
    german = table_file(ROWS[["name", "amount"]], "r.csv", {"sep": ";", "decimal": ",", "encoding": "cp1252"})
    assert german.write().decode("cp1252") == "name;amount\nSüd;1,5\n'=1+1;2,25\n;-3,0\n"
    other = table_file(pd.DataFrame({"a": ["日本"]}), "r.txt", {"encoding": "cp1252", "sep": r"\s+"})
    assert other.write().decode() == "a\n日本\n"
    assert table_file(ROWS, "r.csv", {"decimal": ","}).write().decode().splitlines()[1].startswith("Süd,1.5,")


def test_what_no_sheet_can_hold_is_left_out_or_comes_back_as_csv():
    odd = pd.DataFrame({"a\x01": ["b\x02c"], "t": pd.to_datetime(["2024-01-02T03:04Z"])})
    frame, _ = read_bytes("p.xlsx", table_file(odd, "r.xlsx", {}).write())
    assert list(frame) == ["a", "t"]
    assert frame["a"].tolist() == ["bc"]
    assert table_file(pd.DataFrame(np.zeros((1, 16_385))), "r.xlsx", {}).format == "CSV"
    assert table_file(ROWS, "r.sqlite", {}).format == "CSV"
    assert table_file(ROWS, "r.csv.gz", {"sep": ";"}).ending == ".csv"


def test_amounts_are_rounded_as_the_page_shows_them():
    values = np.array([66342.56, -1234.5, 484.26, 14.004, -2.674, 0.85129, 0.0004512, 0.0, 1e9 + 0.7, np.nan, np.inf])
    rounded = rounded_amounts(values)
    assert rounded.tolist()[:9] == [66343, -1234, 484.3, 14.0, -2.67, 0.851, 0.000451, 0.0, 1e9 + 1]
    for value, shown in zip(values[:8], rounded[:8], strict=True):
        assert float(number(value).replace(",", "")) == shown
    near = rounded_amounts(np.array([1_000_000_003.5234]), 999_999_950, 1_000_000_050)
    assert near.tolist() == [1_000_000_003.5]
    assert number(1_000_000_003.5234, "", 999_999_950, 1_000_000_050) == "1,000,000,003.5"


def test_amounts_of_money_are_rounded_to_cents_below_a_thousand():
    values = np.array([1500.4, 278.126, -699.04, 12.346, 0.851, 0.04214])
    rounded = rounded_amounts(values, money=True)
    assert rounded.tolist() == [1500, 278.13, -699.04, 12.35, 0.85, 0.042]
    for value, shown in zip(values, rounded, strict=True):
        assert float(number(value, "EUR").removesuffix(" EUR").replace(",", "")) == shown
    predicted = pd.DataFrame({"predicted fee": [278.126], "lower fee": [199.99], "predicted size": [278.126]})
    told = rounded_predictions(predicted, [{"target": "fee"}, {"target": "size"}], {"fee": "€", "size": "kg"})
    assert told.iloc[0].to_dict() == {"predicted fee": 278.13, "lower fee": 199.99, "predicted size": 278.1}


def test_probabilities_keep_hundredths_of_a_percent_and_words_are_left_alone():
    targets = [{"target": "y", "low": 999_999_950.0, "high": 1_000_000_050.0}]
    predictions = pd.DataFrame(
        {"predicted y": [1_000_000_003.5234], "probability a": [0.123456], "lower y": [999.12345], "note": ["0.123456"]}
    )
    rounded = rounded_predictions(predictions, targets)
    assert rounded.to_dict("records") == [
        {"predicted y": 1_000_000_003.5, "probability a": 0.1235, "lower y": 999.1, "note": "0.123456"}
    ]
    assert predictions["probability a"].tolist() == [0.123456]
