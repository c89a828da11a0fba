"""What the worker says of a run's features, against scikit-learn on the run's own predictions."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin

from core.evaluation.raw_features import sampled_rows
from core.runs import contributions_section, importance_section
from core.runs.contributions_section import contribution_columns
from core.runs.evaluated_run import evaluated_run, evaluation_section
from core.runs.journal import Journal
from core.runs.predictors import predictor
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow
FEATURES = ["x0", "x1", "w"]


class Network(RegressorMixin, BaseEstimator):
    """A run's model as an estimator of scikit-learn, which takes rows of a table."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, rows):
        return self.answer(rows)

    def fit(self, _x, _y):
        return self

    def __sklearn_is_fitted__(self):
        return True


@pytest.fixture(scope="module")
def asked(kept, store, workspace):
    """A function that asks for a section of the kept run."""
    tables = Tables(TableStore(workspace))

    def ask(section, epoch=None, **options):
        return evaluation_section(store, tables, Journal(workspace, kept[0]["run"]), epoch, section, options)

    ask.of = store, tables, Journal(workspace, kept[0]["run"])
    return ask


@pytest.fixture(scope="module")
def network(kept, store):
    """The kept run's model, asked by tables of rows."""
    model = predictor(store, kept[0]["run"])
    return Network(lambda frame: model.predict(pd.DataFrame(frame, columns=FEATURES))["predicted y"].to_numpy())


@pytest.fixture(scope="module")
def test_rows(asked, points):
    """The test rows as the table has them."""
    return points.iloc[asked("rows").parts["test"].positions]


def test_the_importance_of_a_runs_features_is_scikit_learns(asked, network, test_rows, kept):
    found = asked("importance")
    expected = inspection.permutation_importance(
        network, test_rows[FEATURES], test_rows["y"], scoring="neg_mean_absolute_error", n_repeats=5, random_state=0
    )
    assert (found["metric"], found["target"], found["larger"], found["weighted"]) == ("mae", "y", False, None)
    assert (found["rows"], found["of"], found["repeats"]) == (len(test_rows), len(test_rows), 5)
    assert found["score"] == pytest.approx(kept[0]["scores"]["test"]["mae"], rel=1e-6)
    for at, name in enumerate(FEATURES):
        assert found["features"][name]["mean"] == pytest.approx(expected.importances_mean[at], rel=1e-6)
        assert found["features"][name]["sd"] == pytest.approx(expected.importances_std[at], rel=1e-6)
    assert found["features"]["x0"]["mean"] > 5 * found["features"]["x0"]["sd"]


def test_features_asked_for_in_parts_have_the_numbers_of_all_together(asked):
    whole, some = asked("importance", metric="loss"), asked("importance", metric="loss", features=["w"])
    assert some["features"] == {"w": whole["features"]["w"]}


def test_at_an_epoch_the_importance_is_of_its_weights(asked):
    early = asked("importance", epoch=1)
    assert early["score"] != asked("importance")["score"]
    assert early["score"] == pytest.approx(asked("importance", epoch=1)["score"])


def test_a_wide_table_is_sampled_and_it_says_so(asked, monkeypatch):
    monkeypatch.setattr(importance_section, "_MOST_CELLS", 1)
    monkeypatch.setattr(importance_section, "_LEAST_ROWS", 10)
    monkeypatch.setattr(importance_section, "_MANY", 2)
    found = asked("importance", metric="rmse")
    assert (found["rows"], found["repeats"]) == (10, 3)
    assert found["of"] > 10


def test_another_target_is_no_traceback(asked):
    with pytest.raises(LookupError, match="no target 'price'"):
        asked("importance", target="price")


def test_the_word_that_follows_from_a_number_is_named(asked):
    found = asked("association")
    assert found["w"][0][0] == "x0"
    assert found["x0"][0][0] == "w"
    assert np.isfinite(found["w"][0][1])
    assert "x1" not in found


