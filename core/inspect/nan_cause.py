"""Why a loss became no number: found where it happened, and said with the layer or the setting, its number, and what to
try.

The training is walked again from the last weights that were numbers, one step at a time, until it breaks; then that one
batch is looked at layer by layer. What can be seen there (a value too large, a loss that is not defined, a layer that
gives none, weights that ran away) decides, and only after that the settings.
"""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.losses import LOSSES
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.plugins import PREFIX, title
from core.catalog.schedules import rate_at
from core.experiment.counts import count
from core.experiment.spec import Experiment, Loss
from core.inspect.batch_trace import BatchTrace, breaking_step, by_card, largest, trace
from core.inspect.outliers import extreme_weight, lone_feature
from core.model.batches import row_order, taken
from core.model.outputs import Heads
from core.model.scoring_program import Column

log = logging.getLogger(__name__)
_HUGE = 1e6  # What no output of a healthy layer reaches: its inputs are a few deviations, its weights about 1.
_RUNAWAY = 1e3  # Weights so many times larger than at the start, or than 1, have run away.
_MOST_ROWS = 65_536  # Of the validation rows.
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


@dataclass(frozen=True)
class BrokenTraining:
    """Where a training broke.

    Attributes:
        part: "train" or "validation": whose loss became NaN.
        epochs: Completed before.
        rate: The learning rate then.
        last_good: Weights after the last epoch that gave numbers; None when there was none.
        broken: Weights as they are now.
    """

    part: str
    epochs: int
    rate: float
    last_good: list[np.ndarray] | None
    broken: list[np.ndarray] | None


@dataclass(frozen=True)
class Evidence:
    """What is known of a training that broke.

    Attributes:
        rate: The learning rate it had.
        first: Largest weight of each layer before the first step.
        before: The batch before the training's own steps are to blame: with the last weights that were kept.
        at: The batch that broke, with the last weights that were numbers; None when it could not be made to break
            again.
        lone: A sentence about a training row that is far away from all others, or "".
    """

    experiment: Experiment
    rate: float
    first: list[float]
    before: BatchTrace
    at: BatchTrace | None
    lone: str = ""

    def name(self, layer: int) -> str:
        """A layer as a person sees it."""
        return f"layer {layer + 1}, {self.experiment.layers[layer].name}"

    def activation(self, layer: int) -> str:
        """The activation of a layer, or ""."""
        chosen = self.experiment.layers[layer]
        return str(chosen.value("activation") or "") if chosen.row.field("activation") else ""

    @property
    def loss(self) -> Loss | None:
        """The loss of the only target; of several none is singled out."""
        return (
            None if self.experiment.several else self.experiment.compile.of(self.experiment.data.targets[0]).single_loss
        )

    @property
    def highest(self) -> float:
        """The largest learning rate that is usual for the optimizer."""
        return OPTIMIZERS[self.experiment.compile.optimizer.name].habit[1]

    @property
    def too_fast(self) -> bool:
        """Whether the learning rate is larger than is usual; a network holds it with seven digits."""
        return self.rate > 1.0001 * self.highest

    @property
    def usual(self) -> float:
        """A learning rate to try: the optimizer's default where that is usual, and less than the one that broke."""
        low, high = OPTIMIZERS[self.experiment.compile.optimizer.name].habit
        row = self.experiment.compile.optimizer.row
        default = next(field.default for field in row.fields if field.name == "learning_rate")
        return min(max(float(default), low), high, self.rate / 10)


def likely_cause(
    heads: Heads,
    x: dict[str, np.ndarray],
    y: dict[str, Column],
    counts: dict[str, Any],
    training: BrokenTraining,
) -> str:
    """A sentence or two: what most likely broke the training, and what to try.

    Args:
        x, y, counts: Part -> the network's matrix, its targets, sample weights.
        training: Where it broke.
    """
    experiment, prepared, part = heads.experiment, heads.prepared, training.part
    if found := extreme_weight(experiment, counts[part]):
        return found
    try:
        stack = heads.build(x["train"].shape[1])
        cards = by_card(stack, experiment)
        first = [largest(weight for layer in each for weight in layer.get_weights()) for each in cards]
        start = training.last_good or stack.get_weights()
        stack.set_weights(start)
        # A person or a callback may have changed it.
        if not isinstance(experiment.compile.optimizer.value("learning_rate"), dict):
            stack.optimizer.learning_rate = training.rate
        if part == "train":
            broken = breaking_step(stack, x[part], y[part], counts[part], experiment.fit, training.epochs)
        else:
            rows = np.arange(len(x[part]))[:_MOST_ROWS]
            broken = None if training.broken is None else (training.broken, rows)
        rows = broken[1] if broken else row_order(len(x[part]), experiment.fit.seed, 0)[: experiment.fit.batch_size]
        counted = None if counts[part] is None else taken(counts[part], rows)
        batch = taken(x[part], rows), taken(y[part], rows), counted
        before = trace(stack, cards, start, *batch)
        at = trace(stack, cards, broken[0], *batch) if broken else None
        scene = Evidence(experiment, training.rate, first, before, at, lone_feature(prepared))
    except Exception:  # The search for a cause must not take away what was kept.
        log.exception("the cause could not be looked for")
        rate = rate_at(experiment.compile.optimizer.value("learning_rate"), 0)
        return f"A learning rate of {rate:g} may be too high; try {rate / 100:g}."
    return cause_of(scene)


