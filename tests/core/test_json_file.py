"""JSON as programs write it: records under a key, objects within records, a record in each line."""

import ast
import json
import time

import numpy as np
import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.experiment.spec import read
from core.keras_code.script import program
from core.tables.errors import TableError
from core.tables.json_table import json_table
from core.tables.prediction_rows import match_columns
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_alike, read_bytes
from tests.core.test_cell_dates_alike import table_part

RECORDS = [
    {
        "id": f"q{at}",
        "product": {"price": at / 2, "size": {"cm": at}, "tags": ["new"]},
        "sold": None if at % 3 else {"at": f"2024-01-{at + 1:02}", "online": at % 2 == 0},
        "stock": None if at == 4 else at,
    }
    for at in range(12)
]
NAMES = ["id", "product.price", "product.size.cm", "sold.at", "sold.online", "stock"]
LINES = "\n".join(map(json.dumps, RECORDS)).encode()
FILES = {
    "a.json": json.dumps(RECORDS).encode(),
    "indented.json": json.dumps(RECORDS, indent=1).encode(),
    "marked.json": b"\xef\xbb\xbf" + json.dumps(RECORDS).encode(),
    "keyed.json": json.dumps({"meta": {"count": 12}, "data": RECORDS}, indent=2).encode(),
    "deep.json": json.dumps({"result": {"errors": [], "items": RECORDS}}).encode(),
    "map.geojson": json.dumps({"type": "FeatureCollection", "features": RECORDS}).encode(),
    "a.jsonl": LINES,
    "marked.ndjson": b"\xef\xbb\xbf" + LINES + b"\r\n\r\n",
    "lines.json": LINES,
}


