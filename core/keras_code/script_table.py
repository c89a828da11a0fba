"""The part of a program that reads the table and splits its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.experiment.columns import TableInfo
from core.experiment.reading import as_json
from core.experiment.spec import Experiment
from core.experiment.task import Task
from core.keras_code import script_multi, script_single
from core.keras_code.script_packages import OWN_READERS
from core.keras_code.script_split import splitting_call

_CELL_READERS = {
    "number": "cell_numbers",
    "date": "cell_dates",
    "time": "cell_times",
    "duration": "cell_durations",
    "boolean": "cell_booleans",
    "text": "cell_words",
}


def table_part(
    experiment: Experiment, tasks: Sequence[Task], info: TableInfo, second: TableInfo | None, validated: bool
) -> str:
    """The lines that read the table, take its target, split its rows, and say how much each row counts."""
    split = experiment.data.split
    lines, labels = (
        script_multi.target_lines(experiment, tasks)
        if experiment.several
        else script_single.target_lines(tasks[0], experiment.data.positive.get(tasks[0].target))
    )
    lines = [
        "# The table: rows whose target is known, split into training, validation and test.",
        *_cell_part(experiment, info, second),
        f"table = {_read('TABLE', info, experiment)}",
        *lines,
    ]
    parts = "train, test" if second else "train, validation, test" if validated or split.refit else "train, _, test"
    lines.append(f"{parts} = {splitting_call(split, labels)}")
    if second:
        further = (
            script_multi.second_table_lines(experiment, tasks)
            if experiment.several
            else script_single.second_table_lines(tasks[0])
        )
        lines += ["", "# The validation rows: those of a table of their own, after the others."]
        lines += [
            f"second = {_read('VALIDATION', second, experiment)}",
            *further,
            "validation = len(table) + np.arange(len(second))",
        ]
    if split.refit:
        lines += ["", "# A refit: the validation rows train, too.", "train = np.concatenate([train, validation])"]
    lines += _weights(experiment, second is not None)
    return "\n".join(lines)


def _cell_part(experiment: Experiment, *tables: TableInfo | None) -> list[str]:
    """The readers of cells by what the cells are, where the program has any."""
    kinds = cell_kinds(experiment, *tables)
    readers = ", ".join(f"{kind!r}: {reader}" for kind, reader in kinds.items())
    return [f"CELLS = {{{readers}}}"] if kinds else []


def cell_kinds(experiment: Experiment, *tables: TableInfo | None) -> dict[str, str]:
    """What the cells of the tables are -> the function that reads them."""
    columns = [column for info in tables if info for column in _cell_readings(experiment, info).values()]
    return {kind: _CELL_READERS[kind] for kind in _CELL_READERS if kind in {one.get("as") for one in columns}} or (
        {"text": _CELL_READERS["text"]} if columns else {}
    )


def _cell_readings(experiment: Experiment, info: TableInfo) -> dict[str, dict[str, Any]]:
    """How the cells of the columns that the program uses become values, where they are not values yet; of all columns
    where rows are compared.
    """
    data = experiment.data
    used = {*data.features, *data.targets, data.weight, data.split.column}
    used |= set(info.decided.columns) if info.decided.drop_duplicates else set()
    return as_json({name: column for name, column in info.decided.columns.items() if name in used})


def _read(name: str, info: TableInfo, experiment: Experiment) -> str:
    """A table as the program reads it: an upload also as the Parquet file that is offered beside the program."""
    member = archive_member(info)
    file = f"zipfile.ZipFile({name}).open({member!r})" if member else name
    file = f"con=sqlite3.connect({name})" if info.reader == "read_sql_query" else file
    reader = info.reader if info.reader in OWN_READERS else f"pd.{info.reader}"
    read = f"{reader}({file}{''.join(f', {option}={value!r}' for option, value in info.options.items())})"
    if info.headings:
        read = f"with_headings({read}, {list(info.decided.heading_columns)!r}, {as_written(info.headings)})"
    read = f"with_filled_down({read}, {list(info.filled_down)!r})" if info.filled_down else read
    columns = _cell_readings(experiment, info)
    read = f"with_values({read}, {as_written(columns)}, CELLS)" if columns else read
    read = f"{read}.drop_duplicates(ignore_index=True)" if info.decided.drop_duplicates else read
    if info.reader in ("read_parquet", "parquet_table") or not info.ref.startswith("file:"):
        return read
    return f'pd.read_parquet({name}) if {name}.endswith(".parquet") else {read}'


def archive_member(info: TableInfo) -> str | None:
    """The file that is read of an archive with several."""
    return info.decided.sheet if info.reader in ("read_csv", "read_fwf") else None


def _weights(experiment: Experiment, second: bool) -> list[str]:
    """What each row counts."""
    column, given = experiment.data.weight, experiment.fit.class_weight
    if not experiment.weighted:
        return []
    lines = ["", "# What each row counts."]
    rows, cells = "len(table)", f"numbers(table[{column!r}])"
    if second:
        rows, cells = "len(table) + len(second)", f"np.concatenate([{cells}, numbers(second[{column!r}])])"
    lines.append(f'weights = np.ones({rows}, "float32")' if column is None else f'weights = {cells}.astype("float32")')
    lines.append("counts = weights[train]")
    if given == "balanced":
        lines.append('counts = counts * balanced(y_true[train], len(CLASSES))[y_true[train]].astype("float32")')
    elif given is not None:
        lines.append(f"CLASS_WEIGHT = {given!r}")
        lines.append("of_class = np.array([CLASS_WEIGHT.get(label, 1.0) for label in CLASSES])")
        lines.append('counts = counts * of_class[y_true[train]].astype("float32")')
    return lines


def as_written(value: Mapping[Any, Any]) -> str:
    """A mapping as Python, an entry a line where it would be long."""
    if len(repr(value)) < 110:
        return repr(value)
    return "{\n" + "".join(f"    {key!r}: {item!r},\n" for key, item in value.items()) + "}"
