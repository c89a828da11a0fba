"""Text files as surveys, pandas, loggers, documents and shops write them: the names and rows that a careful person
would read, and what is said of the others. The expected values are those the files are written from.
"""

import random

import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.tables.profile import profile
from core.tables.sources import read_alike, read_bytes
from tests.core.read_lines import german, read

ROWS = 30
DRAW = random.Random(5)
AMOUNTS = [round(DRAW.uniform(1, 900), 2) for _ in range(ROWS)]
WORDS = [["red", "blue", "green"][at % 3] for at in range(ROWS)]


IDS = ",".join(f'"{{""ImportId"":""{one}""}}"' for one in ("startDate", "QID1", "QID2"))


def test_questions_and_import_ids_below_the_names_of_a_survey_are_passed_over():
    rows = [f"2023-01-{at % 28 + 1:02d} 10:00:00,{at % 7},{word}" for at, word in enumerate(WORDS)]
    frame, notes = read(["StartDate,Q1,Q2", 'Start Date,"How good, overall?",Your colour?', IDS, *rows])
    assert list(frame) == ["StartDate", "Q1", "Q2"]
    assert frame["Q1"].tolist() == [at % 7 for at in range(ROWS)]
    assert frame["Q2"].tolist() == WORDS
    assert "Lines 2, 3 between the names and the values were passed over." in notes


def test_answers_below_the_questions_of_a_survey_belong_to_the_names():
    names = "Respondent ID,Start Date,Gender?,How likely?,How should we write?,,Comments"
    rows = [f"11{at:03d},01/13/2023 10:00:00 AM,{word},{at % 5},Email,,c {at}" for at, word in enumerate(WORDS)]
    frame, notes = read([names, ",,Response,,Email,Phone,Open-Ended Response", *rows])
    assert list(frame)[2:6] == [
        "Gender? Response",
        "How likely?",
        "How should we write? Email",
        "How should we write? Phone",
    ]
    assert frame["Gender? Response"].tolist() == WORDS
    assert len(frame) == ROWS
    assert any("The column names are in lines 1 and 2" in note for note in notes)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "head", "row"),
    [
        ("a.csv", ["Date,Q1,Q2", "Date,How good?,Colour?", IDS], "2023-01-01 10:00:00,3,red"),
        ("a.csv", ["Respondent ID,How likely?,Gender?", ",,Response"], "112,3,male"),
        ("a.txt", ["# x y z"], "1 2.5 3"),
        ("a.txt", ["| a | b | c |", "|---|:-:|--:|"], "| w | 2.5 | 3 |"),
    ],
)
def test_few_rows_to_predict_for_are_read_as_many(name, head, row, rows):
    """Whether or not a person has decided where the names are."""
    many, info = read_bytes(name, "\n".join([*head, *[row] * ROWS]).encode())
    for reading in (TableReading(), info.decided.of_columns()):
        few, _ = read_alike(name, "\n".join([*head, *[row] * rows]).encode(), reading)
        assert list(few) == list(many)
        assert len(few) == rows


@pytest.mark.parametrize("facts", [1, 2])
def test_a_table_of_facts_above_the_table_is_passed_over(facts):
    """As weather services put the place above their measurements."""
    head = ["latitude,longitude,zone", *["52.52,13.4,GMT"] * facts, "", "time,temperature,rain (mm)"]
    frame, notes = read([*head, *(f"2023-01-{at % 28 + 1:02d}T10:00,{value},0.5" for at, value in enumerate(AMOUNTS))])
    assert list(frame) == ["time", "temperature", "rain (mm)"]
    assert frame["temperature"].tolist() == AMOUNTS
    assert any(f"found in line {facts + 3}" in note for note in notes)


def test_the_first_of_two_tables_of_one_size_is_read():
    rows = [f"{at},{value}" for at, value in enumerate(AMOUNTS)]
    frame, notes = read(["a,b", *rows, "", "c,d", *rows])
    assert (list(frame), len(frame)) == (["a", "b"], ROWS)
    assert any("Another table begins" in note for note in notes)


