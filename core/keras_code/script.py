"""The experiment as a complete Keras program: define, compile, fit, evaluate, predict.

    program(experiment, situation, info)   -> Python source

The functions it needs for rows and columns are not written a second time: their source is taken from the modules that
the worker runs, and the Keras calls are those the worker makes (`core.experiment.keras_calls`). What ran and what is
exported can't differ.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core import __version__
from core.catalog.plugins import text, title
from core.catalog.syntax import syntax_tree
from core.experiment.columns import TableInfo
from core.experiment.file_names import file_name, table_name
from core.experiment.fork import taking_initial_weights, where_it_starts
from core.experiment.keras_calls import plugin_modules, score_calls, shift_invariant
from core.experiment.reading import as_json
from core.experiment.spec import Experiment
from core.experiment.targets import facet
from core.experiment.task import Situation, Task
from core.keras_code import script_multi, script_single
from core.keras_code.script_exactness import exactness
from core.keras_code.script_packages import OWN_READERS, packages
from core.keras_code.script_preprocessing import needed, needs_dataclass, preprocessing_functions, preprocessing_part
from core.keras_code.script_recalibration import recalibration_lines
from core.keras_code.script_split import splitting_call, splitting_functions

_CORE = Path(__file__).parents[1]
_CELL_READERS = {
    "number": "cell_numbers",
    "date": "cell_dates",
    "time": "cell_times",
    "duration": "cell_durations",
    "boolean": "cell_booleans",
    "text": "cell_words",
}
_STREAMED = """
The table was beyond the memory that Layerdeck allows one table, so its training rows were read from the file in
blocks. This program deals the rows alike, but it reads all of them into memory, walks through them in another order,
takes medians, means, spreads and words from all training rows and not from a sample, and scores all validation and
test rows. Its scores are as near to Layerdeck's as those of two seeds are to each other, not the same.
"""

_CELLS = (
    *("tables/cell_numbers", "tables/day_names", "tables/clock_digits", "tables/calendars", "tables/date_forms"),
    *("tables/cell_dates", "tables/cell_values"),
)


def program(
    experiment: Experiment,
    situation: Situation,
    info: TableInfo,
    plugins: Path | None = None,
    second: TableInfo | None = None,
    decisions: Mapping[str, float] = {},
    temperatures: Mapping[str, float] = {},
) -> str:
    """The program. The situation must have a task; `info` says how the table's file is read, `plugins` is the folder of
    plug-ins.

    `second` is of the table of validation rows, where there is one; `decisions` are the thresholds of those targets of
    two classes for which a person has chosen one, `temperatures` those of the targets that were recalibrated.
    """
    tasks = situation.tasks
    if not tasks:
        raise ValueError("A program needs a target that can be predicted.")
    offset = {
        task.target for task in tasks if task.target in situation.offsets and shift_invariant(facet(experiment, task))
    }
    infos = [info, *([second] if second else [])]
    shaped = {"with_headings"} if any(one.headings for one in infos) else set()
    shaped |= {"with_filled_down"} if any(one.filled_down for one in infos) else set()
    modules = {module for one in infos for module in OWN_READERS.get(one.reader, ())}
    shaped |= {name for module in modules for name in _sources(f"tables/{module}")}
    functions = _functions(experiment, tasks, _cell_kinds(experiment, info, second), shaped, bool(offset))
    parts = [
        _head(experiment, tasks, info, second, situation.streamed, functions),
        _plugins(experiment, plugins),
        functions,
        _table(experiment, tasks, info, second, situation.validated),
        preprocessing_part(experiment),
        *_network(experiment, tasks, situation.validated, offset, decisions, temperatures),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _network(
    experiment: Experiment,
    tasks: Sequence[Task],
    validated: bool,
    offset: set[str],
    decisions: Mapping[str, float],
    temperatures: Mapping[str, float],
) -> list[str]:
    """From the target to the predictions; a training that starts from another run's weights takes them before `fit`,
    and temperatures are put in after it.

    `offset` are the targets whose mean is taken away before the network learns them.
    """
    if experiment.several:
        parts = script_multi.network(experiment, tasks, validated, offset, decisions)
    else:
        decision = decisions.get(tasks[0].target)
        parts = script_single.network(facet(experiment, tasks[0]), tasks[0], validated, bool(offset), decision)
    at, more = (
        next(at for at, part in enumerate(parts) if "model.fit(" in part),
        recalibration_lines(experiment, temperatures),
    )
    return [*parts[:at], taking_initial_weights(experiment), parts[at], more, *parts[at + 1 :]]


def _head(
    experiment: Experiment,
    tasks: Sequence[Task],
    info: TableInfo,
    second: TableInfo | None,
    streamed: bool,
    functions: str,
) -> str:
    title = _in_words(experiment.name) or "A network"
    dataclass = "\nfrom dataclasses import dataclass" if needs_dataclass(experiment) else ""
    table = table_name(experiment.name, info)
    further, files = "", f"TABLE: {_given_as(table, info)}."
    if second:
        validation = table_name(experiment.name, second, "validation")
        further = f"\nVALIDATION = sys.argv[2] if len(sys.argv) > 2 else {validation!r}"
        files += f"\nVALIDATION: {_given_as(validation, second)}."
    scored = any(
        "metrics." in text for text in [*_scores(experiment, tasks), *_score_functions(experiment, tasks).values()]
    )
    called = [
        module
        for module in ("datetime", "io", "math", "re", "unicodedata", "warnings")
        if f"{module}." in functions and re.search(rf"\b{module}\.", functions)
    ]
    called += ["zipfile"] if any(_member(one) for one in (info, second) if one) else []
    modules = "\n".join(f"import {module}" for module in sorted([*called, "json", "sys"]))
    modules += "\nfrom collections.abc import Callable" if "Callable[" in functions else ""
    modules += "\nimport sqlite3" if any(one.reader == "read_sql_query" for one in (info, second) if one) else ""
    typing = "\nfrom typing import Any" if re.search(r"\bAny\b", functions) else ""
    needs_sklearn = scored or "from sklearn" in functions
    sklearn = "\nfrom sklearn import metrics" if scored else ""
    origin = f"printed by Layerdeck {__version__}.{where_it_starts(experiment)}"
    return f'''
"""{title}: a Keras program.

