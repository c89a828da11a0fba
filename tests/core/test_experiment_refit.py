"""A refit: the experiment for a last training on training and validation rows together."""

import pytest

from core.catalog.schedules import cosine_decay
from core.experiment.refit import more_steps, refit
from core.experiment.spec import Start, read


def test_a_refit_is_the_same_but_for_its_rows_epochs_and_what_watched_validation(experiment_of):
    callbacks = [
        {"class": "EarlyStopping", "monitor": "val_mae", "patience": 5, "restore_best_weights": True},
        {"class": "ReduceLROnPlateau", "patience": 2},
        {"class": "ModelCheckpoint", "monitor": "val_mae", "save_best_only": True},
        "CSVLogger",
    ]
    value = experiment_of(epochs=100, callbacks=callbacks).value()
    value["fit"] |= {"initial_epoch": 10, "validation_steps": 3, "validation_freq": 2, "minutes": 5.0}
    experiment = read(value).model_copy(update={"start": Start(run="0123456789ab", epoch=10)})
    found = refit(experiment, 37)
    assert (found.fit.epochs, found.fit.initial_epoch, found.start) == (37, 0, None)
    assert (found.fit.validation_steps, found.fit.validation_freq, found.fit.minutes) == (None, 1, None)
    assert [(one.name, one.value("monitor")) for one in found.fit.callbacks] == [
        ("ReduceLROnPlateau", "loss"),
        ("ModelCheckpoint", "mae"),
        ("CSVLogger", None),
    ]
    assert found.data.split == experiment.data.split.model_copy(update={"refit": True})
    assert (found.layers, found.compile, found.fit.seed) == (experiment.layers, experiment.compile, experiment.fit.seed)
    assert found.name == "Points (refit)"
    assert refit(found, 37) == found  # Of a refit it is the same again.
    assert read(found.text()) == found


def test_the_longest_name_stays_within_its_bound(experiment_of):
    found = refit(experiment_of(name="x" * 120), 3)
    assert (len(found.name), found.name.endswith("x (refit)")) == (120, True)


@pytest.mark.parametrize(
    ("fit", "says"),
    [
        ({"batch_size": 32}, "An epoch of 792 rows has 25 steps instead of 21."),  # 792 / 32 = 24.75, 652 / 32 = 20.4
        ({"batch_size": 1000}, ""),  # One step each.
        ({"batch_size": 32, "steps_per_epoch": 10}, ""),
    ],
)
def test_an_epoch_of_more_rows_has_more_steps(experiment_of, fit, says):
    value = experiment_of().value()
    value["fit"] |= fit
    assert more_steps(read(value), 652, 792) == says


def test_a_schedule_counts_steps_not_epochs(experiment_of):
    rate = {"class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 2100}
    said = more_steps(experiment_of(optimizer={"class": "Adam", "learning_rate": rate}, batch_size=32), 652, 792)
    assert said.endswith("A schedule of the learning rate counts steps, so it ends some epochs earlier.")
    whole = more_steps(
        experiment_of(optimizer={"class": "Adam", "learning_rate": cosine_decay(0.01)}, batch_size=32), 652, 792
    )
    assert "schedule" not in whole  # It falls over the whole training, whatever its length.
