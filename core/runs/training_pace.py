"""How fast a training makes its epochs, and when it will be over."""

from collections import deque

from core.experiment.spec import Experiment

_LEAST_EPOCHS, _LEAST_SECONDS = 3, 0.25  # Before which nothing is said of the time that is left.
_FORGOTTEN = 0.25  # Of the time.
_GRAIN = 0.005  # Of the time so far lies between two moments that are remembered.


class TrainingPace:
    """Measures the epochs of the last three quarters of the time: what the first ones need is done for the first time,
    and later on other trainings may begin or end. A shorter part would follow each hiccup of the machine.

    Where the pace is known to change, those before are left out: once gradient boosting is no longer fitted beside
    the training, and when a person chooses another speed.

    Attributes:
        epochs: That were made.
        seconds: From the first of them to the last, without the breaks in which nothing trained.
        limited: Seconds that count against a time limit: with those of the first epoch, in which XLA compiles.
    """

    def __init__(self) -> None:
        self.epochs, self.seconds, self.limited = 0, 0.0, 0.0
        self._latest: float | None = None
        self._began: float | None = None
        self._since = 0.0
        self._changed = False
        self._moments: deque[tuple[int, float]] = deque()  # (epochs, seconds) until then.

    def compile(self, now: float) -> None:
        """From now on the time counts against a limit."""
        self._began = now

    def rest(self) -> None:
        """Nothing trains from now on to the next epoch."""
        self._latest = None

    def change(self) -> None:
        """What comes has another pace than what was."""
        self._changed = True

    def epoch(self, now: float) -> None:
        """Another epoch is over."""
        self.epochs += 1
        took = 0.0 if self._latest is None else max(0.0, now - self._latest)  # A clock may be set back.
        self.seconds += took
        self.limited += took if self._began is None else max(0.0, now - self._began)
        self._latest, self._began = now, None
        if self._changed:
            self._moments.clear()
            self._since, self._changed = self.seconds, False
        moments = self._moments
        if moments and self.seconds == moments[-1][1]:  # Told together.
            moments[-1] = (self.epochs, self.seconds)
        elif not moments or self.seconds - moments[-1][1] >= _GRAIN * self.seconds:
            moments.append((self.epochs, self.seconds))
        first = self._since + _FORGOTTEN * (self.seconds - self._since)
        while len(moments) > 1 and moments[1][1] <= first and self.epochs - moments[1][0] >= _LEAST_EPOCHS:
            moments.popleft()

    @property
    def rate(self) -> float | None:
        """Epochs in a second; None where that is not known."""
        epochs, seconds = self._moments[0] if self._moments else (0, 0.0)
        if self.epochs > epochs and self.seconds > seconds:
            return (self.epochs - epochs) / (self.seconds - seconds)
        return (self.epochs - 1) / self.seconds if self.seconds > 0 else None

    def left(self, epochs: int, limit: float | None = None) -> float | None:
        """Seconds for so many epochs more, or until a limit of seconds is reached; None where too little is known."""
        if not self.rate or self.epochs < _LEAST_EPOCHS or self.seconds < _LEAST_SECONDS:
            return None
        seconds = max(0, epochs) / self.rate
        return seconds if limit is None else min(seconds, max(0.0, limit - self.limited))


def last_epoch_without_improvement(experiment: Experiment, best: int) -> int | None:
    """The epoch, from 1, after which early stopping ends a training whose best epoch stays what it is; None where there
    is no early stopping, or where it counts something else as an improvement.
    """
    stopping = experiment.callback("EarlyStopping")
    if stopping is None or stopping.value("min_delta") or experiment.fit.validation_freq > 1:
        return None
    first = experiment.fit.initial_epoch + stopping.value("start_from_epoch")
    return max(best, first) + max(1, stopping.value("patience"))
