"""What a read model is as an experiment: its layers, and what it says to `compile` and `fit`, as far as the catalog has
it.
"""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from core.catalog.losses import LOSSES
from core.catalog.metrics import METRICS
from core.experiment.spec import CallbackChoice, DtypePolicy, Fit, Layer, Metric
from core.keras_code.parsing_choices import Choices
from core.keras_code.parsing_names import COMPILE, FIT
from core.keras_code.parsing_values import Made, Named, Text, Unread

_WHOLE = ("epochs", "initial_epoch", "batch_size", "steps_per_epoch", "validation_steps", "validation_freq", "seed")
_ELSEWHERE = {
    "validation_split": "rows are split on the Data page",
    "sample_weight": "choose a column of weights on the Data page",
    "class_weight": "choose it among the settings of fit, where classes have their names",
}


def layers_of(parts: list[Any], choices: Choices) -> tuple[Layer, ...]:
    """The layers that the catalog has."""
    found: list[Layer] = []
    to_amounts = False  # Behind the step back into the target's unit, which may be one from its logarithms.
    for part in parts:
        line = part.line if isinstance(part, Made) else 0
        if to_amounts and isinstance(part, Made) and _from_logarithms(part):
            continue
        to_amounts = isinstance(part, Made) and part.of.last == "Rescaling" and _of_the_target(part)
        if isinstance(part, Made) and _not_needed(part, choices):
            continue
        if isinstance(part, Named) and not part.foreign:
            choices.leave(line, f"{part.last} is left out: it is not called. Write {part.last}(...).")
            continue
        made = choices.choice("layer", part, line)
        if made is not None:
            found.append(Layer.of(made[0], **made[1]))
        for more in choices.after:
            after = choices.choice("layer", more, line)
            found += [Layer.of(after[0], **after[1])] if after else []
        choices.after.clear()
    return tuple(found)


def _of_the_target(part: Made) -> bool:
    """Whether a layer's numbers are those of the target, which follow from the table."""
    return any(isinstance(one, Unread | Named) for one in [*part.positional, *part.named.values()])


def _from_logarithms(part: Made) -> bool:
    """Whether a layer undoes a logarithm, as Layerdeck prints it."""
    given = [*part.positional, *part.named.values()]
    return part.of.last == "Rescaling" or (part.of.last == "Activation" and given == ["exponential"])


def _not_needed(part: Made, choices: Choices) -> bool:
    """Layers that a table's rows need not, or that Layerdeck adds by itself."""
    name, given = part.of.last, [*part.positional, *part.named.values()]
    if part.of.foreign or name not in ("Input", "InputLayer", "Flatten", "Rescaling"):
        return False
    if name == "Flatten":
        choices.note(part.line, "Flatten is not needed: a row of a table is flat.")
    elif name == "Rescaling":
        # Of Layerdeck's own: how the target is scaled follows from the table.
        if not _of_the_target(part):
            choices.note(
                part.line, "Rescaling is not needed: columns, and the target of a regression, are scaled by themselves."
            )
    elif not any(isinstance(one, list | tuple) and any(isinstance(size, Unread) for size in one) for one in given):
        choices.note(part.line, f"{name} is not needed: the input follows from the table's features.")
    return True


def compile_of(made: Made | None, choices: Choices) -> dict[str, Any]:
    """What is said to `compile`, as the experiment writes it."""
    if made is None:
        return {}
    given = dict(zip(COMPILE, made.positional, strict=False)) | made.named
    found: dict[str, Any] = {}
    optimizer = (
        choices.choice("optimizer", given["optimizer"], made.line) if given.get("optimizer") is not None else None
    )
    if optimizer:
        found["optimizer"] = _written(optimizer)
    loss = given.get("loss")
    if isinstance(loss, Mapping):
        each = {name: choices.choice("loss", one, made.line) for name, one in loss.items()}
        if all(each.values()):
            found["loss"] = {str(name): _written(one) for name, one in each.items() if one}
    elif loss is not None:
        loss = loss[0] if isinstance(loss, list | tuple) and len(loss) == 1 else loss
        one = choices.choice("loss", loss, made.line)
        found |= {"loss": _written(one)} if one else {}
    for name in ("metrics", "weighted_metrics"):
        if given.get(name) is not None:
            found[name] = _metrics(given[name], found.get("loss"), made.line, choices)
    weights = given.get("loss_weights")
    if isinstance(weights, Mapping) and all(isinstance(one, int | float) for one in weights.values()):
        found["loss_weights"] = {str(name): float(one) for name, one in weights.items()}
    elif weights is not None:
        choices.leave(made.line, "loss_weights are left out: give a number for each output, by its name.")
    if isinstance(given.get("jit_compile"), bool):
        found["jit_compile"] = given["jit_compile"]
    return found


