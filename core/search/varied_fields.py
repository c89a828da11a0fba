"""The fields of an experiment that a search may vary, by the path of an edit: each with its row of the catalog.

varied_fields(experiment)["layers.0.units"].field.high      16384
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Field, Flag, Part, Pick, Row, Whole
from core.catalog.kinds import KINDS
from core.catalog.optimizers import OPTIMIZERS
from core.catalog.scalings import SCALINGS
from core.catalog.schedules import Rate
from core.catalog.target_transforms import TARGET_TRANSFORMS
from core.catalog.text_weightings import TEXT_WEIGHTINGS
from core.experiment.data import Data
from core.experiment.edits import step_of
from core.experiment.preparation import MOST_BINS, MOST_WORDS, USUAL_BINS, USUAL_TEXT_WORDS, USUAL_WORDS
from core.experiment.spec import MOST_EPOCHS, Experiment

FEATURE = "features."  # Before a column's name: whether the column is a feature.
PREPARATION = "data.preparation."  # Before a column's name and a setting of its own.
_UNDER = ("units", "activation")  # Arguments of the output layer that follow from the task.
_MEANING = ("from_logits",)  # Arguments that say what an output is.


@dataclass(frozen=True)
class VariedField:
    """A field of an experiment.

    Attributes:
        path: That of an edit, or "features.COLUMN".
        value: What the experiment has, or Keras's default.
        group: The part of the experiment, for people: "Layer 1: Dense".
        title: The field, for people: "Units".
        habit: Of a learning rate: the lowest and the highest that usually work for its optimizer.
        changes_loss: Whether losses of experiments that differ in it measure different things.
    """

    path: str
    field: Field
    value: Any
    group: str
    title: str
    habit: tuple[float, float] | None = None
    changes_loss: bool = False


def varied_fields(experiment: Experiment) -> dict[str, VariedField]:
    """Every field by its path: of the optimizer, `fit`, the layers, the callbacks, the loss and the features."""
    return {field.path: field for part in _PARTS.values() for field in part(experiment)}


def field_at(experiment: Experiment, path: str) -> VariedField | None:
    """The field of that path, or None."""
    if found := re.match(r"layers\.(\d{1,4})\.", path):  # Of many layers only one is looked at.
        fields = _of_layer(experiment, int(found[1]))
    else:
        part = next((part for start, part in _PARTS.items() if path.startswith(start)), None)
        fields = part(experiment) if part else iter(())
    return next((field for field in fields if field.path == path), None)


def feature_path(column: str) -> str:
    """The path that says whether a column is a feature: "sq.ft" -> "features.sq\\.ft"."""
    return f"{FEATURE}{step_of(column)}"


def _arguments(
    row: Row, given: dict[str, Any], path: str, group: str, before: str = "", changes_loss: bool = False
) -> Iterator[VariedField]:
    """The arguments of a row, and those of the small objects that they are."""
    for field in row.fields:
        if field.name in _MEANING:
            continue
        value, title = given.get(field.name, field.default), f"{before}{field.label}"
        changes = changes_loss or field.name.endswith("_regularizer")
        here = f"{path}.{field.name}"
        yield VariedField(here, field, value, group, title, changes_loss=changes)
        if isinstance(field, Part | Rate) and isinstance(value, dict):
            inner = {name: argument for name, argument in value.items() if name != "class"}
            yield from _arguments(field.rows()[value["class"]], inner, here, group, f"{title}: ", changes)


def _optimizer(experiment: Experiment) -> Iterator[VariedField]:
    chosen = experiment.compile.optimizer
    habit = OPTIMIZERS[chosen.name].habit
    for one in _arguments(chosen.row, chosen.arguments, "compile.optimizer", "Optimizer"):
        rate = one.field.name in ("learning_rate", "initial_learning_rate")
        yield VariedField(one.path, one.field, one.value, one.group, one.title, habit if rate else None)


_BATCH_SIZE = Whole(
    name="batch_size",
    default=32,
    low=1,
    high=1_000_000,
    help="Rows per step: small batches are noisier and slower, and often generalize better.",
)
_EPOCHS = Whole(
    name="epochs",
    default=100,
    low=1,
    high=MOST_EPOCHS,
    help="Maximum number of epochs; the best one is kept.",
    log_scale=True,
)
_CLASS_WEIGHT = Pick(
    name="class_weight",
    default=None,
    optional=True,
    words=lambda: ["balanced"],
    help="Whether rows of rare classes count more.",
)


def _fit(experiment: Experiment) -> Iterator[VariedField]:
    for field in (_BATCH_SIZE, _EPOCHS, _CLASS_WEIGHT):
        value = getattr(experiment.fit, field.name)
        changes = field is _CLASS_WEIGHT
        yield VariedField(f"fit.{field.name}", field, value, "Fit", field.label, changes_loss=changes)


def _layers(experiment: Experiment) -> Iterator[VariedField]:
    for at in range(len(experiment.layers)):
        yield from _of_layer(experiment, at)


def _of_layer(experiment: Experiment, at: int) -> Iterator[VariedField]:
    """The fields of the layer at a place, counted from 0; none where there is no layer."""
    if at >= len(experiment.layers):
        return
    layer = experiment.layers[at]
    output = at == len(experiment.layers) - 1 and layer.name == "Dense"
    group = f"Layer {at + 1}: {layer.row.title}"
    penalizes = layer.name == "ActivityRegularization"
    for one in _arguments(layer.row, layer.arguments, f"layers.{at}", group, changes_loss=penalizes):
        if not (output and one.field.name in _UNDER):
            yield one


def _callbacks(experiment: Experiment) -> Iterator[VariedField]:
    for at, callback in enumerate(experiment.fit.callbacks):
        yield from _arguments(callback.row, callback.arguments, f"fit.callbacks.{at}", callback.row.title)


def _losses(experiment: Experiment) -> Iterator[VariedField]:
    given = experiment.compile.loss
    for target, loss in given.items() if isinstance(given, dict) else [("", given)]:
        path = f"compile.loss.{step_of(target)}" if target else "compile.loss"
        group = f"Loss of {target}" if target else "Loss"
        yield from _arguments(loss.row, loss.arguments, path, group, changes_loss=True)


def _scaling(name: str, kind: str, default: str, help: str) -> Pick:
    """One of the scalings for a kind of column. A search tries one of those that only move and stretch the numbers, for
    a network learns much the same from all of these, beside those that bend them.
    """
    words = [name for name, row in SCALINGS.items() if kind in row.kinds]
    bending = [name for name in words if SCALINGS[name].transform]
    search_words = ("standard", *bending) if bending else ()
    return Pick(name=name, default=default, words=lambda: words, search_words=search_words, help=help)


def _scalings(experiment: Experiment) -> Iterator[VariedField]:
    features = experiment.data.features
    for kind in dict.fromkeys(features.values()):
        if KINDS[kind].scaled:
            field = _scaling(kind, kind, "standard", "How columns of this kind are scaled.")
            value = experiment.data.scaling.get(kind, "standard")
            yield VariedField(f"data.scaling.{kind}", field, value, "Features", f"Scaling of {kind} columns")


_BINS = Whole(
    name="bins",
    default=USUAL_BINS,
    low=2,
    high=MOST_BINS,
    help="How many quantile bins the column is put into.",
)
_WORDS = {
    kind: Whole(
        name="words",
        default=usual,
        low=1,
        high=MOST_WORDS,
        help=f"How many of the most frequent {known} of the training rows are known.",
    )
    for kind, usual, known in (
        ("category", USUAL_WORDS, "categories"),
        ("code", USUAL_WORDS, "categories"),
        ("text", USUAL_TEXT_WORDS, "words"),
    )
}
_WEIGHTING = Pick(
    name="weighting",
    default="multi-hot",
    words=lambda: list(TEXT_WEIGHTINGS),
    help="The value in the column of a word.",
)
_LOGARITHM = Pick(
    name="target",
    default=None,
    optional=True,
    words=lambda: list(TARGET_TRANSFORMS),
    help="Whether the logarithm of the target is learned in place of the target.",
)


def _preparations(experiment: Experiment) -> Iterator[VariedField]:
    """How single columns become numbers: the settings that a column of its kind has, and a target's logarithm."""
    data = experiment.data
    for name, kind in data.features.items():
        for field, value, title in _of_column(data, name, kind):
            path = f"{PREPARATION}{step_of(name)}.{field.name}"
            yield VariedField(path, field, value, "Features", f"{title} of {name}")
    for name in data.targets:
        path = f"{PREPARATION}{step_of(name)}.target"
        value = data.preparation_of(name).target
        yield VariedField(path, _LOGARITHM, value, "Target", f"Logarithm of {name}", changes_loss=True)


