"""A run's kept epochs as scenes of its network: drawn once by the worker, kept in the run's folder, read by all who
look.

show/playback.json    {"key", "still", "scenes": one an epoch, from the first to the last}; `key` tells what was asked
                      to be seen

chosen(kept, best)             the epochs that are drawn
Playback(journal).text()       the scenes; None where they are to be drawn (anew: another row was pinned)
Playback(journal).draw(scene)  draws them
"""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.model.weight_history import epoch_weights
from core.runs.journal import Journal
from core.runs.live_view_files import Stage, Viewer
from core.workspace import locked, write_whole

if TYPE_CHECKING:
    from core.inspect.snapshot import Scene

MOST = 60  # Epochs: a quarter of a minute.
PLAYED, _LOCK = "show/playback.json", "show/playback.lock"  # Below the run's folder.


def played_epochs(kept: Sequence[int], best: int | None) -> list[int]:
    """At most `MOST` epochs of those that are kept, evenly, with the first, the last and the best; [] of fewer than
    two.
    """
    if len(kept) < 2:
        return []
    even = np.unique(np.linspace(0, len(kept) - 1, MOST - 1).round().astype(int))
    return sorted({kept[at] for at in even} | {epoch for epoch in kept if epoch == best})


class Playback:
    """The scenes of one run; `best` is its best epoch, or None."""

    def __init__(self, journal: Journal, best: int | None) -> None:
        self._journal, self._path = journal, journal.folder / PLAYED
        self.epochs = played_epochs(journal.kept_epochs(), best)

    @property
    def key(self) -> str:
        """Tells these epochs, seen as it is wanted now, from others."""
        wanted = json.dumps([self.epochs, Viewer(self._journal).wanted()])
        return hashlib.sha256(wanted.encode()).hexdigest()[:16]

    def text(self) -> str | None:
        """The scenes as JSON text."""
        try:
            found = self._path.read_text(encoding="utf-8")
        except OSError:
            return None
        return found if found.startswith(_begin(self.key)) else None

    def draw(self, scene: "Scene") -> None:
        """Draws the scenes and keeps them, unless another worker does. Raises OSError, LookupError for weights that are
        damaged.
        """
        with locked(self._journal.folder / _LOCK):
            if self.text() is not None:
                return
            key, looks = self.key, Stage(self._journal).looks()
            scene.look(looks or type(scene.looks)())
            drawn: dict[str, Any] = {
                "still": scene.still(),
                "scenes": [self._scene(scene, epoch) for epoch in self.epochs],
            }
            write_whole(
                self._path, _begin(key) + json.dumps(drawn, allow_nan=False, separators=(",", ":")).removeprefix("{")
            )

    def _scene(self, scene: "Scene", epoch: int) -> dict[str, Any]:
        return scene(epoch, epoch_weights(self._journal.weights, epoch), None, 1)


def _begin(key: str) -> str:
    return f'{{"key":"{key}",'
