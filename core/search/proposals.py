"""What a search may vary around an experiment, each with a range or choices that are worth a try.

The ranges are read from the catalog's rows, so that a layer, an optimizer or a callback that joins the catalog can be
varied at once. A row that says nothing of a range gets one around its default.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Field, Flag, Number, Part, Pick, Whole
from core.catalog.layers import LAYERS
from core.catalog.target_transforms import TARGET_TRANSFORMS
from core.experiment.edits import steps_of
from core.experiment.fork import from_scratch
from core.experiment.penalties import penalized
from core.experiment.spec import Experiment
from core.experiment.task import Situation
from core.race.settings import SETTINGS, Setting
from core.race.variants import suggestions
from core.search.space import Dimension, Space
from core.search.varied_fields import PREPARATION, VariedField, field_at, varied_fields

NETWORK = "Network"
_KIND = "Kind of layer"
_MOST_WORDS = 8  # Choices that are proposed of a longer list.
_ROWS_PER_BATCH = (16, 32, 64, 128, 256)
_FEWEST_STEPS = 4  # Batches of the training rows: larger batches are not proposed.
_BOLDEST = 0.9  # From here on a share is read as a decay: its distance from 1 is what matters.
_MOST_NUMBERS = 30  # Number columns: each in bins becomes ten inputs, with which trials of a wide table take long.
_RATES = ("learning_rate", "initial_learning_rate")
_INNER = 3.0  # By so much the ends of the usual learning rates are kept away from.
_DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)  # With none among them: of a range from 0 on hardly a trial would be without.


@dataclass(frozen=True)
class Proposal:
    """A setting that may be varied.

    Attributes:
        dimension: With the range or the choices that are proposed.
        title, group: What it is called, and of which part: "Units", "Layer 1: Dense".
        usual: Whether it is varied when nobody says otherwise.
        changes_loss: Whether losses of its trials measure different things, so that trials are compared by a metric.
    """

    dimension: Dimension
    title: str
    group: str
    help: str
    usual: bool = False
    changes_loss: bool = False

    @property
    def label(self) -> str:
        """What it is called where several stand side by side: "Layer 1: Dense, units"."""
        return _label(self.dimension.path, self.group, self.title)


def proposals(experiment: Experiment, situation: Situation | None = None) -> tuple[Proposal, ...]:
    """What may be varied: of the network as a whole, then of every field that has a range or choices."""
    experiment = from_scratch(experiment)
    found = [*_of_settings(experiment), *_of_layer_kinds(experiment)]
    for field in varied_fields(experiment).values():
        if (
            field.path == "fit.class_weight"
            and situation
            and all(task.kind == "regression" for task in situation.tasks)
        ):
            continue
        if field.path.startswith("compile.optimizer.learning_rate") and experiment.callback("LearningRateScheduler"):
            continue  # The callback sets the rate of every epoch.
        if dimension := _dimension(field, experiment, situation):
            usual = field.field.name in _RATES or field.path == "fit.batch_size"
            usual = usual or (field.path == "data.scaling.number" and _few_numbers(experiment))
            found.append(Proposal(dimension, field.title, field.group, field.field.help, usual, field.changes_loss))
    return tuple(found)


def _few_numbers(experiment: Experiment) -> bool:
    return sum(kind == "number" for kind in experiment.data.features.values()) <= _MOST_NUMBERS


def usual_space(experiment: Experiment, situation: Situation | None = None) -> Space:
    """The space that is searched when nobody says otherwise."""
    return Space(tuple(one.dimension for one in proposals(experiment, situation) if one.usual))


def title_of(experiment: Experiment, path: str) -> str:
    """What a dimension is called where several stand side by side: "Layer 1: Dense, units"."""
    if path in SETTINGS:
        return SETTINGS[path].title
    if kind := re.fullmatch(r"layers\.(\d+)", path):
        at = int(kind[1])
        layer = f": {experiment.layers[at].row.title}" if at < len(experiment.layers) else ""
        return _label(path, f"Layer {at + 1}{layer}", _KIND)
    field = field_at(experiment, path)
    return _label(path, field.group, field.title) if field else path


def _label(path: str, group: str, title: str) -> str:
    inner = title[:1].lower() + title[1:]
    return f"{group}, {inner}" if path.startswith(("layers.", "fit.callbacks.", "compile.loss")) else title


def changes_loss(experiment: Experiment, space: Space) -> bool:
    """Whether losses of the trials measure different things: another loss, a penalty, other weights of rows."""
    for dimension in space.dimensions:
        field = field_at(experiment, dimension.path)
        if field.changes_loss if field else dimension.path.startswith(("layers.", "compile.loss")):
            return True
    layers = any(one.path in ("depth", "units") for one in space.dimensions)
    return layers and penalized(experiment)  # A network of other layers has other weights to penalize.


def _of_settings(experiment: Experiment) -> Iterator[Proposal]:
    """The settings of the whole network that can be raced, and are no single field."""
    layers = SETTINGS["units"].current(experiment)
    for name, made in (
        ("units", Dimension("units", "int", 16, 256, log=True)),
        ("depth", Dimension("depth", "int", 1, 4)),
        ("dropout", Dimension("dropout", "choice", choices=_DROPOUTS)),
    ):
        current = SETTINGS[name].current(experiment)
        if current is not None and layers is not None:
            yield _of_setting(SETTINGS[name], _holding(made, float(current)), usual=True)
    for name in ("activation", "optimizer"):
        current = SETTINGS[name].current(experiment)
        if current is not None:
            words = tuple(suggestions(experiment, SETTINGS[name]))[:_MOST_WORDS]
            yield _of_setting(SETTINGS[name], Dimension(name, "choice", choices=words))


def _of_setting(setting: Setting, dimension: Dimension, usual: bool = False) -> Proposal:
    group = "Optimizer" if setting.name == "optimizer" else NETWORK
    return Proposal(dimension, setting.title, group, setting.help, usual)


def _of_layer_kinds(experiment: Experiment) -> Iterator[Proposal]:
    """For each layer that is neither Dense nor an embedding: another of its group in its place, or none."""
    for at, layer in enumerate(experiment.layers):
        row = layer.row
        if layer.name == "Dense" or row.embeds:
            continue
        given = experiment.value()["layers"][at]
        others = [
            {"layer": other.name, **other.starting_arguments()}
            for other in LAYERS.values()
            if other.group == row.group and other.name != row.name and not other.embeds
        ]
        help = "Another layer of the same kind in its place, or none."
        dimension = Dimension(f"layers.{at}", "choice", choices=(given, *others[: _MOST_WORDS - 2], None))
        changes = any(one["layer"] == "ActivityRegularization" for one in dimension.choices if one)
        yield Proposal(dimension, _KIND, f"Layer {at + 1}: {row.title}", help, changes_loss=changes)


def _dimension(field: VariedField, experiment: Experiment, situation: Situation | None) -> Dimension | None:
    """The range or the choices of a field; None where it has none."""
    row, path = field.field, field.path
    if path.startswith(PREPARATION) and row.name == "target" and situation:
        return _logarithms(field, experiment, situation)
    if path == "fit.batch_size":
        return _batch_sizes(field.value, situation)
    if isinstance(row, Whole | Number):
        if isinstance(field.value, dict):
            return None  # A schedule: its arguments are fields, too.
        low, high, log = _range(row, field.value, field.habit)
        made = Dimension(path, "int" if isinstance(row, Whole) else "float", low, high, log)
        return made if field.value is None else _holding(made, field.value)
    choices = _choices(row, field.value)
    return Dimension(path, "choice", choices=choices) if len(choices) > 1 else None


def _batch_sizes(current: int, situation: Situation | None) -> Dimension | None:
    """Powers of two, which many trials share: each size is compiled once."""
    rows = situation.rows[0] if situation and situation.rows[0] else math.inf
    sizes = sorted({current, *(size for size in _ROWS_PER_BATCH if size * _FEWEST_STEPS <= rows)})
    return Dimension("fit.batch_size", "choice", choices=tuple(sizes)) if len(sizes) > 1 else None


def _logarithms(field: VariedField, experiment: Experiment, situation: Situation) -> Dimension | None:
    """None of them, and those that all amounts of the target have; None of classes and for losses that take none."""
    target = steps_of(field.path)[2]
    column = next((one for one in situation.profile.columns if one.name == target), None)
    amount = any(task.target == target and task.kind == "regression" for task in situation.tasks)
    loss = experiment.compile.of(target).single_loss
    if column is None or column.low is None or not amount or loss.row.power is None:
        return None
    names = [name for name, row in TARGET_TRANSFORMS.items() if column.low > row.above]
    return Dimension(field.path, "choice", choices=(None, *names)) if names else None


def _choices(field: Field, value: Any) -> tuple[Any, ...]:
    """The values of a field without a range, its own among them."""
    if isinstance(field, Flag):
        return (True, False)
    if isinstance(field, Pick):
        words = [word for word in field.search_words or field.words() if word != value]
        own = [value] if value is not None or field.optional else []
        return tuple([*own, *words][:_MOST_WORDS])
    if isinstance(field, Part):
        names = [name for name in field.rows() if not value or name != value["class"]]
        others = [field.check({"class": name, **field.rows()[name].starting_arguments()}) for name in names]
        none = [None] if field.optional and value is not None else []
        return tuple([field.check(value) if value else None, *none, *others][:_MOST_WORDS])
    return ()


def _holding(dimension: Dimension, value: float) -> Dimension:
    """The range or the choices, with the value that the experiment has."""
    if dimension.kind == "choice":
        return Dimension(dimension.path, "choice", choices=tuple(sorted({*dimension.choices, value})))
    assert dimension.low is not None
    assert dimension.high is not None
    if dimension.log and value <= 0:
        return dimension
    number = int if dimension.kind == "int" else float
    low, high = number(min(dimension.low, value)), number(max(dimension.high, value))
    return Dimension(dimension.path, dimension.kind, low, high, dimension.log)


def _range(field: Number | Whole, value: float | None, habit: tuple[float, float] | None) -> tuple[float, float, bool]:
    """(low, high, whether on a logarithmic scale), within what the field allows."""
    if habit:
        low, high = habit
        return float(f"{low * _INNER:.6g}"), float(f"{high / _INNER:.6g}"), True
    if field.search_range:
        return *field.search_range, field.log_scale
    centre = value if value is not None else field.default
    return _whole_range(field, centre or 0) if isinstance(field, Whole) else _number_range(field, centre or 0.0)


def _whole_range(field: Whole, centre: float) -> tuple[int, int, bool]:
    """From a quarter of a positive number to four times as much; else ten steps up."""
    if centre > 0:
        low, high, log = max(1, round(centre / 4)), max(4, round(centre * 4)), True
    else:
        low, high, log = round(centre), round(centre) + 10, False
    high = max(field.low + 1, min(high, field.high))
    low = min(max(low, field.low), high - 1)
    return low, high, log and low > 0


def _number_range(field: Number, centre: float) -> tuple[float, float, bool]:
    """Of a share between 0 and 1 most of it, or what is near its bold end; else a tenth to ten times a positive number;
    else a range of length 1, or half to twice a negative number."""
    lows = [bound for bound in (field.low, field.above) if bound is not None]
    highs = [bound for bound in (field.high, field.below) if bound is not None]
    least, most = max(lows, default=-math.inf), min(highs, default=math.inf)
    if least >= 0 and most <= 1 and centre > 0.01:
        rest = round(1 - centre, 12)
        if centre >= _BOLDEST and rest > 0:  # 0.99 -> 0.9 to 0.999
            low, high, log = max(0.0, round(1 - 10 * rest, 12)), round(1 - rest / 10, 12), False
        else:
            low, high, log = least, most, False
    elif centre > 0:
        low, high, log = centre / 10, centre * 10, True
    elif centre < 0:
        low, high, log = 2 * centre, centre / 2, False
    else:
        low, high, log = 0.0, 1.0, False
    low, high = max(low, least), min(high, most)
    step = (high - low) / 20  # A bound that may not be reached is kept away from.
    low = low + step if field.above is not None and low <= field.above else low
    high = high - step if field.below is not None and high >= field.below else high
    return float(f"{low:.6g}"), float(f"{high:.6g}"), log
