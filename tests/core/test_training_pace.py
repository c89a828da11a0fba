"""How long a training still takes: by arithmetic, and by the times of recorded runs."""

import json
from pathlib import Path
from statistics import median

import pytest

from core.experiment.score_words import GRADIENT_BOOSTING
from core.runs.journal import Journal
from core.runs.run_state import COMPILING, LiveRun
from core.runs.search_files import Budget, Trial
from core.runs.searches import seconds_left
from core.runs.training_pace import TrainingPace, last_epoch_without_improvement

# The journals of eight runs on two cores that little else used: [milliseconds since the first epoch, epochs that were
# told then, 0 for gradient boosting], 64-64-1 on 630 to 140,000 training rows. Those that were over in 1.2 s are left
# out.
RECORDED = [
    moments
    for moments in json.loads(Path(__file__).with_name("recorded_epochs.json").read_text())
    if moments[-1][0] > 1200
]


def pace_of(*gaps: float) -> TrainingPace:
    """A pace after an epoch at 0 s, and one after each gap."""
    pace, now = TrainingPace(), 0.0
    for gap in (0.0, *gaps):
        now += gap
        pace.epoch(now)
    return pace


def left_in(moments: list[list[int]]) -> list[tuple[float, float, float]]:
    """Of each moment of a recorded run at which the time left is told: the time so far, that time and the true one, as
    long as a fifth of the run is to come.
    """
    total, end = sum(epochs for _, epochs in moments), moments[-1][0] / 1000
    run, made, told = LiveRun("0123456789ab", "{}", total), 0, []
    for milliseconds, epochs in moments:
        at = milliseconds / 1000
        if epochs:
            run.take({"at": at, "epochs": [(made + number, {"loss": 1.0}) for number in range(1, epochs + 1)]})
            made += epochs
        else:
            run.take({"at": at, "baselines": {GRADIENT_BOOSTING: {"loss": 1.0}}})
        left = run.snapshot(since=made)["seconds_left"]
        if left is not None and end - at > end / 5:
            told.append((at, left, end - at))
    return told


@pytest.mark.parametrize("moments", RECORDED, ids=lambda moments: f"{moments[-1][0] / 1000:.1f} s")
def test_the_time_left_of_recorded_runs_is_true_within_a_fifth(moments):
    told = left_in(moments)
    assert median(abs(left - true) / true for _, left, true in told) < 0.2
    # From the third epoch on, or for short ones from the first quarter of a second on.
    third = next(at for at, made in made_until(moments) if made >= 3)
    assert told[0][0] <= max(third, 0.25) + 0.1


def made_until(moments: list[list[int]]):
    """(seconds, epochs made until then) of the moments of a recorded run."""
    made = 0
    for milliseconds, epochs in moments:
        made += epochs
        yield milliseconds / 1000, made


def test_too_little_is_known_before_three_epochs_and_a_quarter_of_a_second():
    assert pace_of(10.0).left(8) is None
    assert pace_of(10.0, 10.0).left(7) == pytest.approx(70)
    assert pace_of(*[0.02] * 12).left(100) is None  # 0.24 s
    assert pace_of(*[0.02] * 13).left(100) == pytest.approx(2)
    assert pace_of(10.0, 10.0).left(0) == 0
    assert pace_of(0.0, 0.0, 0.0).left(7) is None, "a clock that stands still"


def test_slow_epochs_at_the_beginning_are_forgotten():
    # 20 epochs of 0.1 s, then 100 of 0.02 s: 4 s, of which the first 1 s, ten epochs, is left out; 0.03 s an epoch.
    pace = pace_of(*[0.1] * 20, *[0.02] * 100)
    assert pace.seconds == pytest.approx(4)
    assert pace.rate == pytest.approx(110 / 3, rel=0.02)
    pace = pace_of(*[0.1] * 20, *[0.02] * 700)  # 16 s, the first 4 s of them left out.
    assert pace.left(50) == pytest.approx(1)


def test_epochs_made_beside_gradient_boosting_do_not_count_once_it_is_over():
    run = LiveRun("0123456789ab", "{}", 1000)
    times = [0.1 * number for number in range(11)]
    for number, at in enumerate(times, start=1):
        run.take({"at": at, "epochs": [(number, {"loss": 1.0})]})
    assert run.snapshot()["seconds_left"] == pytest.approx(98.9)
    run.take({"at": 1.0, "baselines": {"mean": {}, GRADIENT_BOOSTING: {}}})
    for number in range(12, 15):  # 0.01 s each; the first of them may have begun beside it.
        run.take({"at": 1.0 + 0.01 * (number - 11), "epochs": [(number, {"loss": 1.0})]})
    assert run.snapshot()["seconds_left"] == pytest.approx(9.86)
    assert run.snapshot()["seconds"] == pytest.approx(1.03)


def test_another_speed_is_another_pace(tmp_path, experiment_of):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of(epochs=100).text())
    run = LiveRun.of(journal)
    for number in range(1, 5):
        journal.events().append({"at": float(number), "epochs": [(number, {"loss": 1.0})]})
    run.refresh()
    assert run.snapshot()["seconds_left"] == pytest.approx(96)
    journal.order({"do": "speed", "value": 5})
    run.refresh()
    for number in range(5, 8):
        journal.events().append({"at": 4.2 + 0.2 * (number - 5), "epochs": [(number, {"loss": 1.0})]})
    run.refresh()
    assert run.snapshot()["seconds_left"] == pytest.approx(0.2 * 93)


