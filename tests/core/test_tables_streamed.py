"""Tables beyond the memory budget: described, dealt and kept without ever being in memory as a whole."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.tables.errors import TableError
from core.tables.prepared import PARTS
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.tables.streamed import Streamed

pytestmark = pytest.mark.filterwarnings("ignore:Parsing dates in")  # Days written 31.12.2024 are tried both ways round.


@pytest.fixture
def small(monkeypatch):
    """A budget of less than half of what the table takes."""
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.8")


@pytest.fixture
def tables(tmp_path):
    """Fresh tables, which have read nothing yet."""
    return Tables(TableStore(tmp_path), paths=True)


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory):
    """Tables that read the file as a whole, once for all splits."""
    return Tables(TableStore(tmp_path_factory.mktemp("in memory")), paths=True)


@pytest.fixture(scope="module")
def block_by_block(tmp_path_factory):
    """Tables that are asked with a small budget only, and describe the file once for all splits."""
    return Tables(TableStore(tmp_path_factory.mktemp("block by block")), paths=True)


def on(file, target="y", **data):
    """An experiment that predicts a column from x0, x1 and w."""
    features = {
        name: kind for name, kind in {"x0": "number", "x1": "number", "w": "category"}.items() if name != target
    }
    return read({"version": 1, "data": {"table": str(file), "targets": [target], "features": features, **data}})


def values(cells: pd.DataFrame) -> pd.DataFrame:
    """The long table as it is read: dates in the place of words, and no blanks around words."""
    return cells.assign(day=pd.to_datetime(cells["day"], format="%d.%m.%Y"), part=cells["part"].str.strip())


SPLITS = [
    {"seed": 5},
    {"train": 0.8, "validation": 0, "test": 0.2},
    {"folds": 5, "fold": 5},
    {"method": "time", "column": "day"},
    {"method": "time", "column": "x0"},
    {"method": "time", "column": "day", "refit": True},
    {"method": "time", "column": "day", "folds": 4, "fold": 2},
    {"method": "group", "column": "many", "seed": 2},
    {"method": "group", "column": "day"},
    {"method": "group", "column": "many", "folds": 3, "fold": 2},
    {"method": "column", "column": "part"},
]
TARGETS = ("y", "z", "w")  # An amount and two classes, of which some cells are missing, and words that are all there.


def dealt_cases():
    """Each split with each target. The random ones deal a target's classes alike; the others look at nothing of it but
    which rows have one, so that of these each is tried with one target, and with the others in the long trials.
    """
    for place, split in enumerate(SPLITS):
        name = " ".join([split.get("method", "random"), *map(str, list(split.values())[1:])])
        for at, target in enumerate(TARGETS):
            long = "method" in split and place % len(TARGETS) != at
            yield pytest.param(target, split, id=f"{name}, {target}", marks=pytest.mark.soak if long else ())


@pytest.mark.slow
@pytest.mark.parametrize(("target", "split"), list(dealt_cases()))
def test_the_rows_are_dealt_as_in_memory(long_file, in_memory, block_by_block, monkeypatch, target, split):
    experiment = on(long_file, target, split=split, positive={"z": "no"})
    whole = in_memory.prepared(experiment)
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.8")
    ready = block_by_block.prepared(experiment)
    assert isinstance(ready, Streamed)
    assert not isinstance(whole, Streamed)
    for number, part in enumerate(PARTS, start=1):
        np.testing.assert_array_equal(np.flatnonzero(ready.marks == number), np.sort(whole.rows[whole.parts[part]]))
        assert set(ready.marks[ready.rows[ready.parts[part]]]) == ({number} if part in whole.filled else set())
    assert ready.sizes == whole.sizes
    situation = block_by_block.situation(experiment)
    assert (situation.rows, situation.streamed) == (whole.sizes, True)
    assert ready.targets[target].classes == whole.targets[target].classes


@pytest.mark.usefixtures("small")
def test_amounts_without_a_logarithm_are_counted_in_all_rows(tables, long_file, long_table):
    wrong = int((long_table["y"] <= 0).sum())
    assert wrong
    with pytest.raises(
        TableError,
        match=rf"log of the target 'y' needs values above 0, which {wrong:,} rows do not "
        "have",
    ):
        tables.prepared(on(long_file, preparation={"y": {"target": "log"}}))


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_rows_that_are_held_are_those_of_the_table(tables, long_file, long_table):
    ready = tables.prepared(on(long_file, weight="many"))
    np.testing.assert_array_equal(ready.raw["x0"], long_table["x0"].to_numpy()[ready.rows])
    np.testing.assert_array_equal(ready.raw["w"], long_table["w"].to_numpy()[ready.rows])
    np.testing.assert_array_equal(ready.targets["y"].y_true, long_table["y"].to_numpy()[ready.rows])
    np.testing.assert_array_equal(ready.weights, long_table["many"].to_numpy()[ready.rows])
    assert sorted(np.concatenate([*ready.parts.values()])) == list(range(len(ready.rows)))
    assert tables.on_disk(str(long_file)).most < len(long_table) / 4


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_sample_describes_the_columns_and_says_so(tables, long_file, long_table):
    found = tables.profile(str(long_file))
    assert found.rows == len(long_table)
    assert "are described from" in found.notes[0]
    assert {column.name: column.kind for column in found.columns}["day"] == "date"
    assert found.column("x0").median == pytest.approx(long_table["x0"].median(), abs=0.3)
    assert tables.on_disk(str(long_file)).most < len(long_table) / 4
    pd.testing.assert_frame_equal(tables.head(str(long_file), 7), values(long_table.head(7)), check_dtype=False)


@pytest.mark.usefixtures("small")
def test_few_columns_of_a_large_table_are_trained_on_in_memory(tables, long_file, long_table):
    ready = tables.prepared(on(long_file, features={"x0": "number"}))
    assert not isinstance(ready, Streamed)
    np.testing.assert_array_equal(ready.raw["x0"], long_table["x0"].to_numpy()[ready.rows])


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_an_upload_is_kept_block_by_block_as_it_would_be_whole(tables, long_file, long_table):
    dated = long_table.assign(when=pd.to_datetime(long_table["day"], format="%d.%m.%Y").dt.date)
    path = long_file.with_name("dated.parquet")
    dated.to_parquet(path, row_group_size=1000)
    info = tables.store.keep("dated.parquet", path.read_bytes())
    assert (info.rows, info.columns, info.reader) == (*dated.shape, "read_parquet")
    expected = values(pd.read_parquet(path, **info.options))
    kept = tables.on_disk(info.ref)
    assert kept.groups.max() <= 16_384
    pd.testing.assert_frame_equal(kept.at(np.arange(len(dated))), expected, check_dtype=False)
    pd.testing.assert_frame_equal(tables.store.load(info.ref), expected, check_dtype=False)


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_troubles_are_told_as_those_of_a_table_in_memory(tables, long_file, tmp_path):
    for changes, says in (
        ({"features": {"gone": "number"}}, "no column 'gone'"),
        ({"weight": "x0"}, "must be numbers of at least 0"),
        ({"split": {"method": "column", "column": "w"}}, "cannot be split by 'w'"),
        ({"split": {"method": "time", "column": "x1"}}, "have no time"),
    ):
        with pytest.raises(TableError, match=says):
            tables.prepared(on(long_file, **changes))
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(TableError, match="can't be read as a Parquet file"):
        tables.profile(str(broken))
