"""The printed program from the target to the predictions, for one target: define, compile, fit, evaluate, predict."""

import json

from core.catalog.losses import LOSSES
from core.catalog.plugins import PREFIX
from core.catalog.schedules import warm_up_steps
from core.experiment.counts import minutes_in_words
from core.experiment.keras_calls import (
    DECAY_STEPS,
    TARGET_SCALE,
    Call,
    Symbol,
    callback_calls,
    embedding_call,
    layer_calls,
    loss_call,
    loss_power,
    metric_calls,
    optimizer_call,
    score_calls,
    score_loss_call,
    target_transform,
)
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.experiment.training_steps import falls_over_the_whole
from core.keras_code.script_exactness import precision_comment, xla

# Else `fit` traces its step twice, and ScheduleFreeAdamW begins with zeros in place of the weights (Keras 3.15).
BUILT = "model.optimizer.build(model.trainable_variables)"


def network(
    experiment: Experiment, task: Task, validated: bool = True, offset: bool = False, decision: float | None = None
) -> list[str]:
    """The parts, in the program's order.

    Args:
        validated: Whether there are validation rows.
        offset: Whether the target's mean is taken away, in float64, before the network learns it.
        decision: What the output of two classes must exceed to be called the second; None: the loss's own.
    """
    return [
        matrices_and_target(experiment, task, validated, offset),
        define(experiment, task),
        compile_(experiment, task),
        fit(experiment, validated),
        evaluate(experiment, task, offset),
        predict(experiment, task, offset, decision),
    ]


def target_lines(task: Task, positive: str | None) -> tuple[list[str], str]:
    """Lines that keep the rows whose target is known; and what the split is stratified by.

    `positive` is the class of two that a person named as the positive one; None where nobody did.
    """
    if task.kind == "regression":
        return [
            "y_true = numbers(table[TARGET])",
            "known = ~np.isnan(y_true)",
            "table, y_true = table[known], y_true[known]",
        ], "None"
    lines = [
        "labels = codes(table[TARGET])",
        'known = labels != ""',
        "table, labels = table[known], labels[known]",
        f"CLASSES = class_order(labels{'' if positive is None else f', positive={positive!r}'})",
        "y_true = np.array([CLASSES.index(label) for label in labels])",
    ]
    return lines, "y_true"


def second_table_lines(task: Task) -> list[str]:
    """Lines that put the target's values of a second table after those of the first."""
    if task.kind == "regression":
        return [
            "more = numbers(second[TARGET])",
            "second, y_true = second[~np.isnan(more)], np.concatenate([y_true, more[~np.isnan(more)]])",
        ]
    return [
        "more = codes(second[TARGET])",
        'second, more = second[more != ""], more[more != ""]',
        "y_true = np.concatenate([y_true, [CLASSES.index(label) for label in more]])",
    ]


def matrices(validated: bool) -> str:
    """A line that makes the matrix of each part."""
    if not validated:
        return "x_train, x_test = matrix(train), matrix(test)"
    return "x_train, x_validation, x_test = matrix(train), matrix(validation), matrix(test)"


def matrices_and_target(experiment: Experiment, task: Task, validated: bool, offset: bool) -> str:
    """The matrices of the parts, and the target as the loss reads it."""
    lines = ["", matrices(validated)]
    if offset:
        lines += [OFFSET, "TARGET_OFFSET = target_offset(y_true[train])"]
    target = LOSSES[experiment.compile.single_loss.name].target
    if target == "onehot":
        lines.append('y = np.eye(len(CLASSES), dtype="float32")[y_true]')
    else:
        amounts = "(y_true - TARGET_OFFSET)" if offset else "y_true"
        lines.append(f'y = {amounts}.reshape(-1, 1).astype("{"int32" if target == "integer" else "float32"}")')
    if task.kind == "regression":
        less = " - TARGET_OFFSET" if offset else ""
        learned = "y_true[train]"
        if transform := target_transform(experiment):
            learned = "learned"
            lines += [LOGARITHMS, f"learned = {transform.code('np', 'y_true[train]')}"]
        lines.append(f"TARGET_MEAN, TARGET_SCALE = float({learned}.mean()){less}, float({learned}.std()) or 1.0")
    return "\n".join(lines)


# What stands above the logarithms of a target.
LOGARITHMS = (
    "# The network learns logarithms, and its last layers are their inverse: it predicts amounts, and only the loss is "
    "one of logarithms."
)
# What stands above an offset.
OFFSET = (
    "# The target's mean is taken away in float64 and given back to the predictions: float32 keeps seven digits, which "
    "are all alike."
)


def beginning(experiment: Experiment) -> list[str]:
    """Lines for the network's input, and what its layers see of it: words as vectors where there is an embedding."""
    call = embedding_call(experiment)
    if call is None:
        return ["begin = shared = keras.Input((x_train.shape[1],))"]
    layer = Call(call.module, call.name, {"input_dim": Symbol("known + 1"), **call.arguments})
    return [
        "begin = keras.Input((x_train.shape[1],))",
        f"shared = embedded(begin, WORDS, lambda known: {layer.code()})",
    ]


