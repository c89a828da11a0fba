"""The tiles of a run's scores: green and orange only where a difference is more than noise."""

import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("home")
VALUE = {
    "version": 1,
    "data": {"table": "sample:sacramento_homes", "targets": ["price"], "features": {"sqft": "number"}},
    "layers": [{"layer": "Dense", "units": 1}],
    "compile": {"loss": "MeanSquaredError", "metrics": ["MeanAbsoluteError", "R2Score"]},
}
RESULT = {
    "epoch": 3,
    "scores": {"test": {"loss": 9.0, "mae": 50_000.0, "r2": 0.6}},
    "test": {"loss": 9.0, "mae": 50_000.0, "r2": 0.6},
    "baselines": {
        "mean": {"test": {"loss": 30.0, "mae": 90_000.0, "r2": -0.01}},
        "linear model": {"test": {"loss": 11.0, "mae": 52_254.0, "r2": 0.5}},
        "other model": {"test": {"loss": 8.0, "mae": 46_000.0, "r2": 0.3}},
    },
}
INTERVALS = {
    "level": 0.95,
    "scores": {"test": {"mae": {"value": 50_000.0, "low": 41_000.0, "high": 60_000.0}}},
    "difference": {
        "linear model": {
            "mae": {"value": 2254.0, "low": -1900.0, "high": 6400.0},
            "r2": {"value": 0.1, "low": 0.04, "high": 0.16},
        },
        "other model": {"mae": {"value": -4000.0, "low": -7000.0, "high": -1000.0}},
    },
}


def tiles(value: dict, result: dict, intervals: dict) -> None:
    """The tiles alone."""
    from core.experiment.spec import read
    from dashboard.panels.asked_evaluation import Asked
    from dashboard.panels.score_tiles import draw_score_tiles

    draw_score_tiles(Asked("0" * 12, read(value), result, {}, None, "price"), intervals)


def drawn(intervals: dict) -> tuple[list[str], list[str]]:
    """The values of the tiles, and the lines under them, without the characters that keep Markdown away."""
    app = AppTest.from_function(tiles, args=(VALUE, RESULT, intervals)).run()
    assert not app.exception
    return [one.value.replace("\\", "") for one in app.metric], [
        one.value.replace("\\", "") for one in (*app.caption, *app.markdown)
    ]


def test_colours_are_for_what_is_more_than_noise():
    values, lines = drawn(INTERVALS)
    assert values == ["$50,000", "0.600"]
    assert lines == [
        "$41,000 to $60,000 (95% interval)",
        ":gray[$2,254 better than the linear model, within the noise: $1,900 worse to $6,400 better]",
        ":orange[$4,000 worse than the other model ($1,000 to $7,000)]",
        ":green[0.100 better than the linear model (0.040 to 0.160)]",
    ]


def test_before_the_intervals_are_there_nothing_is_coloured():
    _, lines = drawn({})
    assert lines == [
        ":gray[$2,254 better than the linear model]",
        ":gray[$4,000 worse than the other model]",
        ":gray[0.100 better than the linear model]",
    ]


def test_gradient_boosting_joins_the_tiles_once_it_is_fitted():
    more = {
        "baselines": {"gradient boosting": {"test": {"mae": {"value": 45_000.0, "low": 40_000.0, "high": 51_000.0}}}},
        "difference": INTERVALS["difference"]
        | {"gradient boosting": {"mae": {"value": -5000.0, "low": -9000.0, "high": 500.0}}},
    }
    _, lines = drawn(INTERVALS | more)
    assert lines[2] == ":gray[$5,000 worse than gradient boosting, within the noise: $9,000 worse to $500 better]"


def scores_tab(value: dict, intervals: dict, boosted: object) -> None:
    """The tab Scores, of answers that are known: without gradient boosting, and what there is of those with it."""
    from core.experiment.spec import read
    from dashboard.panels.asked_evaluation import Asked
    from dashboard.panels.score_intervals_table import score_intervals_table

    class Known(Asked):
        def answer(self, section: str, **options: object) -> dict:
            assert (section, options) == ("intervals", {})
            return intervals

        def answer_when_ready(self, section: str, **options: object) -> object:
            assert (section, options) == ("intervals", {"boosting": True})
            if isinstance(boosted, str):
                raise LookupError(boosted)
            return boosted

    score_intervals_table(Known("0" * 12, read(value), {}, {}, None, "price"))


