"""What a section of the Result page asks about: a run at an epoch and a target; the worker's answers are kept."""

import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from core.evaluation.evaluated_rows import EvaluatedRows, EvaluatedTarget
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.workspace import workspace
from dashboard.services import engine


@dataclass(frozen=True)
class Asked:
    """What a section is drawn of.

    Attributes:
        run_id, experiment, result, card: Of the run.
        epoch: The slider's; None: the model's.
        target: The target that is looked at.
        seeds: Runs whose mean is asked in place of the run's model; () where that is asked.
    """

    run_id: str
    experiment: Experiment
    result: dict[str, Any]
    card: dict[str, Any]
    epoch: int | None
    target: str
    seeds: tuple[str, ...] = ()

    @classmethod
    def of_model(
        cls, run_id: str, experiment: Experiment, card: dict[str, Any], seeds: Sequence[str] = (), target: str = ""
    ) -> Self:
        """About the model of a run, or the mean of seeds, and the target of that name, or the first. Raises
        LookupError, RuntimeError.
        """
        result = engine().store().result(run_id)
        return cls(run_id, experiment, result, card, None, target or card["targets"][0]["target"], tuple(seeds))

    def answer(self, section: str, **options: Any) -> Any:
        """What the worker says in that section (`core.runs.evaluated_run.SECTIONS`), kept for whoever asks again.

        Raises LookupError, RuntimeError, TableError, each with a sentence.
        """
        return _answer(*self._key(section, options))

    def answer_when_ready(self, section: str, **options: Any) -> Any:
        """What `answer` gives, None as long as it is computed beside the page: whoever draws it looks again. Raises
        as `answer` does.
        """
        future = _begun(*self._key(section, options))
        if not future.done():
            return None
        if future.exception() is not None:
            _begun.cache_clear()  # Whoever asks again begins anew.
        return future.result()

    def _key(self, section: str, options: dict[str, Any]) -> tuple[str, int, int | None, str, str]:
        version = sum(Journal(workspace(), run).version() for run in (self.run_id, *self.seeds))
        asked = options | ({"seeds": list(self.seeds)} if self.seeds else {})
        return self.run_id, version, self.epoch, section, json.dumps(asked, sort_keys=True)

    def rows(self) -> EvaluatedRows:
        """The evaluated rows. Raises as `answer` does."""
        return self.answer("rows")

    def in_part(self, part: str = "test") -> EvaluatedTarget:
        """The target's values in a part. Raises as `answer` does."""
        return self.rows().parts[part].targets[self.target]


_BESIDE = ThreadPoolExecutor(2, "evaluation")


@lru_cache(maxsize=64)
def _begun(*key: Any) -> Future[Any]:
    return _BESIDE.submit(_answer, *key)


@lru_cache(maxsize=64)
def _answer(run_id: str, _version: int, epoch: int | None, section: str, options: str) -> Any:
    return engine().evaluate(run_id, section, epoch, **json.loads(options))