@pytest.mark.parametrize("index", [("city",), ("city", "year")])
def test_the_names_of_an_index_below_two_rows_of_names_are_names(index):
    frame = pd.DataFrame(
        {"city": [f"c{at}" for at in range(ROWS)], "year": [2000 + at % 3 for at in range(ROWS)], "price": AMOUNTS}
    )
    written = frame.groupby(list(index)).agg({"price": ["mean", "max"]})
    found, _ = read(written.to_csv().splitlines())
    assert list(found) == [*index, "price mean", "price max"]
    assert found["price mean"].tolist() == pytest.approx(written["price", "mean"].tolist())
    assert found["city"].tolist() == [place[0] if len(index) > 1 else place for place in written.index]


def test_a_first_row_without_numbers_stays_a_row():
    frame, _ = read(["city,a,b", "Paris,,", *(f"c{at},{value},{at}" for at, value in enumerate(AMOUNTS))])
    assert frame["city"].tolist()[:2] == ["Paris", "c0"]


@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize("sign", ["#", "%", "//"])
def test_the_sign_of_a_comment_before_the_names_is_no_name(sign, separator):
    lines = [separator.join([sign, "x", "y", "z"])]
    lines += [separator.join([str(at), str(value), str(at % 4)]) for at, value in enumerate(AMOUNTS)]
    frame, _ = read(lines, "a.txt")
    assert {name: frame[name].tolist() for name in frame} == {
        "x": list(range(ROWS)),
        "y": AMOUNTS,
        "z": [at % 4 for at in range(ROWS)],
    }


def test_a_column_that_is_called_by_a_number_sign_stays_one():
    frame, _ = read(["#\tx\ty", *(f"{at}\t{value}\t{at % 4}" for at, value in enumerate(AMOUNTS))], "a.txt")
    assert list(frame) == ["#", "x", "y"]


@pytest.mark.parametrize("rule", ["|---|:-:|--:|", "|:-|-|-:|", "|:---|:---:|---:|"])
def test_the_rule_below_the_names_of_a_document_is_no_name(rule):
    rows = [f"| {word} | {value} | {at} |" for at, (word, value) in enumerate(zip(WORDS, AMOUNTS, strict=True))]
    frame, _ = read(["| a | b | c |", rule, *rows], "a.txt")
    assert list(frame) == ["a", "b", "c"]
    assert frame["b"].tolist() == AMOUNTS


@pytest.mark.parametrize("row", [["+", "-", "+"], ["-", "-", "-"], ["+++", "-", "++"]])
def test_results_in_signs_are_no_rule(row):
    rows = [row if at == 3 else ["+", "-", "++"] for at in range(ROWS)]
    frame, _ = read(["id,a,b,c", *(f"{at},{','.join(cells)}" for at, cells in enumerate(rows))])
    assert len(frame) == ROWS


LISTS = {
    "price": (lambda at: f"{german(AMOUNTS[at] * 10)} \u20ac", [round(value * 10, 2) for value in AMOUNTS]),
    "sign first": (lambda at: f"\u20ac {german(AMOUNTS[at])}", AMOUNTS),
    "weight": (lambda at: f"{AMOUNTS[at]} kg", AMOUNTS),
    "share": (lambda at: f"{AMOUNTS[at]} %", AMOUNTS),
    "grouped by blanks": (lambda at: f"{3 * at + 1} 906,50", [(3 * at + 1) * 1000 + 906.5 for at in range(ROWS)]),
    "day and clock": (
        lambda at: f"{at % 28 + 1:02d}.02.2023 {at % 24:02d}:00",
        [pd.Timestamp(2023, 2, at % 28 + 1, at % 24) for at in range(ROWS)],
    ),
    "ISO": (
        lambda at: f"2023-02-{at % 28 + 1:02d} {at % 24:02d}:00:00",
        [pd.Timestamp(2023, 2, at % 28 + 1, at % 24) for at in range(ROWS)],
    ),
    "named month": (lambda at: f"{at % 28 + 1} Jan 2023", [pd.Timestamp(2023, 1, at % 28 + 1) for at in range(ROWS)]),
    "American": (lambda at: f"Jan {at % 28 + 1}, 2023", [pd.Timestamp(2023, 1, at % 28 + 1) for at in range(ROWS)]),
    "clock": (lambda at: f"{at % 12 + 1}:15 PM", [(at % 12 + 1) % 12 + 12.25 for at in range(ROWS)]),
}


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
@pytest.mark.parametrize("case", LISTS)
def test_a_pasted_column_with_blanks_or_commas_in_its_values_is_one(case, name):
    written, expected = LISTS[case]
    frame, _ = read(["value", *map(written, range(ROWS))], name)
    assert list(frame) == ["value"]
    assert frame["value"].tolist() == expected


