"""Answers beside rows."""

import pandas as pd

from core.tables.prediction_columns import with_predictions, without_formulas


def test_an_answer_never_hides_a_column_of_the_table():
    frame = pd.DataFrame({"note": ["a"], "note (model)": ["b"]}, index=[7])
    answers = pd.DataFrame({"predicted y": [1.5], "note": ["c"]}, index=[7])
    joined = with_predictions(frame, answers)
    assert joined.to_dict("records") == [
        {"note": "a", "note (model)": "b", "predicted y": 1.5, "note (model) (model)": "c"}
    ]


def test_no_spreadsheet_carries_out_what_a_table_says_and_numbers_stay_numbers():
    frame = pd.DataFrame(
        {
            "=cmd|calc!A1": ["=1+1", " @SUM(1)", None],
            "amount": [-1.5, 2.0, 3.0],
            "text": ["-5", "-1,234.5 %", "- a note"],
            "class": pd.Categorical(["+1+cmd", "a", "a"]),
            "seen": ["+3", "\tx", "-"],
        }
    )
    safe = without_formulas(frame)
    assert list(safe) == ["'=cmd|calc!A1", "amount", "text", "class", "seen"]
    assert safe["'=cmd|calc!A1"].tolist()[:2] == ["'=1+1", "' @SUM(1)"]
    assert safe["amount"].tolist() == [-1.5, 2.0, 3.0]
    assert safe["text"].tolist() == ["-5", "-1,234.5 %", "'- a note"]
    assert safe["class"].tolist() == ["'+1+cmd", "a", "a"]
    assert safe["seen"].tolist() == ["+3", "'\tx", "-"]
    assert frame["text"].tolist()[2] == "- a note"  # The table itself is as it was.
