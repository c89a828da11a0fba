"""What curves show: each code has curves that raise it and some that come near, while it trains as when it is over."""

import inspect
import math
import re
from dataclasses import replace

import pytest

from core.advice import diagnosis
from core.advice.advice import LEVELS
from core.advice.diagnosis import diagnose
from core.advice.training_curves import Course
from core.experiment.spec import Experiment, read
from core.runs.run_state import LiveRun

HIDDEN, LAST = {"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 1}
SIMPLE = {"mean": {"loss": 1.0}, "linear model": {"loss": 0.5}}


def experiment(
    layers=(HIDDEN, LAST), rate=0.001, callbacks=(), epochs=100, loss="MeanSquaredError", **fit
) -> Experiment:
    return read(
        {
            "version": 1,
            "data": {"table": "file:x", "targets": ["y"], "features": {"x": "number"}},
            "layers": list(layers),
            "compile": {"loss": loss, "optimizer": {"class": "Adam", "learning_rate": rate}},
            "fit": {"epochs": epochs, "callbacks": list(callbacks), **fit},
        }
    )


def stopping(patience=15, **more):
    return {"class": "EarlyStopping", "patience": patience, "restore_best_weights": True, **more}


def dropout(rate):
    return {"layer": "Dropout", "rate": rate}


def falling(to, epochs=40, start=1.0, pace=0.15):
    """A loss that falls towards a value."""
    return [to + (start - to) * math.exp(-pace * epoch) for epoch in range(epochs)]


def vee(low, turn, epochs, slope):
    """A loss that falls to `low` at an epoch and rises from there."""
    return [*falling(low, turn, 1.0, 8 / turn), *(low + slope * epoch for epoch in range(epochs - turn))]


def jumping(height, epochs=30, jump=0.3):
    return [height * (1 + jump * (-1) ** epoch) for epoch in range(epochs)]


def course(train, validation=None, of=None, baselines=SIMPLE, **more) -> Course:
    """A finished training with these losses, but for what is given."""
    history = {"loss": train, "val_loss": train if validation is None else validation}
    return Course(of or experiment(), history, baselines, **{"state": "finished", "ended": "finished", **more})


# The weights that count are of an epoch before it fitted the training rows.
FITS_LATER = course(
    falling(0.2, 40), vee(0.5, 10, 40, 0.001), experiment(callbacks=[stopping()]), ended="early", scored=(0.48, 0.52)
)


def still(*given, **more) -> Course:
    """The same while it trains."""
    return course(*given, **{"state": "training", "ended": "", **more})


def shares(train, held, right, monitored="val_loss", **more) -> Course:
    """A classification with these losses, and these shares of right answers on the validation rows."""
    of = experiment(
        [HIDDEN, {**LAST, "activation": "sigmoid"}], loss="BinaryCrossentropy", callbacks=[stopping(monitor=monitored)]
    ).value()
    of["compile"]["metrics"] = ["BinaryAccuracy"]
    history = {"loss": train, "accuracy": right, "val_loss": held, "val_accuracy": right}
    return Course(read(of), history, SIMPLE, **{"state": "finished", "ended": "early", **more})


GROWING = [*[0.7 + 0.02 * epoch for epoch in range(10)], *[0.9 + 0.004 * epoch for epoch in range(10)]]
FLAT = [*falling(0.2, 40), *[0.2] * 40]
BENT = falling(0.2, 60)  # It has come to rest, below the straight line.
CALM = experiment(callbacks=[stopping()])
PENALIZED = experiment(layers=[{**HIDDEN, "kernel_regularizer": {"class": "L2", "l2": 0.01}}, LAST])
BALANCED = experiment(class_weight="balanced")
NO_NUMBER, FAR_OFF = ({"mean": {"loss": 1.0}, "linear model": {"loss": loss}} for loss in (math.nan, 4e9))
TANH = experiment(layers=[{**HIDDEN, "activation": "tanh"}, LAST])

# Code -> courses that raise it.
RAISED: dict[str, list[Course]] = {
    "diverged": [
        course([0.9, 0.8], ended="diverged", of=experiment(rate=10.0)),
        course([], ended="diverged"),
        still([0.5, 0.2, 3.0, 80.0], of=experiment(rate=1.0)),
        still([0.5, 0.2, 3.0, None]),
        course(
            [0.9, 0.8],
            ended="diverged",
            of=experiment(rate={"class": "CosineDecay", "initial_learning_rate": 1.0, "decay_steps": 9}),
        ),
    ],
    "worse-than-guessing": [
        course(falling(2.0, 50, start=3.0, pace=0.3)),
        still(falling(2.0, 25, start=3.0, pace=0.3), of=experiment(rate=0.00001)),
    ],
    "overfitting": [
        course(falling(0.01, 60, pace=0.05), vee(0.2, 20, 60, 0.01)),
        still(falling(0.01, 40, pace=0.05), vee(0.2, 20, 40, 0.01)),
        course(falling(0.01, 35, pace=0.05), vee(0.2, 20, 35, 0.01), of=CALM, ended="early"),
        course(
            falling(0.01, 60, pace=0.05), vee(0.2, 20, 60, 0.01), of=experiment(layers=[HIDDEN, dropout(0.1), LAST])
        ),
    ],
    "other-monitor": [
        shares(falling(0.1, 20), vee(0.3, 8, 20, 0.01), GROWING),
        shares(falling(0.1, 20), vee(0.3, 8, 20, 0.01), GROWING, state="training", ended=""),
    ],
    "dead-units": [
        course(FLAT, health={0: {"dead": 0.75, "saturated": 0.0}}),
        still(FLAT[:3], health={0: {"dead": 0.4}}),
    ],
    "saturated": [course(FLAT, of=TANH, health={0: {"dead": 0.0, "saturated": 0.9}})],
    "stopped-too-soon": [
        course(
            [*falling(0.3, 20, pace=0.1), 0.36, 0.35],
            [*falling(0.3, 20, pace=0.1), 0.4, 0.4],
            of=experiment(callbacks=[stopping(2)]),
            ended="early",
        )
    ],
    "slow-rate": [
        course([1 - 0.01 * epoch for epoch in range(20)], of=experiment(rate=0.0001)),
        still([1 - 0.01 * epoch for epoch in range(20)], of=experiment(rate=0.0001)),
    ],
    "noisy-rate": [course(jumping(0.3), of=experiment(rate=0.03)), still(jumping(0.3, 12), of=experiment(rate=0.03))],
    "underfitting": [
        course(falling(0.5, 60), of=experiment(layers=[LAST])),
        still(falling(0.6, 60), of=experiment(layers=[HIDDEN, dropout(0.8), LAST])),
        course(falling(0.6, 60)),
        course(falling(0.2, 60), of=PENALIZED, scored=(0.6, 0.6)),
    ],
    "no-better-than-line": [
        course(falling(0.1, 60), falling(0.5, 60)),
        still(falling(0.1, 60), falling(0.5, 60)),
        FITS_LATER,
    ],
    "still-improving": [
        course([0.9, 0.6, 0.4], [0.9, 0.5, 0.52]),
        course(falling(0.3, 20, pace=0.1)),
        course([0.9, 0.7, 0.6, 0.55, 0.52]),
        course([0.9]),
    ],
    "validation-better": [
        course([0.4] * 30, [0.2] * 30, of=experiment(layers=[HIDDEN, dropout(0.5), LAST])),
        still([0.4] * 30, [0.2] * 30),
        course([0.4] * 30, [0.2] * 30, of=experiment(class_weight="balanced")),
        course([0.4] * 30, [0.2] * 30, of=experiment(layers=[HIDDEN, dropout(0.1), LAST])),
    ],
    "plateau": [course(FLAT), still(FLAT)],
}
# (code, course) that comes near it, and does not raise it.
KEPT_BACK = [
    ("diverged", still([0.5, 0.2, 1.0, 0.4])),
    ("diverged", still([8.0, 0.2, 3.0])),
    ("worse-than-guessing", course(falling(1.4, 50, start=3.0, pace=0.3))),
    ("worse-than-guessing", still(falling(2.0, 10, start=3.0))),
    ("overfitting", course(falling(0.1, 60, pace=0.05), vee(0.2, 56, 60, 0.1))),
    ("overfitting", course([0.2] * 60, vee(0.2, 20, 60, 0.01))),
    (
        "overfitting",
        course(
            falling(0.01, 60, pace=0.05),
            vee(0.2, 20, 60, 0.01),
            of=experiment([HIDDEN, dropout(0.2), LAST], callbacks=[stopping()]),
        ),
    ),
    ("other-monitor", shares(falling(0.1, 20), vee(0.3, 8, 20, 0.01), [0.8] * 20)),  # No more are right.
    ("other-monitor", shares(falling(0.1, 20), falling(0.3, 20), GROWING)),  # The loss agrees.
    # It is watched already.
    (
        "other-monitor",
        shares(falling(0.1, 20), vee(0.3, 8, 20, 0.01), GROWING, "val_accuracy"),
    ),
    ("dead-units", course(FLAT, health={0: {"dead": 0.3}})),
    ("dead-units", course(FLAT, health={1: {"dead": 1.0}})),  # The output layer.
    ("dead-units", course(FLAT, of=TANH, health={0: {"dead": 1.0}})),
    ("dead-units", course([], ended="diverged", health={0: {"dead": 1.0}})),  # Weights that are NaN tell nothing.
    ("saturated", course(FLAT, of=TANH, health={0: {"saturated": 0.3}})),
    ("stopped-too-soon", course(vee(0.2, 10, 13, 0.2), of=experiment(callbacks=[stopping(2)]), ended="early")),
    ("stopped-too-soon", course(falling(0.3, 20), of=experiment(callbacks=[stopping(15)]), ended="early")),
    ("slow-rate", course([1 - 0.01 * epoch for epoch in range(20)], of=experiment(rate=0.03))),
    ("slow-rate", course(BENT, of=experiment(rate=0.0001))),
    ("noisy-rate", course(BENT)),
    ("noisy-rate", course(jumping(0.3, jump=0.02))),
    ("noisy-rate", course([height * 0.8**at for at, height in enumerate(jumping(1.0))])),
    ("worse-than-guessing", course([1.9])),  # One epoch is no evidence, of this or of that.
    # The curves have the penalty in them.
    (
        "worse-than-guessing",
        still(falling(2.0, 25, start=3.0, pace=0.3), of=PENALIZED),
    ),
    # The baselines' losses are weighted otherwise.
    (
        "worse-than-guessing",
        still(falling(2.0, 25, start=3.0, pace=0.3), of=BALANCED),
    ),
    ("underfitting", course([0.9])),
    ("underfitting", FITS_LATER),
    ("underfitting", course([0.9, 0.8, 0.7], ended="stopped")),
    ("underfitting", still(falling(0.6, 60), of=PENALIZED)),
    # The data loss alone is below the line's.
    (
        "underfitting",
        course(falling(0.6, 60), of=PENALIZED, scored=(0.4, 0.4)),
    ),
    ("underfitting", course(falling(0.6, 60), baselines=NO_NUMBER)),
    ("no-better-than-line", course(falling(0.1, 60), falling(0.5, 60), of=BALANCED, scored=(0.1, 0.3))),
    ("no-better-than-line", course(falling(0.1, 60), falling(1.2, 60, start=2.0), baselines=FAR_OFF)),
    ("overfitting", course(falling(0.01, 60, pace=0.05), vee(0.2, 20, 60, 0.001), of=BALANCED)),
    ("underfitting", course(BENT)),
    ("underfitting", course(falling(0.5, 20, pace=0.1))),  # It is on its way.
    # It comes, by little.
    (
        "underfitting",
        still([1 - 0.004 * epoch for epoch in range(40)], of=experiment(rate=0.00001)),
    ),
    ("no-better-than-line", course(falling(0.1, 60), falling(0.4, 60))),
    ("still-improving", still(falling(0.3, 20, pace=0.1))),
    ("still-improving", course(FLAT)),
    ("still-improving", course([0.9, 0.6, 0.5, 0.45, 0.44], [0.9, 0.5, 0.52, 0.51, 0.53])),  # The best was the second.
    ("validation-better", course([0.4] * 30, [0.38] * 30)),
    ("plateau", course(FLAT, of=CALM)),
    ("plateau", course(BENT[:25])),
    ("plateau", course(falling(0.01, 60, pace=0.02))),
]
CASES = [(code, one) for code, many in RAISED.items() for one in many]


@pytest.mark.parametrize(("code", "given"), CASES)
def test_the_curves_are_told_with_a_number_a_place_and_a_fix_that_can_be_read(code, given):
    found = [one for one in diagnose(given) if one.code == code]
    assert len(found) == 1
    assert re.fullmatch(r"[A-Z].*\d.*\.", found[0].says)
    assert found[0].where.split(".")[0] in ("layers", "compile", "fit")
    assert bool(found[0].button) == (found[0].fix is not None)
    if found[0].fix is not None:
        assert read(found[0].fix.text()) == found[0].fix != given.experiment


def test_a_plateau_without_any_gain_is_said_without_a_percentage():
    """ "not improved by more than 0.0%" """
    (said,) = [one.says for one in diagnose(course(FLAT)) if one.code == "plateau"]
    assert said == "The validation loss has not improved for 20 epochs."


@pytest.mark.parametrize(("code", "given"), KEPT_BACK)
def test_it_is_kept_back_where_the_curves_do_not_show_it(code, given):
    assert code not in [one.code for one in diagnose(given)]


def test_each_code_that_a_diagnosis_knows_is_tried_here():
    assert {one.code for _, given in CASES for one in diagnose(given)} == set(RAISED) == {code for code, _ in KEPT_BACK}
    known = set(re.findall(r'Advice\(\s*"([a-z-]+)"', inspect.getsource(diagnosis))) | {"dead-units", "saturated"}
    assert known == set(RAISED)


def test_where_loss_and_accuracy_part_the_button_watches_the_accuracy():
    given = shares(falling(0.1, 20), vee(0.3, 8, 20, 0.01), GROWING)
    [found] = [one for one in diagnose(given) if one.code == "other-monitor"]
    assert found.button == "Monitor val_accuracy"
    assert "lowest at epoch 9, but accuracy improved from 86.0% to 93.6% at epoch 20." in found.says
    watching = found.fix.callback("EarlyStopping")
    assert (watching.value("monitor"), watching.value("patience"), watching.value("restore_best_weights")) == (
        "val_accuracy",
        15,
        True,
    )


@pytest.mark.parametrize(
    "given", [course([]), still([0.5]), still([None]), course([], baselines={}), course([0.0] * 40), still([-1.0] * 40)]
)
def test_of_what_is_no_curve_yet_nothing_is_said(given):
    assert diagnose(given) == []


def test_it_is_asked_of_what_a_page_is_told():
    run = LiveRun("0123456789ab", "{}", 1000)
    run.take({"baselines": SIMPLE})
    losses = zip(falling(0.01, 40, pace=0.05), vee(0.2, 20, 40, 0.01), strict=True)
    run.take({"epochs": [(at, {"loss": train, "val_loss": held}) for at, (train, held) in enumerate(losses, 1)]})
    told = Course.of(experiment(), run.snapshot())
    expected = still(falling(0.01, 40, pace=0.05), vee(0.2, 20, 40, 0.01))
    assert [one.says for one in diagnose(told)] == [one.says for one in diagnose(expected)] != []
    assert diagnose(Course.of(experiment(), LiveRun("0123456789ab", "{}", 10).snapshot())) == []


def test_the_fix_for_several_targets_is_one_of_all_of_them():
    value = experiment().value()
    value["data"]["targets"] = ["y", "z"]
    value["compile"] |= {"loss": {"y": "MeanSquaredError", "z": "Huber"}, "metrics": {}}
    found = diagnose(
        course(falling(0.01, 60, pace=0.05), vee(0.2, 20, 60, 0.01), of=read(value), health={0: {"dead": 0.9}})
    )
    assert [one.code for one in found] == ["overfitting", "dead-units", "no-better-than-line"]
    assert all(read(one.fix.text()).data.targets == ("y", "z") for one in found)


def test_epochs_are_counted_on_where_it_began_from_another_run():
    of = experiment(epochs=160, initial_epoch=100)
    says = next(one.says for one in diagnose(course(falling(0.01, 60, pace=0.05), vee(0.2, 20, 60, 0.01), of=of)))
    assert says.startswith("Overfitting since epoch 121: ")


def test_validation_may_be_looked_at_now_and_then():
    held = [value if at % 5 == 4 else None for at, value in enumerate(vee(0.2, 20, 60, 0.01))]
    found = diagnose(course(falling(0.01, 60, pace=0.05), held))
    assert "overfitting" in [one.code for one in found]
    levels = [LEVELS.index(one.level) for one in found]
    assert levels == sorted(levels)


def test_a_loss_that_grew_manifold_is_told_in_times():
    [found] = [
        one
        for one in diagnose(course(falling(0.01, 60, pace=0.05), [*[1.0] * 20, 0.001, *[2.0] * 39]))
        if one.code == "overfitting"
    ]
    assert "the validation loss rose to 2,000 times its lowest value, while the training loss fell by" in found.says


@pytest.mark.parametrize(("reached", "word"), [(0.494, "hardly better"), (0.503, "no better"), (0.52, "worse")])
def test_a_loss_beside_the_linear_models_is_told_as_the_two_numbers_stand(reached, word):
    """The linear model's loss is 0.5."""
    says = [
        one.says
        for one in diagnose(course(falling(0.1, 60), falling(reached, 60)))
        if one.code == "no-better-than-line"
    ]
    assert [f"the network is {word} than the linear model" in sentence for sentence in says] == [True]


@pytest.mark.parametrize(
    ("of", "numbers"),
    [
        # 68,044 squared is 4.63 billion; 45,387 squared is 2.06 billion, 57,879 squared 3.35 billion.
        (experiment(), ("RMSE 68,000 against 57,900", "(RMSE 45,400)")),
        (experiment(loss="MeanAbsoluteError"), ("loss 4.63 billion against 3.35 billion", "(loss 2.06 billion)")),
        (experiment(class_weight="balanced"), ("loss 4.63 billion against 3.35 billion", "")),
    ],
)
def test_squared_errors_are_compared_in_the_unit_of_the_target(of, numbers):
    baselines = {"mean": {"loss": 9e9}, "linear model": {"loss": 3.35e9}}
    train = falling(2.06e9, 80, start=9e9)
    ended = course(train, falling(4.63e9, 80, start=9e9), of, baselines, scored=(2.06e9, 4.63e9))
    [says] = [one.says for one in diagnose(ended) if one.code in ("no-better-than-line", "underfitting")]
    assert all(number in says for number in numbers), says


def test_gradient_boosting_beside_it_changes_no_comparison_with_the_linear_model():
    boosted = {"gradient boosting": {"loss": 0.001}}
    for _, given in CASES:
        more = replace(given, baselines={**given.baselines, **boosted})
        assert more.line == given.line
        assert [one.says for one in diagnose(more)] == [one.says for one in diagnose(given)]
