"""Runs as MLflow keeps them: in the workspace's SQLite file, or on the server that `MLFLOW_TRACKING_URI` names.

`mlflow ui --backend-store-uri sqlite:///workspace/mlflow.db` shows the same runs.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import SQLAlchemyError

from core.experiment.spec import Experiment, read
from core.runs.live import ENDED, RUN_ID

_EXPERIMENT = "Layerdeck"
_TAG = "layerdeck.run"
_MOST_METRICS = 1000  # MLflow takes no more in one batch.
_STATUS = {"finished": "FINISHED", "stopped": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


class StoreBroken(OSError):
    """The record of runs cannot be opened; the message says what to do."""


class NoSuchRun(LookupError):
    """There is no run of that id; the message is a sentence for the person."""


@dataclass(frozen=True)
class Record:
    """A run as it was kept.

    Attributes:
        id: Layerdeck's own id.
        name: The experiment's name.
        state: "running" or an end state.
        says: A sentence for the person, or "".
        started: Seconds since 1970.
        table: The experiment's reference to its table.
        network: Layers and optimizer in a few words.
        epochs: Completed epochs.
        test: Name -> score on the test rows.
    """

    id: str
    name: str
    state: str
    says: str
    started: float
    table: str
    network: str
    epochs: int
    test: dict[str, float]


class Store:
    """The runs of a workspace. Opening it the first time makes its tables (a few seconds)."""

    def __init__(self, workspace: Path) -> None:
        workspace.mkdir(parents=True, exist_ok=True)
        remote = os.environ.get("MLFLOW_TRACKING_URI")
        database = str(workspace / "mlflow.db").replace("%", "%25").replace("?", "%3F")  # Both mean something in an address.
        place = None if remote else (workspace / "artifacts").as_uri()
        try:
            self._client = MlflowClient(tracking_uri=remote or f"sqlite:///{database}")
            found = self._client.get_experiment_by_name(_EXPERIMENT)
            self._experiment = found.experiment_id if found else self._client.create_experiment(_EXPERIMENT, artifact_location=place)
        except (MlflowException, SQLAlchemyError) as error:
            why = str(error).strip().splitlines()[0][:200]
            mend = (
                "See that the server answers." if remote else f"Put an older copy in place of {workspace / 'mlflow.db'}, or move it away."
            )
            raise StoreBroken(f"The record of runs cannot be opened ({why}). {mend}") from error

    def begin(self, run: str, experiment: Experiment) -> None:
        """Opens the run's record."""
        made = self._client.create_run(self._experiment, run_name=experiment.name, tags={_TAG: run, "layerdeck.state": "running"})
        self._client.log_batch(made.info.run_id, params=[Param(name, value[:500]) for name, value in _parameters(experiment).items()])
        self._client.log_text(made.info.run_id, json.dumps(experiment.value(), indent=1), "experiment.json")

    def log_epochs(self, run: str, epochs: list[tuple[int, dict[str, float | None]]]) -> None:
        """Writes the numbers of some epochs; what is no number is left out."""
        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, epoch) for epoch, values in epochs for name, value in values.items() if value is not None]
        key = self._key(run)
        for at in range(0, len(metrics), _MOST_METRICS):
            self._client.log_batch(key, metrics=metrics[at : at + _MOST_METRICS])

    def finish(
        self, run: str, state: str, says: str, files: Path | None = None, scores: dict[str, float] | None = None, epochs: int = 0
    ) -> None:
        """Closes the record: its state, the test scores, and the files of a folder as artifacts."""
        key = self._key(run)
        if files is not None:
            self._client.log_artifacts(key, str(files))
        now = int(time.time() * 1000)
        self._client.log_batch(
            key,
            metrics=[Metric(f"test_{name}", value, now, 0) for name, value in (scores or {}).items()],
            tags=[RunTag("layerdeck.state", state), RunTag("layerdeck.says", says[:4000]), RunTag("layerdeck.epochs", str(epochs))],
        )
        self._client.set_terminated(key, _STATUS[state])

    def interrupt_unfinished(self) -> list[str]:
        """Marks runs that no worker works on any more; only to be called when none can be running. Their ids."""
        unfinished = [record.id for record in self.records() if record.state not in ENDED]
        for run in unfinished:
            self.finish(run, "interrupted", "The worker ended before the training did.")
        return unfinished

    def records(self, limit: int = 200) -> list[Record]:
        """The runs, newest first."""
        found = self._client.search_runs([self._experiment], max_results=limit, order_by=["attributes.start_time DESC"])
        return [_record(one) for one in found if _TAG in one.data.tags]

    def record(self, run: str) -> Record:
        """One run. Raises NoSuchRun."""
        return _record(self._find(run))

    def text(self, run: str, name: str) -> str:
        """The text of one of the run's files. Raises NoSuchRun when there is none of that name."""
        return self.path(run, name).read_text(encoding="utf-8")

    def value(self, run: str, name: str) -> Any:
        """The JSON value of one of the run's files."""
        return json.loads(self.text(run, name))

    def experiment(self, run: str) -> Experiment:
        """The experiment that was run."""
        return read(self.text(run, "experiment.json"))

    def path(self, run: str, name: str) -> Path:
        """A local path of one of the run's files: experiment, as_run, history, result and card .json, program.py, model.keras."""
        try:
            return Path(self._client.download_artifacts(self._key(run), name))
        except (MlflowException, OSError):
            raise NoSuchRun(f"The run {run} has no {name}: it did not get that far.") from None

    def _key(self, run: str) -> str:
        return self._find(run).info.run_id

    def _find(self, run: str) -> Any:
        if not RUN_ID.fullmatch(run):
            raise NoSuchRun("That is not the name of a run.")
        found = self._client.search_runs([self._experiment], filter_string=f"tags.`{_TAG}` = '{run}'", max_results=1)
        if not found:
            raise NoSuchRun(f"There is no run {run} in this workspace.")
        return found[0]


def _record(run: Any) -> Record:
    tags = run.data.tags
    test = {name.removeprefix("test_"): value for name, value in run.data.metrics.items() if name.startswith("test_")}
    return Record(
        id=tags[_TAG],
        name=run.info.run_name or "",
        state=tags.get("layerdeck.state", "running"),
        says=tags.get("layerdeck.says", ""),
        started=run.info.start_time / 1000,
        table=run.data.params.get("table", ""),
        network=", ".join(filter(None, map(run.data.params.get, ("layers", "optimizer", "learning_rate")))),
        epochs=int(tags.get("layerdeck.epochs", "0")),
        test=test,
    )


def _parameters(experiment: Experiment) -> dict[str, str]:
    """What MLflow compares runs by."""
    optimizer = experiment.compile.optimizer
    stack = " > ".join(f"{layer.name} {layer.arguments.get('units', '')}".strip() for layer in experiment.layers)
    return {
        "table": experiment.data.table,
        "target": ", ".join(experiment.data.targets),
        "features": ", ".join(experiment.data.features),
        "layers": stack,
        "optimizer": optimizer.name,
        "learning_rate": str(optimizer.value("learning_rate")),
        "loss": experiment.compile.loss.name,
        "epochs": str(experiment.fit.epochs),
        "batch_size": str(experiment.fit.batch_size),
        "seed": str(experiment.fit.seed),
    }
