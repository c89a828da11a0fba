"""The intervals of a run's scores: those of its rows drawn again, by scikit-learn."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingRegressor

from core.evaluation import bootstrap
from core.evaluation.evaluated_rows import EvaluatedRows
from core.runs import evaluated_run
from core.runs.boosting_baseline import BoostedRows
from core.runs.evaluated_run import evaluation_section
from core.runs.intervals_section import score_intervals
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ask(kept, store, workspace):
    """A function that asks a section of the kept run."""
    tables = Tables(TableStore(workspace))

    def section(name, epoch=None, **options):
        return evaluation_section(store, tables, Journal(workspace, kept[0]["run"]), epoch, name, options)

    return section


def network_drawn(of, score):
    """The network's score of each resample."""
    counts = np.concatenate(list(bootstrap.resamples(len(of.y_true), bootstrap.RESAMPLES))).astype(int)
    drawn_rows = (np.repeat(np.arange(len(row)), row) for row in counts)
    return np.array([score(of.y_true[rows], of.y_pred[rows]) for rows in drawn_rows])


def drawn(of, score):
    """The network's score of each resample, and how much better than the linear model's it is; smaller is better."""
    found = []
    for counts in bootstrap.resamples(len(of.y_true), bootstrap.RESAMPLES):
        for row in counts.astype(int):
            rows = np.repeat(np.arange(len(row)), row)
            both = [score(of.y_true[rows], one[rows]) for one in (of.y_pred, of.baselines["linear model"])]
            found.append((both[0], both[1] - both[0]))
    return np.array(found).T


def test_each_score_has_the_interval_of_its_rows_drawn_again(ask, kept):
    result, _, _ = kept
    found, rows = ask("intervals"), ask("rows").parts
    assert (found["level"], found["resamples"]) == (0.95, 1000)
    assert found["evaluated"]["test"] == {"rows": len(rows["test"].positions), "of": len(rows["test"].positions)}
    for part in ("test", "validation"):
        assert {name: one["value"] for name, one in found["scores"][part].items()} == pytest.approx(
            result["scores"][part], rel=1e-6
        )
        for name, score in (("mae", metrics.mean_absolute_error), ("rmse", metrics.root_mean_squared_error)):
            own = network_drawn(rows[part].targets["y"], score)
            ends = [found["scores"][part][name][end] for end in ("low", "high")]
            assert ends == pytest.approx(list(np.quantile(own, [0.025, 0.975])), rel=1e-9)


def test_the_difference_from_a_baseline_is_paired(ask, kept):
    result, _, _ = kept
    found, of = ask("intervals")["difference"]["linear model"], ask("rows").parts["test"].targets["y"]
    for name, score in (("mae", metrics.mean_absolute_error), ("rmse", metrics.root_mean_squared_error)):
        better = result["baselines"]["linear model"]["test"][name] - result["test"][name]
        assert found[name]["value"] == pytest.approx(better, rel=1e-6)
        _, differences = drawn(of, score)
        ends = [found[name][end] for end in ("low", "high")]
        assert ends == pytest.approx(list(np.quantile(differences, [0.025, 0.975])), rel=1e-9)


def test_the_loss_has_the_interval_of_its_mean_over_the_rows(ask):
    # The loss is the mean squared error: its interval is that of the RMSE, squared.
    scores = ask("intervals")["scores"]["test"]
    squared = [scores["rmse"][end] ** 2 for end in ("low", "high")]
    assert [scores["loss"][end] for end in ("low", "high")] == pytest.approx(
        squared, rel=1e-4
    )  # Squares lie a little otherwise between two resamples.


def test_intervals_are_of_the_epoch_and_the_level_that_are_asked_for(ask):
    early, late = ask("intervals", 2), ask("intervals")
    assert (early["epoch"], late["epoch"]) == (2, ask("rows").epoch)
    assert early["scores"]["test"]["mae"]["low"] > late["scores"]["test"]["mae"]["high"]
    narrow = ask("intervals", level=0.5)["scores"]["test"]["mae"]
    wide = late["scores"]["test"]["mae"]
    assert wide["low"] < narrow["low"] < narrow["value"] < narrow["high"] < wide["high"]


def test_of_a_sample_of_the_rows_the_interval_is_that_of_all_rows(ask, kept, monkeypatch):
    result, _, _ = kept
    monkeypatch.setattr(evaluated_run, "MOST_ROWS", 12)
    evaluated_run._evaluated.cache_clear()
    found, of = ask("intervals"), ask("rows").parts["test"].targets["y"]
    evaluated_run._evaluated.cache_clear()
    rows = found["evaluated"]["test"]
    assert rows["rows"] == 12 < rows["of"]
    mae = found["scores"]["test"]["mae"]
    assert mae["value"] == result["test"]["mae"]
    own = network_drawn(of, metrics.mean_absolute_error)
    low, high = np.quantile(own, [0.025, 0.975])
    # Noise goes with the root of the number of rows.
    assert mae["high"] - mae["low"] == pytest.approx((high - low) * np.sqrt(12 / rows["of"]), rel=1e-9)


