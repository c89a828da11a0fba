"""What a person may ask of a training while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Orders:
    """All that was asked so far.

    Attributes:
        stop: "" to go on, "best" to end with the best epoch's weights, "last" with the last complete epoch's.
        paused: Whether to wait between two blocks of batches.
        more: Epochs beyond those of the experiment.
    """

    stop: str = ""
    paused: bool = False
    more: int = 0
