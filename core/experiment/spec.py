"""The experiment: one frozen value that the screen edits, the worker trains, the script is printed from and the run
stores.

read('{"version": 1, ...}')   text -> Experiment, or InvalidExperiment with the path of every wrong field
read({"version": 1, ...})     the same from a mapping
experiment.text()             Experiment -> canonical JSON text

Its parts: `data` (rows and columns), `reading` (how the file is read), `choices` (rows of the catalog with arguments).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from core.experiment.choices import CallbackChoice, Choice, Layer, Loss, Metric, Optimizer
from core.experiment.data import MOST_TARGETS, Data, Split
from core.experiment.messages import EACH, MOST_PROBLEMS, ONE, bounded, half_character, problem
from core.experiment.reading import ColumnReading, TableReading
from core.experiment.values import LONGEST_NAME, ColumnName, Seed, Value, at_most, value_error

__all__ = [
    "LONGEST_NAME",
    "MOST_EPOCHS",
    "MOST_LAYERS",
    "CallbackChoice",
    "Choice",
    "ColumnReading",
    "Compile",
    "Data",
    "DtypePolicy",
    "Experiment",
    "Fit",
    "InvalidExperiment",
    "Layer",
    "Loss",
    "Metric",
    "Optimizer",
    "Split",
    "Start",
    "TableReading",
    "read",
]

MOST_LAYERS = 200
MOST_EPOCHS = 100_000
_NESTED = "This is not an experiment: its brackets are nested too deeply."
MOST_TEXT = 5_000_000  # Signs of an experiment's JSON.


def _form(given: Any) -> str:
    """Whether a value is given for each target: {"price": ..., "type": ...}."""
    one = not isinstance(given, Mapping) or isinstance(given.get("class"), str)
    return ONE if one else EACH


Metrics = Annotated[tuple[Metric, ...], at_most(MOST_LAYERS)]
LossOrEach = Annotated[
    Annotated[Loss, Tag(ONE)] | Annotated[dict[ColumnName, Loss], at_most(MOST_TARGETS), Tag(EACH)],
    Discriminator(_form),
]
MetricsOrEach = Annotated[
    Annotated[Metrics, Tag(ONE)] | Annotated[dict[ColumnName, Metrics], at_most(5 * MOST_TARGETS), Tag(EACH)],
    Discriminator(_form),
]


DtypePolicy = Literal["float32", "mixed_bfloat16"]


class Compile(Value):
    """What `model.compile` is given, and the precision that layers compute in. Where there are several targets, loss
    and metrics are given for each, or once for all.

    Attributes:
        loss_weights: Target -> how much its loss counts in the loss of the whole; None when all count 1.
        jit_compile: Whether the training steps are compiled by XLA. True: XLA compiles them where it can; plain `fit`
            trains a network that
            it cannot compile, and the experiment of such a run says False.
        dtype_policy: Keras's policy of the hidden layers. "mixed_bfloat16": they compute in bfloat16 and keep their
            weights in float32.
    """

    optimizer: Optimizer = Optimizer.of("Adam")
    loss: LossOrEach = Loss.of("MeanSquaredError")
    metrics: MetricsOrEach = ()
    weighted_metrics: MetricsOrEach = ()
    loss_weights: dict[ColumnName, Annotated[float, Field(ge=0, le=1e6)]] | None = None
    jit_compile: bool = Field(True, strict=True)
    dtype_policy: DtypePolicy = "float32"

    @property
    def single_loss(self) -> Loss:
        """The loss, of an experiment with one target. Raises TypeError where each target has a loss of its own."""
        if isinstance(self.loss, dict):
            raise TypeError(f"losses are given for each of {', '.join(self.loss)}")
        return self.loss

    @property
    def single_metrics(self) -> tuple[Metric, ...]:
        """The metrics, of an experiment with one target. Raises TypeError where each target has metrics of its own."""
        return _single(self.metrics)

    @property
    def single_weighted_metrics(self) -> tuple[Metric, ...]:
        """The metrics that heed the rows' weights, as `single_metrics` gives the others."""
        return _single(self.weighted_metrics)

    def of(self, target: str) -> "Compile":
        """What it is for one target: a loss of its own, and lists of metrics."""
        loss = self.loss.get(target, Compile().loss) if isinstance(self.loss, dict) else self.loss
        lists = {name: getattr(self, name) for name in ("metrics", "weighted_metrics")}
        lists = {name: given.get(target, ()) if isinstance(given, dict) else given for name, given in lists.items()}
        return self.model_copy(update={"loss": loss, "loss_weights": None, **lists})


