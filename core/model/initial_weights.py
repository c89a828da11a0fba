"""A training that starts from the weights of another run's epoch."""

import keras
import numpy as np

from core.experiment.spec import Start


class CannotStart(Exception):
    """There are no such weights, or they do not fit; the message is a sentence for the person."""


def start_from(initial: list[np.ndarray] | None, stack: keras.Model, start: Start | None) -> None:
    """Gives a stack that was built a moment ago its first weights, where the experiment names some. Raises
    CannotStart.
    """
    if start is None:
        return
    if initial is None:
        raise CannotStart(
            f"This training starts from the weights of epoch {start.epoch} of the run {start.run}, which are missing."
        )
    shapes, given = ([tuple(one.shape) for one in some] for some in (stack.weights, initial))
    if shapes != given:
        raise CannotStart(
            f"The weights of the stack have the shapes {shapes}, those of epoch {start.epoch} of the run {start.run} "
            f"have {given}. "
            "Take that run's layers."
        )
    stack.set_weights(initial)
