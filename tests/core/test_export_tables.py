"""Exports of chance come back as the values that they were written from."""

from collections.abc import Iterable

import pytest

from core.tables.sources import read_bytes
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


def test_exports_of_chance_come_back():
    assert wrong(range(60)) == {}


@pytest.mark.soak
def test_a_thousand_exports_of_chance_come_back():
    found = wrong(range(60, 1060))
    assert len(found) <= 5, found
