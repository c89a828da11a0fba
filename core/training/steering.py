"""What a person may ask of a training while it goes on. The trainer reads it; who fills it in is not its affair.

Plain Python: it is read by the orders of a run, too.
"""

from dataclasses import dataclass, field


@dataclass
class Steering:
    """What is asked at this moment.

    Attributes:
        stop: "" to go on, else what is to be kept: "best", "last" or "nothing".
        paused: Whether the training shall wait.
        more_steps, more_epochs: Batches or epochs that it still trains for while it is paused.
        speed: Epochs a second at most; 0 for as many as there can be.
        since: Epochs that were reported before the training was cut off: these are trained again as they were, before
            a change takes effect.
        changes: All changes so far, in order: {"epochs": more} or {"learning_rate": value}. Each takes effect between
            two epochs, not before the one that it may name as its "epoch".
    """

    stop: str = ""
    paused: bool = False
    more_steps: int = 0
    more_epochs: int = 0
    speed: float = 0.0
    since: int = 0
    changes: list[dict[str, float]] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether it shall wait now."""
        return self.paused and not self.stop and not self.more_steps and not self.more_epochs

    def look(self) -> None:
        """Called between two blocks of batches, and again and again while it is paused."""
