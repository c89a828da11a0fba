"""Checks of the data: targets, features, rows, and what each row counts."""

from collections.abc import Iterator

from core.advice.advice import Advice, check
from core.advice.fixes import larger_parts, without_feature
from core.catalog.fields import nearest
from core.catalog.kinds import KINDS
from core.experiment.counts import count, counted
from core.experiment.edits import apply
from core.experiment.spec import Experiment
from core.experiment.task import MOST_CLASSES, Situation, predictable


@check
def target_is_usable(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Targets that the table has and the network can predict."""
    targets = experiment.data.targets
    if not targets:
        yield Advice("no-target", "error", "data.targets", "No target is chosen. Choose the column to predict.")
    if len(set(targets)) < len(targets):
        fix = apply(experiment, {"op": "set", "path": "data.targets", "value": list(dict.fromkeys(targets))})
        yield Advice("target-twice", "error", "data.targets", "A target is listed twice.", fix, "Remove the duplicate")
    for target in targets:
        yield from _target(experiment, situation, target)


def _target(experiment: Experiment, situation: Situation, target: str) -> Iterator[Advice]:
    column, known = (
        situation.profile.column(target),
        {task.target for task in predictable(experiment, situation.profile)},
    )
    if column is None:
        yield Advice(
            "no-such-target", "error", "data.targets", f"The table has no column {target!r}. Choose another target."
        )
    elif target not in known:
        kind = experiment.data.target_kinds.get(target, column.target_kind or column.kind)
        if column.distinct <= 1:
            found = "one value only" if column.distinct else "no values"
            says = f"{column.name} has {found}: there is nothing to learn. Choose another target."
        elif column.distinct > MOST_CLASSES and KINDS[kind].as_target != "regression":
            says = (
                f"{column.name} has {column.distinct:,} different values; at most {MOST_CLASSES:,} classes are "
                "supported. Choose another target."
            )
        elif KINDS[kind].as_target == "regression":
            says = (
                f"The cells of {column.name} cannot be read as numbers. Remove signs like $, € or % from them in the "
                "table, or choose "
                "another target."
            )
        else:
            says = f"{column.name} ({kind}) cannot be predicted. Choose a column of numbers or of a few classes."
        yield Advice("target-not-predictable", "error", "data.targets", says)
    elif column.missing:
        rows = round(column.missing * situation.profile.rows)
        says = (
            f"{count(rows, 'row')} {counted(rows, 'has', 'have')} no {column.name} and {counted(rows, 'is', 'are')} "
            "not used."
        )
        yield Advice("target-missing", "hint", "data.targets", says)


@check
def features_are_usable(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """At least one feature, all of them in the table, none of them the target."""
    if not experiment.data.features:
        yield Advice(
            "no-features",
            "error",
            "data.features",
            "No features are chosen. Choose at least one column to predict from.",
        )
    # Not asked one by one: there may be thousands.
    columns = {column.name: column for column in situation.profile.columns}
    for name in experiment.data.features:
        column = columns.get(name)
        where = f"data.features.{name}"
        button = f"Remove {name}"
        if column is None:
            fix = without_feature(experiment, name)
            yield Advice(
                "no-such-feature", "error", where, f"The table has no column {name!r}.", fix=fix, button=button
            )
        elif name in experiment.data.targets:
            fix = without_feature(experiment, name)
            yield Advice("target-among-features", "error", where, f"{name} is both target and feature.", fix, button)


_MOST_NAMES = 20  # Of columns that are not there.


@check
def settings_are_of_columns(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Settings of columns that the table does not have, as a misspelt name makes them."""
    data, known = experiment.data, {column.name: None for column in situation.profile.columns}
    named = {
        "preparation": [*data.preparation],
        "target_kinds": [*data.target_kinds],
        "positive": [*data.positive],
        "pairs": [name for pair in data.pairs for name in pair],
        "reading.columns": [*data.reading.columns],
        "reading.filled_down": [*(data.reading.filled_down or ())],
        "reading.heading_columns": [*data.reading.heading_columns],
    }
    strange = [(field, name) for field, names in named.items() for name in dict.fromkeys(names) if name not in known]
    for field, name in strange[:_MOST_NAMES]:
        says = f"The table has no column {name!r}.{nearest(name, list(known))} Its settings have no effect."
        yield Advice("no-such-column", "warning", f"data.{field}.{name}", says)


@check
def positive_classes_exist(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """A positive class that the target of two classes does not have."""
    for target, positive in experiment.data.positive.items():
        column = situation.profile.column(target)
        classes = [word for word, _ in column.top] if column else []
        if target in experiment.data.targets and len(classes) == 2 and positive not in classes:
            says = f"{target!r} has no class {positive!r}.{nearest(positive, classes)} Its settings have no effect."
            yield Advice("no-such-class", "warning", f"data.positive.{target}", says)


@check
def rows_suffice(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Enough rows in each part to train at all, and to believe the scores."""
    if situation.trouble:
        wrong = next((name for name in situation.columns if name in experiment.data.features), None)
        fix = without_feature(experiment, wrong) if wrong and len(experiment.data.features) > 1 else None
        yield Advice("not-ready", "error", "data", situation.trouble, fix, f"Remove {wrong}" if fix else "")
        return
    train, validation, test = situation.rows
    if situation.task and train and min(validation or test, test) < 20:
        rows = count(test, "row")
        says = (
            f"Validation has {count(validation, 'row')} and test {rows}: their scores will vary widely between splits."
        )
        if not validation:
            says = f"Test has {rows}: its scores will vary widely between splits."
        fix = larger_parts(experiment, sum(situation.rows))
        yield Advice("few-rows", "warning", "data.split", says, fix, "Hold out more rows" if fix else "")


@check
def validation_rows_are_others(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """A table of validation rows that is not the table itself."""
    data = experiment.data
    if data.split.method == "table" and data.split.table == data.table:
        split = {**experiment.value()["data"]["split"], "method": "random", "table": None}
        fix = apply(experiment, {"op": "set", "path": "data.split", "value": split})
        says = "The validation rows are the training rows. Choose another table, or split this one."
        yield Advice("same-table", "warning", "data.split.table", says, fix, "Split this table")


@check
def weights_can_be_read(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """A weight column of numbers that is no feature; class weights for classes that there are."""
    name, tasks = experiment.data.weight, situation.tasks
    if name is not None:
        without = apply(experiment, {"op": "set", "path": "data.weight", "value": None})
        column = situation.profile.column(name)
        if column is None or column.kind != "number" or name in experiment.data.targets:
            why_not = (
                "is not in the table"
                if column is None
                else "is the target"
                if name in experiment.data.targets
                else "holds no numbers"
            )
            says = f"{name!r} cannot be the sample weights: it {why_not}."
            yield Advice("weight-column", "error", "data.weight", says, without, "Remove the sample weights")
        elif name in experiment.data.features:
            fix = without_feature(experiment, name)
            yield Advice(
                "weight-feature",
                "warning",
                "data.weight",
                f"{name} is both sample weight and feature.",
                fix,
                f"Remove {name}",
            )
    given = experiment.fit.class_weight
    if given is not None and (len(tasks) > 1 or any(task.kind == "regression" for task in tasks)):
        fix = apply(experiment, {"op": "set", "path": "fit.class_weight", "value": None})
        several = "Class weights need a single target; for several targets use loss weights."
        says = several if len(tasks) > 1 else "Class weights need classes; a numeric target has none."
        yield Advice("class-weight", "error", "fit.class_weight", says, fix, "Remove them")
    if experiment.compile.weighted_metrics and not experiment.weighted:
        says = "There are no sample weights, so weighted metrics equal the unweighted ones."
        fix = apply(experiment, {"op": "set", "path": "compile.weighted_metrics", "value": []})
        yield Advice("weighted-metrics", "hint", "compile.weighted_metrics", says, fix, "Remove them")