@pytest.mark.parametrize("row", [lambda at: f"{at + 1} {AMOUNTS[at]}", lambda at: f"n{at} {AMOUNTS[at]}"])
def test_the_names_of_rows_before_one_column_are_a_column(row):
    frame, _ = read(["value", *map(row, range(ROWS))], "a.txt")
    assert frame["value"].tolist() == AMOUNTS


@pytest.mark.parametrize("word", ["\\N", "[NULL]", "unbekannt", "\u672a\u77e5"])
def test_words_for_missing_cells_of_databases_and_other_languages_are_asked_about(word):
    rows = [f"{at},{word if at % 5 == 0 else WORDS[at]},{value}" for at, value in enumerate(AMOUNTS)]
    hints = profile(read(["id,colour,v", *rows])[0]).hints
    assert [hint.text for hint in hints if hint.kind == "placeholder" and repr(word) in hint.text]


@pytest.mark.parametrize("kinds", ['"","","Min","Avg"', '"","","",""'])
def test_files_of_data_loggers_have_their_names_in_the_second_row(kinds):
    rows = "".join(
        f'"2021-06-{at + 1:02} 00:10:00",{at},{12 + at / 8},{at / 2 if at % 5 else chr(34) + "NAN" + chr(34)}\n'
        for at in range(20)
    )
    head = (
        '"TOA5","Station","CR1000","1234","CR1000.Std.32","program","5","Table1"\n"TIMESTAMP","RECORD","Batt","Air"\n'
    )
    frame, info = read_bytes("CR1000_Table1.dat", f'{head}"TS","RN","Volts","Deg C"\n{kinds}\n{rows}'.encode())
    assert list(frame) == ["TIMESTAMP", "RECORD", "Batt", "Air"]
    assert frame["Batt"].tolist() == [12 + at / 8 for at in range(20)]
    assert frame["Air"].isna().tolist() == [at % 5 == 0 for at in range(20)]
    assert info.units == {"TIMESTAMP": "TS", "RECORD": "RN", "Batt": "Volts", "Air": "Deg C"}


@pytest.mark.parametrize(
    "marks", [(".", ".a"), ("#NULL!", "0"), ("refused", "refused"), ("<LOD", "n.b."), ("(null)", "(null)")]
)
def test_a_first_row_without_values_is_no_row_of_names(marks):
    cells = [[mark if at % 4 == 0 else str(at) for mark in marks] for at in range(21)]
    content = "name,x,y\n" + "".join(f"N{at},{x},{y}\n" for at, (x, y) in enumerate(cells))
    frame, _ = read_bytes("a.csv", content.encode())
    assert list(frame) == ["name", "x", "y"]
    assert frame["name"].tolist() == [f"N{at}" for at in range(21)]
    assert frame["x"].tolist()[1:4] == [1, 2, 3]


def test_two_rows_of_names_that_return_on_each_page_stay_two():
    page = "branch,sales,sales\nname,2022,2023\n".replace("2022", "net").replace("2023", "gross")
    pages = [page + "".join(f"B{sheet}{at},{at},{at + 1}\n" for at in range(9)) for sheet in range(3)]
    frame, _ = read_bytes("a.csv", "".join(pages).encode())
    assert list(frame) == ["branch name", "sales net", "sales gross"]
    assert frame["sales net"].tolist() == [*range(9)] * 3


