"""The disk space of runs, and the thinning of their weights, on journals written by hand."""

import json

import numpy as np
import pytest

from core.experiment.fork import fork
from core.model.weight_history import Keeper, epoch_weights
from core.runs.disk_use import CannotThin, disk_use, thin
from core.runs.journal import Journal

RUN, FORK = "0123456789ab", "0123456789cd"


@pytest.fixture
def journal(tmp_path, experiment_of):
    """A finished run of 20 epochs, the 7th the best, each with 1,000 weights."""
    journal = Journal(tmp_path, RUN)
    journal.begin(experiment_of(epochs=20).text())
    keeper = Keeper(journal.weights)
    keeper.begin(0, 0)
    for epoch in range(1, 21):
        keeper.keep(epoch, lambda epoch=epoch: [np.full(1000, epoch, "float32")])
        journal.say({"epochs": [[epoch, {"loss": 1.0, "val_loss": abs(epoch - 7.0)}]]})
    keeper.end(20, 7, None)
    journal.say({"state": "finished", "best": 7})
    (journal.folder / "show").mkdir()
    (journal.folder / "show" / "playback.json").write_text("{}")
    return journal


def test_thinning_keeps_first_best_and_last_and_what_others_need(journal, experiment_of):
    waiting = Journal(journal.folder.parents[1], FORK)
    waiting.begin(fork(experiment_of(epochs=5), RUN, 12).text())
    journal.restored.write_text(json.dumps({"epoch": 3, "at": 0.0}))
    before = disk_use(journal.folder.parents[1])
    assert before.weights[RUN] > 20 * 4000
    freed = thin(journal.folder.parents[1], RUN)
    assert journal.kept_epochs() == [1, 3, 7, 12, 20]
    assert epoch_weights(journal.weights, 12)[0].tolist() == [12.0] * 1000
    assert not (journal.folder / "show" / "playback.json").exists()
    after = disk_use(journal.folder.parents[1])
    assert before.runs[RUN] - after.runs[RUN] == freed > 15 * 4000
    assert thin(journal.folder.parents[1], RUN) == 0


def test_a_run_that_goes_on_or_can_be_resumed_keeps_its_weights(journal):
    home = journal.folder.parents[1]
    with journal.held(), pytest.raises(CannotThin, match="has not ended"):
        thin(home, RUN)
    journal.say({"state": "queued"})
    with pytest.raises(CannotThin, match="has not ended"):
        thin(home, RUN)
    journal.say({"state": "interrupted"})
    with pytest.raises(CannotThin, match="can be resumed"):
        thin(home, RUN)
    assert len(journal.kept_epochs()) == 20
    with pytest.raises(LookupError, match="There is no run"):
        thin(home, FORK)


def test_a_run_without_weights_frees_nothing(tmp_path, experiment_of):
    journal = Journal(tmp_path, RUN)
    journal.begin(experiment_of().text())
    journal.say({"state": "stopped"})
    assert thin(tmp_path, RUN) == 0
    used = disk_use(tmp_path)
    assert (used.weights, used.record, used.tables) == ({RUN: 0}, 0, 0)
    assert used.free > 0