def _single(metrics: tuple[Metric, ...] | dict[str, tuple[Metric, ...]]) -> tuple[Metric, ...]:
    if isinstance(metrics, dict):
        raise TypeError(f"metrics are given for each of {', '.join(metrics)}")
    return metrics


ClassWeight = Literal["balanced"] | dict[ColumnName, Annotated[float, Field(ge=0, le=1e6)]]


Steps = Annotated[int, Field(ge=1, le=10**9, strict=True)]
MOST_MINUTES = 10_080  # A week.
Minutes = Annotated[float, Field(gt=0, le=MOST_MINUTES, allow_inf_nan=False)]


class Fit(Value):
    """What `model.fit` is given.

    Attributes:
        steps_per_epoch: Batches of an epoch, of all rows in a new order each time; None for all of them.
        validation_steps: Batches of the validation rows that are looked at; None for all of them.
        validation_freq: They are looked at after every so many epochs.
        initial_epoch: Epochs that count as made before the first one of this training.
        minutes: Of training, pauses not counted, after which it ends with its best epoch; None for all epochs.
    """

    epochs: int = Field(100, ge=1, le=MOST_EPOCHS, strict=True)
    initial_epoch: int = Field(0, ge=0, lt=MOST_EPOCHS, strict=True)
    batch_size: int = Field(32, ge=1, le=1_000_000, strict=True)
    steps_per_epoch: Steps | None = None
    validation_steps: Steps | None = None
    validation_freq: int = Field(1, ge=1, le=MOST_EPOCHS, strict=True)
    class_weight: ClassWeight | None = None
    callbacks: Annotated[tuple[CallbackChoice, ...], at_most(MOST_LAYERS)] = ()
    minutes: Minutes | None = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _some_epochs(self) -> Self:
        if self.initial_epoch >= self.epochs:
            raise value_error(
                f"got {self.initial_epoch}, expected less than epochs, which is {self.epochs}.", "initial_epoch"
            )
        return self


class Start(Value):
    """Weights that a training starts from: those of an epoch of another run, which the workspace keeps."""

    run: str = Field(pattern="^[0-9a-f]{12}$")
    epoch: int = Field(ge=1, le=MOST_EPOCHS, strict=True)


class Aside(Value):
    """A layer that is taken out for a run and can come back.

    Attributes:
        at: How many of the stack's layers stand before it.
    """

    at: int = Field(ge=0, le=MOST_LAYERS)
    layer: Layer


def output_names(targets: Sequence[str]) -> dict[str, str]:
    """Target -> the name of its output: the column's own, in letters that TensorFlow allows in a name, and no two
    alike.
    """
    names: dict[str, str] = {}
    for target in targets:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", target)
        name = plain = plain if plain[:1].isalnum() else f"target{plain}"
        while name.lower() in map(str.lower, names.values()):
            name = f"{plain}_{len(names) + 1}"
        names[target] = name
    return names


