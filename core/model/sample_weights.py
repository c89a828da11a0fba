"""What each row counts. The printed program carries this source."""

import numpy as np

from core.experiment.spec import Experiment
from core.model.scoring_program import Column
from core.tables.prepared import PARTS, Prepared
from core.tables.streamed import Streamed


def balanced(labels, classes):
    """A weight for each class, so that every class counts the same in all: rows / (classes * rows of the class)."""
    counts = np.bincount(labels, minlength=classes)
    return len(labels) / (classes * np.maximum(counts, 1))


def weights_of(experiment: Experiment, prepared: Prepared) -> dict[str, Column | None]:
    """Part -> what each of its rows counts, for each of several targets; None where all count the same.

    Class weights are for the training rows alone, and for one target.
    """
    counts = {name: None if prepared.weights is None else prepared.weights[prepared.parts[name]] for name in PARTS}
    of_class = class_weights(experiment, prepared)
    if of_class is not None:
        each = of_class[prepared.y_true("train")].astype("float32")
        counts["train"] = each if counts["train"] is None else each * counts["train"]
    if experiment.several:
        return {
            name: None if each is None else dict.fromkeys(experiment.outputs().values(), each)
            for name, each in counts.items()
        }
    return counts


def class_weights(experiment: Experiment, prepared: Prepared) -> np.ndarray | None:
    """What a training row of each class counts; None where all count the same."""
    given = experiment.fit.class_weight
    if given is None:
        return None
    classes = prepared.targets[experiment.data.targets[0]].classes
    if given != "balanced":
        return np.array([given.get(label, 1.0) for label in classes])
    if isinstance(prepared, Streamed):
        # As `balanced` does, of all rows.
        return prepared.counted[0] / (len(classes) * np.maximum(prepared.of_class, 1))
    return balanced(prepared.y_true("train"), len(classes))