def cause_of(scene: Evidence) -> str:
    """What the scene shows, the surest sign first."""
    signs = (
        _bad_start,
        _loss_without_answer,
        _plugged_layer,
        _unbounded,
        _gradient_without_number,
        _ratio,
        _penalty,
        _steps,
    )
    return next(filter(None, (sign(scene) for sign in signs)))


def _bad_start(scene: Evidence) -> str:
    """Weights that were too large before the first step."""
    worst = int(np.argmax(scene.first))
    if scene.first[worst] < _RUNAWAY:
        return ""
    chosen = scene.experiment.layers[worst].value("kernel_initializer")
    by = f" by its initializer {chosen['class']}" if isinstance(chosen, dict) else ""
    return (
        f"The likely cause is the initialization of {scene.name(worst)}: its weights start with values up "
        f"to {scene.first[worst]:.3g}{by}. Use GlorotUniform there."
    )


def _loss_without_answer(scene: Evidence) -> str:
    """The network's predictions are numbers of a usual size, and the loss of them is none."""
    at, loss = scene.at, scene.loss
    if loss is None or at is None or np.isfinite(at.loss) or max(at.outputs) > _HUGE:
        return ""
    low, high, below = at.predictions
    predictions = f"predictions from {low:.3g} to {high:.3g}"
    if LOSSES[loss.name].module.startswith(PREFIX):
        file = title(LOSSES[loss.name].module)
        return (
            f"The likely cause is the plug-in {loss.name} ({file}): this loss is NaN for {predictions}. "
            "Fix its code, or choose another loss."
        )
    if LOSSES[loss.name].positive and below:
        last = len(scene.experiment.layers) - 1
        return (
            f"The likely cause is the loss {loss.name}: it takes the logarithm of the predictions, and {below:.0%} of "
            f"a batch's were negative (down to {low:.3g}). Set the activation of {scene.name(last)}, to softplus, or "
            "choose another loss."
        )
    return (
        f"The likely cause is the loss {loss.name}: it is NaN for {predictions}. Choose another loss, or "
        f"give {scene.name(len(scene.experiment.layers) - 1)}, the activation that this loss needs."
    )


def _plugged_layer(scene: Evidence) -> str:
    """A plug-in that gave no number for what were numbers of a usual size."""
    at, before = scene.at, 0.0
    if at is None:
        return ""
    for layer in range(len(scene.experiment.layers)):
        if at.outputs[layer] > _HUGE >= before and at.weights[layer] < _RUNAWAY and (file := _file_of(scene, layer)):
            what = (
                f"returned values up to {at.outputs[layer]:.3g}" if np.isfinite(at.outputs[layer]) else "returned NaN"
            )
            return (
                f"The likely cause is {scene.name(layer)}: the plug-in {file} {what} for finite inputs. Fix its code."
            )
        before = at.outputs[layer]
    return ""


def _file_of(scene: Evidence, layer: int) -> str:
    """The plug-in that a layer or its activation is from, or ""."""
    modules = [
        scene.experiment.layers[layer].row.module,
        *(ACTIVATIONS[name].module for name in (scene.activation(layer),) if name),
    ]
    return next((title(module) for module in modules if module.startswith(PREFIX)), "")


def _unbounded(scene: Evidence) -> str:
    """An activation that grows faster than its input, where the learning rate does not explain it alone."""
    for layer in range(len(scene.experiment.layers)):
        if scene.activation(layer) != "exponential":
            continue
        seen = scene.at or scene.before
        early = scene.before.outputs[layer]
        if seen.outputs[layer] > _HUGE and (early > _HUGE or scene.rate <= 10 * scene.highest):
            return (
                f"The likely cause is {scene.name(layer)}: its activation, exponential, is unbounded and "
                f"{_reached(seen.outputs[layer])}. "
                "Try softplus there" + (", or set clipnorm to 1 in the optimizer." if not _clipped(scene) else ".")
            )
    return ""


