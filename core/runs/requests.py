"""What can be asked of runs: predictions for rows, a run at one of its epochs, its report, its loss landscape, and what
is drawn of its network.

Most is answered by the worker, beside a training that may be going on.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.report.page import page
from core.runs import worker
from core.runs.journal import Journal
from core.runs.live_view_files import Viewer
from core.runs.loss_landscape_request import LandscapeRequests
from core.runs.own_cluster import OwnCluster
from core.runs.playback import Playback
from core.runs.run_state import LiveRun
from core.runs.unshared_runs import UnsharedRuns
from core.runs.worker_client import NotReady, Result, result_of, submit_question

if TYPE_CHECKING:
    from distributed import Client, Future

    from core.evaluation.paired_scores import RunsCompared
    from core.runs.mlflow_store import Store
    from core.runs.repeated_runs import MeanOfSeeds, RepeatedRun


class Questions:
    """The requests to a worker, which a derived class starts.

    Attributes:
        workspace: Where runs are kept.
        warm: Set while there is a worker that is ready.
        trouble: Why there will be none, a sentence, or "".
    """

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.warm = threading.Event()
        self.trouble = ""
        self._client: Client | None = None
        self._own = OwnCluster(workspace)
        self._unshared = UnsharedRuns(workspace, self._own_run, self.store)
        self._landscapes = LandscapeRequests()
        self._playing = threading.Lock()
        self._played: dict[str, tuple[str, Future]] = {}  # Run -> what is drawn of it, and the worker's task.

    def run(self, run_id: str) -> LiveRun | None:
        """A run that is in memory."""
        raise NotImplementedError

    def store(self) -> "Store":
        """The record of runs. Raises NotReady."""
        raise NotImplementedError

    def _own_run(self, run_id: str) -> LiveRun | None:
        """A run whose journal is written here where its worker does not see the workspace."""
        raise NotImplementedError

    def _journal(self, run_id: str) -> Journal:
        return Journal(self.workspace, run_id)

    def scene(self, run_id: str, since: int, still: int) -> str | None:
        """What is drawn of a run's network: see `core.runs.live_view_files`; a training shows it
        as long as someone asks. Raises LookupError.
        """
        journal = self._journal(run_id)
        if not journal.exists():
            journal.submitted()  # Says that there is none.
        viewer = Viewer(journal)
        viewer.watch()
        run, client = self._own_run(run_id), self._client
        if run is not None and client is not None and not run.over:
            self._unshared.watch(client, run_id)
        return viewer.scene(since, still)

    def health(self, run_id: str) -> list[dict[str, float | None]]:
        """Of each column of units, as it was last drawn. Raises LookupError."""
        return Viewer(self._journal(run_id)).health()

    def want(self, run_id: str, pins: Sequence[Mapping[str, Any]], plane: Sequence[str] | None) -> None:
        """Says what is to be seen of a run's network. One whose training is over is shown once more by the worker, in
        its own time.
        """
        viewer = Viewer(self._journal(run_id))
        try:
            changed = viewer.want(pins, plane)
        except OSError as error:
            raise NotReady(f"Could not write to the workspace: {error.strerror}.") from error
        run = self.run(run_id)
        if (changed or not viewer.shown) and run and run.over:
            from distributed import fire_and_forget

            try:
                client = self._ready()
            except NotReady:
                return
            fire_and_forget(submit_question(client, worker.show, run_id, str(self.workspace)))

    def wanted(self, run_id: str) -> dict[str, Any]:
        """What is to be seen of a run's network, as it was asked last: {"pins", "plane"}. Raises LookupError."""
        return Viewer(self._journal(run_id)).wanted()

    def playback(self, run_id: str) -> str | None:
        """The kept epochs of a run that is over, as JSON text: see `core.runs.playback`. None while the worker draws
        them, once for all.

        Raises LookupError with a sentence where there is nothing to be played, NotReady.
        """
        journal, run = self._journal(run_id), self.run(run_id) or LiveRun.of(self._journal(run_id))
        found = Playback(journal, run.best)
        text = found.text()
        if text is not None:
            return text
        if not run.over or not found.epochs:
            raise LookupError("This run has no saved epochs to replay.")
        with self._playing:
            drawn, key = self._played.get(run_id), found.key
            if drawn is None or drawn[0] != key or drawn[1].status in ("cancelled", "lost"):
                future = submit_question(self._ready(), worker.play, run_id, run.best, str(self.workspace))
                self._played[run_id] = key, future
            elif drawn[1].status in ("error", "finished"):  # Whoever asks again has it read, or tried once more.
                del self._played[run_id]
                if drawn[1].status == "error":
                    raise LookupError(f"The epochs of this run could not be rendered. {drawn[1].exception()}")
        return None

    def predict(self, run_id: str, rows: pd.DataFrame, timeout: float = 120) -> pd.DataFrame:
        """Predictions for raw rows. Raises LookupError for a run without a model, NotReady while the worker starts,
        GivenUp.
        """
        return self._ask(worker.predict, run_id, rows, timeout=timeout)

    def look(self, run_id: str, epoch: int, rows: pd.DataFrame | None = None) -> dict[str, Any]:
        """A run at the epoch nearest to that one: see `core.runs.at_epoch`. Raises LookupError, TableError, NotReady,
        GivenUp.
        """
        return self._ask(worker.look, run_id, epoch, rows)

    def evaluate(self, run_id: str, section: str = "rows", epoch: int | None = None, **options: Any) -> Any:
        """What a section says of how a run predicts at the nearest kept epoch, or its model: see
        `core.runs.evaluated_run`. Raises LookupError, TableError, NotReady, GivenUp.
        """
        return self._ask(worker.evaluate_section, run_id, epoch, section, options)

    def out_of_fold(self, runs: "Sequence[RepeatedRun]") -> pd.DataFrame:
        """The test rows of some runs with what each predicts for its own: see `core.runs.out_of_fold`. Raises
        LookupError, TableError, NotReady, GivenUp.
        """
        return self._ask(worker.held_out, list(runs))

    def paired_scores(self, runs: Sequence[str]) -> "RunsCompared":
        """Several runs on the test rows that they have in common: see `core.runs.shared_test_rows`. Raises NotReady,
        GivenUp.
        """
        return self._ask(worker.scores_on_shared_rows, list(runs))

    def prediction_differences(self, runs: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
        """The test rows on which several runs differ most: see `core.runs.prediction_differences`. Raises NotReady,
        GivenUp.
        """
        return self._ask(worker.rows_predicted_differently, list(runs))

    def cross_fitted_scores(self, run_id: str) -> dict[str, Any]:
        """The validation scores of a run by rows that did not choose the epoch: see `core.runs.cross_fitted_scores`.
        Raises LookupError, TableError, NotReady, GivenUp.
        """
        return self._ask(worker.validation_scores_cross_fitted, run_id)

    def seed_predictions(self, runs: Sequence[str], rows: pd.DataFrame) -> list[pd.DataFrame]:
        """What each of some runs predicts for raw rows. Raises LookupError, NotReady, GivenUp."""
        return self._ask(worker.seed_predictions, list(runs), rows)

    def predict_mean(self, run_id: str, runs: Sequence[str], rows: pd.DataFrame) -> pd.DataFrame:
        """The mean of what some runs predict for raw rows, with the decision thresholds of `run_id`. Raises as
        `seed_predictions` does.
        """
        return self._ask(worker.predict_mean, run_id, list(runs), rows)

    def mean_of_seeds(self, runs: Sequence[str]) -> "MeanOfSeeds":
        """The mean of some runs' models as one model, and its scores: see `core.runs.seed_mean`. Raises LookupError,
        TableError, NotReady, GivenUp.
        """
        return self._ask(worker.mean_of_seeds, list(runs))

    def explain(self, run_id: str, rows: pd.DataFrame, seeds: Sequence[str] = ()) -> tuple[pd.DataFrame, list[str]]:
        """Columns of contributions beside rows to predict, by a run or by the mean of some runs, and sentences on them.
        Raises as `evaluate` does.
        """
        return self._ask(worker.explain, run_id, rows, list(seeds))

    def report(self, run_id: str) -> str:
        """The run's result as one HTML file that needs nothing else. Raises LookupError for a run without a model,
        NotReady, GivenUp.
        """
        return page(self._ask(worker.report, run_id))

    def restore(self, run_id: str, epoch: int | None) -> None:
        """Puts an epoch in the place of the run's model; None: what its training ended with. Raises as `look` does."""
        self._ask(worker.restore, run_id, epoch)

    def set_threshold(
        self, run_id: str, target: str, threshold: float | None, worth: dict[str, float] | None = None
    ) -> None:
        """Keeps a threshold of a target of two classes with a run, None: the loss's own; `worth` is what a person said
        that right and wrong rows are worth. Raises as `restore` does.
        """
        self._ask(worker.set_threshold, run_id, target, threshold, worth)

    def recalibrate(self, run_id: str, target: str, on: bool) -> None:
        """Divides the logits of a run's classification by the temperature that is fitted on its validation rows, or
        takes that back. Raises as `restore` does.
        """
        self._ask(worker.recalibrate, run_id, target, on)

    def loss_landscape(self, run_id: str, kind: str, again: bool = False) -> dict[str, Any]:
        """The loss around a run's weights, or how far its computing is: see `core.runs.loss_landscape`. Raises
        LookupError, NotReady.
        """
        return self._landscapes.of_run(self._journal(run_id), kind, self._ready, again)

    def race_landscape(
        self, race: str, runs: Sequence[str], best: str, kind: str, again: bool = False
    ) -> dict[str, Any]:
        """The loss around the weights of a race's best run with the paths of its runs, or how far its computing is.
        Raises LookupError, NotReady.
        """
        return self._landscapes.of_race(self.workspace, race, runs, best, kind, self._ready, again)

    def _ready(self) -> "Client":
        """The client of the cluster that answers: of the workspace's own where the one that trains does not see it."""
        client = self._client
        if client is None or not self.warm.is_set():
            raise NotReady(self.trouble or "The worker is still starting. Try again in a few seconds.")
        return self._own.client() if self._unshared.needed else client

    def _ask(self, asked: Callable[..., Result], *question: Any, timeout: float = 120) -> Result:
        """What a function of the worker returns, beside a training."""
        return result_of(self._ready(), asked, (*question, str(self.workspace)), timeout)