Run it: python {file_name(experiment.name, "program", "py")} [TABLE{" [VALIDATION]" if second else ""}]
{files}
It defines, compiles and fits a network, evaluates it on the test set, saves it, and predicts.
It needs {", ".join(packages(needs_sklearn, info, second))}; it was {origin}

{_STREAMED.strip() if streamed else exactness(experiment, streamed)}
"""

{modules}{dataclass}{typing}

import keras
import numpy as np
import pandas as pd
import tensorflow as tf{sklearn}

TABLE = sys.argv[1] if len(sys.argv) > 1 else {table!r}{further}
{_targets(experiment)}
FEATURES = {_pairs(experiment.data.features)}
SEED = {experiment.fit.seed}
BATCH_SIZE = {experiment.fit.batch_size}
'''


def _in_words(text: str) -> str:
    """A text that may stand in the program's docstring."""
    return re.sub(r"[^\w .,:()+-]", " ", text).strip()


def _given_as(table: str, info: TableInfo) -> str:
    """What the program takes for a table, for its docstring."""
    if not info.ref.startswith("file:"):
        return _in_words(table) or "a file"
    return (
        f"{table}, which Layerdeck offers beside this program, or the uploaded file, "
        f"{_in_words(info.name) or 'as it was'}"
    )


def _targets(experiment: Experiment) -> str:
    """The columns that are predicted; of several, by the names of their outputs."""
    if not experiment.several:
        return f"TARGET = {experiment.data.targets[0]!r}"
    return f"TARGETS = {_pairs({name: target for target, name in experiment.outputs().items()})}"


def _plugins(experiment: Experiment, folder: Path | None) -> str:
    """The plug-ins that the experiment uses, whole."""
    if folder is None:
        return ""
    return "\n\n\n".join(
        f"# Plug-in {title(module)}\n{text(folder, module).strip()}" for module in plugin_modules(experiment)
    )


def _cell_readings(experiment: Experiment, info: TableInfo) -> dict[str, dict[str, Any]]:
    """How the cells of the columns that the program uses become values, where they are not values yet; of all columns
    where rows are compared.
    """
    data = experiment.data
    used = {*data.features, *data.targets, data.weight, data.split.column}
    used |= set(info.decided.columns) if info.decided.drop_duplicates else set()
    return as_json({name: column for name, column in info.decided.columns.items() if name in used})


def _cell_kinds(experiment: Experiment, *tables: TableInfo | None) -> dict[str, str]:
    """What the cells of the tables are -> the function that reads them."""
    columns = [column for info in tables if info for column in _cell_readings(experiment, info).values()]
    return {kind: _CELL_READERS[kind] for kind in _CELL_READERS if kind in {one.get("as") for one in columns}} or (
        {"text": _CELL_READERS["text"]} if columns else {}
    )


def _pairs(value: Mapping[Any, Any]) -> str:
    if len(repr(value)) < 110:
        return repr(value)
    return "{\n" + "".join(f"    {key!r}: {item!r},\n" for key, item in value.items()) + "}"


