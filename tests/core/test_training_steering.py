"""A training that a person stops, prolongs, pauses, steps through or slows down."""

import time

import numpy as np
import pytest

from core.catalog.schedules import cosine_decay
from core.experiment.task import Task
from core.training import monitor
from core.training.monitor import Watch
from core.training.outcome import TrainingStopped, how_it_ended
from core.training.steering import Steering

pytestmark = pytest.mark.slow
REGRESSION = Task("regression", "y")


class Asking(Steering):
    """Asks for something when the training has come so far."""

    def __init__(self, *asked) -> None:
        super().__init__()
        self.asked, self.epochs = list(asked), 0

    def heard(self, epoch: int, _values: dict[str, float]) -> None:
        """An epoch is complete."""
        self.epochs = epoch

    def look(self) -> None:
        while self.asked and self.asked[0][0] <= self.epochs:
            name, value = self.asked.pop(0)[1:]
            if name == "changes":
                self.changes.append(value)
            else:
                setattr(self, name, value)


def asking(*asked) -> dict:
    """The hooks of a training of which that is asked: (after epoch, attribute, value)."""
    steering = Asking(*asked)
    return {"steering": steering, "epoch": steering.heard}


def test_a_stop_after_many_epochs_is_said_with_the_digits_of_the_curves(experiment_of):
    watch = Watch({}, ("val_loss", False), 20_000, lambda _epoch, _values: None, Asking(), before=1796)
    watch.best_epoch = 1051
    said = how_it_ended(experiment_of(), watch, "stopped")
    assert said == "Stopped after epoch 1,796; the weights of the best epoch, 1,051, were kept."


def test_stop_keeps_the_best_epoch_and_its_experiment_repeats_it(train, experiment_of):
    # A rate that jumps about, so that the last epoch is not the best.
    experiment = experiment_of(epochs=10_000, optimizer={"class": "Adam", "learning_rate": 0.5}, seed=3)
    stopped = train(experiment, **asking((11, "stop", "best")))
    assert stopped.ended == "stopped"
    assert stopped.epochs in (11, 12)  # Stop is heard after a block
    assert stopped.best_epoch == 1 + int(np.argmin(stopped.history["val_loss"])) < stopped.epochs
    assert stopped.scores["validation"]["loss"] == pytest.approx(min(stopped.history["val_loss"]), rel=1e-5)
    assert f"Stopped after epoch {stopped.epochs}" in stopped.says
    assert stopped.experiment.fit.epochs == stopped.epochs

    again = train(stopped.experiment)
    assert again.history == stopped.history
    assert again.scores == stopped.scores
    assert again.best_epoch == stopped.best_epoch


