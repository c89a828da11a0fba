"""Groups of runs that repeat one experiment with other seeds or on the folds of a cross-validation: each group a small
file, `repetitions/ID.json`, that names its runs. The runs are the engine's, like all others.

groups = RepeatedRuns(engine)
group = groups.start(experiment, run, folds=5)          hands its runs over
groups.of(run)                                       the groups that repeat a run, or that it is one of
groups.stop(group)
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.experiment.repetition import repetitions
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.runs.engine import Engine
from core.runs.journal import RUN_ID, new_run_id
from core.runs.worker_client import NotReady
from core.workspace import write_whole


@dataclass(frozen=True)
class RepeatedRun:
    """One run of a group: `fold` from 1, or None."""

    fold: int | None
    seed: int
    run: str


@dataclass(frozen=True)
class RunGroup:
    """Runs that repeat one experiment.

    Attributes:
        id: Twelve hexadecimal digits.
        base: The experiment that is repeated.
        origin: The run that it was of; "" where the command line began it.
        folds: How many there are; None where only seeds differ.
        runs: All folds of a seed before those of the next.
    """

    id: str
    base: Experiment
    origin: str
    folds: int | None
    runs: tuple[RepeatedRun, ...]

    @property
    def seeds(self) -> list[int]:
        """The different seeds."""
        return list(dict.fromkeys(one.seed for one in self.runs))


@dataclass(frozen=True)
class MeanOfSeeds:
    """The mean of several networks as one predictor.

    Attributes:
        scores: Part -> name -> score, for "validation", where there are such rows, and "test".
        model: A `.keras` file: raw rows in, the mean of the predictions out.
    """

    scores: dict[str, dict[str, float]]
    model: bytes


class GroupFiles:
    """The groups of a workspace as files."""

    def __init__(self, workspace: Path) -> None:
        self._folder = workspace / "repetitions"

    def write(self, group: RunGroup) -> None:
        """Keeps a group. Raises OSError."""
        runs = [[one.fold, one.seed, one.run] for one in group.runs]
        whole = {"base": group.base.value(), "origin": group.origin, "folds": group.folds, "runs": runs}
        write_whole(self._folder / f"{group.id}.json", json.dumps(whole))

    def find(self, group: str) -> RunGroup:
        """A group of the workspace. Raises LookupError."""
        if not RUN_ID.fullmatch(group):
            raise LookupError("This is not the name of a group of runs.")
        try:
            return _group(group, json.loads((self._folder / f"{group}.json").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, InvalidExperiment):
            raise LookupError(f"There is no group of runs {group} in this workspace.") from None

    def of(self, run: str) -> list[RunGroup]:
        """The groups that repeat a run, or that it is one of, the newest first."""
        files = [file for file in self._folder.glob("*.json") if RUN_ID.fullmatch(file.stem)]
        found = []
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True):
            with contextlib.suppress(OSError, LookupError):  # A file that cannot be read is no group.
                if f'"{run}"'.encode() in file.read_bytes():
                    found.append(self.find(file.stem))
        return [group for group in found if run == group.origin or run in {one.run for one in group.runs}]


def _group(name: str, kept: dict[str, Any]) -> RunGroup:
    runs = tuple(
        RepeatedRun(None if fold is None else int(fold), int(seed), str(run)) for fold, seed, run in kept["runs"]
    )
    folds = None if kept["folds"] is None else int(kept["folds"])
    return RunGroup(name, read(kept["base"]), str(kept["origin"]), folds, runs)


class RepeatedRuns(GroupFiles):
    """The groups of the engine's workspace, and how they are begun and stopped."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.workspace)
        self._engine = engine

    def start(
        self,
        base: Experiment,
        origin: str = "",
        folds: int | None = None,
        seeds: Sequence[int] | None = None,
        visitor: str = "",
    ) -> str:
        """Hands over a run for each fold and seed; the group's id. All or none: what was handed over before a trouble
        is stopped.

        Raises ValueError where there are no such folds, NotReady when the workspace cannot be written.
        """
        made, handed = repetitions(base, folds, seeds), []
        group = new_run_id()
        try:
            for one in made:
                handed.append(RepeatedRun(one.fold, one.seed, self._engine.submit(one.experiment, visitor)))
            self.write(RunGroup(group, base, origin, folds, tuple(handed)))
        except (OSError, NotReady) as error:
            for run in handed:
                self._engine.stop(run.run, "nothing")
            if isinstance(error, OSError):
                raise NotReady(f"Could not write the group of runs to the workspace: {error.strerror}.") from error
            raise
        return group

    def stop(self, group: str) -> None:
        """Ends all its runs, each with its best epoch; those that wait are taken out of the queue. Raises LookupError,
        NotReady.
        """
        # The last first: else a run that waits would begin where one ended.
        for one in reversed(self.find(group).runs):
            self._engine.stop(one.run)
