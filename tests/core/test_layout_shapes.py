"""Tables in random shapes, written from known frames, come back, or a note says what was not understood."""

import pytest

from core.tables.errors import TableError
from core.tables.sources import read_bytes
from tests.core.table_shapes import TRIVIAL, difference, shape


def held(seeds) -> None:
    """Holds files in random shapes to the frames they were made from; what differs must be said, and be rare."""
    wrong, silent = [], []
    for seed in seeds:
        case = shape(seed)
        try:
            frame, info = read_bytes(case.name, case.content)
        except TableError as error:
            wrong.append((seed, str(error)))
            continue
        if differs := difference(case, frame):
            wrong.append((seed, differs))
            if not any(note.kind not in TRIVIAL for note in info.noted):
                silent.append((seed, differs, case.shape))
    assert not silent
    assert len(wrong) <= 0.01 * len(seeds), wrong


@pytest.mark.slow
def test_tables_in_random_shapes_are_read_or_it_is_said_what_was_not_understood():
    held(range(100))


@pytest.mark.soak
def test_two_thousand_tables_in_random_shapes_are_read_or_it_is_said_what_was_not_understood():
    held(range(2500))