class Clock:
    """A clock that can be put forward."""

    sleep = staticmethod(time.sleep)

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of trainings."""
    clock = Clock()
    monkeypatch.setattr(monitor, "time", clock)
    return clock


def limited_to(minutes: float, experiment):
    """The experiment with a time limit."""
    return experiment.model_copy(update={"fit": experiment.fit.model_copy(update={"minutes": minutes})})


def test_a_time_limit_keeps_the_best_epoch_and_its_experiment_repeats_it(train, experiment_of, clock):
    def epoch(number: int, _values: dict[str, float]) -> None:
        clock.ahead += 3600.0 * (number == 7)

    experiment = experiment_of(epochs=10_000, optimizer={"class": "Adam", "learning_rate": 0.5}, seed=3)
    limited = train(limited_to(60, experiment), epoch=epoch)
    assert (limited.ended, limited.epochs, limited.experiment.fit.minutes) == ("early", 7, None)
    assert limited.best_epoch == 1 + int(np.argmin(limited.history["val_loss"]))
    assert limited.says == (
        "The time limit of 60 minutes was reached after epoch 7; the weights of the best epoch, "
        f"{limited.best_epoch}, were kept."
    )
    again = train(limited.experiment)
    assert (again.history, again.scores, again.epochs) == (limited.history, limited.scores, 7)


def test_a_pause_counts_for_no_time_limit(train, experiment_of, clock):
    class Pausing(Steering):
        looks = 0

        def look(self) -> None:
            self.looks += self.paused
            if self.looks == 2:  # The first look begins the pause.
                clock.ahead, self.paused, self.looks = clock.ahead + 3600.0, False, 0

    steering = Pausing()

    def epoch(number: int, _values: dict[str, float]) -> None:
        steering.paused = number == 2

    outcome = train(limited_to(60, experiment_of(epochs=5)), steering=steering, epoch=epoch)
    assert (outcome.ended, outcome.epochs, clock.ahead) == ("finished", 5, 3600.0)


def test_stop_may_keep_the_last_epoch(train, experiment_of):
    stopping = {"class": "EarlyStopping", "patience": 500, "restore_best_weights": True}
    experiment = experiment_of(
        epochs=10_000, optimizer={"class": "Adam", "learning_rate": 0.5}, seed=3, callbacks=[stopping]
    )
    stopped = train(experiment, **asking((11, "stop", "last")))
    assert stopped.ended == "stopped"
    assert stopped.best_epoch < stopped.epochs == stopped.experiment.fit.epochs
    assert stopped.scores["validation"]["loss"] == pytest.approx(stopped.history["val_loss"][-1], rel=1e-5)
    again = train(stopped.experiment)
    assert (again.history, again.scores) == (stopped.history, stopped.scores)


def test_nothing_is_kept_of_a_training_that_is_discarded(train, experiment_of):
    with pytest.raises(TrainingStopped, match="Discarded: nothing was saved"):
        train(experiment_of(epochs=10_000), **asking((3, "stop", "nothing")))


def test_more_epochs_and_other_learning_rates_are_marked_and_repeated_by_the_experiment(train, experiment_of):
    experiment = experiment_of(epochs=6)
    changes = [
        (2, "changes", {"learning_rate": 0.1}),
        (4, "changes", {"epochs": 3}),
        (8, "changes", {"learning_rate": 0.003}),
    ]
    marks = []
    steered = train(experiment, **asking(*changes), mark=lambda epoch, change: marks.append((epoch, change)))
    assert (steered.epochs, steered.ended) == (9, "finished")
    # Heard as soon as the epoch is told.
    assert marks == [
        (2, {"learning_rate": 0.1}),
        (4, {"epochs": 3}),
        (8, {"learning_rate": 0.003}),
    ]
    assert steered.stack.optimizer.learning_rate.numpy() == np.float32(0.003)
    assert steered.experiment.fit.epochs == 9
    (schedule,) = steered.experiment.fit.callbacks
    assert schedule.value("schedule") == {
        "class": "PiecewiseConstantDecay",
        "boundaries": (1.0, 7.0),
        "values": (0.02, 0.1, 0.003),
    }
    again = train(steered.experiment)
    assert again.history.pop("learning_rate") == pytest.approx([0.02] * 2 + [0.1] * 6 + [0.003])
    assert again.history == steered.history
    assert again.scores == steered.scores
    assert train(experiment_of(epochs=9)).history != steered.history


def test_a_rate_that_falls_over_the_whole_training_keeps_its_steps_when_that_is_stopped_or_prolonged(
    train, experiment_of
):
    falling = {"class": "Adam", "learning_rate": {**cosine_decay(0.05), "alpha": 0.1}}
    for epochs, asked in ((40, (7, "stop", "last")), (6, (3, "changes", {"epochs": 4}))):
        steered = train(experiment_of(epochs=epochs, optimizer=falling), **asking(asked))
        assert steered.experiment.fit.epochs == steered.epochs != epochs
        # 84 rows, 14 a batch.
        assert steered.experiment.compile.optimizer.value("learning_rate")["decay_steps"] == 6 * epochs
        again = train(steered.experiment)
        assert (again.history, again.scores) == (steered.history, steered.scores)
    stopping = {"class": "EarlyStopping", "monitor": "loss", "patience": 1, "min_delta": 1e12}
    early = train(experiment_of(epochs=40, optimizer=falling, callbacks=[stopping]))
    assert early.ended == "early"
    assert "decay_steps" not in early.experiment.compile.optimizer.value("learning_rate")


def test_a_paused_training_waits_and_goes_on_as_if_nothing_had_been(train, experiment_of):
    class Pausing(Asking):
        looks = 0

        def look(self) -> None:
            super().look()
            self.looks += self.paused
            if self.looks == 3:
                self.paused = False

    steering, waits, epochs = Pausing((4, "paused", True)), [], []

    def epoch(number: int, values: dict[str, float]) -> None:
        steering.heard(number, values)
        epochs.append(number)

    outcome = train(
        experiment_of(epochs=8), steering=steering, epoch=epoch, pause=lambda now: waits.append((now, len(epochs)))
    )
    assert waits == [(True, 4), (False, 4)]
    assert outcome.history == train(experiment_of(epochs=8)).history


def test_stop_before_the_first_epoch_ends_without_a_model(train, experiment_of):
    with pytest.raises(TrainingStopped, match="before the first epoch was complete"):
        train(experiment_of(epochs=100), steering=Steering(stop="best"))


class Stepping(Steering):
    """A person who waits from the start, makes two batches and the rest of an epoch, and lets it go on."""

    def __init__(self):
        super().__init__(paused=True)
        self.asked, self.told = ["step", "step", "epoch", "go on"], []

    def look(self):
        if self.waits and self.told[-1:] == [True]:
            what = self.asked.pop(0)
            self.more_steps += what == "step"
            self.more_epochs += what == "epoch"
            self.paused = what != "go on"


def test_a_training_goes_on_by_batches_and_by_epochs_and_ends_the_same(train, experiment_of):
    experiment = experiment_of(optimizer={"class": "SGD", "learning_rate": 0.01}, batch_size=16)
    steering = Stepping()
    stepped = train(experiment, steering=steering, pause=steering.told.append)
    # before it began, after a batch, after another, after the rest of the epoch
    assert steering.told == [True, False] * 4
    alone = train(experiment)
    # Batches that are made one by one are the same batches: 84 rows are 5 of 16 and one of 4.
    assert stepped.history == alone.history
    assert stepped.steps == alone.steps == 30


def test_a_training_keeps_the_speed_that_was_asked_for(train, experiment_of):
    steering = Steering(speed=20.0)
    slow = train(experiment_of(epochs=9), steering=steering)
    # from the first epoch's beginning to the ninth's there are eight twentieths of a second
    assert slow.seconds >= 8 / 20
    assert slow.epochs == 9