def test_contributions_add_up_to_the_prediction_and_are_the_same_alone_and_in_a_table(asked, network, points):
    rows = points[FEATURES].head(3)
    with evaluated_run(*asked.of) as run:
        table, said = contribution_columns(run, rows)
        background = run.raw("train", sampled_rows(len(run.prepared.parts["train"]), 100))
    assert list(table) == ["base value", "contribution x0", "contribution x1", "contribution w"]
    np.testing.assert_allclose(table.sum(axis=1), network.predict(rows), rtol=1e-5)
    assert "add up to the predicted y (Shapley values against" in said[0]
    assert ", exact;" in said[0]
    of_row = asked("contributions", row=rows.iloc[1].to_dict())["y"]
    assert of_row["features"]["x1"] == pytest.approx(table["contribution x1"].iloc[1], rel=1e-5)
    assert (of_row["error"], of_row["class"]) == (0, None)
    assert of_row["background"] == len(background["x0"])
    # By the definition: the mean gain of x0 over the six orders of three features.
    worth = {}
    for inside in itertools.product([False, True], repeat=3):
        mixed = pd.DataFrame(background)
        for name, own in zip(FEATURES, inside, strict=True):
            if own:
                mixed[name] = rows[name].iloc[0]
        worth[inside] = network.predict(mixed).mean()
    gains = {
        others: worth[True, *others] - worth[False, *others] for others in itertools.product([False, True], repeat=2)
    }
    expected = (2 * gains[False, False] + gains[False, True] + gains[True, False] + 2 * gains[True, True]) / 6
    assert table["contribution x0"].iloc[0] == pytest.approx(expected, rel=1e-4)
    assert table["base value"].iloc[0] == pytest.approx(worth[False, False, False], rel=1e-6)


def test_of_many_rows_contributions_are_sampled_and_add_up(asked, network, points, monkeypatch):
    monkeypatch.setattr(contributions_section, "_MOST_EXACT_ROWS", 1000)
    with evaluated_run(*asked.of) as run:
        table, said = contribution_columns(run, points[FEATURES].head(5))
        assert contribution_columns(run, points[FEATURES].head(0))[0].empty
    np.testing.assert_allclose(table.sum(axis=1), network.predict(points[FEATURES].head(5)), rtol=1e-5)
    assert "sampled, standard error at most" in said[0]


def test_what_if_curves_are_the_predictions_of_the_changed_row(asked, network, points):
    row = points[FEATURES].iloc[0].to_dict() | {"x1": None}
    found = asked("what if", row=row, features=FEATURES)
    assert found["prediction"] == pytest.approx(network.predict(pd.DataFrame([row]))[0], rel=1e-6)
    for name, curve in found["features"].items():
        changed = pd.DataFrame([row] * len(curve["grid"])).assign(**{name: curve["grid"]})
        np.testing.assert_allclose(curve["values"], network.predict(changed), rtol=1e-5)
    assert [curve["now"] for curve in found["features"].values()] == [row["x0"], None, row["w"]]
    assert asked("what if", row=row, features=[])["features"] == {}


def test_an_amount_has_no_counterfactual(asked, points):
    with pytest.raises(LookupError, match="y has no classes"):
        asked("counterfactuals", row=points[FEATURES].iloc[0].to_dict())


def test_the_dependence_of_a_run_is_scikit_learns(asked, network, test_rows):
    for feature in ("x1", "w"):
        found = asked("dependence", feature=feature)
        expected = inspection.partial_dependence(
            network,
            test_rows[FEATURES],
            [feature],
            custom_values={feature: np.array(found["grid"])},
            kind="both",
            method="brute",
        )
        np.testing.assert_allclose(found["mean"], expected["average"][0], rtol=1e-6)
        np.testing.assert_allclose(found["lines"], expected["individual"][0], rtol=1e-6)
        assert (found["rows"], found["of"]) == (len(test_rows), len(test_rows))
        assert sum(found["share"]) == pytest.approx(1, abs=0.05)


def test_the_dependence_on_two_features_has_a_row_for_each_value_of_the_first(asked, network, test_rows):
    found = asked("dependence surface", feature="x0", second="w")
    assert np.shape(found["mean"]) == (15, 3) == tuple(map(len, found["grids"]))
    changed = test_rows[FEATURES].assign(x0=found["grids"][0][4], w=found["grids"][1][2])
    assert found["mean"][4][2] == pytest.approx(network.predict(changed).mean(), rel=1e-6)


def test_a_feature_that_there_is_not_is_no_traceback(asked):
    with pytest.raises(LookupError, match="no feature 'z'"):
        asked("dependence", feature="z")
