"""The weights that a run starts from when it goes on from another one's epoch: a file of its own, so that it needs no
other run.
"""

import io

import numpy as np

from core.experiment.spec import Experiment
from core.model.weight_history import epoch_weights
from core.runs.journal import Journal
from core.workspace import write_whole


def initial_weights(journal: Journal, experiment: Experiment) -> list[np.ndarray] | None:
    """Those of the experiment's start, taken from the other run the first time; None when it has none or they are not
    kept.
    """
    if experiment.start is None:
        return None
    try:
        if not journal.initial.exists():
            other = Journal(journal.folder.parents[1], experiment.start.run)
            file = io.BytesIO()
            np.savez(file, *epoch_weights(other.weights, experiment.start.epoch), allow_pickle=False)
            write_whole(journal.initial, file.getvalue())
        with np.load(journal.initial, allow_pickle=False) as found:
            return [found[name] for name in found.files]
    except LookupError:
        return None
