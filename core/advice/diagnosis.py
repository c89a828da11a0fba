"""Advice during and after a training: what its curves show, with a fix for the next one.

    diagnose(course)        all there is to say, the most useful first

A diagnosis is a function from a course to `Advice`; it looks at losses, which are better the smaller they are, and at
shares of them.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median

from core.advice.advice import Advice, ranked
from core.advice.fixes import (
    PATIENCE,
    early_stopping,
    faster,
    half_the_noise,
    larger,
    longer,
    rate_of,
    regularized,
    slower,
    watching,
    with_activation,
    with_regularization,
    without_regularization,
)
from core.advice.training_curves import Course
from core.experiment.counts import count
from core.experiment.keras_calls import target_transform
from core.experiment.metric_titles import in_sentence, metric_title, short
from core.experiment.monitored_metric import monitor
from core.experiment.penalties import penalized
from core.experiment.spec import Experiment

NOT_A_NUMBER = "The loss was NaN from the first epoch on"  # Begins the sentence of a run that ended without a model,
OLD_NOT_A_NUMBER = "The loss was not a number from the first epoch on"  # and began it in runs that version 0.1 kept.
_WAY_UP = 10.0  # Times its lowest: a loss that diverges.
_FEW, _SOME, _MANY = 5, 10, 30  # Epochs before which a curve says too little of this or that.
_FLAT = ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "softsign")  # Activations with flat ends.
_SLOW = 0.05  # Share of a loss that an epoch takes away.
_PARTED = 0.01  # Share of correct predictions that is gained after the best loss.
_NO_BETTER = 0.98  # Of the straight line's loss.
_LARGE_RATE = 0.05
_RATE = "compile.optimizer.learning_rate"

Diagnosis = Callable[[Course], Iterator[Advice]]
DIAGNOSES: list[Diagnosis] = []


def diagnosis(function: Diagnosis) -> Diagnosis:
    """Registers a diagnosis."""
    DIAGNOSES.append(function)
    return function


def diagnose(course: Course) -> list[Advice]:
    """All that the course of a training shows, the most useful first."""
    return ranked(advice for one in DIAGNOSES for advice in one(course))


@diagnosis
def steps_are_not_too_large(course: Course) -> Iterator[Advice]:
    """A loss that grew beyond all bounds, or that jumps up and down at the end."""
    rate, train = rate_of(course.experiment), course.train
    blown = course.measurable and course.epochs >= 3 and train[-1] > _WAY_UP * min(train) and train[-1] > train[0]
    if course.ended == "diverged" or blown:
        after = f"after epoch {course.first_epoch - 1 + course.epochs} the loss became NaN" if not blown else ""
        grew = f"the loss rose from {short(min(train))} to {short(train[-1])}" if blown else ""
        fix = slower(course.experiment, 10)
        says = (
            f"The training diverged with a learning rate of {rate:g}: "
            f"{grew or (after if course.epochs else 'the loss was NaN from the first epoch on')}."
        )
        yield Advice("diverged", "warning", _RATE, says, fix, _use(fix))
        return
    late = train[-20:]
    if not course.measurable or len(late) < 12 or late[-1] == late[0]:
        return
    steps = [after / before - 1 for before, after in pairwise(late)]
    ups, jump = sum(step > 0 for step in steps) / len(steps), median(map(abs, steps))
    half = len(late) // 2
    if ups >= 0.35 and jump >= 0.08 and median(late[half:]) > max(0.5, 1 - 2 * jump) * median(late[:half]):
        fix = slower(course.experiment, 5)
        says = (
            f"The training loss changes by {100 * jump:.0f}% from epoch to epoch and rose in {100 * ups:.0f}% of the "
            f"last {len(steps)} epochs."
        )
        yield Advice("noisy-rate", "hint", _RATE, says, fix, _use(fix))


@diagnosis
def it_learned_something(course: Course) -> Iterator[Advice]:
    """A network worse than what guesses, or no better than a straight line; once there are epochs enough to tell."""
    if not course.measurable or course.ended == "diverged" or not (course.over or course.epochs >= 2 * _SOME):
        return
    experiment, (train, validation), rate = course.experiment, course.reached, rate_of(course.experiment)
    guess, line, rows = course.guess, course.line, "the validation set" if course.validated else "the training set"
    rising = course.train[-1] > course.train[0]
    # Then `it_ends_when_it_should` asks for more epochs.
    hardly_begun = course.epochs < _FEW and not rising and rate <= _LARGE_RATE
    if hardly_begun:
        return
    without = " without the penalty" if penalized(experiment) else ""
    measure, said = _measure(experiment)
    if guess and 0 < 1.5 * guess[1] < validation:
        fix = (slower(experiment, 10) if rising or rate > _LARGE_RATE else faster(experiment, 10)) or slower(
            experiment, 10
        )
        says = (
            f"The network is worse than always predicting the {guess[0]} ({measure} {said(validation)} against "
            f"{said(guess[1])} on {rows}{without}). The learning rate of {rate:g} may be too high or too low"
            f"{f': try {rate_of(fix):g}' if fix else ''}."
        )
        yield Advice("worse-than-guessing", "warning", _RATE, says, fix, _use(fix))
    elif (
        line
        and course.epochs >= _FEW
        and 0 < _NO_BETTER * line[1] < validation
        and not (_falling(course) or _cut_off(course) or _coming(course))
    ):
        how = _beside_line(validation, line[1])
        both = f"{measure} {said(validation)} against {said(line[1])}{without}"
        beside = f"On {rows} the network is {how} than the {line[0]} ({both})"
        fitted = min(train, course.fitted)
        if fitted > 0.9 * line[1]:
            fix, button = without_regularization(experiment), "Remove regularization"
            if fix is None:
                fix, button = larger(experiment)
            stopping = experiment.callback("EarlyStopping")
            if fix and stopping and course.ended == "early":  # It stands still for long before it finds a way on.
                patience = max(PATIENCE, 3 * stopping.value("patience"))
                fix, button = early_stopping(fix, patience), f"{button}, patience {patience}"
            too = f", and so is the training {measure} ({said(train)})" if course.validated else ""
            says = f"{beside}{too}. It underfits."
            yield Advice("underfitting", "hint", "layers", says, fix, button)
        else:
            says = f"{beside}, although it fits the training set ({measure} {said(fitted)})."
            yield Advice("no-better-than-line", "hint", "layers", says, *with_regularization(experiment))


@diagnosis
def it_does_not_overfit(course: Course) -> Iterator[Advice]:
    """Validation that turned up while training went on down."""
    best = course.best if course.measurable else 0
    since = course.epochs - 1 - best
    if not course.measurable or course.epochs < _SOME or since < _FEW:
        return
    late = median(course.validation[-min(since, _SOME) :])
    rise, fall = late / course.validation[best] - 1, 1 - course.train[-1] / course.train[best]
    stopping = course.experiment.callback("EarlyStopping")
    ends_well = stopping is not None and stopping.value("restore_best_weights")
    # With class weights the training loss is weighted and the validation loss is not: they may part a little without
    # overfitting.
    if rise > (0.3 if ends_well or course.experiment.fit.class_weight is not None else 0.1) and fall > 0.05:
        fix, button = with_regularization(course.experiment)
        if fix is None and not ends_well:
            fix, button = early_stopping(course.experiment), "Add early stopping"
        if fix is None:
            return
        rose = f"rose by {100 * rise:.0f}%" if rise < 9 else f"rose to {1 + rise:,.0f} times its lowest value"
        says = (
            f"Overfitting since epoch {course.first_epoch + best}: the validation loss {rose}, "
            f"while the training loss fell by {100 * fall:.0f}%."
        )
        yield Advice("overfitting", "hint" if ends_well else "warning", "layers", says, fix, button)


@diagnosis
def loss_and_accuracy_agree(course: Course) -> Iterator[Advice]:
    """A validation loss that rises while the share of correct predictions still grows: then the best epoch by the loss
    is not the best.
    """
    if not course.measurable or course.epochs < _SOME or monitor(course.experiment)[0] != "val_loss":
        return
    best, since = course.best, course.epochs - 1 - course.best
    if since < _FEW or median(course.validation[-min(since, _SOME) :]) < 1.05 * course.validation[best]:
        return
    for name, metric in course.experiment.logged().items():
        shares = [value for value in course.history.get(f"val_{name}", ()) if value is not None]
        if not (metric.row.share and metric.row.larger) or len(shares) != course.epochs:
            continue
        top = max(range(len(shares)), key=shares.__getitem__)
        if top > best and median(shares[-min(since, _SOME) :]) >= shares[best] + _PARTED:
            title = in_sentence(metric_title(name, course.experiment), name, course.experiment)
            grew = f"{title} improved from {shares[best]:.1%} to {shares[top]:.1%}"
            first = course.first_epoch
            says = f"The validation loss was lowest at epoch {first + best}, but {grew} at epoch {first + top}."
            fix = watching(course.experiment, f"val_{name}")
            yield Advice("other-monitor", "hint", "fit.callbacks", says, fix, f"Monitor val_{name}")
            return


@diagnosis
def it_ends_when_it_should(course: Course) -> Iterator[Advice]:
    """Neither while it still learns, nor long after it has stopped to."""
    experiment, epochs = course.experiment, course.epochs
    if not course.measurable:
        return
    if course.ended == "finished" and epochs == 1:
        fix = longer(experiment, _SOME)
        says = "The training ended after 1 epoch, too early to judge the network. More epochs may help."
        yield Advice("still-improving", "hint", "fit.epochs", says, fix, f"Train {fix.fit.epochs:,} epochs")
    if epochs < 2:
        return
    if not course.validated:  # The training rows alone do not say when it has learned enough.
        return
    stopping = experiment.callback("EarlyStopping")
    patience = stopping.value("patience") if stopping else 0
    if course.ended == "early" and stopping and patience < PATIENCE:
        waited = course.train[-min(epochs, 1 + max(1, patience))]
        fall = 1 - course.train[-1] / waited
        if fall > 0 and course.validation[-1] < 1.25 * course.validation[course.best]:
            says = (
                f"Early stopping ended the training after {count(epochs, 'epoch')} with a patience of {patience}, "
                f"while the training loss was still falling (by {100 * fall:.1f}% in that time)."
            )
            fix = early_stopping(experiment, max(PATIENCE, 3 * patience))
            yield Advice(
                "stopped-too-soon",
                "hint",
                "fit.callbacks",
                says,
                fix,
                f"Set patience to {max(PATIENCE, 3 * patience)}",
            )
    elif (_falling(course) or _coming(course)) and (course.over or epochs >= 2 * _SOME):
        yield from _unfinished(course)
    elif _cut_off(course):
        yield _more_epochs(course)
    elif stopping is None and epochs >= _MANY:
        window = max(PATIENCE, epochs // 4)
        before, last = min(course.validation[:-window]), min(course.validation[-window:])
        fall = 1 - min(course.train[-window:]) / min(course.train[:-window])
        if last > 0.99 * before and fall < 0.05:
            gain = f"{100 * max(0.0, 1 - last / before):.1f}%"
            by = f" by more than {gain}" if gain != "0.0%" else ""
            says = f"The validation loss has not improved{by} for {count(window, 'epoch')}."
            yield Advice("plateau", "hint", "fit.callbacks", says, early_stopping(experiment), "Add early stopping")


def _falling(course: Course) -> bool:
    """Whether both losses are still on their way down, and far from even."""
    if course.epochs - 1 - course.best > max(1, course.epochs // 20):
        return False
    some = min(_SOME, course.epochs)
    late, held = course.train[-some:], course.validation[-some:]
    falls = sum(after < before for before, after in pairwise(late))
    return some >= _FEW and falls >= 0.8 * (some - 1) and held[-1] < 0.95 * held[0] and late[-1] < 0.95 * late[0]


def _cut_off(course: Course) -> bool:
    """Whether it was ended by its number of epochs, though one of the last was the best, or few were made and each
    brought much.
    """
    if course.ended != "finished" or course.epochs < 2:
        return False
    short = course.epochs < _SOME and course.train[-1] < 0.97 * course.train[-2]
    before = course.validation[max(0, course.epochs - 1 - _SOME)]
    return short or (course.best > 0.95 * course.epochs - 1 and course.validation[course.best] < 0.99 * before)


def _coming(course: Course) -> bool:
    """Whether it is not over, one of the last epochs is the best, and it is better than some epochs ago: by little, but
    it comes.
    """
    before = course.validation[max(0, course.epochs - 1 - _SOME)]
    return not course.over and course.best >= course.epochs - 3 and course.validation[course.best] < 0.99 * before


def _unfinished(course: Course) -> Iterator[Advice]:
    """A training that comes closer by a little each epoch: by larger steps where they are small, else by
    more of them.
    """
    fix, guess, rate = faster(course.experiment, 10), course.guess, rate_of(course.experiment)
    share = (1 - (course.train[-1] / course.train[-min(_SOME, course.epochs)])) / min(_SOME, course.epochs)
    reached = course.reached[1]
    if fix and share < _SLOW and guess and reached > 0.5 * guess[1]:
        measure, said = _measure(course.experiment)
        says = (
            f"The network learns slowly: with a learning rate of {rate:g} the loss falls by {100 * share:.1f}% per "
            f"epoch. After {course.epochs} epochs the {measure} is {said(reached)}; predicting the {guess[0]} gives "
            f"{said(guess[1])}."
        )
        yield Advice("slow-rate", "hint", _RATE, says, fix, _use(fix))
    elif course.ended == "finished":
        yield _more_epochs(course)


def _measure(experiment: Experiment) -> tuple[str, Callable[[float], str]]:
    """What a loss that is compared is called, and how it is written: of squared errors the root, which has the target's
    unit.
    """
    squared = not experiment.several and experiment.compile.single_loss.name == "MeanSquaredError"
    if squared and not experiment.weighted and target_transform(experiment) is None:
        return "RMSE", lambda loss: short(math.sqrt(loss))
    return "loss", short


def _beside_line(reached: float, line: float) -> str:
    """How a loss compares with the linear model's, of one that is not clearly below it: 0.99 of it is
    "hardly better".
    """
    return "worse" if reached > line / _NO_BETTER else "no better" if reached >= line else "hardly better"


def _more_epochs(course: Course) -> Advice:
    so_far, fix = "", longer(course.experiment)
    if course.line and course.reached[1] > _NO_BETTER * course.line[1] > 0:
        how = _beside_line(course.reached[1], course.line[1])
        measure, said = _measure(course.experiment)
        both = f"{measure} {said(course.reached[1])} against {said(course.line[1])}"
        so_far = f" and so far {how} than the {course.line[0]} ({both})"
    if course.best > 0.95 * course.epochs - 1:
        says = (
            f"The best epoch, {course.first_epoch + course.best}, is among the last{so_far}. The loss was still "
            "improving: more epochs may help."
        )
    else:
        fall = 100 * (1 - course.train[-1] / course.train[-2])
        ended = f"The training ended after {count(course.epochs, 'epoch')}"
        says = f"{ended}; the last one still reduced the training loss by {fall:.0f}%. More epochs may help."
    return Advice("still-improving", "hint", "fit.epochs", says, fix, f"Train {count(fix.fit.epochs, 'epoch')}")


@diagnosis
def validation_is_not_the_better_one(course: Course) -> Iterator[Advice]:
    """Rows it never saw, which it knows better than its own: that has its reason in how both are measured."""
    if not course.measurable or course.epochs < _SOME:
        return
    held, train = median(course.validation[-_SOME:]), median(course.train[-_SOME:])
    if held < 0.8 * train:
        fix = half_the_noise(course.experiment)
        if fix:
            reason = "dropout is active in training and off in validation"
        elif course.experiment.weighted:
            reason = "the training loss uses sample or class weights"
        elif regularized(course.experiment):
            reason = "the training loss includes regularization or noise"
        else:
            reason = "the validation rows may be few or easier to predict"
        says = (
            f"The validation loss ({short(held)}) is {100 * (1 - held / train):.0f}% lower than the training loss "
            f"({short(train)}): "
            f"{reason}."
        )
        yield Advice("validation-better", "hint", "layers", says, fix, "Halve the dropout" if fix else "")


@diagnosis
def units_are_alive(course: Course) -> Iterator[Advice]:
    """Hidden units that are 0 for every row, or whose activation is flat; of a run that diverged they tell nothing."""
    if course.ended == "diverged":
        return
    hidden = {
        at: layer
        for at, layer in enumerate(course.experiment.layers[:-1])
        if layer.name in ("Dense", "Activation") and at in course.health
    }
    for code, share, names in (("dead-units", "dead", ("relu", "relu6")), ("saturated", "saturated", _FLAT)):
        ill = {
            at: course.health[at].get(share, 0.0) for at, layer in hidden.items() if layer.value("activation") in names
        }
        ill = {at: much for at, much in ill.items() if much >= 0.4}
        if ill:
            worst, much = max(ill.items(), key=lambda pair: pair[1])
            better = "leaky_relu" if code == "dead-units" else "relu"
            what = "of its units are dead (0 for every row)" if code == "dead-units" else "of its outputs are saturated"
            fix = with_activation(course.experiment, ill, better)
            says = (
                f"Layer {worst + 1} ({course.experiment.layers[worst].value('activation')}): {100 * much:.0f}% {what}."
            )
            yield Advice(code, "warning", f"layers.{worst}.activation", says, fix, f"Use {better}")


def _use(fix: Experiment | None) -> str:
    return f"Use {rate_of(fix):g}" if fix is not None else ""
