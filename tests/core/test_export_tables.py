"""Exports of chance come back as the values that they were written from."""

from collections.abc import Iterable

import numpy as np
import pytest

from core.tables.number_text import number_writing
from core.tables.prediction_rows import prediction_rows_of_file
from core.tables.prepared import raw_values, ways_of
from core.tables.profile import profile
from core.tables.sources import read_alike, read_bytes
from tests.core.export_tables import differences, exported_table


def wrong(seeds: Iterable[int]) -> dict[int, tuple[list[str], tuple[str, ...]]]:
    """Seed -> what its table has otherwise, and what is said of it."""
    found = {}
    for seed in seeds:
        table = exported_table(seed)
        frame, info = read_bytes("a.csv", table.content)
        if differs := differences(table, frame):
            found[seed] = differs, info.notes
    return found


@pytest.mark.slow
def test_exports_of_chance_come_back():
    assert wrong(range(60)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_the_first_rows_of_an_export_are_read_alike_to_predict_for(seed):
    content = exported_table(seed).content
    frame, info = read_bytes("a.csv", content)
    kinds = {column.name: column.kind for column in profile(frame).columns}
    card = {"features": [{"name": name, "kind": kind} for name, kind in kinds.items()], "numbers": number_writing(info)}
    encoding, names = info.decided.encoding, info.decided.header[-1]
    asked = "\n".join(content.decode(encoding).split("\n")[names : names + 5]).encode(encoding)
    rows, _ = prediction_rows_of_file(*read_alike("ask.csv", asked, info.decided.carried()), asked, card)
    ways = ways_of(frame, kinds)
    expected, found = raw_values(frame.head(4), kinds, ways), raw_values(rows, kinds, ways)
    for name in kinds:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.soak
def test_a_thousand_exports_of_chance_come_back():
    found = wrong(range(60, 1060))
    assert len(found) <= 5, found
