"""Gradient boosting beside a run's other baselines: what its training kept of it, or fitted when it is asked for, once
for all epochs of a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.experiment.score_words import GRADIENT_BOOSTING

if TYPE_CHECKING:
    from core.inspect.at_epoch import Replay
    from core.runs.evaluated_run import EvaluatedRun
    from core.runs.mlflow_store import Store

BOOSTED = "gradient_boosting.npz"  # Among the run's files: "rows PART", and "PART 0" for the first target.
Predictions = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class BoostedRows:
    """What gradient boosting predicts for the evaluated rows of a run.

    Attributes:
        parts: Part -> (n positions in the table, target -> (n, outputs)).
    """

    parts: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]] = field(default_factory=dict)

    def at(self, part: str, positions: np.ndarray) -> dict[str, np.ndarray] | None:
        """Target -> what it predicts for some of the rows; None where it does not predict them all."""
        if part not in self.parts or not np.isin(positions, self.parts[part][0]).all():
            return None
        known, predicted = self.parts[part]
        order = np.argsort(known)
        places = order[np.searchsorted(known, positions, sorter=order)]
        return {target: values[places] for target, values in predicted.items()}


def write_boosted(path: Path, parts: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]) -> None:
    """Writes the predictions; `parts` as in `BoostedRows`."""
    arrays = {f"rows {part}": positions for part, (positions, _) in parts.items()}
    for part, (_, predicted) in parts.items():
        arrays |= {f"{part} {at}": values for at, values in enumerate(predicted.values())}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def boosted_rows(store: "Store", run: str, result: dict[str, Any], targets: Sequence[str]) -> BoostedRows:
    """The predictions that are kept with a run; none where its training did not fit it."""
    if GRADIENT_BOOSTING not in result["baselines"]:
        return BoostedRows()
    with np.load(store.path(run, BOOSTED), allow_pickle=False) as kept:
        parts = [name.removeprefix("rows ") for name in kept.files if name.startswith("rows ")]
        return BoostedRows(
            {
                part: (kept[f"rows {part}"], {target: kept[f"{part} {at}"] for at, target in enumerate(targets)})
                for part in parts
            }
        )


def fit_boosting(result: dict[str, Any], replay: "Replay") -> None:
    """Fits gradient boosting where a run's training has not. Of many columns and classes that takes a minute; it needs
    no weights of the network, so that others may ask about the run meanwhile.
    """
    from core.model.sample_weights import weights_of

    if GRADIENT_BOOSTING not in result["baselines"]:
        heads = replay.heads
        heads.boosted(replay.ready, weights_of(heads.experiment, heads.prepared), {})


def boosted_predictions(asked: "EvaluatedRun", _options: dict[str, Any]) -> Predictions:
    """Part -> target -> what gradient boosting predicts for the evaluated rows, (n, outputs) as a network's predictions
    are; {} where the training rows of a target have one class alone.
    """
    from core.model.sample_weights import weights_of

    ready, prepared = asked.replay.ready, asked.prepared
    matrices = ready.boosting_matrices()
    x = {
        part: matrices[part][np.isin(prepared.rows[prepared.parts[part]], rows.positions)]
        for part, rows in asked.rows.parts.items()
    }
    boosted = asked.heads.boosted(ready, weights_of(asked.experiment, prepared), x)
    return {part: boosted.get(part, {}) for part in asked.rows.parts} if boosted else {}
