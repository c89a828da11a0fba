"""What a section of the Result page asks about: a run at an epoch and a target; the worker's answers are kept."""

import json
import threading
import time
from collections import OrderedDict
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
        future = _BEGUN.future(key)
        if not future.done():
            return None
        outcome = future.result()
        if outcome.error is None:
            return outcome.value
        # Not at once: the page that says why is drawn because of it, and would ask again and again.
        if isinstance(outcome.error, NotReady) or time.monotonic() - outcome.at > _AGAIN:
            _BEGUN.forget(key, future)
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
_KEPT = 64  # Answers.
_Key = tuple[Any, ...]


@dataclass(frozen=True)
class _Outcome:
    """What a question gave, an answer or an error, and when by the monotonic clock."""

    value: Any
    error: Exception | None
    at: float


class _Begun:
    """The questions that were asked last, and the threads that ask them. Several visitors ask at a time."""

    def __init__(self) -> None:
        self._threads, self._lock = ThreadPoolExecutor(4, "evaluation"), threading.Lock()
        self._futures: OrderedDict[_Key, Future[_Outcome]] = OrderedDict()

    def future(self, key: _Key) -> Future[_Outcome]:
        """The outcome of a question, which is asked unless it was."""
        with self._lock:
            if key not in self._futures:
                self._futures[key] = self._threads.submit(_outcome, *key)
            self._futures.move_to_end(key)
            if len(self._futures) > _KEPT:
                self._futures.popitem(last=False)
            return self._futures[key]

    def forget(self, key: _Key, future: Future[_Outcome]) -> None:
        """Has a question asked anew by whoever asks next, unless it was since that outcome."""
        with self._lock:
            if self._futures.get(key) is future:
                del self._futures[key]

    def clear(self) -> None:
        """Forgets all outcomes."""
        with self._lock:
            self._futures.clear()

    def __len__(self) -> int:
        return len(self._futures)


_BEGUN = _Begun()


def _outcome(*key: Any) -> _Outcome:
    try:
        return _Outcome(_answer(*key), None, time.monotonic())
    except Exception as error:
        return _Outcome(None, error, time.monotonic())


@lru_cache(_KEPT)
def _answer(run_id: str, _version: int, epoch: int | None, section: str, options: str) -> Any:
    return engine().evaluate(run_id, section, epoch, **json.loads(options))
