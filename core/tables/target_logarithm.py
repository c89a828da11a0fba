"""Whether the amounts of a target have the logarithm that is to be learned in their place."""

import numpy as np

from core.catalog.target_transforms import TARGET_TRANSFORMS
from core.experiment.counts import count, counted
from core.experiment.data import Data
from core.tables.errors import TableError


def require_logarithm(target: str, amounts: np.ndarray, data: Data) -> None:
    """Raises TableError when the logarithm of the target is to be learned and amounts have none."""
    wrong = len(without_logarithm(target, amounts, data))
    if wrong:
        transform = TARGET_TRANSFORMS[str(data.preparation_of(target).target)]
        other = " Choose log1p, or" if transform.name == "log" and amounts.min() > -1 else " Choose"
        raise TableError(
            f"{transform.name} of the target {target!r} needs values above {transform.above:g}, which "
            f"{count(wrong, 'row')} {counted(wrong, 'does', 'do')} not have.{other} no logarithm, under Preparation."
        )


def without_logarithm(target: str, amounts: np.ndarray, data: Data) -> np.ndarray:
    """Those of a target's amounts that have no logarithm, where that is to be learned; none of classes."""
    transform = TARGET_TRANSFORMS.get(data.preparation_of(target).target or "")
    if transform is None or amounts.dtype == object:
        return amounts[:0]
    return amounts[amounts <= transform.above]
