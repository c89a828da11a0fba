"""The experiment as a complete Keras program: define, compile, fit, evaluate, predict.

    program(experiment, situation, info)   -> Python source

The functions it needs for rows and columns are not written a second time: their source is taken from the modules that
the worker runs, and the Keras calls are those the worker makes (`core.experiment.keras_calls`). What ran and what is
exported can't differ.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from core import __version__
from core.catalog.plugins import text, title
from core.experiment.columns import TableInfo
from core.experiment.file_names import file_name, table_name
from core.experiment.fork import taking_initial_weights, where_it_starts
from core.experiment.keras_calls import plugin_modules, shift_invariant
from core.experiment.spec import Experiment
from core.experiment.targets import facet
from core.experiment.task import Situation, Task
from core.keras_code import script_multi, script_single
from core.keras_code.script_exactness import exactness
from core.keras_code.script_functions import program_functions, score_functions, scoring_functions, sources_of
from core.keras_code.script_packages import OWN_READERS, packages
from core.keras_code.script_preprocessing import needs_dataclass, preprocessing_part
from core.keras_code.script_recalibration import recalibration_lines
from core.keras_code.script_table import archive_member, as_written, cell_kinds, table_part

_STREAMED = """
The table was beyond the memory that Layerdeck allows one table, so its training rows were read from the file in
blocks. This program deals the rows alike, but it reads all of them into memory, walks through them in another order,
takes medians, means, spreads and words from all training rows and not from a sample, and scores all validation and
test rows. Its scores are as near to Layerdeck's as those of two seeds are to each other, not the same.
"""


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
    shaped |= {name for module in modules for name in sources_of(f"tables/{module}")}
    functions = program_functions(experiment, tasks, cell_kinds(experiment, info, second), shaped, bool(offset))
    parts = [
        _head(experiment, tasks, info, second, situation.streamed, functions),
        _plugins(experiment, plugins),
        functions,
        table_part(experiment, tasks, info, second, situation.validated),
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
        "metrics." in text
        for text in [*scoring_functions(experiment, tasks), *score_functions(experiment, tasks).values()]
    )
    called = [
        module
        for module in ("datetime", "io", "math", "re", "unicodedata", "warnings")
        if f"{module}." in functions and re.search(rf"\b{module}\.", functions)
    ]
    called += ["zipfile"] if any(archive_member(one) for one in (info, second) if one) else []
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
FEATURES = {as_written(experiment.data.features)}
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
    return f"TARGETS = {as_written({name: target for target, name in experiment.outputs().items()})}"


def _plugins(experiment: Experiment, folder: Path | None) -> str:
    """The plug-ins that the experiment uses, whole."""
    if folder is None:
        return ""
    return "\n\n\n".join(
        f"# Plug-in {title(module)}\n{text(folder, module).strip()}" for module in plugin_modules(experiment)
    )
