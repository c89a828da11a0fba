"""A run in four sentences, from its facts."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.residuals import actual_range
from core.evaluation.summary import Summary
from core.experiment.spec import read


def experiment(target: str, metric: str, loss: str):
    """An experiment on that target."""
    return read(
        {
            "version": 1,
            "data": {"table": "sample:none", "targets": [target], "features": {"sqft": "number", "city": "category"}},
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {"loss": loss, "metrics": [metric]},
        }
    )


def part(of: EvaluatedTarget) -> EvaluatedPart:
    """The rows of that target."""
    rows = len(of.y_true)
    return EvaluatedPart(np.arange(rows), pd.DataFrame(index=range(rows)), None, {of.target: of}, rows)


def test_a_range_of_whole_amounts_has_no_decimals():
    rentals = np.array([0.0, 17.0, 232.0, 259.0, 1300.0])
    assert actual_range(232.0, 259.0, rentals) == "232 to 259"
    assert actual_range(0.0, 17.0, rentals, "$") == "$0 to $17"
    assert actual_range(259.0, 1300.0, rentals, "km") == "259 km to 1,300 km"
    assert actual_range(232.0, 259.0, rentals / 2) == "232.0 to 259.0"


def test_amounts_are_summed_up_in_their_unit():
    y_true = np.arange(1.0, 101.0) * 1000
    y_pred = y_true + np.where(y_true > 90_000, 5000.0, 100.0)
    of = EvaluatedTarget("price", "regression", (), y_true, y_pred, {})
    told = Summary(
        experiment("price", "MeanAbsoluteError", "MeanSquaredError"),
        {"price": "$"},
        "price",
        (652, 139, 100),
        "mae",
        {"value": 590.0, "low": 400.0, "high": 800.0},
        {
            "linear model": {"value": 2254.0, "low": -1900.0, "high": 6400.0},
            "mean": {"value": -10.0, "low": -20.0, "high": -5.0},
        },
        {"city": {"mean": 300.0, "sd": 20.0}, "sqft": {"mean": 23_000.0, "sd": 900.0}},
        "mae",
        part(of),
        "The 90% intervals of price contain the actual value for 91% of 100 test rows.",
        1800.0,
    )
    assert told.sentences() == [
        "The network predicts price from 2 columns: 652 rows for training, 139 for validation, 100 for test.",
        "On the test rows the MAE is $590.00 (95% interval $400.00 to $800.00): $2,254 better than the linear model, "
        "within the noise: $1,900 worse to $6,400 better; $10.00 worse than the mean ($5.00 to $20.00).",
        "It uses sqft most, then city: with sqft shuffled, the MAE is $23,000 worse.",
        # The largest tenth: ten rows whose errors are 5,000 each.
        "It is weakest where price is $91,000 to $100,000: its mean absolute error there is $5,000 (10 test rows). "
        "The 90% intervals of price contain the actual value for 91% of 100 test rows. They are $1,800 wide on "
        "average.",
    ]


def test_classes_are_summed_up_by_the_weakest_of_them():
    y_true = np.array([0] * 10 + [1] * 20)
    y_pred = np.r_[np.full(6, 0.2), np.full(4, 0.8), np.full(19, 0.9), 0.1]
    of = EvaluatedTarget("z", "binary", ("no", "yes"), y_true, y_pred, {})
    told = Summary(
        experiment("z", "BinaryAccuracy", "BinaryCrossentropy"),
        {},
        "z",
        (80, 0, 30),
        "accuracy",
        {"value": 25 / 30, "low": 0.7, "high": 0.95},
        {},
        {"city": {"mean": 0.001, "sd": 0.02}, "sqft": {"mean": -0.01, "sd": 0.01}},
        "accuracy",
        part(of),
        "",
        None,
    )
    assert told.sentences() == [
        "The network predicts the class of z (no and yes) from 2 columns: 80 rows for training, 30 for test.",
        "On the test rows the accuracy is 83.3% (95% interval 70.0% to 95.0%).",
        "No single column matters much: shuffling one of them leaves the score as it is.",
        "It is weakest for class no: 60% of 10 test rows are predicted correctly.",
    ]


def test_rows_of_rare_classes_that_are_wrong_are_no_rows_of_every_class():
    """Of 37 cities two have five test rows, all of them right; three rows of other cities are not."""
    y_true = np.array([0] * 10 + [1] * 10 + [2, 2, 3])
    for wrong, says in (
        (
            [0, 1, 0],
            "It predicts all test rows of the classes with 5 or more of them correctly, and 3 test rows of rarer "
            "classes wrongly.",
        ),
        ([2, 2, 3], "It predicts all test rows of every class correctly."),
    ):
        y_pred = np.eye(4)[np.r_[y_true[:20], wrong]]
        of = EvaluatedTarget("city", "multiclass", ("a", "b", "c", "d"), y_true, y_pred, {})
        task = experiment("city", "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy")
        score = {"value": 0.9, "low": 0.8, "high": 1.0}
        told = Summary(
            task, {}, "city", (9, 9, 23), "sparse_categorical_accuracy", score, {}, {}, "", part(of), "", None
        )
        assert says in " ".join(told.sentences())


def test_each_of_several_targets_is_named_behind_its_score():
    """ "price: MAE is $590" would have two colons and no subject."""
    of = EvaluatedTarget("price", "regression", (), np.arange(20.0), np.arange(20.0) + 1, {})
    both = read(
        {
            "version": 1,
            "data": {"table": "sample:none", "targets": ["price", "type"], "features": {"sqft": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
            "compile": {
                "loss": {"price": "MeanSquaredError", "type": "SparseCategoricalCrossentropy"},
                "metrics": {"price": ["MeanAbsoluteError"], "type": []},
            },
        }
    )
    used = {"sqft": {"mean": 3.0, "sd": 0.1}}
    score = {"value": 1.0, "low": None, "high": None}
    told = Summary(both, {}, "price", (9, 0, 20), "price_mae", score, {}, used, "price_mae", part(of), "", None)
    assert told.sentences()[1:3] == [
        "On the test rows the MAE for price is 1.00.",
        "It uses sqft most: with sqft shuffled, the MAE for price is 3.00 worse.",
    ]
    of_types = EvaluatedTarget("type", "binary", ("condo", "house"), np.array([0.0, 1.0]), np.array([0.2, 0.9]), {})
    second = replace(told, target="type", metric="type_loss", importance=None, test=part(of_types))
    # What both have in common is said once.
    assert second.sentences()[0] == "It predicts the class of type (condo and house) from the same columns and rows."
