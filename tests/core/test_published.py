"""The benchmark of published tables: layouts of a folder, and a whole run on tiny ones."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import published
from core.tables.errors import TableError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of 60 rows in the layout of the UCI regression splits, two of them, and one of classes with a column of
    parts.
    """
    folder, draw = tmp_path_factory.mktemp("tables"), np.random.default_rng(0)
    place = folder / "tiny" / "data"
    place.mkdir(parents=True)
    x = draw.normal(size=(60, 3))
    np.savetxt(place / "data.txt", np.column_stack([x[:, :2], 5 * x[:, 0] - x[:, 1], x[:, 2]]))
    np.savetxt(place / "index_features.txt", [0, 1, 3])
    np.savetxt(place / "index_target.txt", [2])
    for number in range(2):
        order = np.random.default_rng(number).permutation(60)
        np.savetxt(place / f"index_train_{number}.txt", order[:50])
        np.savetxt(place / f"index_test_{number}.txt", order[50:])
    parts = np.where(np.arange(60) % 5 == 4, "Test", "Train")
    side = np.where(x[:, 0] > 0, "left", "right")
    pd.DataFrame({"a": x[:, 0], "set": parts, "b": x[:, 1], "side": side}).to_csv(folder / "sides.csv", index=False)
    (folder / "notes.txt").write_text("not a table")
    return folder


def test_a_folder_is_read_by_the_layout_of_its_tables(folder):
    sides, tiny = published.tables(folder)
    assert (sides.name, sides.target, list(sides.frame.columns), len(sides.splits)) == (
        "sides",
        "side",
        ["a", "b", "side"],
        1,
    )
    assert np.flatnonzero(sides.splits[0] == "test").tolist() == list(range(4, 60, 5))
    assert (tiny.name, tiny.target, list(tiny.frame.columns), len(tiny.splits)) == (
        "tiny",
        "y",
        ["x0", "x1", "x3", "y"],
        2,
    )
    for number, words in enumerate(tiny.splits):
        order = np.random.default_rng(number).permutation(60)
        assert set(np.flatnonzero(words == "test")) == set(order[50:])
        assert set(np.flatnonzero(words == "train")) == set(order[:50])


def test_the_shipped_table_has_twenty_random_splits_of_a_tenth():
    (concrete,) = published.tables(None)
    assert (concrete.target, len(concrete.frame), len(concrete.splits)) == ("compressive_strength", 1030, 20)
    assert {(words == "test").sum() for words in concrete.splits} == {103}
    assert len({tuple(np.flatnonzero(words == "test")) for words in concrete.splits}) == 20


@pytest.mark.parametrize(
    ("files", "says"), [([], "holds no table"), (["data.txt"], "cannot be read"), (None, "There is no folder")]
)
def test_a_folder_without_tables_is_refused_with_a_sentence(tmp_path, files, says):
    place = tmp_path / "found"
    for name in files or []:
        (place / "table").mkdir(parents=True)
        (place / "table" / name).write_text("1 2\n3 4\n")
    if files == []:
        place.mkdir()
    with pytest.raises(TableError, match=says):
        list(published.tables(place))


def test_mean_and_standard_error_are_printed_beside_scikit_learns_network(folder, capsys):
    sides, tiny = published.tables(folder)
    one, other = published.compare(tiny)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "tiny: 60 rows, 3 features; official splits, 2 of 2; rmse on the test rows"
    assert [line.strip().split()[0] for line in lines] == ["refit", "before", "scikit-learn's"]
    for line, name in zip(lines, ("refitted", "stopped", "sklearn"), strict=True):
        a, b = getattr(one, name), getattr(other, name)
        mean, error = line[100:].split()[0], line.split()[-1]
        # Of two numbers s / sqrt(2).
        assert (float(mean), float(error)) == pytest.approx(((a + b) / 2, abs(a - b) / 2), abs=1e-4)
        assert a < 5.1  # Guessing the mean: the deviation of 5 a - b, where both are 1.
    (found,) = published.compare(sides)
    assert capsys.readouterr().out.splitlines()[1].endswith("unknown (one split)")
    assert (found.score, found.features) == ("accuracy", 2)
    assert min(found.refitted, found.stopped, found.sklearn) > 0.6