def test_names_and_cells_are_those_of_json_normalize():
    expected = pd.json_normalize(RECORDS)[NAMES].replace({None: np.nan})
    expected = expected.assign(**{"sold.at": pd.to_datetime(expected["sold.at"]).astype("datetime64[us]")})
    for name, content in FILES.items():
        frame, info = read_bytes(name, content)
        pd.testing.assert_frame_equal(frame, expected)
        assert "Column 'product.tags' holds records or lists, and is left out." in info.notes


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_program_reads_the_same_records(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    tables = Tables(TableStore(tmp_path))
    info = tables.store.keep(name, FILES[name])
    features = {"product.price": "number", "sold.at": "date", "sold.online": "boolean"}
    data = {"table": info.ref, "targets": ["stock"], "features": features}
    experiment = read({"version": 1, "data": data, "layers": [{"layer": "Dense", "units": 1}]})
    source = program(experiment, tables.situation(experiment), info)
    (tmp_path / f"given-{name}").write_bytes(FILES[name])
    names = {"TABLE": f"given-{name}"}
    exec(compile(table_part(source), "program", "exec"), names)
    pd.testing.assert_frame_equal(names["table"].fillna(np.nan), tables.frame(info.ref).fillna(np.nan))
    assert not any(isinstance(node, ast.Import) and "core" in ast.unparse(node) for node in ast.parse(source).body)


def test_the_longest_of_several_lists_is_read_and_another_can_be_chosen():
    shops = [{"shop": at, "city": {"name": "x"}} for at in range(5)]
    content = json.dumps({"shops": shops, "sales": {"2024": RECORDS}, "marks": [1, 2, 3]}).encode()
    frame, info = read_bytes("a.json", content)
    assert (info.decided.sheet, len(frame)) == ("sales.2024", 12)
    assert info.notes[0] == "The rows are the records under 'sales.2024'; the file has 2 lists of records."
    assert [(sheet.name, sheet.rows, sheet.columns) for sheet in info.sheets] == [
        ("shops", 5, 2),
        ("sales.2024", 12, 4),
    ]
    frame, info = read_bytes("a.json", content, TableReading(sheet="shops"))
    assert (list(frame), len(frame), info.decided.sheet) == (["shop", "city.name"], 5, "shops")
    with pytest.raises(TableError, match=r"no records under 'homes': choose 'shops', 'sales.2024'\."):
        read_bytes("a.json", content, TableReading(sheet="homes"))


def test_rows_to_predict_for_may_stand_elsewhere_than_those_of_training():
    reading = read_bytes("a.json", FILES["keyed.json"])[1].decided.carried()
    for name in FILES:
        frame, _ = read_alike(name, FILES[name], reading)
        assert match_columns(frame.columns, NAMES).absent == ()
        assert len(frame) == 12


def test_flat_records_are_read_by_pandas_as_before():
    flat = [{"date": "2024-01-01", "text": 'he said: "x": {', "a": at} for at in range(4)]
    frame, info = read_bytes("a.json", json.dumps(flat).encode())
    assert info.reader == "read_json"
    keyed, _ = read_bytes("a.json", json.dumps({"data": flat}).encode())
    pd.testing.assert_frame_equal(keyed, frame)


def test_a_name_that_two_cells_would_have_is_given_once():
    frame, _ = read_bytes("a.json", json.dumps([{"a.b": at, "a": {"b": -at}, "c": 1} for at in range(4)]).encode())
    assert frame.to_dict("list") == {"a.b": [0, 1, 2, 3], "a.b.1": [0, -1, -2, -3], "c": [1] * 4}


def test_cells_beside_objects_of_the_same_name_are_kept():
    records = [{"p": {"x": 1}, "q": None}, {"p": None, "q": {}}, {"p": 3, "q": {"y": 1}}, {"p": 4, "q": {"y": 2}}]
    frame, _ = read_bytes("a.json", json.dumps(records).encode())
    assert list(frame) == ["p.x", "p", "q.y"]
    assert frame["p"].tolist()[2:] == [3, 4]


def deep(levels: int) -> bytes:
    return b'[{"b":1,"a":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}]"


HOSTILE = {
    "many names": (json.dumps({"data": [{f"k{at}": {"x": at}} for at in range(25_000)]}).encode(), "more than 20,000"),
    "many cells": (
        json.dumps([{f"k{at}": {"x": at}} for at in range(15_000)] + [{"a": {"x": 1}}] * 15_000).encode(),
        "30,000 records with 15,001 different names",
    ),
    "joined names": (
        json.dumps([{"x" * 9_000: {f"k{at}": 1 for at in range(15_000)}}]).encode(),
        "names of cells in a.json are too long",
    ),
    "a long name": (json.dumps([{"x" * 9_000: {"y" * 9_000: 1}}]).encode(), "too long"),
    "a deep record": (deep(100_000), "can't be read as JSON"),
    "no record": (b'[{"a": {"b": 1}}, 5]', "Entry 2 of a.json is not a record"),
    "only lists": (b'{"data": [{"a": [1]}, {"a": [2]}]}', "only lists in place of values"),
    "an endless number": (b'{"data": [{"a": ' + b"9" * 5_000 + b"}]}", "."),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused_soon_in_words(name):
    content, says = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises(TableError, match=says):
        read_bytes("a.json", content)
    assert time.process_time() - begun < 10


def test_objects_deep_within_each_other_are_left_out_and_named():
    _, info = read_bytes("a.json", deep(30))
    assert [note for note in info.notes if "left out" in note] == [
        "Column 'a.a.a.a.a.a.a.a.a.a.a' holds records or lists, and is left out."
    ]


ROWS = [{"label": f"2024-01-{day:02}", "open": day / 4, "volume": f"{1000 * day:,}"} for day in range(1, 9)]
PLAIN_ROWS = [{"open": row["open"], "volume": row["volume"]} for row in ROWS]


@pytest.mark.parametrize(
    ("written", "labelled"),
    [
        (pd.DataFrame(PLAIN_ROWS).to_json(), False),  # What pandas writes by itself.
        (pd.DataFrame(PLAIN_ROWS, index=range(5, 13)).to_json(), False),
        (pd.DataFrame(PLAIN_ROWS).to_json(orient="index"), False),
        (pd.DataFrame(PLAIN_ROWS).to_json(orient="split"), False),
        (pd.DataFrame(PLAIN_ROWS).to_json(orient="table"), False),
        (pd.DataFrame(PLAIN_ROWS).to_json(orient="split", index=False), False),
        (json.dumps([["open", "volume"], *(list(row.values()) for row in PLAIN_ROWS)]), False),
        (
            json.dumps(
                {"meta": {"of": "x"}, "days": {row["label"]: row_ for row, row_ in zip(ROWS, PLAIN_ROWS, strict=True)}}
            ),
            True,
        ),
        (pd.DataFrame(PLAIN_ROWS, index=[row["label"] for row in ROWS]).to_json(indent=2), True),
        (pd.DataFrame(PLAIN_ROWS, index=[row["label"] for row in ROWS]).to_json(orient="index"), True),
    ],
)
def test_json_by_labels_and_lists_of_cells_are_tables(tmp_path, written, labelled):
    found, info = read_bytes("a.json", written.encode())
    assert found["open"].tolist() == [row["open"] for row in ROWS]
    assert found["volume"].tolist() == [1000 * day for day in range(1, 9)]
    assert ("label" in found) is labelled
    if labelled:
        assert found["label"].tolist() == [pd.Timestamp(row["label"]) for row in ROWS]
    (tmp_path / "a.json").write_text(written)
    if info.reader == "json_table":  # As the program reads it.
        assert list(json_table(str(tmp_path / "a.json"), **info.options)) == list(found)


def test_lists_of_cells_without_names_have_numbered_columns():
    found, _ = read_bytes("a.json", json.dumps([[1_600_000_000 + at, f"{at / 4:.2f}"] for at in range(8)]).encode())
    assert list(found) == ["Unnamed: 0", "Unnamed: 1"]
    assert found["Unnamed: 1"].tolist() == [at / 4 for at in range(8)]