@pytest.mark.parametrize("groups", [6, 1])
def test_groups_that_the_split_keeps_together_are_drawn_together(kept, store, workspace, groups):
    of = Tables(TableStore(workspace)), Journal(workspace, kept[0]["run"])
    with evaluated_run.evaluated_run(store, *of) as asked:
        rows = asked.rows.parts["test"]
        members = np.arange(len(rows.positions)) % groups
        grouped = replace(asked, answers={})
        grouped.__dict__["rows"] = EvaluatedRows(asked.rows.epoch, {"test": replace(rows, groups=members)})
        found = score_intervals(grouped, {})
    assert found["evaluated"]["test"]["groups"] == groups
    mae = found["scores"]["test"]["mae"]
    if groups == 1:
        assert (mae["low"], mae["high"], found["difference"]["linear model"]["mae"]["low"]) == (None, None, None)
        return
    of_target = rows.targets["y"]
    errors = np.abs(of_target.y_pred - of_target.y_true)
    draw, own = np.random.default_rng(0), []  # The plain loop: draw groups, put their rows together.
    for _ in range(20):
        for drawn in draw.integers(0, groups, (50, groups)):
            own.append(np.concatenate([errors[members == group] for group in drawn]).mean())
    assert [mae["low"], mae["high"]] == pytest.approx(list(np.quantile(own, [0.025, 0.975])), rel=1e-9)


def test_gradient_boosting_is_a_baseline_that_learns_from_the_networks_training_rows(ask, kept, store, workspace):
    found, result = ask("intervals"), kept[0]
    assert list(found["baselines"]) == list(result["baselines"]) == ["mean", "linear model", "gradient boosting"]
    tables = Tables(TableStore(workspace))
    # By scikit-learn: of the numbers of words, in the last columns, it makes categories.
    with evaluated_run.evaluated_run(store, tables, Journal(workspace, kept[0]["run"])) as asked:
        x, prepared = asked.replay.ready.boosting_matrices(), asked.prepared
        words = [kind == "category" for kind in sorted(prepared.kinds.values(), key="category".__eq__)]
        stopping = {"early_stopping": True, "n_iter_no_change": 10, "random_state": 0}
        own = HistGradientBoostingRegressor(**stopping, categorical_features=words).fit(
            x["train"], prepared.y_true("train"), X_val=x["validation"], y_val=prepared.y_true("validation")
        )
        for part in ("test", "validation"):
            mae = metrics.mean_absolute_error(prepared.y_true(part), own.predict(x[part]))
            assert found["baselines"]["gradient boosting"][part]["mae"]["value"] == pytest.approx(mae, rel=1e-9)
            assert result["baselines"]["gradient boosting"][part]["mae"] == pytest.approx(mae, rel=1e-9)
        # A run whose training did not fit it, as those of earlier versions: it is fitted where it is asked for.
        earlier = replace(asked, boosting=BoostedRows(), answers={})
        assert "gradient boosting" not in earlier.section("intervals", score_intervals)["baselines"]
        fitted = earlier.section("intervals", score_intervals, boosting=True)
        assert fitted["difference"]["gradient boosting"] == found["difference"]["gradient boosting"]
    mae = found["baselines"]["gradient boosting"]["test"]["mae"]["value"]
    better = mae - found["scores"]["test"]["mae"]["value"]
    assert found["difference"]["gradient boosting"]["mae"]["value"] == pytest.approx(better, rel=1e-9)


class EarlierStore:
    """The record of runs, as of trainings that left gradient boosting out."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def result(self, run):
        found = self._store.result(run)
        return {**found, "baselines": {name: found["baselines"][name] for name in ("mean", "linear model")}}


def test_others_may_ask_while_gradient_boosting_is_fitted(kept, store, workspace):
    """The fit of a wide table takes a minute; here it is held back by the lock that it takes."""
    of = EarlierStore(store), Tables(TableStore(workspace)), Journal(workspace, kept[0]["run"])
    with evaluated_run.evaluated_run(*of) as asked:
        fits = asked.replay.ready.boosts
    with ThreadPoolExecutor(2) as threads:
        with fits:
            boosted = threads.submit(evaluation_section, *of, None, "intervals", {"boosting": True})
            assert threads.submit(evaluation_section, *of, None, "intervals").result(60)["scores"]
            assert not boosted.done()
        assert "gradient boosting" in boosted.result(60)["baselines"]
