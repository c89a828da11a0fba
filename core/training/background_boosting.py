"""Gradient boosting beside a training: a thread fits it from the end of the first epoch on."""

import logging
import threading
from typing import Any

from core.experiment.score_words import GRADIENT_BOOSTING
from core.model.boosting import within_seconds
from core.model.matrices import TableMatrices
from core.model.outputs import Heads, Predicted
from core.training.steering import Steering

log = logging.getLogger(__name__)
_LOOK = 0.05  # Seconds between two looks at what a person asks.


class BackgroundBoosting:
    """Fits gradient boosting in a thread, which a stopped training leaves to itself: it ends after some seconds, and
    the next training on the same table takes what it fitted.

    The numbers do not depend on when it is fitted, so that a training that goes on after a kill has the same.

    Args:
        heads: The targets.
        ready: The prepared table.
        weights: Part -> what each of its rows counts for the network, of several targets by output.

    Attributes:
        says: Why there is none, a sentence; "" where there is one, or will be.
    """

    def __init__(self, heads: Heads, ready: TableMatrices, weights: dict[str, Any]) -> None:
        self._heads, self._ready, self._weights = heads, ready, weights
        self._predicted: dict[str, Predicted] = {}
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self.says = ""
        if not all(within_seconds(head.task, *ready.boosting_shape()) for head in heads.all):
            self.says = (
                "Gradient boosting takes long on so many columns and classes. It is fitted when the "
                "Scores tab of the Result page is opened."
            )
            self._over.set()

    def start(self) -> None:
        """Starts the thread, unless that was done."""
        if self._thread is None and not self._over.is_set():
            self._thread = threading.Thread(target=self._fit, daemon=True, name=GRADIENT_BOOSTING)
            self._thread.start()

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def predicted(self) -> dict[str, Predicted]:
        """Part -> its predictions, for the rows that are watched and for the test rows; {} while there are none."""
        return self._predicted if self.over else {}

    def join(self, steering: Steering, stopped: bool) -> None:
        """Waits until it is fitted; not where a training was or is stopped."""
        self.start()
        while not (stopped or self._over.wait(_LOOK)):
            steering.look()
            stopped = bool(steering.stop)

    def _fit(self) -> None:
        try:
            x = self._ready.boosting_matrices()
            of_parts = {part: x[part] for part in (self._heads.watched, "test")}
            self._predicted = self._heads.boosted(self._ready, self._weights, of_parts)
        except Exception:  # A baseline that fails must not end a training.
            log.exception("gradient boosting could not be fitted")
            self.says = "Gradient boosting could not be fitted, so it is not among the baselines."
        finally:
            self._over.set()
