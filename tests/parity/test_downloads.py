"""What the Result page gives away runs together: program and tables, downloaded into an empty folder, give the run's
scores.
"""

import ast
import contextlib
import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.experiment.fork import fork
from core.experiment.spec import Experiment, read
from core.keras_code.script import program
from core.runs.downloads import downloads, downloads_of_tables
from core.runs.journal import Journal, new_run_id
from core.runs.run_training import run
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.formats import ENDINGS
from core.tables.json_table import json_table
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.worker_pools import Warm
from tests.core.other_workbooks import ods, xlsb
from tests.parity.clean import Programs

pytestmark = pytest.mark.slow
CASES = (".csv", "initial weights", "sample")  # Those whose programs are run.
STACK = [{"layer": "Dense", "units": 4, "activation": "relu"}, {"layer": "Dense", "units": 1}]


def shipments(seed: int = 0) -> pd.DataFrame:
    """90 rows of every kind of column, with missing cells, codes with leading zeros and words that look like missing
    ones.
    """
    draw, rows = np.random.default_rng(seed), 90
    table = pd.DataFrame(
        {
            "km": draw.normal(60, 20, rows).round(1),
            "zip": draw.choice(["01067", "04109", "80331"], rows),
            "word": draw.choice(["None", "a, b", "größe"], rows),
            "express": draw.choice([True, False], rows),
            "day": pd.Timestamp("2023-01-13") + pd.to_timedelta(draw.integers(0, 700, rows), unit="D"),
        }
    )
    table["cost"] = (table["km"] / 10 + 3 * table["express"] + draw.normal(0, 0.5, rows)).round(2) * 100
    table.loc[3::17, "km"] = None
    table["express"] = table["express"].astype(object).where(table.index % 13 != 5, None)
    return table


def upload(ending: str, table: pd.DataFrame) -> bytes:
    """The table as a file with that ending; text files of different dialects, with amounts in euros and
    days as words.
    """
    file = io.BytesIO()
    if ending in (".parquet", ".pq"):
        table.to_parquet(file)
    elif ending in (".xlsx", ".xlsm"):
        with pd.ExcelWriter(file) as book:  # Below a title on the second sheet, above a note.
            pd.DataFrame({"see": ["the other sheet"]}).to_excel(book, sheet_name="Cover", index=False)
            table.to_excel(book, sheet_name="Shipments", index=False, startrow=2, startcol=1)
            sheet = book.sheets["Shipments"]
            sheet["B1"], sheet.cell(len(table) + 5, 2).value = "Shipments of the year", "Source: own records"
    elif ending == ".xls":  # Written by xlwt, from the same table.
        file.write((Path(__file__).parents[1] / "tables" / "shipments.xls").read_bytes())
    elif ending in (".ods", ".xlsb"):
        cells = [[None if pd.isna(cell) else cell for cell in row] for row in table.astype(object).to_numpy().tolist()]
        file.write({".ods": ods, ".xlsb": xlsb}[ending](Shipments=[list(table), *cells]))
    elif ending in (".feather", ".arrow"):
        table.to_feather(file)
    elif ending in (".json", ".jsonl", ".ndjson"):
        days = table.assign(day=table["day"].dt.strftime("%Y-%m-%d"))
        file.write(days.to_json(orient="records", lines=ending != ".json", force_ascii=False).encode())
    elif ending == ".geojson":
        days = table.assign(day=table["day"].dt.strftime("%Y-%m-%d"))
        rows = [{**row, "geometry": {"type": "Point"}} for row in json.loads(days.to_json(orient="records"))]
        file.write(json.dumps({"type": "FeatureCollection", "features": rows}).encode())
    elif ending in (".sqlite", ".sqlite3", ".db"):
        with tempfile.TemporaryDirectory() as folder, contextlib.closing(sqlite3.connect(f"{folder}/a.db")) as database:
            table.assign(day=table["day"].dt.strftime("%Y-%m-%d")).to_sql("shipments", database, index=False)
            pd.DataFrame({"a": [1]}).to_sql("other", database, index=False)
            file.write(Path(folder, "a.db").read_bytes())
    elif ending == ".gz":
        file.write(gzip.compress(upload(".csv", table)))
    elif ending == ".zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ours/table.csv", upload(".csv", table))
            archive.writestr("__MACOSX/._table.csv", b"\0")
    else:
        amount = "{:.2f}" if ending == ".tab" else "{:.2f} €"  # Latin-1 has no sign for euros.
        words = table.assign(cost=table["cost"].map(amount.format), day=table["day"].dt.strftime("%d.%m.%Y"))
        sep = {".csv": ";", ".tsv": "\t", ".tab": "\t", ".txt": "|", ".data": ",", ".dat": ","}[ending]
        mark = "," if ending == ".csv" else "."
        words["cost"] = words["cost"].str.replace(".", mark)
        encoding = {".txt": "utf-8-sig", ".tab": "latin-1"}.get(ending, "utf-8")
        written = words.to_csv(sep=sep, decimal=mark, index=False)
        if ending == ".tsv":  # A title, the names again in the middle, a note.
            lines = written.splitlines()
            written = "\n".join(["Shipments", "", *lines[:40], lines[0], *lines[40:], "", "Source: own records"])
        file.write(written.encode(encoding))
    return file.getvalue()