def dtype_policy_of(layers: list[Any], text: Text, choices: Choices) -> dict[str, str]:
    """The policy of a stack's layers, as the experiment writes it: mixed precision where one layer has it, or all get
    it. {} where nothing is said.
    """
    said = [(text.dtype_policy, 0)] if text.dtype_policy is not None else []
    said += [(part.named["dtype"], part.line) for part in layers if isinstance(part, Made) and "dtype" in part.named]
    policies = [(_policy_name(value), line) for value, line in said if value is not None]
    known = get_args(DtypePolicy)
    for name, line in policies:
        if name not in known:
            choices.leave(line, f"the dtype policy {name} is left out: Layerdeck has {' and '.join(known)}.")
    names = {name for name, _ in policies}
    return next(({"dtype_policy": name} for name in ("mixed_bfloat16", "float32") if name in names), {})


def _policy_name(value: Any) -> str:
    """The name in "mixed_bfloat16", keras.DTypePolicy("mixed_bfloat16") or jax.numpy.float32, at most 60 characters."""
    if isinstance(value, Made):
        value = next(iter([*value.positional, *value.named.values()]), value.of.last)
    return str(value.last if isinstance(value, Named) else value.text if isinstance(value, Unread) else value)[:60]


def _written(choice: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"class": choice[0], **choice[1]}


def _metrics(value: Any, loss: Any, line: int, choices: Choices) -> Any:
    """A list of metrics, or one for each output."""
    if isinstance(value, Mapping):
        losses = loss if isinstance(loss, dict) and "class" not in loss else {}
        return {str(name): _metrics(one, losses.get(name, loss), line, choices) for name, one in value.items()}
    found = []
    for one in value if isinstance(value, list | tuple) else [value]:
        named = _by_loss(one, loss) if isinstance(one, str) else one
        if named is None:
            choices.leave(
                line, f"the metric {one!r} is left out: with this loss it has no meaning that Layerdeck knows."
            )
        elif (made := choices.choice("metric", named, line)) is not None:
            found.append(Metric.of(made[0], **made[1]).model_dump(mode="json", by_alias=True))
    return found


def _by_loss(name: str, loss: Any) -> str | None:
    """What "accuracy" and "crossentropy" mean with a loss; other names as they are."""
    short = {"accuracy": "accuracy", "acc": "accuracy", "crossentropy": "crossentropy", "ce": "crossentropy"}.get(
        name.lower()
    )
    if short is None:
        return name
    row = LOSSES.get(loss["class"]) if isinstance(loss, dict) and isinstance(loss.get("class"), str) else None
    fitting = [one for one in METRICS.values() if one.short == short and row and set(one.tasks) & set(row.tasks)]
    return next((one.name for one in fitting if row and (not one.target or row.target in one.target)), None)


def fit_of(made: Made | None, text: Text, choices: Choices) -> dict[str, Any]:
    """What is said to `fit`, and the seed."""
    found: dict[str, Any] = {}
    given = (dict(zip(FIT, made.positional, strict=False)) | made.named) if made else {}
    line = made.line if made else 0
    rows = given.get("x")
    # Layerdeck's own: it knows the size of a batch, and what counts how much.
    if isinstance(rows, Made) and rows.of.last == "Batches":
        given |= {
            "batch_size": rows.positional[2] if len(rows.positional) > 2 else None,
            "steps_per_epoch": rows.named.get("steps"),
        }
        weights = text.names.get("CLASS_WEIGHT")
        found |= (
            {"class_weight": "balanced"} if "balanced" in text.called else {"class_weight": weights} if weights else {}
        )
    if text.seed is not None:
        given["seed"] = text.seed
    for name in _WHOLE:
        value = given.get(name)
        if isinstance(value, Unread | Named):
            choices.leave(line, f"{name} is left out: it is only known when the program runs. Write the number itself.")
        elif value is not None:
            try:
                Fit.model_validate(
                    {name: value, **({"epochs": found.get("epochs", 1)} if name == "initial_epoch" else {})}
                )
            except ValidationError as error:
                choices.leave(line, f"{name} is left out: got {value!r}; {error.errors()[0]['msg'].lower()}.")
            else:
                found[name] = value
    for name, instead in _ELSEWHERE.items():
        if given.get(name):
            choices.leave(line, f"{name} is left out: {instead}.")
    callbacks = given.get("callbacks")
    if callbacks is not None:
        each = [
            choices.choice("callback", one, line)
            for one in (callbacks if isinstance(callbacks, list | tuple) else [callbacks])
        ]
        written = [CallbackChoice.of(one[0], **one[1]) for one in each if one]
        found["callbacks"] = [one.model_dump(mode="json", by_alias=True) for one in written]
    return found
