"""What a search notes and when: it is cut off before or after each line, and goes on as if nothing had been.

Runs end here as their journals say, which a stand-in for the worker writes; the kills of real workers, schedulers and
servers are in test_runs_search.py.
"""

import json
import math
import threading

import pytest

from core.experiment.spec import read
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.opened_store import OpenedStore
from core.runs.search_driver import Trials
from core.runs.search_files import Budget, Search, SearchFolder
from core.runs.search_reevaluation import ranking
from core.runs.searches import Searches
from core.search.space import Space
from tests.records import with_record

pytestmark = pytest.mark.slow  # MLflow is imported.
RATE, UNITS = "compile.optimizer.learning_rate", "layers.0.units"
SPACE = Space.read({RATE: {"low": 1e-5, "high": 1.0, "log": True}, UNITS: {"low": 1, "high": 64}})
TRIALS = 13  # Three by TPE.


class CutOffError(BaseException):
    """The process is gone."""


class Worker(threading.Event):
    """What the driver waits with; meanwhile all that is queued is trained: the best rate is 0.01, 32 units are best."""

    def __init__(self, engine):
        super().__init__()
        self.engine = engine

    def wait(self, _seconds=None):
        """Trains what is queued."""
        for run in self.engine.active():
            experiment, journal = read(run.experiment), Journal(self.engine.workspace, run.id)
            rate, units = experiment.compile.optimizer.value("learning_rate"), experiment.layers[0].arguments["units"]
            end = abs(math.log10(rate) + 2) + abs(units - 32) / 100
            scores = [end + 1 / epoch for epoch in range(1, 9)]
            journal.say({"epochs": [[at, {"loss": 1.0, "val_loss": one}] for at, one in enumerate(scores, start=1)]})
            journal.say({"state": "finished", "says": "", "best": 8, "best_scores": {"loss": scores[-1]}})
        return False


@pytest.fixture
def begun(tmp_path, experiment_of):
    """A function that begins a search in a workspace of its own: a folder, and what makes an engine of a new process on
    it.
    """

    def begin(name, budget):
        home = tmp_path / name
        home.mkdir()
        opened = OpenedStore(with_record(home))
        opened.open(lambda _run: None)

        def engine():
            made = Engine(home)
            made._record = opened
            return made

        base = experiment_of(epochs=8, seed=3)
        folder = SearchFolder(home, "0123456789ab")
        folder.begin(Search(folder.id, base, SPACE, budget, "loss", False, "tpe", "median", 0, begun=0.0))
        return folder, engine

    return begin


def driven(folder, engine):
    """Drives a search until its trials are over."""
    made = engine()
    Trials(made, folder, folder.search(), Worker(made)).drive()


def described(folder):
    """The trials without their times and the names of their runs."""
    told = folder.told()
    left = ("at", "run", "trial", "ended")
    return {
        number: [
            {name: value for name, value in one.items() if name not in left} for one in (begun, told.ended[number])
        ]
        for number, begun in told.trials.items()
    }


@pytest.mark.parametrize(
    "cut",
    [("before", "after"), pytest.param(("after", "before"), marks=pytest.mark.soak)],
    ids=["in turn", "the other way"],
)
def test_a_search_that_is_cut_off_before_or_after_each_line_makes_the_same_trials(begun, monkeypatch, cut):
    undisturbed, engine = begun("undisturbed", Budget(TRIALS))
    driven(undisturbed, engine)
    folder, engine = begun("cut off", Budget(TRIALS))
    say, cuts = SearchFolder.say, set()

    def cut_off(self, event):
        moment = json.dumps({name: event[name] for name in ("trial", "ended", "state") if name in event})
        first, when = "drives" not in event and moment not in cuts, cut[len(cuts) % 2]
        cuts.update([moment] if first else [])
        if first and when == "before":
            raise CutOffError
        event = say(self, event)
        if first:
            raise CutOffError
        return event

    with monkeypatch.context() as patch:
        patch.setattr(SearchFolder, "say", cut_off)
        while folder.told().state == "running":
            try:
                driven(folder, engine)
            except CutOffError:
                continue
    assert len(cuts) == 2 * TRIALS + 1
    assert described(folder) == described(undisturbed)
    runs = [trial["run"] for trial in folder.told().trials.values()]
    assert len(set(runs)) == TRIALS
    assert {one.name for one in folder.folder.parents[1].joinpath("runs").iterdir()} == set(runs)


