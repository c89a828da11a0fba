"""The experiment as a complete Keras program: define, compile, fit, evaluate, predict.

    program(experiment, situation, info)   -> Python source

The functions it needs for rows and columns are not written a second time: their source is taken from the modules that the
worker runs, and the Keras calls are those the worker makes (`core.experiment.calls`). What ran and what is exported can't differ.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

from core.experiment.calls import Call, callback_calls, layer_calls, loss_call, loss_power, metric_calls, optimizer_call
from core.experiment.columns import TableInfo
from core.experiment.kinds import KINDS
from core.experiment.losses import LOSSES
from core.experiment.spec import Experiment
from core.experiment.task import Situation, Task

_CORE = Path(__file__).parents[1]
_READERS = {"number": "numbers", "category": "words", "code": "codes", "boolean": "booleans", "date": "days"}
_NEEDS = {"booleans": ("codes", "words"), "codes": ("words",), "days": ("numbers", "day_way"), "date_columns": ("number_columns",)}
_GROUPS = (
    ("number_columns", ("number", "boolean")),
    ("word_columns", ("category", "code")),
    ("date_columns", ("date",)),
)


def program(experiment: Experiment, situation: Situation, info: TableInfo) -> str:
    """The program. The situation must have a task; `info` says how the table's file is read."""
    task = situation.task
    if task is None:
        raise ValueError("A program needs a target that can be predicted.")
    parts = [
        _head(experiment, info),
        _functions(experiment, task),
        _table(experiment, task, info),
        _preprocessing(experiment),
        _truth(experiment, task),
        _define(experiment, task),
        _compile(experiment, task),
        _fit(experiment),
        _evaluate(experiment),
        _predict(experiment, task),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _head(experiment: Experiment, info: TableInfo) -> str:
    title = re.sub(r"[^\w .,:()+-]", " ", experiment.name).strip() or "A network"
    scaled = any(KINDS[kind].raw == "float" for kind in experiment.data.features.values())
    dataclass = "\nfrom dataclasses import dataclass" if scaled else ""
    return f'''
"""{title}: a Keras program.

Run it: python program.py [TABLE]
It defines, compiles and fits a network, evaluates it on rows it has never seen, saves it, and asks it for predictions.
It needs tensorflow and pandas; it was printed by Layerdeck.
"""

import json
import sys{dataclass}

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

TABLE = sys.argv[1] if len(sys.argv) > 1 else {info.name!r}
TARGET = {experiment.data.targets[0]!r}
FEATURES = {_pairs(experiment.data.features)}
SEED = {experiment.fit.seed}
BATCH_SIZE = {experiment.fit.batch_size}
'''


def _pairs(value: dict[str, str]) -> str:
    if len(repr(value)) < 110:
        return repr(value)
    return "{\n" + "".join(f"    {key!r}: {item!r},\n" for key, item in value.items()) + "}"


def _functions(experiment: Experiment, task: Task) -> str:
    kinds = set(experiment.data.features.values())
    wanted = {_READERS[kind] for kind in kinds} | {"numbers" if task.kind == "regression" else "codes"}
    wanted |= {build for build, built in _GROUPS if kinds.intersection(built)}
    for name in list(wanted):
        wanted.update(_NEEDS.get(name, ()))
    if wanted & {"number_columns"}:
        wanted |= {"NumberStatistics", "number_statistics"}
    if "word_columns" in wanted:
        wanted |= {"vocabulary"}
    if task.kind != "regression":
        wanted |= {"class_order"}
    wanted |= {"split_rows", "raw_inputs", "tensors", "row_order", "Batches"}
    order = ("tables/raw", "tables/prepared", "tables/statistics", "tables/split", "learning/features", "learning/batches")
    sources = [source for module in order for name, source in _sources(module).items() if name in wanted]
    constants = "MOST_WORDS = 100\n\n\n" if "vocabulary" in wanted else ""
    return constants + "\n\n\n".join(sources)


@cache
def _sources(module: str) -> dict[str, str]:
    """Name -> source of the functions and classes at the top of a module of core, in its order; read as text, never imported."""
    text = (_CORE / f"{module}.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def _table(experiment: Experiment, task: Task, info: TableInfo) -> str:
    split = experiment.data.split
    options = "".join(f", {name}={value!r}" for name, value in info.options.items())
    lines = [
        "# The table: rows whose target is known, dealt into training, validation and test.",
        f"table = pd.{info.reader}(TABLE{options})",
    ]
    if task.kind == "regression":
        lines += ["truth = numbers(table[TARGET])", "known = ~np.isnan(truth)", "table, truth = table[known], truth[known]"]
        labels = "None"
    else:
        lines += [
            "labels = codes(table[TARGET])",
            'known = labels != ""',
            "table, labels = table[known], labels[known]",
            "CLASSES = class_order(labels)",
            "truth = np.array([CLASSES.index(label) for label in labels])",
        ]
        labels = "truth"
    shares = f"{split.train!r}, {split.validation!r}, {split.test!r}"
    lines.append(f"train, validation, test = split_rows(len(table), {labels}, {shares}, seed={split.seed})")
    return "\n".join(lines)


def _preprocessing(experiment: Experiment) -> str:
    kinds = experiment.data.features
    used = {kind: reader for kind, reader in _READERS.items() if kind in kinds.values()}
    readers = ", ".join(f"{kind!r}: {reader}" for kind, reader in used.items())
    lines = [
        "# Preprocessing: Keras layers that know the training rows' medians, means, spreads and words, and nothing of the other rows.",
        f"READERS = {{{readers}}}",
        *_reading("date" in used),
        "raw = read(table)",
        "text = {name for name, values in raw.items() if values.dtype == object}",
        'inputs = raw_inputs({name: "string" if name in text else "float32" for name in FEATURES})',
        "columns = []",
    ]
    for build, built in _GROUPS:
        names = [name for name, kind in kinds.items() if kind in built]
        if names:
            learn = "vocabulary" if build == "word_columns" else "number_statistics"
            lines += [
                f"names = [name for name, kind in FEATURES.items() if kind in {built!r}]",
                f"columns += {build}([inputs[name] for name in names], [{learn}(raw[name][train]) for name in names])",
            ]
    lines += [
        "features = keras.Model(inputs, keras.layers.Concatenate()(columns) if len(columns) > 1 else columns[0])",
        "",
        "",
        "def matrix(rows):",
        '    """The network\'s numbers for some rows of the table: (rows, columns)."""',
        "    return features(tensors({name: values[rows] for name, values in raw.items()})).numpy()",
    ]
    return "\n".join(lines)


def _reading(dates: bool) -> list[str]:
    """How the program reads raw values; dates later on are read as the table writes them."""
    read = "READERS[kind](rows[name])"
    ways = []
    if dates:
        read = f'days(rows[name], WAYS[name]) if kind == "date" else {read}'
        ways = ['WAYS = {name: day_way(table[name]) for name, kind in FEATURES.items() if kind == "date"}']
    head = ["", "", "def read(rows):", '    """Raw values of a table: feature -> a value a row."""']
    return [*ways, *head, f"    return {{name: {read} for name, kind in FEATURES.items()}}", "", ""]


def _truth(experiment: Experiment, task: Task) -> str:
    lines = ["", "x_train, x_validation, x_test = matrix(train), matrix(validation), matrix(test)"]
    target = LOSSES[experiment.compile.loss.name].target
    if target == "onehot":
        lines.append('y = np.eye(len(CLASSES), dtype="float32")[truth]')
    else:
        lines.append(f'y = truth.reshape(-1, 1).astype("{"int32" if target == "integer" else "float32"}")')
    if task.kind == "regression":
        lines.append("TARGET_MEAN, TARGET_SCALE = float(truth[train].mean()), float(truth[train].std()) or 1.0")
    return "\n".join(lines)


def _define(experiment: Experiment, task: Task) -> str:
    layers = "".join(f"        {call.code()},\n" for call in layer_calls(experiment, task))
    return f"""
# Define.
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((x_train.shape[1],)),
{layers}    ]
)
model.summary()
"""


def _compile(experiment: Experiment, task: Task) -> str:
    lines = ["# Compile."]
    loss: str = loss_call(experiment).code()
    if loss_power(experiment):
        lines[0] = "# Compile. The loss is taken in deviations of the target, the size of numbers that optimizers are made for."
        lines.append(f"loss = {loss}")
        loss = "lambda truth, prediction: loss.call(truth / TARGET_SCALE, prediction / TARGET_SCALE)"
    lines += [
        "model.compile(",
        f"    optimizer={optimizer_call(experiment).code()},",
        f"    loss={loss},",
        f"    metrics={_list(metric_calls(experiment, task), 1)},",
        ")",
    ]
    return "\n".join(lines)


def _list(calls: list[Call], depth: int) -> str:
    if not calls:
        return "[]"
    pad = "    " * depth
    return "[\n" + "".join(f"{pad}    {call.code()},\n" for call in calls) + f"{pad}]"


def _fit(experiment: Experiment) -> str:
    return f"""
# Fit.
history = model.fit(
    Batches(x_train, y[train], BATCH_SIZE, SEED),
    validation_data=(x_validation, y[validation]),
    validation_batch_size=8192,
    epochs={experiment.fit.epochs},
    callbacks={_list(callback_calls(experiment), 1)},
    shuffle=False,  # Batches shuffles.
    verbose=2,
)
"""


def _evaluate(experiment: Experiment) -> str:
    power = loss_power(experiment)
    lines = [
        "# Evaluate, on rows the network has never seen.",
        "scores = model.evaluate(x_test, y[test], batch_size=8192, return_dict=True, verbose=0)",
    ]
    if power:
        lines.append(f'scores["loss"] *= TARGET_SCALE{f"**{power}" if power > 1 else ""}  # Back in the target\'s own unit.')
    return "\n".join(lines)


def _predict(experiment: Experiment, task: Task) -> str:
    lines = [
        "# Predict: preprocessing and network as one model that takes raw rows, saved as one file.",
        "outputs = features.output",
        "for layer in model.layers:",
        "    outputs = layer(outputs)",
    ]
    if experiment.compile.loss.value("from_logits"):
        activation = "sigmoid" if task.kind == "binary" else "softmax"
        lines.append(f'outputs = keras.layers.Activation("{activation}")(outputs)')
    lines += [
        "bundle = keras.Model(inputs, outputs)",
        'bundle.save("model.keras")',
        "",
        "",
        "def predict(rows):",
        '    """Answers for a table of raw rows."""',
        "    answers = bundle.predict(tensors(read(rows)), verbose=0)",
    ]
    margin = LOSSES[experiment.compile.loss.name].margin
    threshold: Any = 0.0 if margin else 0.5
    lines.append(
        {
            "regression": "    return answers[:, 0]",
            "binary": f"    return [CLASSES[int(answer > {threshold})] for answer in answers[:, 0]]",
            "multiclass": "    return [CLASSES[answer] for answer in answers.argmax(axis=1)]",
        }[task.kind]
    )
    lines += [
        "",
        "",
        "some = table.iloc[test[:5]]",
        'print(some[list(FEATURES)[:6]].assign(**{TARGET: some[TARGET], "predicted": predict(some)}).to_string())',
        'print(json.dumps({"epochs": len(history.history["loss"]), "test": scores}))',
    ]
    return "\n".join(lines)
