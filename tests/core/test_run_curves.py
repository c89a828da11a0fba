"""The curves of runs over epochs, steps and seconds, from journals written by hand."""

import pytest

from core.runs.journal import Journal
from core.runs.run_curves import curve_table, epoch_seconds, run_curves

# Compiled from 10 to 12, paused from 20 to 50, broken at 60 and begun again at 100, compiled until 101.
EVENTS = [
    {"at": 9.0, "begins": True},
    {"at": 10.0, "stage": "compiling the network"},
    {"at": 12.0, "epochs": [[1, {"loss": 4.0, "val_loss": 5.0}]]},
    {"at": 16.0, "epochs": [[2, {"loss": 3.0, "val_loss": 2.0}], [3, {"loss": 2.5, "val_loss": None}]]},
    {"at": 20.0, "paused": True},
    {"at": 50.0, "paused": False},
    {"at": 51.0, "epochs": [[4, {"loss": 2.0, "val_loss": 3.0}]]},
    {"at": 100.0, "begins": True},
    {"at": 100.5, "stage": "compiling the network"},
    {"at": 101.0, "epochs": [[5, {"loss": 1.0, "val_loss": 4.0}]]},
]


def test_seconds_are_of_training_without_pauses_and_the_two_epochs_of_an_event_share_its_time():
    # 2 for the first epoch, 4 for the next two, 1 behind the pause, 0.5 behind the crash.
    assert epoch_seconds(EVENTS) == {1: 2.0, 2: 4.0, 3: 6.0, 4: 7.0, 5: 7.5}
    assert epoch_seconds([]) == {}
    assert epoch_seconds([{"epochs": [[1, {}]]}]) == {}  # Without a time.


@pytest.fixture
def curves(tmp_path, experiment_of):
    """The curves of that journal: 100 training rows in batches of 16 are 7 steps an epoch."""
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of(batch_size=16).text())
    for event in [{"at": 9.5, "rows": [100, 10, 10]}, *EVENTS]:
        journal.events().append(event)
    return run_curves(journal)


def test_a_run_has_its_curves_over_each_axis_and_from_its_best_epoch(curves):
    assert curves.values == {"loss": [4.0, 3.0, 2.5, 2.0, 1.0], "val_loss": [5.0, 2.0, None, 3.0, 4.0]}
    assert curves.over_axis("step") == [7, 14, 21, 28, 35]
    assert curves.over_axis("second") == [2.0, 4.0, 6.0, 7.0, 7.5]
    assert curves.best_epoch == 2
    assert curves.over_axis("epoch", aligned=True) == [-1, 0, 1, 2, 3]
    assert curves.over_axis("second", aligned=True) == [-2.0, 0.0, 2.0, 3.0, 3.5]


def test_the_history_is_a_table_with_a_row_an_epoch(curves):
    table = curve_table([curves], {curves.run: "Points"})
    assert list(table) == ["run", "name", "epoch", "step", "seconds", "loss", "val_loss"]
    assert table.iloc[1].tolist() == ["0123456789ab", "Points", 2, 14, 4.0, 3.0, 2.0]
    assert table["val_loss"].isna().tolist() == [False, False, True, False, False]
    assert curve_table([], {}).empty


def test_a_run_without_a_journal_has_no_curves(tmp_path):
    with pytest.raises(LookupError, match="There is no run"):
        run_curves(Journal(tmp_path, "0123456789ab"))


def test_the_curves_of_a_run_that_is_over_are_read_once_until_it_goes_on(tmp_path, experiment_of):
    journal = Journal(tmp_path, "0123456789ab")
    journal.begin(experiment_of().text())
    journal.say({"epochs": [[1, {"loss": 4.0}]]})
    assert run_curves(journal) is not run_curves(journal)
    journal.say({"state": "failed", "says": "", "best": 1})
    ended = run_curves(journal)
    assert ended is run_curves(Journal(tmp_path, "0123456789ab"))
    assert (ended.epochs, ended.over) == ([1], True)
    journal.say({"state": "queued"})
    journal.say({"epochs": [[2, {"loss": 3.0}]]})
    assert (run_curves(journal).epochs, run_curves(journal).over) == ([1, 2], False)
