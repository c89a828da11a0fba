"""The whole state of a training between two epochs, in one file: what continues from it ends with the same weights, to
the bit.

Kept are all variables of the model (the states of random layers among them) and of its optimizer, what each callback
has noted, and the watcher's history. The order of rows needs no state: it follows from seed and epoch. The file holds
arrays and JSON, never pickles.
"""

import io
import json
import logging
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.model.keras_internals import callback_notes
from core.workspace import write_whole

log = logging.getLogger(__name__)
_PAUSE = 0.5  # Seconds between two checkpoints at least...
_SHARE = 20.0  # ...and so many times what the last one cost: they take less than a twentieth of the time.
_ENDED = "ended"
_PLAIN = (bool, int, float, str, type(None))


class Checkpoint:
    """Keeps the state of a training in a file, now and then.

    Args:
        path: The file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = time.monotonic() + _PAUSE

    def due(self) -> bool:
        """Whether it is time for another checkpoint."""
        return time.monotonic() >= self._next

    def save(self, model: keras.Model, notes: dict[str, dict[str, Any]]) -> None:
        """Writes the state: variables, and `notes` by owner as `notes_of` gives them. A disk that is full is said in
        the log.
        """
        start = time.monotonic()
        arrays = {name: variable.numpy() for name, variable in _variables(model).items()}
        plain: dict[str, Any] = {}
        for owner, values in notes.items():
            for name, value in values.items():
                if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
                    arrays |= {f"{owner} {name} {at}": array for at, array in enumerate(value)}
                    value = {"arrays": len(value)}
                plain.setdefault(owner, {})[name] = value
        file = io.BytesIO()
        arrays[_ENDED] = np.array(model.stop_training)
        np.savez(file, allow_pickle=False, **arrays, notes=np.frombuffer(json.dumps(plain).encode(), "uint8"))
        try:
            write_whole(self.path, file.getvalue())
        except OSError:
            log.exception("no checkpoint could be kept")
        now = time.monotonic()
        self._next = now + max(_PAUSE, _SHARE * (now - start))

    def load(self) -> "State | None":
        """The kept state; None when there is none, or none that can be read."""
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            notes = json.loads(arrays.pop("notes").tobytes())
        except FileNotFoundError:
            return None
        except Exception:  # A damaged file: the training begins anew.
            log.exception("the checkpoint %s cannot be read", self.path)
            return None
        for owner, values in notes.items():
            for name, value in values.items():
                if isinstance(value, dict) and set(value) == {"arrays"}:
                    values[name] = [arrays[f"{owner} {name} {at}"] for at in range(value["arrays"])]
        return State(arrays, notes)


class State:
    """A state as it was kept.

    Attributes:
        notes: Owner -> what it had noted.
        ended: Whether a callback had ended the training.
    """

    def __init__(self, arrays: dict[str, np.ndarray], notes: dict[str, dict[str, Any]]) -> None:
        self._arrays, self.notes = arrays, notes
        self.ended = bool(arrays[_ENDED])

    def restore(self, model: keras.Model) -> bool:
        """Puts the variables back into a built model of the same experiment; False, and nothing done, when they do not
        fit.
        """
        pairs = [(variable, self._arrays.get(name)) for name, variable in _variables(model).items()]
        if any(array is None or array.shape != tuple(variable.shape) for variable, array in pairs):
            return False
        for variable, array in pairs:
            variable.assign(array)
        return True


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    """All variables of a built model and of its optimizer, by the name of their array in the file."""
    owners = {"model": model, "optimizer": model.optimizer}
    return {f"{name} {at}": variable for name, owner in owners.items() for at, variable in enumerate(owner.variables)}


def notes_of(callback: keras.callbacks.Callback) -> dict[str, Any]:
    """What a callback of Keras has noted so far: its numbers, and weights it keeps."""
    kept = {}
    for name, value in callback_notes(callback).items():
        arrays = isinstance(value, list) and value and all(isinstance(one, np.ndarray) for one in value)
        if isinstance(value, np.generic):
            value = value.item()
        if arrays or isinstance(value, _PLAIN):
            kept[name] = value
    return kept
