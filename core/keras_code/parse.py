"""The way back: a stack from Keras source, from a model's configuration or from a `.keras` file. Nothing that is given
is ever run.

parsed = stack_of("model = keras.Sequential([keras.layers.Dense(1)])")     also what model.to_json() gives
parsed = stack_of_file(content, "model.keras")                            also .json and .py
with_stack(experiment, parsed)                                            the experiment with what was read in its place
parsed.left_out                                                           sentences about what could not be represented

Raises NotReadable, a sentence, when there is no stack to be read.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from core.experiment.counts import count
from core.experiment.edits import apply
from core.experiment.spec import MOST_LAYERS, Experiment, Layer
from core.keras_code import parsing_archive, parsing_config, parsing_source
from core.keras_code.parsing_choices import Choices
from core.keras_code.parsing_meaning import compile_of, dtype_policy_of, fit_of, layers_of
from core.keras_code.parsing_values import NotReadable, Text

__all__ = ["NotReadable", "Parsed", "stack_of", "stack_of_file", "unfitting", "with_stack"]

MOST_TEXT = 500_000  # Signs of a program.
_PER_OUTPUT = ("loss", "metrics", "weighted_metrics", "loss_weights")
_NONE = (
    "There is no Keras model in this text. Expected model = keras.Sequential([...]), with layers in the list or by "
    "model.add(...), "
    "or what model.to_json() gives."
)


@dataclass(frozen=True)
class Parsed:
    """What was read.

    Attributes:
        layers: The stack.
        compile, fit: What is said to `compile` and `fit`, as an experiment writes it; {} where nothing is said.
        left_out: Sentences about what was given and cannot be represented, with its line.
        notes: Sentences about what is not needed here.
    """

    layers: tuple[Layer, ...]
    compile: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def stack_of(text: str) -> Parsed:
    """The stack of a program or a configuration. Raises NotReadable."""
    if len(text) > MOST_TEXT:
        raise NotReadable(
            f"The text has {len(text):,} characters, more than {MOST_TEXT:,}: paste only the lines that build the "
            "model."
        )
    return _read(text)


def stack_of_file(content: bytes, name: str) -> Parsed:
    """The stack of a file: `.keras`, `.json` or `.py`, by the ending of its name. Raises NotReadable."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending in ("keras", "h5", "hdf5") or content[:4] == b"PK\x03\x04":
        return _read(parsing_archive.config_of(content))
    try:
        return stack_of(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotReadable(
            "This file is no text: bring a program (.py), a model's configuration (.json) or a .keras file."
        ) from None


def _read(text: str) -> Parsed:
    try:
        return _meaning(_text(text))
    except (RecursionError, MemoryError):
        raise NotReadable("The text is nested too deeply.") from None


def _text(text: str) -> Text:
    if text.lstrip("\ufeff \t\r\n")[:1] == "{":
        try:
            return parsing_config.text_of_config(json.loads(text))
        except NotReadable:
            raise
        except ValueError as error:
            raise NotReadable(
                f"This looks like the configuration of a model, but is not JSON: {str(error)[:200]}."
            ) from None
    return parsing_source.text_of_source(text)


def _meaning(text: Text) -> Parsed:
    try:
        stack = text.stack()
    except NotReadable:
        raise NotReadable(" ".join([_NONE, *text.remarks[:1]])) from None
    choices = Choices()
    layers = layers_of(stack.layers, choices)
    if len(layers) > MOST_LAYERS:
        raise NotReadable(f"The model has {count(len(layers), 'layer')}; a stack has at most {MOST_LAYERS}.")
    compiled = compile_of(stack.compiled, choices) | dtype_policy_of(stack.layers, text, choices)
    fitted = fit_of(stack.fitted, text, choices)
    return Parsed(layers, compiled, fitted, tuple(choices.left_out + text.remarks[:10]), tuple(choices.notes))


def with_stack(experiment: Experiment, parsed: Parsed) -> Experiment:
    """The experiment with the stack and what was said to `compile` and `fit`; the rest stays. Raises
    InvalidExperiment.
    """
    value = experiment.value()
    if parsed.layers:
        value["layers"] = [layer.model_dump(mode="json", by_alias=True) for layer in parsed.layers]
    value["compile"] |= _compiled(experiment, parsed)
    if "epochs" in parsed.fit:
        value["fit"]["initial_epoch"] = 0
    value["fit"] |= parsed.fit
    return apply(experiment, {"op": "replace", "value": value})


def unfitting(experiment: Experiment, parsed: Parsed) -> tuple[str, ...]:
    """Sentences about what was read and does not fit the experiment's targets."""
    lost = [name for name in _PER_OUTPUT if name in parsed.compile and name not in _compiled(experiment, parsed)]
    targets = ", ".join(experiment.data.targets) or "none"
    return (
        (f"{', '.join(lost)}: given for outputs that are not the targets of this experiment ({targets}).",)
        if lost
        else ()
    )


def _compiled(experiment: Experiment, parsed: Parsed) -> dict[str, Any]:
    """What is said to `compile`; where it is said for each output, for each target, by the name of its output or its
    own.
    """
    targets = {name: target for target, name in experiment.outputs().items()} | {
        target: target for target in experiment.data.targets
    }
    found = {}
    for name, given in parsed.compile.items():
        each = name in _PER_OUTPUT and isinstance(given, dict) and not isinstance(given.get("class"), str)
        if not each:
            found[name] = given
        elif experiment.several and set(given) <= set(targets):
            found[name] = {targets[output]: one for output, one in given.items()}
    return found
