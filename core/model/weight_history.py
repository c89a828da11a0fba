"""The weights of a run's epochs, in one file: all of them while they fit, thinned evenly when they do not.

kept(path)                    the epochs whose weights are there
keep_only(path, epochs)       removes the others
weights_of(path, epoch)       one epoch's arrays, in the order of `model.weights`
keeper = Keeper(path)         what a training writes them with
keeper.begin(before, done)    ... keeper.keep(epoch, weights) ... keeper.flush() ... keeper.end(best, weights)

Kept are the multiples of a power of two, the smallest that leaves few enough; the first, the best and the last epoch
always. The file is a line of JSON that tells the shapes, and a record of one size an epoch: number, checksum, bytes of
the arrays. Records are added whole: one that a crash cut short is no record. Thinning writes the file anew, beside the
old one. There is no TensorFlow here: the page's process reads, too.
"""

import json
import logging
import zlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import numpy as np

from core.workspace import write_whole

log = logging.getLogger(__name__)
WEIGHTS = "weights/epochs.bin"  # Below the run's folder.
BUDGET = 64_000_000  # Bytes of a run's weights.
MOST = 2000  # Epochs: a slider has no more places, and a training of thousands of epochs a second has no more time.
_FEWEST = 3  # First, best and last.
_LONGEST = 1_000_000  # Bytes of the line of JSON.

Arrays = list[np.ndarray]


def stride(before: int, last: int, most: int) -> int:
    """The smallest power of two of which at most `most` multiples lie after `before` and up to `last`."""
    step = 1
    while last // step - before // step > most:
        step *= 2
    return step


def kept_epochs(before: int, last: int, best: int, most: int) -> set[int]:
    """The epochs to be kept of those after `before` and up to `last`: at most `most`, which is 3 or more."""
    step = stride(before, last, most - _FEWEST)
    return {before + 1, best or last, last} | set(range(before - before % step + step, last + 1, step))


class _Form:
    """How the arrays of an epoch become a record of bytes."""

    def __init__(self, shapes: list[tuple[list[int], str]]) -> None:
        self.shapes = [(tuple(shape), np.dtype(kind)) for shape, kind in shapes]
        if any(kind.hasobject for _, kind in self.shapes):
            raise ValueError("weights are numbers")
        self.sizes = [int(np.prod(shape, dtype="int64")) * kind.itemsize for shape, kind in self.shapes]
        self.head = json.dumps([[list(shape), kind.str] for shape, kind in self.shapes]).encode() + b"\n"
        self.record = np.dtype([("epoch", "<i8"), ("sum", "<u4"), ("bytes", "u1", (sum(self.sizes),))])

    @classmethod
    def of(cls, arrays: Arrays) -> "_Form":
        return cls([(list(array.shape), array.dtype.str) for array in arrays])

    @classmethod
    def read(cls, path: Path) -> "_Form | None":
        """That of a file; None where there is none, or none that can be read."""
        try:
            with path.open("rb") as file:
                return cls(json.loads(file.readline(_LONGEST)))
        except (OSError, ValueError, TypeError):
            return None

    def packed(self, epoch: int, arrays: Arrays) -> bytes:
        content = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
        return (
            np.int64(epoch).astype("<i8").tobytes() + np.uint32(zlib.crc32(content)).astype("<u4").tobytes() + content
        )

    def unpacked(self, content: bytes) -> Arrays:
        ends = np.cumsum(self.sizes)
        return [
            np.frombuffer(content[end - size : end], kind).reshape(shape)
            for end, size, (shape, kind) in zip(ends, self.sizes, self.shapes, strict=True)
        ]

    def records(self, path: Path) -> np.ndarray:
        """All whole records of a file, unread: (epochs,) of `record`."""
        whole = max(0, path.stat().st_size - len(self.head)) // self.record.itemsize
        return np.memmap(path, self.record, "r", len(self.head), (whole,)) if whole else np.zeros(0, self.record)


def kept(path: Path) -> list[int]:
    """The epochs whose weights are kept, from the first on; [] when there are none."""
    form = _Form.read(path)
    return sorted({int(epoch) for epoch in form.records(path)["epoch"]}) if form else []


def epoch_weights(path: Path, epoch: int) -> Arrays:
    """The arrays of an epoch, in the order of `model.weights`. Raises LookupError when they are not kept,
    or damaged.
    """
    form = _Form.read(path)
    found = form.records(path) if form else np.zeros(0, [("epoch", "<i8")])
    at = np.flatnonzero(found["epoch"] == epoch)
    if form is None or not len(at):
        raise LookupError(f"The weights of epoch {epoch} are not saved.")
    content = found[at[-1]]["bytes"].tobytes()
    if zlib.crc32(content) != found[at[-1]]["sum"]:
        raise LookupError(f"The weights of epoch {epoch} are damaged on the disk. Choose another epoch.")
    return form.unpacked(content)


def keep_only(path: Path, epochs: Collection[int | None]) -> None:
    """Removes the weights of all other epochs from the file of a training that is over. Raises OSError."""
    form = _Form.read(path)
    if form is None:
        return
    records = {int(record["epoch"]): record.tobytes() for record in form.records(path) if record["epoch"] in epochs}
    write_whole(path, form.head + b"".join(records[epoch] for epoch in sorted(records)))


