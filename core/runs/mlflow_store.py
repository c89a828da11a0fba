"""Runs as MLflow keeps them: in the workspace's SQLite file, or on the server that `MLFLOW_TRACKING_URI` names.

`mlflow ui --backend-store-uri sqlite:///workspace/mlflow.db` shows the same runs.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from mlflow.entities import LifecycleStage, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from sqlalchemy.exc import SQLAlchemyError

from core import __version__
from core.experiment.spec import Experiment
from core.runs.artifact_folder import artifact_folder
from core.runs.journal import ENDED, RUN_ID
from core.runs.kept_reading import KeptReading
from core.runs.mlflow_internals import delete_artifacts, make_database, recorded_place, recorded_runs
from core.runs.run_files import NoSuchRun, RunFiles
from core.runs.run_record import (
    DELETED,
    TAG,
    Purged,
    Record,
    describing,
    final_scores,
    origin_tags,
    outcome_tags,
    parameters,
    record_of,
)
from core.runs.sqlite_guard import StoreBroken, ready, sentence_of
from core.workspace import locked

_EXPERIMENT = "Layerdeck"
_SEARCH = "layerdeck.searched"  # The tag of a search's own record, with its id.
UNDO_SECONDS = 60.0  # For which a deleted run can be put back.
_NEWEST_FIRST = "attributes.start_time DESC"
_MOST_RUNS = 10_000  # That are looked through for deleted ones.
_MOST_METRICS = 1000  # MLflow takes no more in one batch.
_STATUS = {"finished": "FINISHED", "stopped": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


class Store(RunFiles):
    """The runs of a workspace. Opening it the first time makes its tables (a few seconds)."""

    def __init__(self, workspace: Path) -> None:
        workspace.mkdir(parents=True, exist_ok=True)
        remote = os.environ.get("MLFLOW_TRACKING_URI")
        self._file = None if remote else workspace / "mlflow.db"
        # Both mean something in an address.
        database = str(workspace / "mlflow.db").replace("%", "%25").replace("?", "%3F")
        self._address = remote or f"sqlite:///{database}"
        self._place = None if remote else (workspace / "artifacts").as_uri()
        self._purged: set[str] = set()
        self._read = KeptReading(self._file)
        # Where tqdm is installed MLflow draws a bar for each artifact it reads, into the output of whoever asked.
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        # Every question opens the file anew: it may have been put in place of a damaged one a moment ago.
        if self._file:
            os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
            ready(self._file, write=not self._file.exists(), thorough=True)
        self._open()

    def _open(self) -> None:
        # Workers that start together would make its tables, and the experiment, twice.
        with self._alone(), self._readable_errors():
            if self._file and not self._file.exists():
                make_database(self._address, self._place)  # The client does so once in a process.
            self._client = MlflowClient(tracking_uri=self._address)
            found = self._client.get_experiment_by_name(_EXPERIMENT)
            self._experiment = (
                found.experiment_id
                if found
                else self._client.create_experiment(_EXPERIMENT, artifact_location=self._place)
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Holds the lock under which the file is opened; where none can be made, the file may be read all the same."""
        with ExitStack() as life:
            if self._file:
                with suppress(OSError):
                    life.enter_context(locked(self._file.with_suffix(".lock")))
            yield

    @contextmanager
    def _readable_errors(self) -> Iterator[None]:
        """MLflow's errors become sentences: StoreBroken."""
        try:
            yield
        except (MlflowException, SQLAlchemyError) as error:
            if self._file:
                raise StoreBroken(sentence_of(self._file, error)) from error
            why = str(error).strip().splitlines()[0][:200]
            raise StoreBroken(f"Could not open the run database ({why}). Check that the server responds.") from error

    @contextmanager
    def _checked_client(self, write: bool = False) -> Iterator[MlflowClient]:
        """The client, when the file is ready to be read, or written. Raises StoreBroken."""
        if self._file:
            gone = not self._file.exists()
            ready(self._file, write)
            if gone:  # It was moved away: a new one is begun.
                self._open()
        with self._readable_errors():
            yield self._client

    def begin(self, run: str, experiment: Experiment, search: str = "") -> None:
        """Opens the run's record, or opens it again; that of a run of a search below the record of that search."""
        with self._checked_client(write=True) as client:
            try:
                client.update_run(key := self._key(run), "RUNNING")
            except NoSuchRun:
                pass
            else:
                client.log_batch(key, tags=[RunTag("layerdeck.state", "running"), RunTag("layerdeck.says", "")])
                return
            made = client.create_run(
                self._experiment,
                run_name=experiment.name,
                tags={
                    TAG: run,
                    "layerdeck.state": "running",
                    "layerdeck.version": __version__,
                    **origin_tags(experiment),
                    **(self._below(search) if search else {}),
                },
            )
            client.log_batch(
                made.info.run_id, params=[Param(name, value[:500]) for name, value in parameters(experiment).items()]
            )
            client.log_text(made.info.run_id, json.dumps(experiment.value(), indent=1), "experiment.json")

    def begin_search(self, search: str, name: str) -> None:
        """Opens the record of a search, below which MLflow shows its runs, unless there is one. It is none of the runs
        that `records` gives.
        """
        with self._checked_client(write=True) as client:
            if not self._search(search):
                client.create_run(self._experiment, run_name=name, tags={_SEARCH: search})

    def finish_search(self, search: str, best: dict[str, float]) -> None:
        """Closes the record of a search with the validation scores of its best trial."""
        with self._checked_client(write=True) as client:
            if key := self._search(search):
                client.log_batch(key, metrics=_scores({}, best))
                client.set_terminated(key, "FINISHED")

    def _search(self, search: str) -> str:
        """MLflow's id of the record of a search; "" where there is none."""
        found = self._client.search_runs([self._experiment], f"tags.`{_SEARCH}` = '{search}'", max_results=1)
        return found[0].info.run_id if found else ""

    def _below(self, search: str) -> dict[str, str]:
        key = self._search(search)
        return {"layerdeck.search": search, **({MLFLOW_PARENT_RUN_ID: key} if key else {})}

    def log_epochs(self, run: str, epochs: list[tuple[int, dict[str, float | None]]]) -> None:
        """Writes the numbers of some epochs; what is no number is left out."""
        now = int(time.time() * 1000)
        metrics = [
            Metric(name, value, now, epoch)
            for epoch, values in epochs
            for name, value in values.items()
            if value is not None
        ]
        with self._checked_client(write=True) as client:
            key = self._key(run)
            for at in range(0, len(metrics), _MOST_METRICS):
                client.log_batch(key, metrics=metrics[at : at + _MOST_METRICS])

    def last_epoch(self, run: str) -> int:
        """The last epoch whose numbers were written, from 1; 0 when there is none."""
        with self._checked_client() as client:
            return max((metric.step for metric in client.get_metric_history(self._key(run), "loss")), default=0)

    def finish(
        self,
        run: str,
        state: str,
        says: str,
        files: Path | None = None,
        result: dict[str, Any] | None = None,
        rows: int = 0,
        epochs: int = 0,
    ) -> None:
        """Closes the record: its state, and what came of it, the files of a folder as artifacts.

        Args:
            files: The folder.
            result: As `core.training.outcome.Outcome.result` gives it; None where the run has no model.
            rows: Training rows.
            epochs: Completed ones, of a run without a model.
        """
        with self._checked_client(write=True) as client:
            key = self._key(run)
            if files is not None:
                client.log_artifacts(key, str(files))
            client.log_batch(
                key,
                metrics=[] if result is None else _scores(result["test"], result["best_scores"]),
                tags=[
                    RunTag("layerdeck.state", state),
                    RunTag("layerdeck.says", says[:4000]),
                    *(RunTag(name, text) for name, text in outcome_tags(result, rows, epochs).items()),
                ],
            )
            client.set_terminated(key, _STATUS[state])

    def replace(self, run: str, files: Path, test: dict[str, float] | None = None, inside: str | None = None) -> None:
        """Puts the files of a folder in the place of the run's own, or into a folder among them, and other test
        scores.
        """
        key = self._key(run)
        self._client.log_artifacts(key, str(files), inside)
        self._client.log_batch(key, metrics=_scores(test or {}, {}))

    def folders(self, run: str) -> list[str]:
        """The folders among the run's files."""
        return [file.path for file in self._client.list_artifacts(self._key(run)) if file.is_dir]

    def discard(self, run: str) -> None:
        """Takes a run out of the record and removes its files; `mlflow gc` removes the rest for good."""
        with self._checked_client(write=True) as client:
            info = self._info(run)
            client.delete_run(info.run_id)
        delete_artifacts(info.artifact_uri)

    def describe(
        self,
        run: str,
        *,
        name: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        starred: bool | None = None,
        hidden: bool | None = None,
    ) -> None:
        """Writes what a person says of a run; None leaves a part as it is. MLflow shows name and note, too. Raises
        NoSuchRun, StoreBroken.
        """
        with self._checked_client(write=True) as client:
            key = self._key(run)
            if name is not None:
                client.update_run(key, name=name)
            said = describing(note, tags, starred, hidden)
            client.log_batch(key, tags=[RunTag(tag, text) for tag, text in said.items()])

    def delete(self, run: str) -> None:
        """Takes a run out of the record, so that `undelete` can put it back until `purge` removes its files. Raises
        NoSuchRun, StoreBroken.
        """
        with self._checked_client(write=True) as client:
            key = self._key(run)
            client.set_tag(key, DELETED, str(time.time()))
            client.delete_run(key)

    def undelete(self, run: str) -> None:
        """Puts a deleted run back, unless someone else has. Raises NoSuchRun when its files were removed meanwhile,
        StoreBroken.
        """
        with self._checked_client(write=True) as client:
            found = self._find(run, ViewType.ALL)
            if found.info.lifecycle_stage == LifecycleStage.ACTIVE:
                return
            if DELETED not in found.data.tags or _since(found) > UNDO_SECONDS:
                raise NoSuchRun("This run was deleted more than a minute ago, so it cannot be put back.")
            client.restore_run(found.info.run_id)
            client.delete_tag(found.info.run_id, DELETED)

    def purge(self) -> Purged:
        """Removes the files of runs that can no longer be put back; says which those are, and which still can."""
        with self._checked_client() as client:
            asked = [self._experiment], f"tags.`{DELETED}` != ''", ViewType.DELETED_ONLY, _MOST_RUNS
            found = self._read.of("deleted", lambda: list(client.search_runs(*asked)))
        recent = [run for run in found if _since(run) <= UNDO_SECONDS]
        gone = {
            run.data.tags[TAG]: run.info.artifact_uri
            for run in found
            if run.data.tags[TAG] not in {*self._purged, *(one.data.tags[TAG] for one in recent)}
        }
        for address in gone.values():
            delete_artifacts(address)
        self._purged |= set(gone)
        return Purged(set(gone), [record_of(run) for run in sorted(recent, key=_since)])

    def deleted(self) -> set[str]:
        """The runs that were taken out of the record for good, here or by MLflow's own means."""
        with self._checked_client() as client:
            found, there = (
                {
                    run.data.tags[TAG]
                    for run in client.search_runs([self._experiment], "", kind, _MOST_RUNS)
                    if TAG in run.data.tags and (DELETED not in run.data.tags or _since(run) > UNDO_SECONDS)
                }
                for kind in (ViewType.DELETED_ONLY, ViewType.ACTIVE_ONLY)
            )
        return found - there

    def unfinished(self) -> list[str]:
        """The runs whose record says that they are still going on."""
        return [record.id for record in self.records() if record.state not in ENDED]

    def records(self, limit: int = _MOST_RUNS) -> list[Record]:
        """The runs, newest first."""
        return list(self._read.of(f"records {limit}", lambda: self._records(limit)))

    def _records(self, limit: int) -> list[Record]:
        with self._checked_client() as client:
            found = recorded_runs(self._file, self._experiment, limit) if self._file else None
            if found is None:
                found = client.search_runs([self._experiment], max_results=limit, order_by=[_NEWEST_FIRST])
        return [record_of(one) for one in found if TAG in one.data.tags]

    def record(self, run: str) -> Record:
        """One run. Raises NoSuchRun."""
        with self._checked_client():
            return record_of(self._find(run))

    def path(self, run: str, name: str) -> Path:
        """A local path of one of the run's files: experiment, as_run, history, result and card .json, program.py,
        model.keras.
        """
        with self._checked_client() as client:
            info = self._info(run)
            with suppress(MlflowException, OSError):
                kept = artifact_folder(info.artifact_uri)
                file = kept / name if kept else Path(client.download_artifacts(info.run_id, name))
                if file.exists():
                    return file
        raise NoSuchRun(f"The run {run} has no {name}: it ended before that.")

    def plugins(self, run: str) -> list[Path]:
        """Local paths of the plug-ins that were kept with the run."""
        with self._checked_client() as client:
            info = self._info(run)
            if kept := artifact_folder(info.artifact_uri):
                return sorted((kept / "plugins").glob("*.py"))
            listed = client.list_artifacts(info.run_id, "plugins")
            return [Path(client.download_artifacts(info.run_id, file.path)) for file in listed]

    def _key(self, run: str) -> str:
        return self._info(run).run_id

    def _info(self, run: str) -> Any:
        """MLflow's id of a run and where its files lie. Raises NoSuchRun."""
        place = recorded_place(self._file, self._experiment, TAG, run) if self._file and RUN_ID.fullmatch(run) else None
        return place or self._find(run).info

    def _find(self, run: str, kind: int = ViewType.ACTIVE_ONLY) -> Any:
        if not RUN_ID.fullmatch(run):
            raise NoSuchRun("This is not the name of a run.")
        found = self._client.search_runs([self._experiment], f"tags.`{TAG}` = '{run}'", kind, max_results=1)
        if not found:
            raise NoSuchRun(f"There is no run {run} in this workspace.")
        return found[0]


def _since(run: Any) -> float:
    """Seconds since a run was deleted."""
    return time.time() - float(run.data.tags[DELETED])


def _scores(test: dict[str, float], validation: dict[str, float]) -> list[Metric]:
    now = int(time.time() * 1000)
    return [Metric(name, value, now, 0) for name, value in final_scores(test, validation).items()]
