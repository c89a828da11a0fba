"""A long text file is walked through by its bytes, with the outcome of looking at each of its rows."""

import random

import pytest

from core.experiment.reading import TableReading
from core.tables import layout, text_grid, text_walk
from core.tables.layout import decide
from core.tables.text_grid import TextFile

TROUBLES = (
    *([""], ["", "", ""], ["   "], ["a", "b", "c"], ["1", "2", "3", "4"], ["1", "2", "3", ""], ["1", "2"]),
    *(
        ["---", "---", "---"],
        ["-5", "-6", "-"],
        ["Total", "5", "6"],
        ["Zwischensumme", "1", "2"],
        ["Insgesamt", "1", "2"],
    ),
    *(
        ["x", "word", "2"],
        ["Zürich", "1", "2"],
        ['"a, b"', "1", "2"],
        ['"two\nlines"', "1", "2"],
        ['5" pipe', "1", "2"],
    ),
    *(['"a""b"', "1", "2"], ['""', "1", "2"], ['"a" b', "1", "2"], ['a""', "1", "2"], ['"word"', '"word"', "2"]),
    *(['"a"', '"b"', '"c"'], ['"Total"', "1", "2"], ['"""', "1", '2"'], ['"a;b,c\td"', '"-5"', "2"], ['x"', "1", '"2']),
    *(["east total", "7", "8"], ["x", "1", '"never closed'], ["", "1", "2"], ["abc", "1", "2"], [".5", "1", "2"]),
)


def long_file(seed: int) -> bytes:
    """Rows of a word and two numbers, with some of all that a walk looks at twice."""
    draw = random.Random(seed)
    separator, end = draw.choice(",;\t"), draw.choice(["\n", "\r\n", "\r"] if seed % 10 == 0 else ["\n", "\r\n"])
    lines = [["title"], [""]] if draw.random() < 0.3 else []
    lines.append(["a", "b", "c"])
    quote = draw.choice(["", "", '"'])
    for _ in range(draw.randint(40, 300)):
        row = [draw.choice(["x", "ann", "bo b"]), str(draw.randint(-9, 99)), f"{draw.uniform(-5, 5):.2f}"]
        lines.append([f"{quote}{cell}{quote}" for cell in row] if draw.random() < 0.8 else row)
        if draw.random() < draw.choice([0, 0.01, 0.1]):
            lines.append(draw.choice(TROUBLES))
            lines += [["k", "l", "m"]] if draw.random() < 0.2 else []
    lines += draw.choice([[], [["Total", "5", "6"]], [[""], ["Source: a survey"]]])
    text = end.join(separator.join(cells) for cells in lines) + draw.choice(["", end])
    return text.encode(draw.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))


@pytest.fixture(autouse=True)
def short_head(monkeypatch):
    """Few rows are looked at one by one, and blocks end within the table."""
    monkeypatch.setattr(layout, "HEAD_ROWS", 30)
    monkeypatch.setattr(text_grid, "HEAD_ROWS", 30)
    monkeypatch.setattr(text_walk, "_BLOCK", 200)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.soak) for first in range(100, 400, 100))])
def test_a_long_file_has_the_layout_that_its_rows_have_one_by_one(first):
    for seed in range(first, first + 100):
        file, given = TextFile("a.csv", long_file(seed), TableReading()), TableReading()
        for keep_blank in (False, True):
            by_bytes = decide(file.rows, given, keep_blank=keep_blank, see=file.see)
            assert by_bytes == decide(file.rows, given, keep_blank=keep_blank), seed


@pytest.mark.parametrize(
    "given", [TableReading(last_row=60), TableReading(skipped=(40, 41)), TableReading(header=(0,))]
)
def test_a_long_file_is_walked_by_a_persons_decisions(given):
    file = TextFile("a.csv", b"a,b\n" + b"1,2\n" * 100 + b"Total,200\n", given)
    assert decide(file.rows, given, see=file.see) == decide(file.rows, given)


def test_the_walk_takes_only_lines_apart_in_which_there_is_something_to_see(monkeypatch):
    seen = []
    see = layout.Walk.see
    monkeypatch.setattr(layout.Walk, "see", lambda walk, at, cells: (seen.append(at), see(walk, at, cells))[1])
    file = TextFile("a.csv", b"a,b\n" + b"x,2\n" * 500 + b",\n" + b"y,2\n" * 500, TableReading())
    found = decide(file.rows, TableReading(), see=file.see)
    assert (found.rows, found.last_row, found.skipped) == (1000, 1001, (501,))
    assert seen == [*range(1, 30), 501, 502]  # The head, the blank row, and the one behind it.
