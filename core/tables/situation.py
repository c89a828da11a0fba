"""What checks and shapes need to know of an experiment's table, found once for each table and choice of columns."""

import json
from functools import lru_cache

import numpy as np
import pandas as pd

from core.experiment.columns import TableInfo, TableProfile
from core.experiment.spec import Data, Experiment
from core.experiment.task import Situation, Task, target_kind, task_of
from core.tables.errors import TableError
from core.tables.prepared import PARTS, Prepared, prepare
from core.tables.profile import profile
from core.tables.sources import TableStore, read_path


class Tables:
    """The tables an experiment may name, with what is known of them; shared by all visitors, changed by none."""

    def __init__(self, store: TableStore, paths: bool = False) -> None:
        self.store = store
        self._paths = paths
        self.profile = lru_cache(16)(self._profile)
        self._facts = lru_cache(64)(self._find)

    def frame(self, ref: str) -> pd.DataFrame:
        """The rows. A path is read only where the caller allowed paths: never for a browser."""
        if self._is_path(ref):
            return read_path(ref)[0]
        return self.store.load(ref)

    def about(self, ref: str) -> TableInfo:
        """Where the table came from and how it was read."""
        return read_path(ref)[1] if self._is_path(ref) else self.store.about(ref)

    def _is_path(self, ref: str) -> bool:
        return self._paths and not ref.startswith(("sample:", "file:"))

    def _profile(self, ref: str) -> TableProfile:
        return profile(self.frame(ref))

    def prepared(self, experiment: Experiment) -> Prepared:
        """The table made ready. Raises TableError when target, features or rows do not allow a training."""
        kind = target_kind(experiment, self.profile(experiment.data.table))
        if kind is None:
            raise TableError("The target cannot be predicted. Choose one column of numbers or of a few classes.")
        return prepare(self.frame(experiment.data.table), experiment.data, kind)

    def situation(self, experiment: Experiment) -> Situation:
        """The situation of an experiment. Raises TableError only when the table itself cannot be had."""
        found = self.profile(experiment.data.table)
        task = task_of(experiment, found)
        names = {column.name for column in found.columns}
        usable = experiment.data.features and names.issuperset(experiment.data.features)
        if task is None or not usable:
            return Situation(found, task)
        inputs, rows, classes, trouble = self._facts(json.dumps(experiment.value()["data"], sort_keys=False))
        if classes:  # The rows decide: the words "1" and "1.0" are two in outline, and one class.
            task = Task("binary" if classes == 2 else "multiclass", task.target, classes)
        return Situation(found, task, inputs, rows, trouble)

    def _find(self, data_text: str) -> tuple[int | None, tuple[int, int, int], int, str]:
        """Inputs, rows of each part, number of classes; or, where no training is possible, why."""
        data = Data.model_validate_json(data_text)
        try:
            ready = self.prepared(Experiment(data=data))
        except TableError as error:
            return None, (0, 0, 0), 0, str(error)
        rows = tuple(int(np.size(ready.parts[part])) for part in PARTS)
        return ready.inputs, rows, len(ready.classes), ""  # type: ignore[return-value]