class Experiment(Value):
    """Everything that decides a run's numbers.

    Attributes:
        aside: Disabled layers, which are not trained.
        start: None when it starts from the layers' own initializers.
    """

    version: Literal[1] = 1
    name: str = Field("Untitled", max_length=120)
    data: Data
    layers: Annotated[tuple[Layer, ...], at_most(MOST_LAYERS)] = ()
    compile: Compile = Compile()
    fit: Fit = Fit()
    aside: Annotated[tuple[Aside, ...], at_most(MOST_LAYERS)] = ()
    start: Start | None = None

    def text(self) -> str:
        """Canonical JSON text: equal experiments have equal texts."""
        return json.dumps(self.value(), ensure_ascii=False)

    def value(self) -> dict[str, Any]:
        """Plain JSON value."""
        value = self.model_dump(mode="json", by_alias=True)
        if not self.aside:
            del value["aside"]
        if not self.data.split.refit:
            del value["data"]["split"]["refit"]
        for name in ("folds", "fold"):
            if value["data"]["split"][name] is None:
                del value["data"]["split"][name]
        if self.compile.jit_compile:  # Experiments are written as they were before there was a choice.
            del value["compile"]["jit_compile"]
        if self.compile.dtype_policy == "float32":
            del value["compile"]["dtype_policy"]
        for setting in ("scaling", "preparation", "pairs", "reading"):
            if not getattr(self.data, setting):
                del value["data"][setting]
        return value

    def logged(self) -> dict[str, Metric]:
        """The metrics by the names under which they are logged: "mae", of several targets "price_mae".

        Those that heed the rows' weights begin with "weighted_".
        """
        named: dict[str, Metric] = {}
        for target in self.data.targets or ("",):
            compiled, before = self.compile.of(target), f"{self.outputs()[target]}_" if self.several else ""
            named |= {f"{before}{metric.row.short}": metric for metric in compiled.single_metrics}
            named |= {f"{before}weighted_{metric.row.short}": metric for metric in compiled.single_weighted_metrics}
        return named

    @property
    def several(self) -> bool:
        """Whether there are several targets."""
        return len(self.data.targets) > 1

    def target_of(self, name: str) -> str:
        """The target that a logged name is about; "" for the loss of several targets together."""
        targets = self.data.targets
        if not self.several:
            return targets[0] if targets else ""
        logged, outputs = self.logged(), self.outputs()
        own = [
            one
            for one in targets
            if name == f"{outputs[one]}_loss" or (name in logged and name.startswith(f"{outputs[one]}_"))
        ]
        return max(own, key=lambda one: len(outputs[one]), default="")

    def outputs(self) -> dict[str, str]:
        """Target -> the name of its output."""
        return output_names(self.data.targets)

    def losses(self) -> list[str]:
        """The names under which losses are logged: of the whole, and of each of several targets."""
        return ["loss", *(f"{name}_loss" for name in self.outputs().values() if self.several)]

    @property
    def weighted(self) -> bool:
        """Whether rows count differently."""
        return self.data.weight is not None or self.fit.class_weight is not None

    def callback(self, name: str) -> CallbackChoice | None:
        """The callback of that class, or None."""
        return next((callback for callback in self.fit.callbacks if callback.name == name), None)


class InvalidExperiment(ValueError):
    """An experiment that cannot be read.

    Attributes:
        problems: (path of the field, what was given and what is allowed), one each; of very many the first, and how
            many more.
    """

    def __init__(self, problems: list[tuple[str, str]], more: int = 0) -> None:
        problems = bounded(problems, more)
        super().__init__("\n".join(f"{where}: {says}" if where else says for where, says in problems))
        self.problems = problems


def read(given: str | bytes | Mapping[str, Any]) -> Experiment:
    """An experiment from its JSON text or mapping. Raises InvalidExperiment."""
    if isinstance(given, str | bytes):
        if len(given) > MOST_TEXT:
            raise InvalidExperiment(
                [("", f"An experiment has at most {MOST_TEXT:,} characters, and this has {len(given):,}.")]
            )
        try:
            given = json.loads(given)
        except ValueError as error:
            raise InvalidExperiment([("", f"This is not JSON: {error}.")]) from None
        except RecursionError:
            raise InvalidExperiment([("", _NESTED)]) from None
    if not isinstance(given, Mapping):
        raise InvalidExperiment(
            [("", "An experiment is a JSON object with version, name, data, layers, compile and fit.")]
        )
    try:
        return _validated(given)
    except UnicodeError:
        where = half_character(given)
        raise InvalidExperiment([(where, "contains half a character, which cannot be saved: type it again.")]) from None
    except RecursionError:
        raise InvalidExperiment([("", _NESTED)]) from None


def _validated(given: Mapping[str, Any]) -> Experiment:
    try:
        return Experiment.model_validate(dict(given))
    except ValidationError as error:
        found = error.errors(include_url=False)
        said = [problem(dict(item), Experiment) for item in found[:MOST_PROBLEMS]]
        raise InvalidExperiment(said, more=len(found) - len(said)) from None
