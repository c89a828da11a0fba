"""What a section of the Result page asks about: a run at an epoch and a target; the worker's answers are kept."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
    """

    run_id: str
    experiment: Experiment
    result: dict[str, Any]
    card: dict[str, Any]
    epoch: int | None
    target: str

    def answer(self, section: str, **options: Any) -> Any:
        """What the worker says in that section (`core.runs.evaluated_run.SECTIONS`), kept for whoever asks again.

        Raises LookupError, RuntimeError, TableError, each with a sentence.
        """
        version = Journal(workspace(), self.run_id).version()
        return _answer(self.run_id, version, self.epoch, section, json.dumps(options, sort_keys=True))

    def answer_when_ready(self, section: str, **options: Any) -> Any:
        """What `answer` gives, None as long as it is computed beside the page: whoever draws it looks again. Raises
        as `answer` does.
        """
        version = Journal(workspace(), self.run_id).version()
        key = self.run_id, version, self.epoch, section, json.dumps(options, sort_keys=True)
        future = _begun(*key)
        if not future.done():
            return None
        if future.exception() is not None:
            _begun.cache_clear()  # Whoever asks again begins anew.
        return future.result()

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