def test_the_scores_stand_there_while_gradient_boosting_is_fitted():
    names = ("loss", "mae", "r2")
    each = {"test": {name: {"value": 1.0, "low": 0.5, "high": 1.5} for name in names}}
    found = {"epoch": 3, "level": 0.95, "resamples": 1000, "evaluated": {"test": {"rows": 60, "of": 60}}}
    found |= {"scores": each, "baselines": {"mean": each}, "difference": {"mean": each["test"]}}
    boosted = {**found, "baselines": {"mean": each, "gradient boosting": each}}

    def seen(intervals: dict, answer: object) -> tuple[list[str], str]:
        app = AppTest.from_function(scores_tab, args=(VALUE, intervals, answer)).run()
        assert not app.exception
        return app.dataframe[0].value[""].tolist(), " ".join(caption.value for caption in app.caption)

    rows, said = seen(found, None)
    assert rows == ["epoch 3, test", "mean, test"]
    assert "Gradient boosting is being fitted" in said
    rows, said = seen(found, boosted)
    assert rows == ["epoch 3, test", "mean, test", "gradient boosting, test"]
    assert "Gradient" not in said
    assert seen(boosted, "It is not asked for.") == (rows, said)
    rows, said = seen(found, "The table is gone.")
    assert rows == ["epoch 3, test", "mean, test"]
    assert said.endswith("There is no gradient boosting. The table is gone.")


def test_of_groups_it_is_said_that_their_rows_are_drawn_together():
    from dashboard.panels.score_tiles import resamples_text

    intervals = {"level": 0.95, "resamples": 1000, "evaluated": {"test": {"rows": 60, "of": 60, "groups": 7}}}
    assert resamples_text(intervals).startswith(
        "Ranges are 95% intervals of 1,000 bootstrap resamples of 7 groups of 60 test rows: rows of a group are drawn "
        "together."
    )
    intervals["evaluated"]["test"]["groups"] = 1
    assert resamples_text(intervals) == "All 60 test rows are of one group: scores of one group have no interval."
    del intervals["evaluated"]["test"]["groups"]
    assert "of 60 test rows. A difference" in resamples_text(intervals)


def test_the_curves_of_shares_and_amounts_say_what_they_are():
    """As the tiles: an accuracy is a percentage, an error has its target's unit, R2 is a plain number."""
    from core.experiment.spec import read
    from dashboard.panels.common import plots_of

    regression = {plot["key"]: (plot["unit"], plot["share"]) for plot in plots_of(read(VALUE))}
    assert regression == {"loss": ("", False), "mae": ("$", False), "r2": ("", False)}
    titanic = {
        "version": 1,
        "data": {"table": "sample:titanic", "targets": ["survived"], "features": {"age": "number"}},
        "layers": [{"layer": "Dense", "units": 1, "activation": "sigmoid"}],
        "compile": {"loss": "BinaryCrossentropy", "metrics": ["BinaryAccuracy"]},
    }
    assert [plot["share"] for plot in plots_of(read(titanic))] == [False, True]


def test_of_several_targets_each_has_a_tile():
    """Of two errors of the cost, two of the yield and the accuracy of the grade the last one had none."""
    from core.experiment.spec import read
    from dashboard.panels.score_tiles import tiled_scores

    heads = {"cost": "MeanSquaredError", "yield": "MeanSquaredError", "grade": "SparseCategoricalCrossentropy"}
    metrics = {"cost": ["MeanAbsoluteError", "RootMeanSquaredError"], "grade": ["SparseCategoricalAccuracy"]}
    metrics["yield"] = metrics["cost"]
    several = read(
        {
            "version": 1,
            "data": {"table": "t", "targets": list(heads), "features": {"x": "number"}},
            "layers": [{"layer": "Dense", "units": 8}],
            "compile": {"loss": heads, "metrics": metrics},
        }
    )
    scores = dict.fromkeys(several.logged(), 1.0)
    assert len(scores) == 5
    assert tiled_scores(several, scores, 4) == ["cost_mae", "cost_rmse", "yield_mae", "grade_accuracy"]
    assert tiled_scores(several, scores, 3) == ["cost_mae", "yield_mae", "grade_accuracy"]
    assert tiled_scores(read(VALUE), {"loss": 1.0, "mae": 2.0, "r2": 0.5}, 3) == ["mae", "r2"]


def test_what_is_asked_is_said_in_a_few_words():
    from core.experiment.task import Task
    from dashboard.text import asked_in_short

    tasks = [Task("regression", "cost"), Task("regression", "yield"), Task("multiclass", "grade", 3)]
    assert asked_in_short(tasks) == "Regression of cost and yield, classification of grade"
    assert asked_in_short(tasks[:1]) == "Regression of cost"
    many = [Task("regression", name) for name in "abcde"]
    assert asked_in_short(many) == "Regression of a, b, c and 2 more"
