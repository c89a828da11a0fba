"""Advice is true: for each code that has a fix, a small training without it and one with it, and the number that the
advice is about.

A training takes a second or two on a few hundred rows. What keeps a training from starting has to train at all once it
is mended.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from core.advice.advice import Advice
from core.advice.checks import advise, errors
from core.advice.diagnosis import diagnose
from core.advice.reasons import REASONS
from core.advice.training_curves import Course
from core.experiment.spec import Experiment
from core.experiment.task import tasks_of
from core.model.matrices import TablePool
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.training.outcome import Outcome, TrainingFailed
from core.training.train import Hooks, learn
from tests.core.advice_trials import AFTER, BEFORE, ERRORS, FRAMES, HELPS, Trained

pytestmark = pytest.mark.slow

# Codes without a fix, for only a person can decide; one whose rows are simply left out; and what is only said.
NO_FIX = {
    "not-ready",
    "no-target",
    "no-such-target",
    "target-not-predictable",
    "no-features",
    "target-missing",
    "too-many-weights",
    "batch-beyond-rows",
    "steps-beyond-rows",
    "no-validation",
    "log-without-effect",
    "no-such-column",
    "no-such-class",
}


# What helps on some machines alone: `python -m benchmarks bfloat16` measures it.
OF_THE_MACHINE = {"large-steps"}

# Each is like one that is among the tests: its advice has the same fix, or is about the same number, and the same lines
# of the core carry it out. Their trainings are long trials; that they are raised and mended is seen for all.
LIKE_ANOTHER = {
    "metric-task": ("metric-probability", "metric-onehot", "metric-twice"),
    "two-rates": ("pieces", "clipping", "no-average"),
    "output-units": ("no-layers",),
    "target-among-features": ("target-twice", "not-a-target"),
    "overfitting": ("many-weights", "no-better-than-line", "identifying-feature", "same-table", "validation-better"),
    "percentage-of-zero": ("target-digits", "skewed-target"),
    "cut-words": ("unused-text",),
    "leaking-feature": ("weight-feature",),
    "output-activation": ("positive-output",),
    "underfitting": ("no-activation",),
    "dead-units": ("saturated",),
    "loss-weights": ("weighted-metrics",),
}
_LONG_TRIALS = {code for codes in LIKE_ANOTHER.values() for code in codes}


def trials(codes: Iterable[str]) -> list:
    """The codes; some are long trials."""
    return [pytest.param(code, marks=pytest.mark.soak if code in _LONG_TRIALS else ()) for code in codes]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return Tables(TableStore(tmp_path_factory.mktemp("tables")))


@pytest.fixture(scope="module")
def refs(tables):
    """Name -> the table as the workspace keeps it."""
    return {
        name: tables.store.keep(f"{name}.csv", frame.to_csv(index=False).encode()).ref for name, frame in FRAMES.items()
    }


@pytest.fixture(scope="module")
def train(tables, programs):
    """A function that trains an experiment; None when it gave no numbers. Networks that are alike are compiled once."""
    ready = TablePool()

    def run(of: Experiment) -> Trained | None:
        made = ready.of(of.data, lambda: tables.prepared(of))
        try:
            outcome = learn(of, made, tasks_of(of, tables.profile(of.data.table)), Hooks(), programs=programs)
        except TrainingFailed:
            return None
        course = Course.whole(of, outcome.history, outcome.ended, outcome.judged)
        course = replace(course, health=_health(of, outcome, made.matrices().x["train"]))
        return Trained(outcome, tables.frame(of.data.table), course)

    return run


def _health(of: Experiment, outcome: Outcome, x: np.ndarray) -> dict[int, dict[str, float]]:
    """Dead and saturated shares of the hidden Dense layers, by walking the training rows through the stack."""
    found, at = {}, 0
    kinds = [layer.name for layer in of.layers]
    if "Embedding" in kinds or of.several:
        return {}
    values = x
    for layer in outcome.stack.layers:
        values = np.asarray(layer(values))
        if at < len(kinds) - 1 and type(layer).__name__ == kinds[at]:
            if kinds[at] == "Dense":
                found[at] = {
                    "dead": float((values == 0).all(axis=0).mean()),
                    "saturated": float((np.abs(values) > 0.97).mean()),
                }
                if of.layers[at].value("activation") not in ("tanh", "sigmoid"):
                    found[at]["saturated"] = 0.0
            at += 1
    return found


def _advice(code: str, of: Experiment, tables: Tables, before: Trained | None) -> Advice:
    if code in AFTER:
        course = before.course if before else Course(of, {}, state="failed", ended="diverged")
        found = diagnose(course)
    else:
        found = advise(of, tables.situation(of))
    return next((one for one in found if one.code == code), None) or pytest.fail(f"{code} was not raised, but {found}")


@pytest.mark.parametrize("code", ERRORS)
def test_what_is_mended_is_refused_no_more(code, tables, refs):
    advice = _advice(code, HELPS[code].experiment(refs), tables, None)
    assert advice.level == "error"
    assert errors(advise(advice.fix, tables.situation(advice.fix))) == []


@pytest.mark.parametrize("code", [code for code in BEFORE if code in _LONG_TRIALS])
def test_advice_before_a_training_is_mended_at_once(code, tables, refs):
    """What is trained with it is a long trial."""
    advice = _advice(code, HELPS[code].experiment(refs), tables, None)
    assert code not in {one.code for one in advise(advice.fix, tables.situation(advice.fix))}


@pytest.mark.parametrize("code", trials(ERRORS))
def test_what_is_mended_trains(code, tables, refs, train):
    advice = _advice(code, HELPS[code].experiment(refs), tables, None)
    short = advice.fix.model_copy(update={"fit": advice.fix.fit.model_copy(update={"epochs": 2})})
    assert math.isfinite(train(short).validation)


@pytest.mark.parametrize("code", trials([*BEFORE, *AFTER]))
def test_taking_the_advice_helps_by_the_number_it_is_about(code, tables, refs, train):
    trial = HELPS[code]
    of = trial.experiment(refs)
    first = train(of)
    before = trial.measure(first) if first else math.inf
    lost = first.validation if first else math.inf
    advice = _advice(code, of, tables, first)
    mended = train(advice.fix)
    after = trial.measure(mended)
    print(
        f"{code}: {before:.4g} -> {after:.4g}; validation {lost:.4g} -> {mended.validation:.4g}; {advice.says} "
        f"[{advice.button}]"
    )
    assert math.isfinite(after)
    assert after <= trial.by * before
    assert trial.loses is None or mended.validation <= trial.loses * lost + 1e-9


def test_each_code_has_its_trial():
    assert not set(HELPS) & (NO_FIX | OF_THE_MACHINE)
    assert set(HELPS) | NO_FIX | OF_THE_MACHINE == set(REASONS)
    assert set(LIKE_ANOTHER) | _LONG_TRIALS <= set(HELPS)
    assert not set(LIKE_ANOTHER) & _LONG_TRIALS
