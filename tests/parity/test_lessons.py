"""What the lessons say is so: each is trained as it stands, and its sentences are checked against its numbers."""

import contextlib

import numpy as np
import pytest

from core.advice.checks import advise, errors
from core.experiment.lessons import LESSONS
from core.experiment.share_link import packed, unpacked
from core.experiment.spec import Experiment
from core.keras_code.script import program
from core.model.matrices import TablePool
from core.model.preprocessing import tensors
from core.race.settings import SETTINGS
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.compiled_pool import Programs
from core.training.outcome import Outcome
from core.training.train import Hooks, learn

pytestmark = pytest.mark.slow
# A sentence of each kind is checked among the tests: one layer and two ("softmax", "hidden", "straight", "bent"), what
# overfitting is, a penalty (L2), an early stop, a race of optimizers, a table with words. The lessons that vary these,
# and take longest, are among the long trials.
variation = pytest.mark.soak


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Tables:
    return Tables(TableStore(tmp_path_factory.mktemp("lessons")))


class Trainings:
    """Trains experiments, lessons once each. Those on the same table share its baselines, and those of the same network
    its compiled program.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables, self._ready, self._programs = tables, TablePool(), Programs()
        self._outcomes: dict[str, Outcome] = {}
        self._kernels: dict[str, np.ndarray] = {}

    def __call__(self, name: str) -> Outcome:
        """The outcome of a lesson."""
        if name not in self._outcomes:
            self._outcomes[name] = outcome = self.learn(LESSONS[name].experiment)
            # The next training with the same program trains the same stack on.
            weights = outcome.stack.trainable_weights
            self._kernels[name] = np.concatenate([one.numpy().ravel() for one in weights if len(one.shape) == 2])
        return self._outcomes[name]

    def kernels(self, name: str) -> np.ndarray:
        """All weights that a lesson's hidden and output layers end with, without biases."""
        self(name)
        return self._kernels[name]

    def learn(self, experiment: Experiment) -> Outcome:
        """The outcome of an experiment."""
        ready = self._ready.of(experiment.data, lambda: self._tables.prepared(experiment))
        return learn(experiment, ready, self._tables.situation(experiment).tasks, Hooks(), programs=self._programs)


