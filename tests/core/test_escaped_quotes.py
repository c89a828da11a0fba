"""Text files whose quotation marks within text stand behind a backslash."""

import io

import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.experiment.reading_edits import alternatives
from core.tables.raw_preview import raw_preview
from core.tables.sources import read_alike, read_bytes

SAYINGS = ['He said "no"', 'She said "yes, of course"', "nothing", 'a "b" c']


def escaped(separator: str, rows: int = 40) -> tuple[str, pd.DataFrame]:
    """A file as programs write it that put a backslash before quotation marks, and its table."""
    frame = pd.DataFrame({"said": [SAYINGS[at % 4] for at in range(rows)], "y": range(rows)})
    return frame.to_csv(index=False, sep=separator, quoting=1, doublequote=False, escapechar="\\"), frame


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_backslash_before_quotation_marks_is_found(separator):
    text, frame = escaped(separator)
    read, info = read_bytes("a.csv", text.encode())
    pd.testing.assert_frame_equal(read, frame)
    assert info.decided.quotes == "backslash"
    again = pd.read_csv(io.BytesIO(text.encode()), **info.options)
    pd.testing.assert_frame_equal(again, frame)
    (note,) = [note for note in info.noted if note.decision == "quotes"]
    ((_, doubled),) = alternatives(note, info.decided)
    assert read_bytes("a.csv", text.encode(), doubled)[1].decided.quotes is None
    assert raw_preview("a.csv", text.encode(), info.decided).head[1] == [SAYINGS[0], "0"]


def test_a_backslash_far_below_is_found():
    rows = "".join(f'"plain text of row {at}",{at}\n' for at in range(20_000))
    text = f'said,y\n{rows}"He said \\"no, never\\"",1\n"the ""end""",2\n'
    read, info = read_bytes("a.csv", text.encode())
    assert info.decided.quotes == "backslash"
    assert read["said"].tolist()[-2:] == ['He said "no, never"', 'the "end"']


@pytest.mark.parametrize(
    "text",
    [
        'said,y\n"C:\\dir\\",1\n"D:\\",2\n"E:\\",3\n',
        'said,y\n"{""a"": ""b\\""c""}",1\n"x",2\n"z",3\n',
        'said,y\nC:\\new,1\n5\\" pipe,2\nz,3\n',
        'said,y\n"he ""said"" so",1\nx,2\nz,3\n',
    ],
)
def test_other_backslashes_stay_signs(text):
    read, info = read_bytes("a.csv", text.encode())
    assert info.decided.quotes is None
    pd.testing.assert_frame_equal(read, pd.read_csv(io.StringIO(text)))


def test_it_may_be_decided_by_hand():
    text = 'said,y\n"a \\" b",1\n"c",2\n"d",3\n'
    read, _ = read_bytes("a.csv", text.encode(), TableReading(quotes="backslash"))
    assert read["said"].tolist() == ['a " b', "c", "d"]
    assert TableReading(quotes="backslash").carried().quotes == "backslash"


def test_missing_cells_of_a_database_are_missing():
    text = "said,n,w\n" + "".join(
        f'"a \\"{at}\\"",{at if at % 3 else chr(92) + "N"},{"YN"[at % 2]}\n' for at in range(30)
    )
    read, info = read_bytes("a.csv", text.encode())
    assert read["n"].dropna().tolist() == [at for at in range(30) if at % 3]
    assert read["w"].tolist() == ["Y", "N"] * 15
    assert r"Cells like \N of 'n' are missing, as a database writes missing values." in info.notes


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("numbers", [False, True])
def test_single_quotation_marks_around_text_are_found(separator, numbers):
    """As scripts and old databases write text; a mark within it is doubled."""
    words = ["it''s one", "a, b; c", "plain", 'say "no"']
    rows = [(words[at % 3], f"'{at}'" if numbers else at) for at in range(600)]
    lines = [f"'said'{separator}'y'", *[f"'{word}'{separator}{number}" for word, number in rows]]
    content = ("\n".join(lines) + "\n").encode()
    frame, info = read_bytes("a.csv", content)
    assert frame["said"].tolist() == [word.replace("''", "'") for word, _ in rows]
    assert frame["y"].tolist() == list(range(600))
    assert info.decided.quotes == "single"
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(content), **info.options), frame)
    pd.testing.assert_frame_equal(read_bytes("a.csv", content, info.decided)[0], frame)
    (note,) = [note for note in info.noted if note.decision == "quotes"]
    ((words, doubled),) = alternatives(note, info.decided)
    assert words == "They are part of the text"
    assert next(iter(read_bytes("a.csv", content.replace(b"a, b; c", b"abc"), doubled)[0])) == "'said'"
    assert raw_preview("a.csv", content, info.decided).head[1] == ["it's one", "0"]


def test_rows_to_predict_for_may_have_other_quotation_marks_than_the_training_table():
    train = "name,y\n" + "".join(f"'a, {at}',{at}\n" for at in range(20))
    _, info = read_bytes("a.csv", train.encode())
    for ask in ('name,y\n"b, 1",2\n', "name,y\n'b, 1',2\n"):
        rows, _ = read_alike("b.csv", ask.encode(), info.decided)
        assert rows["name"].tolist() == ["b, 1"]
    rows, _ = read_alike("b.csv", b"name,y\nO'Brien,2\n", info.decided)
    assert rows["name"].tolist() == ["O'Brien"]


def test_apostrophes_are_no_quotation_marks():
    lines = ["name,code,y", *[f"O'Brien {at},'00{at},{at}" for at in range(40)]]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    assert frame["name"].iloc[3] == "O'Brien 3"
    assert info.decided.quotes is None
