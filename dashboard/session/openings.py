"""Experiments that are put on screen: the first one on a table, and one that comes from elsewhere. No session is
needed.
"""

from core.experiment.fork import from_scratch
from core.experiment.reading import UNDECIDED, TableReading
from core.experiment.spec import Data, Experiment
from core.tables.errors import TableError
from core.tables.new_experiment import new_experiment
from core.tables.read_again import with_reading
from dashboard.services import tables

FIRST_SAMPLE = "sacramento_homes"


def first_experiment() -> Experiment:
    """What a newcomer sees."""
    return experiment_on(f"sample:{FIRST_SAMPLE}")


def experiment_on(table: str, target: str | None = None, reading: TableReading = UNDECIDED) -> Experiment:
    """A first experiment on a table as decisions read it, its target as given or guessed. Raises TableError when no
    column can be predicted.
    """
    return new_experiment(tables(), table, target, reading)


def shown_on(table: str, reading: TableReading = UNDECIDED) -> tuple[Experiment, str]:
    """A first experiment on a table, and "". Of a table that nothing can be learned from an experiment without a target
    and why: it is shown as it was read, and may be read otherwise. Raises TableError for a table that cannot be had.
    """
    about = tables().about(table, reading)
    try:
        return experiment_on(table, reading=reading), ""
    except TableError as error:
        return Experiment(name=about.name[:120], data=Data(table=table, reading=reading)), str(error)


def read_otherwise(experiment: Experiment, reading: TableReading) -> Experiment:
    """The experiment on its file read by other decisions, which were carried out; a first one where there was no
    target. Raises TableError.
    """
    data = experiment.data
    if not data.targets:
        return shown_on(data.table, reading)[0]
    before, now = tables().profile(data.table, data.reading), tables().profile(data.table, reading)
    return with_reading(experiment, reading, before, now)


def openable(given: Experiment) -> Experiment:
    """An experiment of another workspace as this one can show it. Raises TableError when it has not its tables."""
    for ref, reading in ((given.data.table, given.data.reading), (given.data.split.table, UNDECIDED)):
        if ref is None:
            continue
        try:
            tables().store.about(ref, reading)
        except TableError as error:
            carried = (
                "The experiment needs a table that it does not contain."
                if ref.startswith("file:")
                else "The experiment cannot be opened."
            )
            raise TableError(f"{carried} {error}") from None
    return from_scratch(given)