def experiment(ref: str, name: str, **split: object) -> Experiment:
    data = {
        "table": ref,
        "targets": ["cost"],
        "features": {"km": "number", "zip": "code", "word": "category", "express": "boolean", "day": "date"},
        "split": split or {},
    }
    compiled = {"optimizer": {"class": "Adam", "learning_rate": 0.05}, "metrics": ["MeanAbsoluteError"]}
    value = {
        "version": 1,
        "name": name,
        "data": data,
        "layers": STACK,
        "compile": compiled,
        "fit": {"epochs": 2, "batch_size": 21},  # It divides the 63 training rows.
    }
    return read(value)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_table_that_is_given_away_and_the_uploaded_file_are_read_alike(tmp_path, monkeypatch, ending):
    monkeypatch.chdir(tmp_path)
    tables, content = Tables(TableStore(tmp_path)), upload(ending, shipments())
    name = f"Our table{'.csv' if ending == '.gz' else ''}{ending}"
    info = tables.store.keep(name, content)
    of = experiment(info.ref, "A run")
    source = program(of, tables.situation(of), info)
    (line,) = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "table"
    ]
    (given,) = [file for file in downloads_of_tables(tables, of) if file.source == "table"]
    Path(given.name).write_bytes(given.content())
    Path(info.name).write_bytes(content)
    names = {"with_values": with_values, "CELLS": CELL_READERS, "pd": pd, "zipfile": zipfile, "sqlite3": sqlite3}
    names["json_table"] = json_table
    for file in (given.name, info.name):
        read = eval(ast.unparse(line), {**names, "TABLE": file})
        pd.testing.assert_frame_equal(*(frame.fillna(np.nan) for frame in (read, tables.frame(info.ref))))
    assert f"else {given.name!r}" in source


@dataclass
class Given:
    """A run, the folder into which its files were downloaded, and those files."""

    result: dict
    folder: Path
    names: dict[str, str]