@pytest.fixture(scope="module")
def outcome(tables):
    """Without gradient boosting of ten classes, of which no lesson speaks and which takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.training.background_boosting.within_seconds", lambda task, *_: task.kind == "regression")
        yield Trainings(tables)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_can_be_trained_and_linked_as_it_is(tables, name):
    lesson = LESSONS[name]
    assert lesson.says.endswith(".")
    assert lesson.says.count(". ") == 1
    assert errors(advise(lesson.experiment, tables.situation(lesson.experiment))) == []
    assert unpacked(packed(lesson.experiment)) == lesson.experiment
    assert tables.situation(lesson.experiment).rows[0] > 100


def share(outcome: Outcome) -> float:
    """Of the test rows, the share that is called right."""
    return outcome.scores["test"]["accuracy"]


def gap(outcome: Outcome) -> float:
    """How much larger the loss on validation rows is than on training rows."""
    return outcome.scores["validation"]["loss"] - outcome.scores["train"]["loss"]


def test_softmax_alone_calls_nine_of_ten_digits_right(outcome):
    assert share(outcome("softmax")) > 0.9


def test_a_hidden_layer_calls_fewer_digits_wrong(outcome):
    assert share(outcome("hidden")) > share(outcome("softmax"))


@variation
def test_deeper_learns_its_rows_better_and_others_about_as_well(outcome):
    hidden, deeper = outcome("hidden"), outcome("deeper")
    weights = [one.stack.count_params() for one in (hidden, deeper)]
    assert 3.5 < weights[1] / weights[0] < 4.5
    assert deeper.history["loss"][-1] < hidden.history["loss"][-1]
    assert share(deeper) == pytest.approx(share(hidden), abs=0.02)


def test_overfitting_turns_the_validation_loss_while_the_training_loss_goes_to_0(outcome, tables):
    ran, rows = outcome("overfitting"), tables.situation(LESSONS["overfitting"].experiment).rows
    assert 170 < rows[0] < 190
    assert ran.history["loss"][-1] < 0.001
    validation = ran.history["val_loss"]
    assert validation[0] > 2 * min(validation)
    assert validation[-1] > 1.15 * min(validation)


@variation
def test_regularisation_narrows_the_gap_and_calls_about_as_many_right(outcome):
    free, held = outcome("overfitting"), outcome("regularisation")
    ours, theirs = LESSONS["regularisation"].experiment, LESSONS["overfitting"].experiment
    assert [one.arguments["units"] for one in ours.layers if one.name == "Dense"] == [
        one.arguments["units"] for one in theirs.layers
    ]
    assert ours.data == theirs.data
    assert gap(held) < 0.8 * gap(free)
    assert share(held) > share(free) - 0.02


def test_one_line_is_close_to_guessing_and_a_hidden_layer_is_not(outcome):
    assert share(outcome("straight")) < 0.6
    assert LESSONS["straight"].experiment.data == LESSONS["bent"].experiment.data
    assert share(outcome("bent")) > 0.9


@variation
def test_three_layers_unwind_the_spirals(outcome):
    ran = outcome("spiral")
    assert share(ran) > 0.95
    assert ran.baselines["logistic model"]["test"]["accuracy"] < 0.75


def test_the_price_of_a_home_beats_the_mean_and_the_straight_line(outcome):
    ran = outcome("prices")
    errs = {name: parts["test"]["mae"] for name, parts in ran.baselines.items()}
    assert ran.scores["test"]["mae"] < min(errs.values())
    assert ran.scores["test"]["mae"] < 0.7 * errs["mean"]


@variation
def test_l1_drives_most_weights_to_0(outcome):
    free, held = outcome("overfitting"), outcome("l1")
    assert np.mean(np.abs(outcome.kernels("l1")) < 0.001) > 0.9
    assert np.mean(np.abs(outcome.kernels("overfitting")) < 0.001) < 0.05
    assert share(held) == pytest.approx(share(free), abs=0.03)


def test_l2_halves_the_weights(outcome):
    free, held = outcome("overfitting"), outcome("l2")
    sizes = [np.sqrt(np.mean(outcome.kernels(name) ** 2)) for name in ("l2", "overfitting")]
    assert sizes[0] / sizes[1] == pytest.approx(0.5, abs=0.1)
    assert share(held) == pytest.approx(share(free), abs=0.03)


@variation
def test_dropout_slows_the_training_loss_and_the_validation_loss_turns_later(outcome):
    free, held = outcome("overfitting"), outcome("dropout")
    assert held.history["loss"][9] > 10 * free.history["loss"][9]
    assert held.best_epoch > free.best_epoch + 20


def test_early_stopping_takes_fewer_epochs_and_keeps_the_lowest_validation_loss(outcome):
    free, held = outcome("overfitting"), outcome("early")
    assert (held.ended, held.epochs < 100) == ("early", True)
    assert held.scores["validation"]["loss"] == pytest.approx(min(free.history["val_loss"]), rel=1e-4)
    assert held.scores["validation"]["loss"] < free.scores["validation"]["loss"]


def test_momentum_leaves_plain_gradient_descent_far_behind(outcome):
    lesson = LESSONS["optimizers"]
    setting, values = lesson.race
    assert set(values) <= set(SETTINGS[setting].suggested(lesson.experiment))
    assert set(values) >= {"SGD", "SGD with momentum", "Adagrad", "Adadelta", "Adam", "Ftrl"}
    momentum = outcome.learn(SETTINGS[setting].apply(lesson.experiment, "SGD with momentum"))
    assert momentum.scores["test"]["loss"] < 0.3 * outcome("optimizers").scores["test"]["loss"]


def printed(tables, name: str) -> str:
    experiment = LESSONS[name].experiment
    return program(experiment, tables.situation(experiment), tables.about(experiment.data.table))


def test_branches_are_printed_with_the_functional_api(tables):
    source = printed(tables, "branches")
    assert "keras.Model(" in source
    assert "keras.Sequential(" not in source


def test_rows_of_an_input_function_are_predicted_in_steps(outcome, tmp_path):
    """The code is run as it is shown; its ten rows are predicted as the bundle predicts them."""
    ran = outcome("steps")
    ran.bundle.save(tmp_path / "model.keras")
    code = LESSONS["steps"].code.replace("print(", "predicted = (")
    found = {}
    with contextlib.chdir(tmp_path):
        exec(code, found)
    sqft = np.arange(800.0, 2800, 200)[:, None]
    rows = {"sqft": sqft, "type": np.full(sqft.shape, "Residential", object)}
    np.testing.assert_allclose(found["predicted"], np.asarray(ran.bundle(tensors(rows))), rtol=1e-5)
