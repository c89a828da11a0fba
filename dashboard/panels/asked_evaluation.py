"""What a section of the Result page asks about: a run at an epoch and a target; the worker's answers are kept."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from core.evaluation.evaluated_rows import EvaluatedRows, EvaluatedTarget
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.runs.worker_client import NotReady
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
        key = self._key(section, options)
        future = _begun(_ATTEMPTS.get(key, 0), *key)
        if not future.done():
            return None
        outcome = future.result()
        if outcome.error is None:
            return outcome.value
        # Not at once: the page that says why is drawn because of it, and would ask again and again.
        if isinstance(outcome.error, NotReady) or time.monotonic() - outcome.at > _AGAIN:
            _ATTEMPTS[key] = _ATTEMPTS.get(key, 0) + 1
        raise outcome.error

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


_AGAIN = 10.0  # Seconds after which what could not be answered is asked anew, where a person draws the page then.
_BESIDE = ThreadPoolExecutor(2, "evaluation")
_ATTEMPTS: dict[tuple[Any, ...], int] = {}  # Questions that could not be answered -> how often they were.


@dataclass(frozen=True)
class _Outcome:
    """What a question gave, an answer or an error, and when by the monotonic clock."""

    value: Any
    error: Exception | None
    at: float


@lru_cache(maxsize=64)
def _begun(_attempt: int, *key: Any) -> Future[_Outcome]:
    return _BESIDE.submit(_outcome, *key)


def _outcome(*key: Any) -> _Outcome:
    try:
        return _Outcome(_answer(*key), None, time.monotonic())
    except Exception as error:
        return _Outcome(None, error, time.monotonic())


@lru_cache(maxsize=64)
def _answer(run_id: str, _version: int, epoch: int | None, section: str, options: str) -> Any:
    return engine().evaluate(run_id, section, epoch, **json.loads(options))
