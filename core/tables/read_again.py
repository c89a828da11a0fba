"""An experiment whose file is read otherwise: its columns may be others, or of other kinds."""

from core.experiment.columns import TableProfile
from core.experiment.data import Data
from core.experiment.reading import TableReading
from core.experiment.spec import Experiment
from core.experiment.targets import with_data
from core.tables.profile import suggest


def with_reading(experiment: Experiment, reading: TableReading, before: TableProfile, now: TableProfile) -> Experiment:
    """The experiment on the same file read otherwise. What a person chose stays where its columns do: targets,
    features and their kinds, weights and split; a column that is new is a feature where the page would suggest it.

    `before` and `now` are of the table as it was read and as it is read now.
    """
    data = experiment.data
    targets = tuple(name for name in data.targets if (column := now.column(name)) and column.target_kind)
    if not targets and now.suggested_target:
        targets = (now.suggested_target,)
    suggested = suggest(now, targets[0]) if targets else {}
    features = {
        name: _kind(name, kind, before, now) for name, kind in data.features.items() if now.column(name) is not None
    }
    features |= {name: kind for name, kind in suggested.items() if before.column(name) is None}
    features = {name: kind for name, kind in features.items() if name not in targets}
    there = {column.name for column in now.columns}
    changes = {
        "reading": reading,
        "targets": targets,
        "features": features or suggested,
        "target_kinds": {
            name: kind for name, kind in data.target_kinds.items() if name in targets and _same(name, before, now)
        },
        "weight": data.weight if data.weight in there else None,
        "split": data.split if data.split.column is None or data.split.column in there else type(data.split)(),
        "preparation": {name: one for name, one in data.preparation.items() if name in features},
        "pairs": tuple(pair for pair in data.pairs if set(pair) <= set(features)),
    }
    return with_data(experiment, Data.model_validate({**dict(data), **changes}), now)


def _same(name: str, before: TableProfile, now: TableProfile) -> bool:
    """Whether a column is of the kind that it was."""
    was, is_now = before.column(name), now.column(name)
    return was is not None and is_now is not None and was.kind == is_now.kind


def _kind(name: str, chosen: str, before: TableProfile, now: TableProfile) -> str:
    """The kind of a feature: as chosen, where its cells are what they were, else as they are guessed now."""
    column = now.column(name)
    assert column is not None
    return chosen if _same(name, before, now) else column.kind