def nearest_epoch(epochs: Iterable[int], epoch: int) -> int:
    """The epoch among some that is nearest; the earlier one of two. Raises ValueError when there are none."""
    return min(epochs, key=lambda one: (abs(one - epoch), one))


class Keeper:
    """Writes the weights of a training's epochs: gathered in memory, added to the file with each checkpoint.

    Args:
        path: The file; its folder is made.
        budget: Bytes that the file may have.
    """

    def __init__(self, path: Path, budget: int = BUDGET) -> None:
        self.path, self.budget = path, budget
        self._form: _Form | None = None
        self._stored: set[int] = set()
        self._fresh: dict[int, bytes] = {}
        self._last: tuple[int, Arrays] | None = None
        self._refused = False

    def begin(self, before: int, done: int) -> None:
        """A training goes on after `done` epochs, the first `before` of them another run's: what was kept of later ones
        is made again.
        """
        self.before, self._form, self._fresh, self._last, self._stride = before, None, {}, None, 1
        self._stored = {epoch for epoch in kept(self.path) if before < epoch <= done}

    def keep(self, epoch: int, weights: Callable[[], Arrays], last: bool = False) -> None:
        """Keeps the weights of an epoch that is complete, where it is its turn; `last`: it may be the last one."""
        if self._form is None:
            self._form = _Form.of(weights())
            if not self._fits:
                log.warning(
                    "the weights of an epoch have %s bytes: too many to keep those of each",
                    f"{self._form.record.itemsize:,}",
                )
            if (found := _Form.read(self.path)) and found.head != self._form.head:
                self._stored = set()
        due = self._fits and epoch not in self._stored and (epoch == self.before + 1 or epoch % self._step(epoch) == 0)
        if due or (last and self._fits):
            arrays = weights()
            self._last = (epoch, arrays) if last else None
            if due:
                self._fresh[epoch] = self._form.packed(epoch, arrays)
                self._thin(self._step(epoch))

    @property
    def _most(self) -> int:
        assert self._form
        return min(MOST, (self.budget - len(self._form.head)) // self._form.record.itemsize)

    @property
    def _fits(self) -> bool:
        return self._most >= _FEWEST

    def _step(self, epoch: int) -> int:
        return stride(self.before, epoch, self._most - _FEWEST)

    def _thin(self, step: int) -> None:
        """Lets go of what is not to be kept any more, when the stride has grown."""
        if step > self._stride:
            self._stride = step
            self._fresh = {
                epoch: record for epoch, record in self._fresh.items() if epoch % step == 0 or epoch == self.before + 1
            }

    def flush(self) -> None:
        """Writes what was kept since the last time, before a checkpoint: a training that goes on from that has lost
        nothing.
        """
        if self._fresh:
            step = self._step(max(self._fresh))
            self._write(
                {epoch for epoch in (*self._stored, *self._fresh) if epoch % step == 0 or epoch == self.before + 1}
            )

    def end(self, last: int, best: int, weights: Arrays | None) -> None:
        """Writes the rest of a training that ended after the epoch `last`; `weights` are those of its best epoch, where
        they are known.
        """
        if self._form is None or not self._fits or last <= self.before:
            return
        for epoch, arrays in (self._last or (0, None), (best, weights)):
            if epoch and arrays and epoch not in self._stored | self._fresh.keys():
                self._fresh[epoch] = self._form.packed(epoch, arrays)
        self._write(kept_epochs(self.before, last, best, self._most) & {*self._stored, *self._fresh})

    def _write(self, wanted: set[int]) -> None:
        """Brings the file to the wanted epochs: what is fresh is added where that is enough. What the disk refuses is
        tried again.
        """
        assert self._form
        try:
            if self._stored and wanted.issuperset(self._stored) and self._whole():
                with self.path.open("ab") as file:
                    file.write(b"".join(self._fresh[epoch] for epoch in sorted(wanted & self._fresh.keys())))
            else:
                records = self._old(wanted) | self._fresh
                wanted &= records.keys()
                write_whole(self.path, self._form.head + b"".join(records[epoch] for epoch in sorted(wanted)))
        except OSError:
            if not self._refused:
                log.exception("the weights of epochs cannot be kept; the training goes on")
            self._refused = True
            return
        self._stored, self._fresh, self._refused = wanted, {}, False

    def _whole(self) -> bool:
        """Whether the file has just the records that it should have."""
        assert self._form
        return (
            self.path.exists()
            and self.path.stat().st_size == len(self._form.head) + len(self._stored) * self._form.record.itemsize
        )

    def _old(self, wanted: set[int]) -> dict[int, bytes]:
        """Those of the wanted epochs that the file has."""
        form = _Form.read(self.path)
        if not wanted or form is None or self._form is None or form.head != self._form.head:
            return {}
        return {
            int(record["epoch"]): record.tobytes() for record in form.records(self.path) if record["epoch"] in wanted
        }