def _of_column(data: Data, name: str, kind: str) -> Iterator[tuple[Field, Any, str]]:
    """Each setting of a feature: its field, its value, and what it is called."""
    settings = data.preparation_of(name)
    if KINDS[kind].scaled:
        scaling = settings.scaled_by(kind, data.scaling)
        by_kind = data.scaling.get(kind, "standard")
        yield _scaling("scaling", kind, by_kind, "How this column is scaled."), scaling.name, "Scaling"
        if scaling.transform == "bins":
            yield _BINS, settings.most_bins, "Bins"
    if kind == "text":
        yield _WORDS[kind], settings.text_words, "Known words"
        yield _WEIGHTING, settings.text_weighting, "Weighting"
    elif kind in _WORDS:
        yield _WORDS[kind], settings.known_words, "Known categories"


def _features(experiment: Experiment) -> Iterator[VariedField]:
    for name in experiment.data.features:
        field_of = Flag(name=name, default=True, help="Whether the column is a feature.")
        yield VariedField(feature_path(name), field_of, True, "Features", f"Use {name}")


# The start of their paths -> the fields of a part of the experiment, in the order on screen.
_PARTS: dict[str, Callable[[Experiment], Iterator[VariedField]]] = {
    "compile.optimizer.": _optimizer,
    "layers.": _layers,
    "fit.callbacks.": _callbacks,
    "fit.": _fit,
    "compile.loss.": _losses,
    "data.scaling.": _scalings,
    PREPARATION: _preparations,
    FEATURE: _features,
}
