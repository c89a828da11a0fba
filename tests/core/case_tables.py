"""The tables in `tests/tables/cases`: small and made up, each of a kind of trouble that people have with tables."""

from pathlib import Path

from core.experiment.spec import Experiment, read
from core.tables.new_experiment import new_experiment
from core.tables.situation import Tables
from core.tables.sources import TableStore

CASES = Path(__file__).parents[1] / "tables" / "cases"


def first_experiment(folder: Path, name: str, target: str | None = None, **data: object) -> tuple[Tables, Experiment]:
    """The first experiment on an uploaded case, as the page has it, with some fields of its data chosen."""
    tables = Tables(TableStore(folder))
    info = tables.store.keep(name, (CASES / name).read_bytes())
    value = new_experiment(tables, info.ref, target).value()
    value["data"] |= data
    return tables, read(value)