def define(experiment: Experiment, task: Task) -> str:
    """The stack."""
    if embedding_call(experiment):
        lines = [
            "# Define.",
            *precision_comment(experiment),
            "keras.utils.set_random_seed(SEED)",
            *beginning(experiment),
        ]
        lines += [f"shared = {call.code()}(shared)" for call in layer_calls(experiment, task)]
        return "\n".join([*lines, "model = keras.Model(begin, shared)", "model.summary()"])
    layers = "".join(f"        {call.code()},\n" for call in layer_calls(experiment, task))
    comment = "".join(f"{line}\n" for line in precision_comment(experiment))
    return f"""
# Define.
{comment}keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((x_train.shape[1],)),
{layers}    ]
)
model.summary()
"""


def decay_steps(experiment: Experiment) -> list[str]:
    """Lines that compute the steps of a learning rate that falls over the whole training."""
    if not falls_over_the_whole(experiment):
        return []
    fit, batches = experiment.fit, "-(-len(train) // BATCH_SIZE)"
    if fit.steps_per_epoch is not None:
        batches = f"min({fit.steps_per_epoch}, {batches})"
    steps = f"{fit.epochs - fit.initial_epoch} * {batches}"
    if rising := warm_up_steps(experiment.compile.optimizer.value("learning_rate")):
        steps = f"max(1, {steps} - {rising})"
    return [f"{DECAY_STEPS.name} = {steps}  # The learning rate falls over the whole training."]


def compile_(experiment: Experiment, task: Task) -> str:
    """`model.compile`."""
    lines = ["# Compile."]
    loss: str = loss_call(experiment).code()
    if loss_power(experiment):
        lines[0] = (
            "# Compile. The loss is taken in deviations of the target, the size of numbers that optimizers are made "
            "for."
        )
        lines += [
            f"LOSS = {loss}",
            "",
            "",
            "def scaled_loss(y_true, y_pred):",
            *logarithms_of(experiment, "    "),
            "    return LOSS.call(y_true / TARGET_SCALE, y_pred / TARGET_SCALE)",
            "",
            "",
        ]
        loss = "scaled_loss"
    lines += [
        *decay_steps(experiment),
        "model.compile(",
        f"    optimizer={optimizer_call(experiment).code()},",
        f"    loss={loss},",
        f"    metrics={listed_calls(metric_calls(experiment, task), 1)},",
        *(
            [f"    weighted_metrics={listed_calls(weighted, 1)},"]
            if (weighted := metric_calls(experiment, task, weighted=True))
            else []
        ),
        f"    jit_compile={experiment.compile.jit_compile},  # {xla(experiment)}",
        ")",
        BUILT,
    ]
    return "\n".join(lines)


def logarithms_of(experiment: Experiment, indent: str) -> list[str]:
    """Lines that put the logarithms of `y_true` and `y_pred` in their place, where those are learned."""
    transform = target_transform(experiment)
    return (
        [f"{indent}{name} = {transform.code('keras.ops', name)}" for name in ("y_true", "y_pred")] if transform else []
    )


def listed_calls(calls: list[Call], depth: int) -> str:
    """A list of calls, one a line."""
    if not calls:
        return "[]"
    pad = "    " * depth
    return "[\n" + "".join(f"{pad}    {call.code()},\n" for call in calls) + f"{pad}]"


def fit(experiment: Experiment, validated: bool) -> str:
    """`model.fit`, on rows shuffled by `Batches`."""
    given, several = experiment.fit, experiment.several
    y = ("taken(y, train)", "taken(y, validation)") if several else ("y[train]", "y[validation]")
    weighed = ("counts", "weights[validation]") if experiment.weighted else ()
    counts, weights = [f", dict.fromkeys(TARGETS, {one})" if several else f", {one}" for one in weighed] or ("", "")
    counts += f", steps={given.steps_per_epoch}" if given.steps_per_epoch is not None else ""
    looked_at = given.validation_steps
    watched = "8192"
    if looked_at is not None:
        watched = f"BATCH_SIZE,\n    validation_steps=min({looked_at}, -(-len(validation) // BATCH_SIZE))"
    watched += f",\n    validation_freq={given.validation_freq}" if given.validation_freq > 1 else ""
    watched = f"\n    validation_data=(x_validation, {y[1]}{weights}),\n    validation_batch_size={watched},"
    watched = watched if validated else ""
    before, batches = given.initial_epoch, f"Batches(x_train, {y[0]}, BATCH_SIZE, SEED{counts})"
    counted, initial = "", ""
    if before:
        counted = f"batches = {batches}\nbatches.epoch += {before}  # The order of rows follows from the epoch.\n"
        batches, initial = "batches", f"\n    initial_epoch={before},"
    if given.minutes is not None:
        limit = minutes_in_words(given.minutes)
        counted = f"# Layerdeck ends this training after {limit}; here all epochs are made.\n{counted}"
    return f"""
# Fit.
{counted}history = model.fit(
    {batches},{watched}
    epochs={given.epochs},{initial}
    callbacks={listed_calls(callback_calls(experiment), 1)},
    shuffle=False,  # Batches shuffles.
    verbose=2,
)
"""


