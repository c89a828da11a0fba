"""What simple models and the first network reach on tables as people have them. The expected scores were computed with
scikit-learn on the same rows: 70 % for training, 15 % for validation, 15 % for test, seed 0.
"""

import pytest

from core.experiment.spec import Experiment
from core.tables.situation import Tables
from core.training.compiled_pool import Programs
from core.training.hooks import Hooks
from core.training.train import fit_baselines, learn, prepare_data
from tests.core.case_tables import first_experiment

pytestmark = pytest.mark.slow


def line_score(tables: Tables, experiment: Experiment, score: str = "rmse") -> float:
    """The test score of the straight line beside the network."""
    tasks = tables.situation(experiment).tasks
    fitted = fit_baselines(prepare_data(experiment, tables.prepared(experiment), tasks, Hooks()), Hooks())
    name = "linear model" if tasks[0].kind == "regression" else "logistic model"
    return fitted.scores[name]["test"][score]


@pytest.mark.parametrize(
    ("name", "target", "expected", "within"),
    [
        ("offset_target.csv", "balance", 0.0070, 0.01),
        ("serial_1e15.csv", "y", 0.0032, 0.02),
        ("question.csv", "rent", 23.6, 0.01),
        ("glued.csv", "mass", 0.0007, 0.01),
        ("load.csv", "load", 2.2, 0.01),
        ("shops.csv", "sales", 1.10, 0.01),
        ("space.csv", "price", 862, 0.01),
        ("nbsp.csv", "price", 862, 0.01),
        ("nnbsp.csv", "price", 862, 0.01),
        ("apostrophe.csv", "price", 862, 0.01),
    ],
)
def test_a_straight_line_reaches_what_scikit_learn_reaches(tmp_path, name, target, expected, within):
    assert line_score(*first_experiment(tmp_path, name, target)) == pytest.approx(expected, rel=within)


def test_seconds_since_1970_keep_their_digits(tmp_path):
    """The relation is exact; float64 rounds 1.7e9 to 2e-7."""
    assert line_score(*first_experiment(tmp_path, "epoch_feature.csv", "power")) < 1e-5


def test_blanks_around_classes_cost_no_accuracy(tmp_path):
    assert line_score(*first_experiment(tmp_path, "target.csv", "side"), score="accuracy") >= 0.98


@pytest.fixture(scope="module")
def programs():
    """Compiled networks, for trainings on tables of one shape."""
    return Programs()


@pytest.mark.parametrize(
    ("name", "target", "data", "expected"),
    [
        ("offset_target.csv", "balance", {}, (0.0, 0.5)),  # Of a deviation of 22.
        ("serial_1e15.csv", "y", {"features": {"serial": "code", "b": "number"}}, (0.0, 0.31)),
        ("question.csv", "rent", {}, (31, 35)),
        ("mon_day.csv", "sales", {"features": {"day": "date", "b": "number"}}, (4.0, 5.1)),
        ("mon_day_year.csv", "sales", {}, (4.5, 5.6)),
    ],
)
def test_the_first_network_reaches_it_too(tmp_path, programs, name, target, data, expected):
    tables, experiment = first_experiment(tmp_path, name, target, **data)
    tasks = tables.situation(experiment).tasks
    outcome = learn(experiment, tables.prepared(experiment), tasks, Hooks(), programs=programs)
    low, high = expected
    assert low < outcome.scores["test"]["rmse"] < high
