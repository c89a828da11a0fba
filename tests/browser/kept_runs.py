"""Runs that nobody trained on the page: the tests' own process puts them into the server's workspace, for all tests
that only look at them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from core.experiment.spec import Experiment, read
from core.experiment.task import tasks_of
from core.experiment.templates import starting_experiment
from core.runs.journal import Journal, new_run_id
from core.runs.ownership import EngineLock
from core.tables.situation import Tables
from core.tables.sources import TableStore


@dataclass(frozen=True)
class KeptRun:
    """A finished run, and what the product says of it in the tests' process."""

    store: Any  # core.runs.mlflow_store.Store
    tables: Tables
    journal: Journal

    @property
    def run(self) -> str:
        """Its id."""
        return self.journal.run

    def predicted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What the product predicts for raw rows."""
        from core.runs.predictors import predictor

        return predictor(self.store, self.run).predict(rows)

    def section(self, section: str, **options: Any) -> Any:
        """A section of its evaluation."""
        from core.runs.evaluated_run import evaluation_section

        return evaluation_section(self.store, self.tables, self.journal, section=section, options=options)

    @cached_property
    def report(self) -> dict[str, Any]:
        """The value of its report."""
        from core.runs.report_data import report

        return report(self.store, self.tables, self.journal)

    @cached_property
    def report_file(self) -> Path:
        """Its report."""
        from core.report.page import page

        file = self.journal.folder / "report.html"
        file.write_text(page(self.report), encoding="utf-8")
        return file


Keep = Callable[[Experiment], KeptRun]


def keeper(workspace: Path) -> Keep:
    """A function that trains an experiment in this process, and keeps the run in a workspace."""
    from core.runs.mlflow_store import Store
    from core.runs.run_training import run

    store, tables, life = Store(workspace), Tables(TableStore(workspace)), EngineLock(workspace)

    def keep(experiment: Experiment) -> KeptRun:
        journal = Journal(workspace, new_run_id())
        journal.begin(experiment.text(), engine=life.hold())  # The server leaves it to this process.
        try:
            result = run(journal, tables, store)
        finally:
            life.release()
        assert result["state"] == "finished", result["says"]
        return KeptRun(store, tables, journal)

    return keep


def first_experiment(tables: Tables, table: str, target: str, name: str, epochs: int) -> Experiment:
    """The experiment that the page begins with on a table: all columns that are not left out are features."""
    found = tables.profile(table)
    features = {column.name: column.kind for column in found.columns if column.name != target and not column.left_out}
    bare = read({"version": 1, "data": {"table": table, "targets": [target], "features": features}})
    experiment = starting_experiment(table, name, target, features, tasks_of(bare, found)[0])
    return experiment.model_copy(update={"fit": experiment.fit.model_copy(update={"epochs": epochs})})
