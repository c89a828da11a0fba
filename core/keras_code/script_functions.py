"""The functions of ours that a program needs, as their source."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from core.catalog.syntax import syntax_tree
from core.experiment.keras_calls import score_calls
from core.experiment.spec import Experiment
from core.experiment.targets import facet
from core.experiment.task import Task
from core.keras_code.script_packages import OWN_READERS
from core.keras_code.script_preprocessing import needed, preprocessing_functions
from core.keras_code.script_split import splitting_functions

_CORE = Path(__file__).parents[1]
_CELLS = (
    *("tables/cell_numbers", "tables/day_names", "tables/clock_digits", "tables/calendars", "tables/date_forms"),
    *("tables/cell_dates", "tables/cell_values"),
)


def program_functions(
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
    sources = [source for module in order for name, source in sources_of(module).items() if name in wanted]
    sources += score_functions(experiment, tasks).values()
    return "\n\n\n".join(sources)


def scoring_functions(experiment: Experiment, tasks: Sequence[Task]) -> set[str]:
    """The functions of the final scores, as they are called: "auc", or of scikit-learn
    "metrics.mean_absolute_error".
    """
    return {call.name for task in tasks for call in score_calls(facet(experiment, task)).values() if call is not None}


def score_functions(experiment: Experiment, tasks: Sequence[Task]) -> dict[str, str]:
    """Name -> source of the functions of ours that the final scores need."""
    sources, scores = sources_of("evaluation/scores"), scoring_functions(experiment, tasks)
    wanted, further = {"mean_loss"}, {*scores, *(["exact_score"] if scores else [])}
    while further := further.intersection(sources) - wanted:
        wanted |= further
        further = {name for one in wanted for name in _calls(sources[one])}
    return {name: source for name, source in sources.items() if name in wanted}


@cache
def sources_of(module: str) -> dict[str, str]:
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
    texts = {name: source for module in (*_CELLS, "tables/raw") for name, source in sources_of(module).items()}
    found, further = set(), functions.intersection(texts)
    while further:
        found |= further
        called = {name for one in further for name in _calls(texts[one])}
        further = called.intersection(texts) - found
    return found
