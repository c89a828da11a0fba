"""The sections of the Result page by their widgets, on evaluated rows of a known network: what they say, and which rows
a click lists.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedRows, EvaluatedTarget
from core.experiment.spec import Experiment
from dashboard.figures.error_figures import error_by_tenth_bars, residuals_against
from dashboard.panels import evaluation_sections
from dashboard.panels.asked_evaluation import Asked

pytestmark = pytest.mark.usefixtures("home")
RNG = np.random.default_rng(0)
ROWS = 200


@dataclass(frozen=True)
class Known(Asked):
    """Asked of rows that are known, not of a worker."""

    evaluated: EvaluatedRows | None = None

    def rows(self) -> EvaluatedRows:
        """The known rows."""
        assert self.evaluated is not None
        return self.evaluated


def part_with(target: EvaluatedTarget, weights: np.ndarray | None = None) -> EvaluatedPart:
    """A part of `ROWS` rows from the row 101 of the table on, with features of each kind."""
    days = pd.Series(pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(ROWS), unit="D"))
    days[3] = None
    features = pd.DataFrame(
        {
            "size": np.where(np.arange(ROWS) == 5, np.nan, RNG.normal(size=ROWS)),
            "day": days,
            "town": np.array(["<b>a</b>", "b", ""], dtype=object)[np.arange(ROWS) % 3],
            "predicted y": np.ones(ROWS),
        }
    )
    return EvaluatedPart(np.arange(100, 100 + ROWS), features, weights, {"y": target}, 5_000)


def asked_of(experiment: Experiment, target: EvaluatedTarget, weights: np.ndarray | None = None) -> Known:
    """A question about that target, in test and validation rows."""
    part = part_with(target, weights)
    card = {"targets": [{"target": "y", "task": target.task, "classes": list(target.classes), "decision": 0.5}]}
    card["targets"][0] |= {"margin": False, "output": "y"}
    rows = EvaluatedRows(3, {"validation": part, "test": replace(part, rows=ROWS)})
    return Known("0123456789ab", experiment, {"epoch": 3}, card, None, "y", evaluated=rows)


def section(title: str, asked: object) -> None:
    """One section in a page."""
    from dashboard.panels.evaluation_sections import SECTIONS

    next(section for section in SECTIONS if section.title == title).draw(asked)


def drawn(title: str, asked: Known) -> AppTest:
    """The page of a section, drawn without a traceback."""
    app = AppTest.from_function(section, default_timeout=30, args=(title, asked)).run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    """What is said in small letters."""
    return "\n".join(caption.value for caption in app.caption)


@pytest.fixture
def regression() -> EvaluatedTarget:
    """Predictions that are 2 too high, with errors of deviation 1 about it."""
    actual = RNG.normal(50, 20, ROWS)
    return EvaluatedTarget("y", "regression", (), actual, actual + RNG.normal(2, 1, ROWS), {"mean": actual * 0 + 50})


def test_the_errors_of_a_regression_are_drawn_against_each_column(experiment_of, regression):
    app = drawn("Errors", asked_of(experiment_of(), regression))
    assert "too high" in captions(app)
    assert "random sample" not in captions(app)
    names = app.selectbox(key="errors-against").options
    assert names == ["predicted y", "actual y", "size", "day", "town", "predicted y (feature)"]
    for name in names:
        app.selectbox(key="errors-against").set_value(name).run()
        assert not app.exception
    app.segmented_control(key="rows-of").set_value("validation").run()
    assert not app.exception
    assert "They are a random sample of 5,000" in captions(app)


def test_predictions_that_are_no_numbers_are_left_out_and_said(experiment_of, regression):
    predicted = regression.y_pred.copy()
    predicted[:3] = [np.nan, np.inf, -np.inf]
    app = drawn("Errors", asked_of(experiment_of(), replace(regression, y_pred=predicted)))
    assert "no finite number for 3 rows" in app.warning[0].value
    app = drawn("Errors", asked_of(experiment_of(), replace(regression, y_pred=predicted * np.nan)))
    assert "for 200 rows" in app.warning[0].value


def test_rows_count_by_their_weights_and_weights_of_nothing_are_said(experiment_of, regression):
    assert "count by their weights" in captions(
        drawn("Errors", asked_of(experiment_of(), regression, np.arange(200.0)))
    )
    assert "no weight" in captions(drawn("Errors", asked_of(experiment_of(), regression, np.zeros(ROWS))))


def test_words_of_a_table_are_text_in_the_figures():
    words = pd.Series(["<b>x</b>"] * 3 + [f"w{at}" for at in range(40)])
    shown = residuals_against(words, np.arange(43.0), "<i>town</i>", "<u>y</u>", "$", None)
    assert shown.data[0].x[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert shown.data[0].x.count("(others)") == 11
    assert shown.layout.xaxis.title.text == "&lt;i&gt;town&lt;/i&gt;"
    assert shown.layout.yaxis.tickformat == "$~s"
    tenths = pd.DataFrame({"rows": [2], "mean error": [1.0], "mean absolute error": [2.0]})
    assert "&lt;a&gt;" in error_by_tenth_bars(tenths, "y", "<a>", ["1 <a>"]).data[0].customdata[0]


def test_each_section_applies_to_its_tasks():
    titles = {
        task: [one.title for one in evaluation_sections.SECTIONS if one.applies({"task": task, "classes": classes})]
        for task, classes in (("regression", []), ("binary", ["a", "b"]), ("multiclass", ["a", "b", "c"]))
    }
    assert "Errors" in titles["regression"]
    assert "Errors" not in titles["binary"] + titles["multiclass"]
