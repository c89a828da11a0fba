"""How a training speaks with whoever watches; the trainer does not know who that is."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.training.live_snapshots import Stage
from core.training.monitor import Mark, Report
from core.training.steering import Steering


@dataclass
class Hooks:
    """How a training speaks with whoever watches; the trainer does not know who that is.

    Attributes:
        epoch: (epoch from 1, name -> number) after each epoch; those of a checkpoint again where a training goes on
            from it, and once more where XLA refuses the network after that and plain `fit` goes on.
        rows: Called with the numbers of training, validation and test rows, before the first epoch.
        baselines: Name -> name -> number on the validation rows, without any on the training rows, before the first
            epoch; once more, with gradient boosting among them, as soon as that is fitted.
        steering: Looked at between blocks of batches.
        mark: Called with (completed epochs, change) when a change that a person asked for takes effect.
        pause: Called with whether the training waits, when that changes.
        resumed: Called with the epoch after which a training goes on from its checkpoint.
        stage: A few words about what is being done.
        shown: Where the network is seen while it learns; None where no one can look.
    """

    epoch: Report = lambda _epoch, _values: None
    rows: Callable[[tuple[int, ...]], None] = lambda _sizes: None
    baselines: Callable[[dict[str, dict[str, float]]], None] = lambda _scores: None
    steering: Steering = field(default_factory=Steering)
    mark: Mark = lambda _epoch, _change: None
    pause: Callable[[bool], None] = lambda _waits: None
    resumed: Callable[[int], None] = lambda _epoch: None
    stage: Callable[[str], None] = lambda _words: None
    shown: Stage | None = None
