"""Answers beside rows."""

import pandas as pd

from core.tables.answers import beside


def test_an_answer_never_hides_a_column_of_the_table():
    frame = pd.DataFrame({"note": ["a"], "note (model)": ["b"]}, index=[7])
    answers = pd.DataFrame({"predicted y": [1.5], "note": ["c"]}, index=[7])
    joined = beside(frame, answers)
    assert joined.to_dict("records") == [{"note": "a", "note (model)": "b", "predicted y": 1.5, "note (model) (model)": "c"}]