@pytest.fixture(scope="module")
def given(workspace, store, tmp_path_factory) -> tuple[dict[str, Given], Programs]:
    """A run on a text file with decimal commas, one on two workbooks, which are given away as another kind of file, one
    that starts from its weights, and one on a sample; all downloaded, and their programs run. That files of other
    formats are read alike by page and program is seen without a training.
    """
    tables, warm, found = Tables(TableStore(workspace)), Warm(), {}

    def trained(case: str, of: Experiment) -> str:
        journal = Journal(workspace, new_run_id())
        journal.begin(of.text())
        result, folder = run(journal, tables, store, warm=warm), tmp_path_factory.mktemp("downloads")
        assert result["state"] == "finished", result["says"]
        names = {}
        for file in downloads(store, tables, journal, of):
            names[file.source] = file.name
            if file.source not in ("model.keras", "as_run.json"):
                (folder / file.name).write_bytes(file.content())
        found[case] = Given(result, folder, names)
        return journal.run

    info = tables.store.keep("Our table.csv", upload(".csv", shipments()))
    trained(".csv", experiment(info.ref, "A run on .csv"))
    first = tables.store.keep("0.xlsx", upload(".xlsx", shipments()))
    second = tables.store.keep("1.xlsx", upload(".xlsx", shipments(1).head(26)))
    # Of 90 rows 26 test and 64 train, in four whole batches.
    apart = experiment(first.ref, "../Keras", method="table", table=second.ref, test=0.29, train=0.56)
    trained("initial weights", fork(apart, trained("apart", apart), 2))
    trained("sample", experiment_of_homes())
    # The program of ".csv" reads the uploaded file itself, and does without the table that is given away.
    (found[".csv"].folder / "Our table.csv").write_bytes(upload(".csv", shipments()))
    (found[".csv"].folder / found[".csv"].names["table"]).unlink()
    programs = Programs(
        {case: (found[case].folder, found[case].names["program.py"]) for case in CASES}, {".csv": ["Our table.csv"]}
    )
    return found, programs


def experiment_of_homes() -> Experiment:
    data = {
        "table": "sample:sacramento_homes",
        "targets": ["price"],
        "features": {"sqft": "number", "city": "category"},
    }
    return read({"version": 1, "name": "家", "data": data, "layers": STACK, "fit": {"epochs": 2, "batch_size": 109}})


@pytest.mark.parametrize("case", CASES)
def test_the_downloads_of_a_run_or_its_upload_give_its_scores_in_an_empty_folder(given, case):
    found, programs = given
    assert programs.printed(case)["test"] == pytest.approx(found[case].result["test"], rel=1e-6)


def test_files_carry_the_runs_name_in_safe_letters(given):
    found, _ = given
    assert found[".csv"].names == {
        "program.py": "A-run-on-csv-program.py",
        "model.keras": "A-run-on-csv-model.keras",
        "as_run.json": "A-run-on-csv-experiment.json",
        "history.csv": "A-run-on-csv-history.csv",
        "table": "A-run-on-csv-table.parquet",
    }
    further = {key: found["initial weights"].names[key] for key in ("validation", "initial.npz")}
    assert further == {"validation": "Keras-validation.parquet", "initial.npz": "Keras-initial.npz"}
    assert found["sample"].names["table"] == "家-table.csv"


def test_the_history_is_a_csv_with_a_row_an_epoch(given):
    found, _ = given
    one = found["initial weights"]
    table, history = pd.read_csv(one.folder / one.names["history.csv"]), one.result["history"]
    assert list(table)[:3] == ["epoch", "step", "seconds"]
    assert table["epoch"].tolist() == [3, 4]  # It starts from the second epoch of another run.
    for name, values in history.items():
        assert table[name].tolist() == pytest.approx(values, rel=1e-12)


def test_the_program_of_an_earlier_layerdeck_is_printed_anew_to_read_the_table_that_is_offered(given, workspace, store):
    found, _ = given
    one, tables = found["apart"], Tables(TableStore(workspace))
    journal = Journal(workspace, one.result["run"])
    of, kept = store.experiment(journal.run), store.path(journal.run, "program.py")
    text = kept.read_text()
    kept.write_text("TABLE = sys.argv[1] if len(sys.argv) > 1 else '0.xlsx'\n")
    (program,) = [
        file.content().decode() for file in downloads(store, tables, journal, of) if file.source == "program.py"
    ]
    assert program == text
    kept.write_text(text)
