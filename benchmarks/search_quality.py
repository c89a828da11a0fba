"""Searches beside the page's default experiment and beside scikit-learn's own search, on four samples.

Each search is one as the page would begin it: 40 trials of the usual space, judged by RMSE or cross-entropy on the
validation rows, with seeds of its own for split, weights and values. At its end its finalists are trained again to name
the best, and best and default with 5 other new seeds (the search's own confirmation); the means over the searches on
validation and test rows count, and the standard error of their difference.
scikit-learn's HalvingRandomSearchCV searches over its MLP for the time that the trials took, on the matrices that
Layerdeck's network sees, by cross-validation on the training rows, again and again with other draws; its best estimator
is scored as it is.
"""

import math
import os
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from scipy.stats import loguniform
from sklearn.compose import TransformedTargetRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  # It is imported to allow the next line.
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import HalvingRandomSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.measure import line
from core.experiment.spec import Experiment, read
from core.model.matrices import TableMatrices
from core.runs.engine import Engine
from core.runs.searches import Budget, Searches, Standing
from core.search.proposals import usual_space
from core.tables.new_experiment import new_experiment
from core.tables.situation import Tables
from core.tables.sources import TableStore

SAMPLES = ("concrete", "sacramento_homes", "titanic", "digits")
TRIALS = 40
_CANDIDATES = 12  # Of one search of scikit-learn's, which is repeated as long as there is time.
_POLL = 0.5


@dataclass(frozen=True)
class Found:
    """What came of one search.

    Attributes:
        default, best, theirs: RMSE of an amount or cross-entropy of classes on (validation, test) rows: the means over
            the new seeds of the default experiment and of the best trial, and scikit-learn's.
        seconds: That the trials took.
        trials: That were made.
        verdict: Of best beside default: "better", "worse" or "alike".
    """

    default: np.ndarray
    best: np.ndarray
    theirs: np.ndarray
    seconds: float
    trials: int
    verdict: str


def of_seed(tables: Tables, sample: str, seed: int) -> Experiment:
    """The page's default experiment on a sample, with other seeds of the split and of the training."""
    value = new_experiment(tables, f"sample:{sample}").value()
    value["data"]["split"]["seed"], value["fit"]["seed"] = seed, seed
    return read(value)


def search(searches: Searches, tables: Tables, sample: str, seed: int, trials: int = TRIALS) -> Found:
    """One search beside the default and beside scikit-learn's."""
    base = of_seed(tables, sample, seed)
    situation = tables.situation(base)
    amount = situation.tasks[0].kind == "regression"
    begun = searches.start(
        base, usual_space(base, situation), Budget(trials), "rmse" if amount else "loss", situation=situation
    )
    standing = _over(searches, begun)
    confirmed = standing.confirmation
    assert confirmed is not None, standing.says
    assert confirmed.validation is not None
    assert confirmed.test is not None
    assert confirmed.compared is not None
    ours = [
        np.array([_mean(part[name]) for part in (confirmed.validation, confirmed.test)]) for name in ("start", "best")
    ]
    theirs = np.array(halving_search(tables, base, standing.seconds, seed, amount))
    verdict = "better" if confirmed.better else "worse" if confirmed.compared["start"].verdict == "better" else "alike"
    return Found(*ours, theirs, standing.seconds, len(standing.trials), verdict)


def _mean(scores: list[float | None]) -> float:
    return fmean(score for score in scores if score is not None)


def _over(searches: Searches, search: str) -> Standing:
    pause = threading.Event()
    while not (standing := searches.standing(search)).over:
        pause.wait(_POLL)
    return standing


def halving_search(tables: Tables, base: Experiment, seconds: float, seed: int, amount: bool) -> list[float]:
    """Losses on validation and test rows of the best that scikit-learn's search finds in so much time."""
    prepared = tables.prepared(base)
    x = TableMatrices(prepared).matrices().x
    y = {part: prepared.y_true(part) for part in ("train", "validation", "test")}
    network = (MLPRegressor if amount else MLPClassifier)(max_iter=200, early_stopping=True, random_state=seed)
    model = TransformedTargetRegressor(network, transformer=StandardScaler()) if amount else network
    before = "regressor__" if amount else ""
    space = {
        f"{before}hidden_layer_sizes": [(n,) * depth for n in (8, 16, 32, 64, 128, 256) for depth in (1, 2, 3, 4)],
        f"{before}learning_rate_init": loguniform(1e-4, 3e-2),
        f"{before}alpha": loguniform(1e-6, 1e-1),
        f"{before}batch_size": [16, 32, 64, 128],
    }
    scoring = "neg_root_mean_squared_error" if amount else "neg_log_loss"
    best, end, round_of = None, time.monotonic() + seconds, 0
    while best is None or time.monotonic() < end:
        halving = HalvingRandomSearchCV(
            model,
            space,
            n_candidates=_CANDIDATES,
            min_resources=min(200, len(y["train"]) // 3),
            scoring=scoring,
            cv=3,
            random_state=1000 * seed + round_of,
            error_score=-np.inf,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of epochs that were not enough, and of classes that a part lacks.
            halving.fit(x["train"], y["train"])
        best = max(filter(None, (best, halving)), key=lambda one: one.best_score_)
        round_of += 1
    if amount:
        return [root_mean_squared_error(y[part], best.predict(x[part])) for part in ("validation", "test")]
    classes = best.classes_
    return [log_loss(y[part], best.predict_proba(x[part]), labels=classes) for part in ("validation", "test")]


def main(splits: int = 1, samples: tuple[str, ...] = SAMPLES, trials: int = TRIALS) -> None:
    """Prints the means over as many searches of each sample, each on a split of its own."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory() as folder:
        tables, engine = Tables(TableStore(Path(folder))), Engine(Path(folder))
        searches = Searches(engine)
        try:
            engine.start()
            for sample in samples:
                _report(sample, [search(searches, tables, sample, seed, trials) for seed in range(splits)])
        finally:
            searches.close()
            engine.close()


def _report(sample: str, found: list[Found]) -> None:
    for at, part in enumerate(("validation", "test")):
        default, best, theirs = (
            fmean(getattr(one, name)[at] for one in found) for name in ("default", "best", "theirs")
        )
        line(f"{sample}, {part}: best of a search by the default experiment", f"{best:.5g} / {default:.5g}", "less")
        if len(found) > 1:
            gains = [100 * (1 - one.best[at] / one.default[at]) for one in found]
            error = stdev(gains) / math.sqrt(len(gains))
            line(f"{sample}, {part}: gain on the default, its standard error", f"{fmean(gains):.1f} %, {error:.1f} %")
        line(
            f"{sample}, {part}: best of a search by scikit-learn's in equal time", f"{best:.5g} / {theirs:.5g}", "less"
        )
    told = ", ".join(f"{sum(one.verdict == word for one in found)} {word}" for word in ("better", "alike", "worse"))
    line(f"{sample}: searches whose best is told apart from the default", told)
    line(
        f"{sample}: search trials a minute",
        f"{60 * sum(one.trials for one in found) / sum(one.seconds for one in found):.1f}",
    )