def _gradient_without_number(scene: Evidence) -> str:
    """All that went forward was a number, and what came back through one layer was none."""
    at = scene.at
    if at is None or not np.isfinite(at.loss) or max(at.outputs) > _HUGE:
        return ""
    for layer in reversed(range(len(scene.experiment.layers))):  # Backwards, as gradients go.
        if np.isfinite(at.back[layer]) and (
            not np.isfinite(at.gradients[layer]) or (layer and not np.isfinite(at.back[layer - 1]))
        ):
            own = _file_of(scene, layer)
            fix = f"Fix the code of the plug-in {own}." if own else "Try another activation there."
            return (
                f"The likely cause is {scene.name(layer)}: its outputs were finite, and the gradient through it "
                f"was NaN. {fix}"
            )
    if scene.loss and not np.isfinite(at.back[-1]):
        what = f"it was finite ({at.loss:.3g}), but its gradient was NaN"
        return f"The likely cause is the loss {scene.loss.name}: {what}. Choose another loss."
    return ""


def _ratio(scene: Evidence) -> str:
    """A loss that divides by target values that are 0."""
    loss, zeros = scene.loss.name if scene.loss else "", scene.before.zeros
    if not loss or not LOSSES[loss].ratio or not zeros or scene.too_fast:
        return ""
    return (
        f"The likely cause is the loss {loss}: it divides by the target, and {zeros:.0%} of a batch's targets are 0. "
        "Choose a loss of differences, such as MeanAbsoluteError."
    )


def _penalty(scene: Evidence) -> str:
    """A regularizer that outweighs the loss itself."""
    before = scene.before
    if scene.too_fast or not np.isfinite(before.loss) or before.penalty < 0.9 * before.loss or before.penalty < 1:
        return ""
    names = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
    for layer, chosen in enumerate(scene.experiment.layers):
        for name in names:
            if chosen.row.field(name) and chosen.value(name):
                return (
                    f"The likely cause is the {name} of {scene.name(layer)}: it made up "
                    f"{before.penalty / before.loss:.0%} of the loss. "
                    "Divide it by 100."
                )
    return ""


def _steps(scene: Evidence) -> str:
    """Steps that were too long: by the learning rate, the momentum, or gradients that nothing clips."""
    seen = scene.at or scene.before
    optimizer = scene.experiment.compile.optimizer
    grown = [now / max(then, 1.0) for now, then in zip(seen.weights, scene.first, strict=True)]
    layer = int(np.argmax(grown))
    grew = f"; the weights of {scene.name(layer)}, grew to {seen.weights[layer]:.3g}" if grown[layer] > 10 else ""
    if scene.too_fast:
        worse = [at for at in range(len(scene.experiment.layers)) if scene.activation(at) == "exponential"]
        also = f" The activation of {scene.name(worse[0])}, exponential, contributes." if worse else ""
        return (
            f"The likely cause is the learning rate: {scene.rate:.4g} is {_times(scene.rate / scene.highest)} times "
            f"the highest usual one for {optimizer.name} ({scene.highest:g}){grew}. Try {scene.usual:g}.{also}"
        )
    if scene.lone:
        return scene.lone
    momentum = optimizer.value("momentum") if optimizer.row.field("momentum") else 0.0
    if momentum and momentum > 0.95 and optimizer.name == "SGD":
        return (
            f"The likely cause is the momentum of {momentum:g}: it sums about "
            f"{count(round(1 / (1 - momentum)), 'step')}{grew}. Try 0.9."
            if momentum < 1
            else f"The likely cause is the momentum of 1: steps never decay{grew}. Try 0.9."
        )
    lengths = [length if np.isfinite(length) else np.inf for length in scene.before.gradients]
    steepest = int(np.argmax(lengths))
    grew = grew.replace(f"; the weights of {scene.name(steepest)},", "; they")
    clip = _clipped(scene)
    held = f"despite {clip}" if clip else "without clipping"
    advice = (
        f"Try a learning rate of {scene.rate / 100:g}."
        if clip
        else f"Set clipnorm to 1, or try a learning rate of {scene.rate / 100:g}."
    )
    length = f"a gradient of norm {lengths[steepest]:.3g}" if np.isfinite(lengths[steepest]) else "a NaN gradient"
    return f"The likely cause is {scene.name(steepest)}: its weights had {length} {held}{grew}. {advice}"


def _clipped(scene: Evidence) -> str:
    return next((name for name in _CLIPS if scene.experiment.compile.optimizer.value(name) is not None), "")


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def _reached(size: float) -> str:
    return f"reached {size:.3g}" if np.isfinite(size) else "overflowed"
