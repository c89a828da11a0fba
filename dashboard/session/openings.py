"""Experiments that are put on screen: the first one on a table, and one that comes from elsewhere. No session is
needed.
"""

from core.experiment.fork import from_scratch
from core.experiment.spec import Data, Experiment
from core.experiment.task import tasks_of
from core.experiment.templates import starting_experiment
from core.tables.errors import TableError
from core.tables.profile import suggest, suggested_preparation
from core.tables.samples import SAMPLES
from dashboard.services import tables
from dashboard.text import count

_FEWEST_ROWS = 3
FIRST_SAMPLE = "sacramento_homes"


def first_experiment() -> Experiment:
    """What a newcomer sees."""
    return experiment_on(f"sample:{FIRST_SAMPLE}")


def experiment_on(table: str, target: str | None = None) -> Experiment:
    """A first experiment on a table, its target as given or guessed. Raises TableError when no column can be
    predicted.
    """
    profile, about = tables().profile(table), tables().store.about(table)
    sample = SAMPLES.get(table.removeprefix("sample:")) if table.startswith("sample:") else None
    target = target or (sample.target if sample else profile.suggested_target)
    if profile.rows < _FEWEST_ROWS:
        few = f"{about.name} has {count(profile.rows, 'row')}: too few for training, validation and test."
        raise TableError(f"{few} Upload a table with dozens of rows.")
    if target is None:
        raise TableError(
            "No column of this table can be predicted: each is empty, the same in every row, or free text. "
            "Upload a table with a column of numbers or of a few classes."
        )
    features = suggest(profile, target)
    preparation = suggested_preparation(profile, features)
    data = Data(table=table, targets=(target,), features=features, preparation=preparation)
    tasks = tasks_of(Experiment(data=data), profile)
    name = sample.title if sample else about.name
    if not tasks:
        return Experiment(name=name[:120], data=data)
    situation = tables().situation(Experiment(data=data))
    rows, inputs = situation.rows[0], situation.inputs or 0
    return starting_experiment(table, name[:120], target, features, tasks[0], rows, inputs, preparation)


def openable(given: Experiment) -> Experiment:
    """An experiment of another workspace as this one can show it. Raises TableError when it has not its tables."""
    for ref in filter(None, (given.data.table, given.data.split.table)):
        try:
            tables().store.about(ref)
        except TableError as error:
            carried = (
                "The experiment needs a table that it does not contain."
                if ref.startswith("file:")
                else "The experiment cannot be opened."
            )
            raise TableError(f"{carried} {error}") from None
    return from_scratch(given)
