"""Shows a network while it learns: scenes of its newest weights, made beside the training by a thread of its own.

The training only hands over copies of weights, and only when someone watches, no scene is being made, and the last one
is not too new.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np

from core.inspect.decision_surface import Looks
from core.inspect.snapshot import Scene
from core.model.live_weights import WeightReading

log = logging.getLogger(__name__)
_PACE = 0.09  # Seconds between two scenes, at least: ten or so a second.
_SHARE = 20  # A scene may be made again after so many times what it took: 5 % of one core.


class Stage(Protocol):
    """Where scenes are seen. The trainer knows no more of who watches."""

    def watched(self) -> bool:
        """Whether anyone looks at this moment."""

    def looks(self) -> Looks | None:
        """What is to be seen, when that has changed since the last question."""

    def still(self, value: dict[str, Any]) -> None:
        """Takes what does not move."""

    def scene(self, value: dict[str, Any]) -> None:
        """Takes what does."""


class Show(keras.callbacks.Callback):
    """Hands weights over between epochs; comes last among the callbacks, so that it sees with which weights a training
    ends.

    Args:
        stage: Where the scenes are seen.
        make: Makes the scene's copy of the network, in the thread, when the first one is due; `give` takes it back when
            all is over.
        callbacks: Of the training, for weights that an optimizer averages.
        before: Epochs that count as made before the first.
        ended: What a training ended with: its epoch.
    """

    def __init__(
        self,
        stage: Stage,
        make: Callable[[], Scene],
        give: Callable[[Scene], None],
        callbacks: list[keras.callbacks.Callback],
        ended: Callable[[], int],
    ) -> None:
        super().__init__()
        self._stage, self._make, self._give, self._callbacks, self._ended = stage, make, give, callbacks, ended
        self._scene: Scene | None = None
        self._before: list[np.ndarray] | None = None
        self._busy, self._next, self._epoch, self._steps = threading.Event(), 0.0, 0.0, 1
        self._read: WeightReading | None = None
        self._last: tuple[float, list[np.ndarray]] | None = None
        self._broken = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """From now on there are weights to read."""
        self._read = WeightReading(self.model, self._callbacks)
        self._steps = int(self.params.get("batches", 1))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Keeps the weights before an epoch that is to be shown: how far they move in it is part of the scene."""
        self._epoch = epoch
        self._before = self._read() if self._read and self._due() else None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Shows the epoch, when that was due at its beginning."""
        self._epoch = epoch + 1
        if self._before is not None and not self._busy.is_set():
            self._show(epoch + 1, self._before)

    def held(self, part: float) -> None:
        """The training waits within an epoch, of which `part` is made: what can be seen is shown, whenever the last one
        was.
        """
        if not self._broken and self._stage.watched() and not self._busy.is_set():
            self._show(self._epoch + part, None)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Shows the network with its final weights, for pages that are opened later."""
        if self._scene and self._read and not self._broken:
            self._last = (self._ended(), self._read())
            if not self._busy.is_set():
                self._show(self._last[0], None)

    def _show(self, epoch: float, before: list[np.ndarray] | None) -> None:
        assert self._read
        weights = self._read()
        self._busy.set()
        threading.Thread(target=self._draw, args=(epoch, weights, before), daemon=True).start()

    def _due(self) -> bool:
        return not self._broken and not self._busy.is_set() and time.monotonic() >= self._next and self._stage.watched()

    def _draw(self, epoch: float, weights: list[np.ndarray], before: list[np.ndarray] | None) -> None:
        began = time.thread_time()
        try:
            looks = self._stage.looks()
            fresh = self._scene is None
            if fresh:
                self._scene = self._make()
            assert self._scene
            if fresh or looks is not None:
                self._scene.look(looks or Looks())
                self._stage.still(self._scene.still())
            self._stage.scene(self._scene(epoch, weights, before, self._steps))
            if self._last:
                if self._last[0] != epoch:
                    self._stage.scene(self._scene(*self._last, None, 1))
                self._give(self._scene)
        except OSError:
            log.exception("a scene cannot be written; the next one may")
        except Exception:  # What is only looked at must not end a training; a layer of one's own may be what broke.
            self._broken = True
            log.exception("the network cannot be shown; the training goes on")
        finally:
            self._next = time.monotonic() + max(_PACE, _SHARE * (0.0 if fresh else time.thread_time() - began))
            self._busy.clear()
