"""Searches, races and repetitions as the parents of the runs that they name."""

import json

import pytest

from core.runs.engine import Engine
from core.runs.parent_runs import ParentRuns
from core.runs.repeated_runs import GroupFiles, RepeatedRun, RunGroup
from core.runs.search_files import Budget, Search, SearchFolder
from core.search.space import Space

ID, OTHER = "0123456789ab", "ba9876543210"


@pytest.fixture
def parents(tmp_path):
    """Those of an empty workspace."""
    return ParentRuns(Engine(tmp_path))


def trial(folder, number, best, **more):
    """Notes a trial that has ended."""
    folder.say({"trial": number, "run": f"t{number}", "values": {}})
    folder.say({"ended": number, "state": "finished", "best": best, **more})


def test_a_search_has_its_trials_and_retrainings_as_children_and_names_the_best(parents, tmp_path, experiment_of):
    assert parents.list() == []
    folder = SearchFolder(tmp_path, ID)
    space = Space.read({"compile.optimizer.learning_rate": {"low": 0.001, "high": 0.1}})
    folder.begin(Search(ID, experiment_of(), space, Budget(4), "mae", False, "tpe", "median", 2, begun=0.0))
    trial(folder, 1, 5.0)
    trial(folder, 2, 3.0)
    trial(folder, 3, 1.0, pruned=True)
    folder.say({"trial": 4, "run": "t4", "values": {}})
    (found,) = parents.list()
    assert (found.kind, found.id, found.name, found.what) == ("search", ID, "Points", "Search: 4 trials")
    assert found.children == {f"t{number}": f"Trial {number}" for number in (1, 2, 3, 4)}
    assert (found.best, found.pruned, found.state, found.trials) == ("t2", {"t3"}, "running", (3, 4))
    folder.stop(confirm=True)
    assert parents.list()[0].state == "stopping"
    # With new seeds the first trial is better than the second.
    runs = {"1": ["f1"], "2": ["f2"]}
    folder.plan_finalists({"seeds": [7], "runs": runs, "validation": {"1": [2.0], "2": [4.0]}})
    folder.plan({"seeds": [8, 9], "runs": {"start": ["c1", "c2"]}})
    folder.say({"state": "stopped"})
    (found,) = parents.list()
    assert (found.what, found.best, found.state) == ("Search: 4 trials, 4 retrainings", "t1", "stopped")
    assert list(found.children)[4:] == ["f1", "f2", "c1", "c2"]
    assert found.children["c2"] == "Retraining"


def test_a_race_and_repetitions_are_parents_and_a_damaged_file_is_none(parents, tmp_path, experiment_of):
    base, races = experiment_of(), tmp_path / "races"
    races.mkdir()
    runs = [[name, seed, f"{name} {seed}"] for seed in (0, 1) for name in ("Adam", "SGD")]
    race = {"setting": "optimizer", "base": base.value(), "runs": runs}
    (races / f"{ID}.json").write_text(json.dumps(race))
    (races / f"{OTHER}.json").write_text("{")
    groups = GroupFiles(tmp_path)
    folds = tuple(RepeatedRun(fold, 0, f"fold {fold}") for fold in (1, 2))
    groups.write(RunGroup(ID, base, "origin", 2, folds))
    groups.write(RunGroup(OTHER, base, "", None, tuple(RepeatedRun(None, seed, f"seed {seed}") for seed in (4, 5))))
    found = {one.what: one for one in parents.list()}
    assert [found[what].title for what in sorted(found)] == ["Seeds", "Cross-validation", "Race: optimizer"]
    assert set(found) == {"Race: optimizer, 4 runs", "2-fold cross-validation", "2 seeds"}
    race = found["Race: optimizer, 4 runs"]
    assert race.children["SGD 1"] == "SGD, seed 1"
    assert (race.measure, race.larger) == ("mae", False)
    assert found["2-fold cross-validation"].children == {"fold 1": "Fold 1", "fold 2": "Fold 2"}
    assert (found["2-fold cross-validation"].origin, found["2-fold cross-validation"].measure) == ("origin", "")
    assert found["2 seeds"].children == {"seed 4": "Seed 4", "seed 5": "Seed 5"}