@pytest.mark.parametrize("rows", [8, 20, 60])
def test_the_last_row_above_a_wider_table_is_read(rows):
    content = "Item,Qty\n" + "".join(f"I{at},{at}\n" for at in range(rows)) + "\nBranch,Head,Budget\na,1,2\nb,3,4\n"
    frame, info = read_bytes("a.csv", content.encode())
    assert frame["Qty"].tolist() == [*range(rows)]
    assert "Another table begins" in " ".join(info.notes)


@pytest.mark.parametrize("amounts", [["771.5 €-", "7 601.0 €-"], ["3890 m²-", "1 kg-"], ["129,9k-", "68,0 %-"]])
def test_a_first_row_with_minus_signs_behind_units_is_no_row_of_names(amounts):
    cells = [*amounts, "186.6 €", "6.6 €", "12.5 €"] * 4
    frame, _ = read_bytes(
        "a.csv", ("x;w\n" + "".join(f"{cell};{'abc'[at % 3]}\n" for at, cell in enumerate(cells))).encode()
    )
    assert (list(frame), len(frame)) == (["x", "w"], 20)


def test_a_row_of_one_word_below_names_that_are_dates_holds_units():
    rows = [f"Land {at};{at * 1000};{at * 1001}" for at in range(1, 17)]
    frame, notes = read(["Population", "Land;31.12.2021;31.12.2022", ";Anzahl;Anzahl", *rows])
    assert list(frame) == ["Land", "31.12.2021", "31.12.2022"]
    assert frame["31.12.2022"].tolist() == [at * 1001 for at in range(1, 17)]
    assert "Line 3 holds units ('Anzahl', 'Anzahl'), shown beside the columns." in notes


def test_a_table_in_a_frame_of_signs_has_no_column_of_its_frame():
    rule = "+----+-----+"
    rows = [f"| {at} | n{at} |" for at in range(10, 30)]
    frame, _ = read([rule, "| id | tag |", rule, *rows, rule, "20 rows in set (0.00 sec)"], "a.txt")
    assert list(frame) == ["id", "tag"]
    assert frame["id"].tolist() == list(range(10, 30))


def test_the_types_of_the_columns_are_no_names_and_no_values():
    frame, notes = read(
        ["id,x,g", "int,float(8),varchar(20)", *[f"{at},{at * 1.5},{'ab'[at % 2]}" for at in range(30)]]
    )
    assert list(frame) == ["id", "x", "g"]
    assert frame["x"].tolist() == [at * 1.5 for at in range(30)]
    assert "Line 2 between the names and the values was passed over." in notes


def test_annotations_of_a_time_series_database_are_passed_over():
    above = ["#group,false,false,true,false", "#datatype,string,long,string,double", "#default,_result,,,"]
    frame, notes = read([*above, ",result,table,sensor,_value", *[f",,0,s{at % 3},{at * 1.5}" for at in range(30)]])
    assert list(frame) == ["result", "table", "sensor", "_value"]
    assert frame["_value"].tolist() == [at * 1.5 for at in range(30)]
    assert "The column names were found in line 4; the 3 lines above were passed over." in notes


def test_the_semicolon_of_an_entity_of_html_parts_no_columns():
    frame, _ = read(["name,x", *[f"R&amp;D {at},{at}" for at in range(30)]])
    assert frame.shape == (30, 2)
    assert frame["x"].tolist() == list(range(30))


def test_typographic_quotation_marks_around_commas_are_named():
    _, notes = read(["id,name,x", *[f"{at},\u201cn, {at}\u201d,{at}" for at in range(20)]])
    assert any(note.startswith("Text is in typographic quotation marks") for note in notes)
    _, notes = read(["id,name,x", *[f"{at},\u201cn {at}\u201d,{at}" for at in range(20)]])
    assert not any("typographic" in note for note in notes)