def test_the_sampler_closes_in_on_the_best_and_some_trials_are_pruned(begun):
    folder, engine = begun("whole", Budget(25))
    driven(folder, engine)
    told = folder.told()
    trials = [told.trial(number) for number in told.trials]
    best = ranking(trials, larger=False)[0]
    assert best.best < trials[0].best
    assert abs(math.log10(best.values[RATE]) + 2) < 0.5
    assert sum(told.importances.values()) == pytest.approx(1)
    pruned = [trial.number for trial in trials if trial.pruned]
    assert pruned
    assert min(pruned) > 5  # Five have to end before.
    journal = (folder.folder / "journal.log").read_text()
    assert sum(json.loads(line)["op_code"] == 4 for line in journal.splitlines()) == 25  # CREATE_TRIAL of optuna.


def test_a_trial_that_was_noted_is_submitted_once_and_one_that_was_pruned_ends(begun):
    folder, engine = begun("left", Budget(TRIALS))
    values = {RATE: 0.1, UNITS: 8}
    first = engine()
    ended = {"state": "stopped", "best": 1.0, "scores": {"4": 1.0}, "pruned": True}
    for number, run in enumerate(("00000000000a", "00000000000b"), start=1):
        folder.say({"trial": number, "asked": number - 1, "run": run, "values": {**values, UNITS: number}})
    first.submit(read(folder.search().base.text()), run_id="00000000000a", search=folder.id)
    folder.say({"ended": 1, **ended})
    made = engine()
    trials = Trials(made, folder, folder.search(), Worker(made))
    assert Journal(made.workspace, "00000000000a").over()
    assert json.loads(Journal(made.workspace, "00000000000b").submitted()["experiment"])["layers"][0]["units"] == 2
    assert Journal(made.workspace, "00000000000b").submitted()["search"] == folder.id
    before = Journal(made.workspace, "00000000000b").submitted()
    Trials(made, folder, folder.search(), Worker(made))
    assert Journal(made.workspace, "00000000000b").submitted() == before
    trials.drive()
    assert len(folder.told().trials) == TRIALS


def test_a_search_between_two_trials_is_not_over_and_one_that_is_over_cannot_be_stopped(begun):
    folder, engine = begun("between", Budget(TRIALS))
    folder.say({"trial": 1, "asked": 0, "run": "00000000000a", "values": {RATE: 0.1, UNITS: 8}})
    folder.say({"ended": 1, "state": "finished", "best": 1.0, "scores": {}, "pruned": False})
    searches = Searches(engine())
    assert not folder.over()
    assert searches.standing(folder.id).state == "running"
    searches.stop(folder.id)
    assert folder.stopped() == {"confirm": True}
    assert searches.standing(folder.id).state == "stopping"
    driven(folder, engine)
    assert folder.told().state == "confirming"
    assert len(folder.told().trials) == 1
    folder.say({"state": "stopped"})
    searches.stop(folder.id, confirm=False)
    assert folder.stopped() == {"confirm": True}


def test_the_seconds_in_which_nobody_drove_a_search_are_not_spent(begun, monkeypatch):
    folder, _ = begun("paused", Budget(minutes=1))
    clock = iter((100.0, 110.0, 500.0, 505.0))
    monkeypatch.setattr("core.runs.search_files.time.time", lambda: next(clock))
    for event in (
        {"drives": True},
        {"state_of": "a line that is not known"},
        {"drives": True},
        {"state": "confirming"},
    ):
        folder.say(event)
    assert folder.told().seconds() == 15.0  # 10 before the cut, 5 after it.