def evaluate(experiment: Experiment, task: Task, offset: bool) -> str:
    """The scores on the test rows, in the target's own units: Keras's, and those of all predictions at once in their
    place.
    """
    weights = ", sample_weight=weights[test]" if experiment.weighted else ""
    more = " + TARGET_OFFSET" if offset else ""
    return "\n".join(
        [
            EVALUATE,
            f"scores = model.evaluate(x_test, y[test]{weights}, batch_size=8192, return_dict=True, verbose=0)",
            f'y_test, y_pred = y_true[test], model.predict(x_test, batch_size=8192, verbose=0).astype("float64"){more}',
            *exact_scores(experiment, task, "", experiment.data.weight is not None),
        ]
    )


EVALUATE = """
# Evaluate on the test set. Keras adds up its numbers over batches, in float32; those of all rows
# at once, in float64 and without a penalty on weights, take their place.
""".strip()


def exact_scores(experiment: Experiment, task: Task, name: str, weighted: bool) -> list[str]:
    """Lines that put the exact scores of one target's `y_test` and `y_pred` into `scores`; `name` is its output's, one
    of several.
    """
    loss, power, raw = (
        score_loss_call(experiment),
        loss_power(experiment) or 0,
        experiment.compile.single_loss.value("from_logits"),
    )
    own, of = loss.module.startswith(PREFIX), f"[{name!r}]" if name else ""
    scale = f", {TARGET_SCALE.name}{of}, {power}" if power else ""
    target, rows = LOSSES[experiment.compile.single_loss.name].target, f"y{of}[test]"
    lines = []
    if raw:
        lines.append(
            f"y_pred = keras.ops.{'sigmoid' if task.kind == 'binary' else 'softmax'}(y_pred).numpy()  # Raw scores "
            "as probabilities."
        )
    if not own and target != "integer":
        rows = "y_test.reshape(-1, 1)" if task.kind == "regression" else f'{rows}.astype("float64")'
    predicted = 'y_pred.astype("float32")' if own else "y_pred"
    if transform := target_transform(experiment):
        rows, predicted = (transform.code("np", values) for values in (rows, predicted))
    arguments = f"{loss.code()}, {rows}, {predicted}, {'weights[test]' if weighted else 'None'}{scale}"
    lines.append(f"scores[{json.dumps(f'{name}_loss' if name else 'loss')}] = mean_loss({arguments})")
    if task.kind != "multiclass":
        lines.append("y_pred = y_pred[:, 0]")
    for logged, call in score_calls(experiment).items():
        if call is not None:
            counted = ", weights[test]" if weighted and logged.startswith("weighted_") else ""
            given = "".join(
                f", {key}={value.name + of if value == TARGET_SCALE else value}"
                for key, value in call.arguments.items()
            )
            lines.append(
                f"scores[{json.dumps(f'{name}_{logged}' if name else logged)}] = exact_score({call.name}, y_test, "
                f"y_pred{counted}{given})"
            )
    return lines


WHOLE = ("outputs = keras.Model(model.input, model.output)(features.output)",)

# How the program asks its model: Keras takes a dataset as it takes arrays.
ASKING = (
    "",
    "",
    "def input_function(rows):",
    '    """A tf.data.Dataset of a table of raw rows, in batches."""',
    "    return tf.data.Dataset.from_tensor_slices(tensors(read(rows))).batch(BATCH_SIZE)",
    "",
    "",
)


def loss_threshold(experiment: Experiment) -> float:
    """What the output of two classes must exceed to be called the second: half a probability, or a margin of 0."""
    return 0.0 if LOSSES[experiment.compile.single_loss.name].margin else 0.5


def predict(experiment: Experiment, task: Task, offset: bool, decision: float | None = None) -> str:
    """The model that takes raw rows, and its predictions."""
    lines = [
        "# Predict: preprocessing and network as one model that takes raw rows, saved as one file.",
        *WHOLE,
    ]
    if not embedding_call(experiment):
        lines[1:] = ["outputs = features.output", "for layer in model.layers:", "    outputs = layer(outputs)"]
    if experiment.compile.single_loss.value("from_logits"):
        activation = "sigmoid" if task.kind == "binary" else "softmax"
        lines.append(f'outputs = keras.layers.Activation("{activation}")(outputs)')
    if offset:
        lines.append("outputs = outputs + np.array([TARGET_OFFSET])  # In float64.")
    lines += [
        "bundle = keras.Model(inputs, outputs)",
        'bundle.save("model.keras")',
        *ASKING,
        "def predict(rows, steps=None):",
        '    """Predictions for a table of raw rows; with `steps` for so many batches of it."""',
        "    predictions = bundle.predict(input_function(rows), steps=steps, verbose=0)",
    ]
    threshold = loss_threshold(experiment) if decision is None else decision
    lines.append(
        {
            "regression": "    return predictions[:, 0]",
            "binary": f"    return [CLASSES[int(output > {threshold})] for output in predictions[:, 0]]",
            "multiclass": "    return [CLASSES[number] for number in predictions.argmax(axis=1)]",
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
