"""The loss around a run's weights: a grid over a plane through them, and the path that led there."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.inspect.weight_plane import FEWEST, Arrays, WeightPlane, flat, path_plane, random_plane
from core.model.batches import taken
from core.model.matrices import TableMatrices
from core.model.outputs import Heads
from core.model.sample_weights import weights_of
from core.tables.prepared import Prepared

GRID = 31  # Points a side.
_ROWS, _FEWEST_ROWS = 2000, 200
_WORK = 4e11  # Floating-point operations: some ten seconds; a large network is asked about fewer rows.
_UNCOMPILED = (
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,
    tf.errors.UnknownError,
    tf.errors.InternalError,
)


class NoLandscape(LookupError):
    """There is nothing to draw; the message is a sentence for the person."""


class LossLandscape:
    """A run's network, built as the training built it, and the training rows on which its loss is asked.

    Args:
        experiment: Of the run.
        prepared: Its table.
        tasks: Of the table, one for each target.

    Attributes:
        rows: How many rows; x, y, counts: their matrix, targets, and sample weights (None: all the same).
    """

    def __init__(self, experiment: Experiment, prepared: Prepared, tasks: Sequence[Task]) -> None:
        heads = Heads(experiment, tasks, prepared)
        x = TableMatrices(prepared).matrices(numbered=embedding_call(experiment) is not None).x["train"]
        self.stack = heads.build(x.shape[1])
        self._unit, self._seed = heads.units().get("loss", 1.0), experiment.fit.seed
        affordable = int(_WORK / (2.0 * max(1, self.stack.count_params()) * GRID**2))
        self.rows = min(len(x), _ROWS, max(_FEWEST_ROWS, affordable))
        # Of each run over the table the same.
        some = np.sort(np.random.default_rng(0).choice(len(x), self.rows, replace=False))
        counts = weights_of(experiment, prepared)["train"]
        self.x, self.y, self.counts = (
            x[some],
            taken(heads.y_true("train"), some),
            None if counts is None else taken(counts, some),
        )
        trained = {id(weight) for weight in self.stack.trainable_weights}
        self._places = [at for at, weight in enumerate(self.stack.weights) if id(weight) in trained]
        self._variables = [self.stack.weights[at] for at in self._places]

    def trained(self, weights: Arrays) -> Arrays:
        """Those of a network's weights that training moves."""
        return [weights[at] for at in self._places]

    def plane(self, kind: str, centre: Arrays, moves: np.ndarray) -> WeightPlane:
        """The plane of that kind through the weights of the centre; `moves` are the path's differences to it."""
        if kind == "random":
            return random_plane([variable.name for variable in self._variables], self.trained(centre), self._seed)
        return path_plane(moves)

    def chart(
        self,
        kind: str,
        path: Mapping[int, Arrays],
        centre: int,
        tell: Callable[[float], None] = lambda _done: None,
        grid: int = GRID,
    ) -> dict[str, Any]:
        """The loss over a plane, and one path in it: as `chart_paths`, with "path" in place of "paths"."""
        landscape = self.chart_paths(kind, {"": path}, ("", centre), tell, grid)
        return {**landscape, "path": landscape.pop("paths")[""]}

    def chart_paths(
        self,
        kind: str,
        paths: Mapping[str, Mapping[int, Arrays]],
        centre: tuple[str, int],
        tell: Callable[[float], None] = lambda _done: None,
        grid: int = GRID,
    ) -> dict[str, Any]:
        """The loss over a plane, in the history's unit, and the paths of several trainings in it.

        Args:
            kind: One of `core.inspect.weight_plane.KINDS`; the principal components are those of all paths' weights.
            paths: Name -> epoch -> all its weights, in order, of the shapes that this network has.
            centre: Name and epoch of the origin.
            tell: Called with the share that is done, after each line of the grid.
            grid: Points a side.

        Returns:
            x, y: Coordinates of the grid; loss: a row of numbers for each y, None where it is no number.
            paths: Name -> {"epoch", "x", "y", "loss"}, the last of the point of the plane that is nearest to the
                epoch's weights; weights that are no numbers are left out.
            centre: {"epoch", "loss"}; explained: share of the paths' variance along each direction, or None.
            inside: The share of the paths' squared distance from the centre that lies in the plane.
            rows, weights: How many; seconds: how long it took.

        Raises NoLandscape for a network with fewer than two weights, or paths of too few epochs.
        """
        start = time.perf_counter()
        steps = [
            (name, epoch, arrays)
            for name, path in paths.items()
            for epoch, arrays in path.items()
            if all(np.isfinite(array).all() for array in arrays)
        ]
        middle = next((arrays for name, epoch, arrays in steps if (name, epoch) == centre), None)
        if len(steps) < FEWEST or middle is None:
            raise NoLandscape(f"A path needs the weights of {FEWEST} epochs without NaN.")
        origin = flat(self.trained(middle))
        if len(origin) < 2:
            raise NoLandscape("A network with a single weight has no second direction.")
        moves = np.stack([flat(self.trained(arrays)) for _, _, arrays in steps]) - origin
        plane = self.plane(kind, middle, moves)
        points, inside = plane.shadow(moves)
        x, y = (np.linspace(low, high, grid) for low, high in plane.reach(points))
        land = np.stack([each.ravel() for each in np.meshgrid(x, y)], axis=1)
        self.stack.set_weights(middle)
        losses = [
            self._number(loss)
            for loss in self.losses(np.concatenate([land, points, np.zeros((1, 2))]), origin, plane, tell, grid)
        ]
        return {
            "x": x.tolist(),
            "y": y.tolist(),
            "loss": [losses[at : at + grid] for at in range(0, grid**2, grid)],
            "paths": _by_name([(name, epoch) for name, epoch, _ in steps], points, losses[grid**2 : -1]),
            "centre": {"epoch": centre[1], "loss": losses[-1]},
            "inside": inside,
            "explained": plane.explained,
            "rows": self.rows,
            "weights": len(origin),
            "seconds": time.perf_counter() - start,
        }

    def _number(self, loss: float) -> float | None:
        return float(loss) * self._unit if np.isfinite(loss) else None

    def losses(
        self, points: np.ndarray, origin: np.ndarray, plane: WeightPlane, tell: Callable[[float], None], block: int
    ) -> np.ndarray:
        """The loss at (points, 2) coordinates, as trained and without unit; the network's weights are then those of the
        last point.
        """
        blocks = -(-len(points) // block)
        padded = np.concatenate([points, np.repeat(points[-1:], blocks * block - len(points), axis=0)]).astype(
            "float32"
        )
        lines = [[tf.constant(part, "float32") for part in self._cut(line)] for line in (origin, *plane.directions)]
        columns = tf.nest.map_structure(
            tf.constant, (self.x, self.y) if self.counts is None else (self.x, self.y, self.counts)
        )
        program, found = tf.function(self._block, jit_compile=True), []
        for at in range(blocks):
            some = tf.constant(padded[at * block : (at + 1) * block])
            try:
                found.append(program(some, *lines, columns).numpy())
            except _UNCOMPILED:
                if at:
                    raise
                program = tf.function(self._block)  # XLA cannot compile this network; the ordinary graph can.
                found.append(program(some, *lines, columns).numpy())
            tell((at + 1) / blocks)
        return np.concatenate(found)[: len(points)]

    def _cut(self, line: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum([variable.shape.num_elements() for variable in self._variables])
        return [
            part.reshape(variable.shape)
            for part, variable in zip(np.split(line, ends[:-1]), self._variables, strict=True)
        ]

    def _block(
        self, points: tf.Tensor, origin: list[tf.Tensor], first: list[tf.Tensor], second: list[tf.Tensor], columns: Any
    ) -> tf.Tensor:
        """The losses at some points, one after the other: the loss of one reads the weights, and takes most of the
        memory there is.
        """
        x, y, counts = (*columns, None)[:3]
        found = tf.TensorArray("float32", size=points.shape[0])
        for at in tf.range(points.shape[0]):
            for variable, start, along, across in zip(self._variables, origin, first, second, strict=True):
                variable.assign(start + points[at, 0] * along + points[at, 1] * across)
            loss = self.stack.compute_loss(
                x=x, y=y, y_pred=self.stack(x, training=False), sample_weight=counts, training=False
            )
            found = found.write(at, tf.reshape(loss, ()))
        return found.stack()


def _by_name(
    steps: Sequence[tuple[str, int]], points: np.ndarray, losses: Sequence[float | None]
) -> dict[str, dict[str, list[Any]]]:
    """Name -> its epochs, their (steps, 2) points as x and y, and their losses."""
    paths: dict[str, dict[str, list[Any]]] = {}
    for (name, epoch), (x, y), loss in zip(steps, points.tolist(), losses, strict=True):
        path = paths.setdefault(name, {"epoch": [], "x": [], "y": [], "loss": []})
        for field, value in (("epoch", epoch), ("x", x), ("y", y), ("loss", loss)):
            path[field].append(value)
    return paths
