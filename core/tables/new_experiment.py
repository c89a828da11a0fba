"""The experiment that a table begins with: its target as named or guessed, its features, layers that suit them.

The page and `python -m core new` both begin with it.
"""

from core.experiment.columns import TableProfile
from core.experiment.counts import count
from core.experiment.reading import UNDECIDED, TableReading
from core.experiment.spec import Data, Experiment
from core.experiment.task import tasks_of
from core.experiment.templates import starting_experiment
from core.tables.errors import TableError
from core.tables.profile import suggest, suggested_positive, suggested_preparation
from core.tables.samples import SAMPLES
from core.tables.situation import Tables

_FEWEST_ROWS = 3


def new_experiment(
    tables: Tables, table: str, target: str | None = None, reading: TableReading = UNDECIDED
) -> Experiment:
    """A first experiment on a table as decisions read it. Raises TableError when the table cannot be read, is too
    small, or no column can be predicted.
    """
    profile, about = tables.profile(table, reading), tables.about(table, reading)
    sample = SAMPLES.get(table.removeprefix("sample:")) if table.startswith("sample:") else None
    if profile.rows < _FEWEST_ROWS:
        few = f"{about.name} has {count(profile.rows, 'row')}: too few for training, validation and test."
        raise TableError(f"{few} Upload a table with dozens of rows.")
    target = _target(profile, target) or (sample.target if sample else profile.suggested_target)
    if target is None:
        raise TableError(
            "No column of this table can be predicted: each is empty, the same in every row, or free text. "
            "Upload a table with a column of numbers or of a few classes."
        )
    features = suggest(profile, target)
    preparation = suggested_preparation(profile, features)
    positive = suggested_positive(profile, [target])
    data = Data(
        table=table, targets=(target,), positive=positive, features=features, preparation=preparation, reading=reading
    )
    tasks = tasks_of(Experiment(data=data), profile)
    name = (sample.title if sample else about.name)[:120]
    if not tasks:
        return Experiment(name=name, data=data)
    situation = tables.situation(Experiment(data=data))
    rows, inputs = situation.rows[0], situation.inputs or 0
    first = starting_experiment(table, name, target, features, tasks[0], rows, inputs, preparation)
    return first.model_copy(update={"data": first.data.model_copy(update={"positive": positive, "reading": reading})})


def _target(profile: TableProfile, named: str | None) -> str | None:
    """The target that a person named. Raises TableError where the table has no such column."""
    if named is not None and profile.column(named) is None:
        has = ", ".join(repr(column.name) for column in profile.columns[:20])
        raise TableError(
            f"The table has no column {named!r}. It has {has}{', ...' if len(profile.columns) > 20 else ''}."
        )
    return named
