"""Checks of features: columns that say nothing, say it twice, or say too much."""

from collections.abc import Iterator

from core.advice.advice import Advice, check
from core.advice.fixes import without_feature, without_features
from core.experiment.counts import count
from core.experiment.edits import apply
from core.experiment.preparation import MOST_WORDS
from core.experiment.spec import Experiment
from core.experiment.task import Situation

_CUT_ROWS = 0.05  # Of the training rows, from which on words that are not known are worth a sentence.


@check
def features_say_something(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """No feature that is the same in every row, that only numbers the rows, or that repeats another one."""
    features, targets = experiment.data.features, experiment.data.targets
    for column in situation.profile.columns:
        name = column.name
        if name not in features or name in targets:
            continue
        where, button = f"data.features.{name}", f"Remove {name}"
        if column.left_out in ("constant", "all missing"):
            fix = without_feature(experiment, name)
            yield Advice(
                "empty-feature", "hint", where, f"{name} carries no information ({column.left_out}).", fix, button
            )
        elif column.left_out == "identifier" and features[name] != "text" and len(features) > 1:
            says = f"{name} identifies the rows: its {count(column.distinct, 'value')} are nearly all unique."
            yield Advice("identifying-feature", "hint", where, says, without_feature(experiment, name), button)
        elif (
            column.same_as in features
            and features[name] == features[str(column.same_as)]
            and column.same_as not in targets
        ):
            says = f"{name} equals {column.same_as} in all {count(situation.profile.rows, 'row')}."
            yield Advice("duplicate-feature", "hint", where, says, without_feature(experiment, name), button)


@check
def words_are_known(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """No feature of which many rows hold a category that the network does not know."""
    for name, cut in situation.cut.items():
        if cut.share < _CUT_ROWS or cut.kept >= MOST_WORDS:
            continue
        kept = min(cut.words, MOST_WORDS)
        says = (
            f"{cut.kept:,} of {cut.words:,} categories of {name} are known; the others, {cut.share:.0%} of the "
            "training rows, count as unknown."
        )
        settings = {column: one.model_dump(mode="json") for column, one in experiment.data.preparation.items()}
        settings[name] = {**settings.get(name, {}), "words": kept}
        fix = apply(experiment, {"op": "set", "path": "data.preparation", "value": settings})
        yield Advice("cut-words", "hint", f"data.preparation.{name}", says, fix, f"Keep {kept:,} categories of {name}")


@check
def texts_are_used(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """No column of free text that is left out for being one."""
    features = experiment.data.features
    for column in situation.profile.columns:
        name = column.name
        if (
            column.kind == "text"
            and column.left_out == "free text"
            and name not in {*features, *experiment.data.targets}
        ):
            says = f"{name} holds free text and is not used. Its most frequent words can be features."
            chosen = {**features, name: "text"}
            fix = apply(experiment, {"op": "set", "path": "data.features", "value": chosen})
            yield Advice("unused-text", "hint", f"data.features.{name}", says, fix, f"Use the words of {name}")


@check
def features_are_known_beforehand(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """No feature that alone tells the target, while there are others."""
    found = {one.feature: one for one in reversed(situation.giveaways) if one.feature in experiment.data.features}
    if not found or len(found) == len(experiment.data.features):
        return
    for name, one in found.items():
        says = (
            f"{name} alone predicts {100 * one.share:.1f}% of {one.target}. Remove it if it is known only after "
            f"{one.target} (target leakage)."
        )
        yield Advice(
            "leaking-feature",
            "warning",
            f"data.features.{name}",
            says,
            without_features(experiment, [name]),
            f"Remove {name}",
        )