def test_a_pause_and_another_beginning_do_not_count():
    run = LiveRun("0123456789ab", "{}", 10)
    for number, at in ((1, 0.0), (2, 1.0), (3, 2.0)):
        run.take({"at": at, "epochs": [(number, {"loss": 1.0})]})
    run.take({"at": 2.0, "paused": True})
    assert run.snapshot()["seconds_left"] is None
    run.take({"at": 60.0, "paused": False})
    run.take({"at": 61.0, "epochs": [(4, {"loss": 1.0})]})
    run.take({"at": 62.0, "epochs": [(5, {"loss": 1.0})]})
    assert run.snapshot()["seconds"] == pytest.approx(3)
    run.take({"at": 90.0, "begins": True})
    run.take({"at": 100.0, "epochs": [(6, {"loss": 1.0})]})
    assert (run.snapshot()["seconds"], run.snapshot()["epoch"]) == (pytest.approx(3), 6)


def test_the_first_epoch_counts_against_a_time_limit():
    run = LiveRun("0123456789ab", "{}", 10_000, limit=60.0)
    run.take({"at": 0.0, "stage": COMPILING})
    for number, at in ((1, 7.0), (2, 8.0), (3, 9.0)):
        run.take({"at": at, "epochs": [(number, {"loss": 1.0})]})
    assert run.snapshot()["seconds_left"] == pytest.approx(51)


STOPPING = {"class": "EarlyStopping", "patience": 5}


@pytest.mark.parametrize(
    ("stopping", "fit", "best", "last"),
    [
        (STOPPING, {}, 7, 12),
        (STOPPING, {}, 0, 5),
        ({**STOPPING, "patience": 0}, {}, 7, 8),
        ({**STOPPING, "start_from_epoch": 10}, {}, 7, 15),
        ({**STOPPING, "start_from_epoch": 10}, {"initial_epoch": 2}, 7, 17),
        ({**STOPPING, "min_delta": 0.1}, {}, 7, None),
        (STOPPING, {"validation_freq": 2}, 7, None),
        (None, {}, 7, None),
    ],
)
def test_early_stopping_ends_a_training_whose_best_epoch_stays(experiment_of, stopping, fit, best, last):
    experiment = experiment_of(epochs=100, callbacks=[stopping] if stopping else [])
    experiment = experiment.model_copy(update={"fit": experiment.fit.model_copy(update=fit)})
    assert last_epoch_without_improvement(experiment, best) == last


@pytest.mark.parametrize(("best", "early"), [(3, 6.0), (1, 4.0)])
def test_with_early_stopping_the_least_time_is_told_too(tmp_path, experiment_of, best, early):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of(epochs=100, callbacks=[{**STOPPING, "patience": 6}]).text())
    run = LiveRun.of(journal)
    for number in range(1, 4):
        loss = abs(number - best)
        run.take({"at": float(number), "epochs": [(number, {"loss": 1.0, "val_loss": loss})]})
    seen = run.snapshot()
    assert (seen["seconds_left"], seen["seconds_to_early_stop"]) == (pytest.approx(97), pytest.approx(early))
    assert seen["stops_early"]


def test_a_search_still_takes_as_long_as_its_trials_took_and_those_that_train_count_by_their_epochs():
    ended = [Trial(number, "", {}, "finished", epoch=epoch, over=True) for number, epoch in ((1, 30), (2, 10))]
    trains = [Trial(3, "", {}, "training", epoch=10), Trial(4, "", {}, "training", epoch=90)]
    # 2 trials of 20 epochs each, half of one and, by more epochs than theirs, all of another: 3.5 in 70 s.
    assert seconds_left(Budget(10), [*ended, *trains], 70.0) == pytest.approx(20 * 6.5)
    assert seconds_left(Budget(10), ended, 70.0) == pytest.approx(35 * 8)
    assert seconds_left(Budget(10), trains, 70.0) is None
    assert seconds_left(Budget(10, 2.0), [*ended, *trains], 70.0) == pytest.approx(50)
    assert seconds_left(Budget(None, 1.0), ended, 70.0) == 0
    assert seconds_left(Budget(2), ended, 70.0) == 0


def test_the_trainings_that_follow_a_search_take_as_long_as_trials_that_were_not_pruned():
    ended = [
        Trial(number, "", {}, "finished", epoch=epoch, pruned=pruned, over=True)
        for number, epoch, pruned in ((1, 30, False), (2, 40, False), (3, 5, True))
    ]
    # 75 epochs in 150 s, 25 of a trial; 35 of one that was not pruned.
    assert seconds_left(Budget(5), ended, 150.0, again=4) == pytest.approx(2 * 25 * 2 + 2 * 35 * 4)
    assert seconds_left(Budget(minutes=3.0), ended, 150.0, again=4) == pytest.approx(30 + 2 * 35 * 4)
    assert seconds_left(Budget(), ended, 150.0, again=4) is None