def _functions(
    experiment: Experiment, tasks: Sequence[Task], cells: dict[str, str], shaped: set[str], offset: bool
) -> str:
    """The functions of ours that the program needs; `shaped` are those that a table needs before its cells are read."""
    wanted = {"numbers" if task.kind == "regression" else "codes" for task in tasks}
    if experiment.data.weight is not None:
        wanted |= {"numbers"}
    wanted |= {"with_values", "cell_values", *cells.values()} if cells else set()
    wanted |= shaped
    wanted |= preprocessing_functions(experiment) | splitting_functions(experiment.data.split)
    wanted |= needed(wanted)
    wanted |= _called_cells(wanted)
    if any(task.kind != "regression" for task in tasks):
        wanted |= {"class_order"}
    if offset:
        wanted |= {"target_offset"}
    if experiment.fit.class_weight == "balanced":
        wanted |= {"balanced"}
    wanted |= {"row_order", "taken", "Batches"}
    order = (
        *(f"tables/{module}" for module in ("byte_words", *OWN_READERS)),
        "tables/group_headings",
        "tables/filled_down",
        *_CELLS,
        "tables/raw",
        "tables/prepared",
        "tables/statistics",
        "tables/split",
        "tables/folds",
        "model/preprocessing",
        "model/batches",
        "model/sample_weights",
    )
    sources = [source for module in order for name, source in _sources(module).items() if name in wanted]
    sources += _score_functions(experiment, tasks).values()
    return "\n\n\n".join(sources)


def _scores(experiment: Experiment, tasks: Sequence[Task]) -> set[str]:
    """The functions of the final scores, as they are called: "auc", or of scikit-learn
    "metrics.mean_absolute_error".
    """
    return {call.name for task in tasks for call in score_calls(facet(experiment, task)).values() if call is not None}


def _score_functions(experiment: Experiment, tasks: Sequence[Task]) -> dict[str, str]:
    """Name -> source of the functions of ours that the final scores need."""
    sources, scores = _sources("evaluation/scores"), _scores(experiment, tasks)
    wanted, further = {"mean_loss"}, {*scores, *(["exact_score"] if scores else [])}
    while further := further.intersection(sources) - wanted:
        wanted |= further
        further = {name for one in wanted for name in _calls(sources[one])}
    return {name: source for name, source in sources.items() if name in wanted}


@cache
def _sources(module: str) -> dict[str, str]:
    """Name -> source of the functions and classes at the top of a module of core, in its order; read as text, never
    imported.
    """
    text = (_CORE / f"{module}.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in syntax_tree(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


@cache
def _calls(source: str) -> frozenset[str]:
    """The names that are called in the source of a function of ours."""
    return frozenset(re.findall(r"\b(\w+)\(", source))


def _called_cells(functions: set[str]) -> set[str]:
    """The functions that read cells which some functions call, by the text of these."""
    texts = {name: source for module in (*_CELLS, "tables/raw") for name, source in _sources(module).items()}
    found, further = set(), functions.intersection(texts)
    while further:
        found |= further
        called = {name for one in further for name in _calls(texts[one])}
        further = called.intersection(texts) - found
    return found


def _cell_part(experiment: Experiment, *tables: TableInfo | None) -> list[str]:
    """The readers of cells by what the cells are, where the program has any."""
    kinds = _cell_kinds(experiment, *tables)
    readers = ", ".join(f"{kind!r}: {reader}" for kind, reader in kinds.items())
    return [f"CELLS = {{{readers}}}"] if kinds else []


def _table(
    experiment: Experiment, tasks: Sequence[Task], info: TableInfo, second: TableInfo | None, validated: bool
) -> str:
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


def _member(info: TableInfo) -> str | None:
    """The file that is read of an archive with several."""
    return info.decided.sheet if info.reader == "read_csv" else None


def _read(name: str, info: TableInfo, experiment: Experiment) -> str:
    """A table as the program reads it: an upload also as the Parquet file that is offered beside the program."""
    member = _member(info)
    file = f"zipfile.ZipFile({name}).open({member!r})" if member else name
    file = f"con=sqlite3.connect({name})" if info.reader == "read_sql_query" else file
    reader = info.reader if info.reader in OWN_READERS else f"pd.{info.reader}"
    read = f"{reader}({file}{''.join(f', {option}={value!r}' for option, value in info.options.items())})"
    if info.headings:
        read = f"with_headings({read}, {list(info.decided.heading_columns)!r}, {_pairs(info.headings)})"
    read = f"with_filled_down({read}, {list(info.filled_down)!r})" if info.filled_down else read
    columns = _cell_readings(experiment, info)
    read = f"with_values({read}, {_pairs(columns)}, CELLS)" if columns else read
    read = f"{read}.drop_duplicates(ignore_index=True)" if info.decided.drop_duplicates else read
    if info.reader in ("read_parquet", "parquet_table") or not info.ref.startswith("file:"):
        return read
    return f'pd.read_parquet({name}) if {name}.endswith(".parquet") else {read}'


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
