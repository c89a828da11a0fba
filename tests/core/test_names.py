"""No name for two things: public names and files of core and dashboard, and what stays with its reason.

python -m pytest tests/core/test_names.py -s      prints both lists
"""

import ast
from collections import defaultdict
from pathlib import Path

from tests.sources import ROOT, syntax_of

_PAGE = "each page has one function of this name, which app.py names with its module"
_SPOKEN = "core computes it, and the function of the page shows it under the same word"
_WORKER = "runs/worker.py has a function for each request to the worker, named like the one it calls"
_PROGRAM = "keras_code prints for one target in script_single, for several in script_multi: a name for each part"
# Public functions and classes that two modules define, and why.
SAME_NAME = {
    "view": _PAGE,
    "target_lines": _PROGRAM,
    "second_table_lines": _PROGRAM,
    "network": f"{_PROGRAM}; dashboard's draws the network",
    "beginning": "the input of a network: model/network builds it, script_single prints it",
    "predict": f"{_WORKER}; script_single prints the program's own",
    "look": _WORKER,
    "mean_of_seeds": _WORKER,
    "seed_predictions": _WORKER,
    "restore": _WORKER,
    "show": f"{_WORKER}; dashboard/failures shows a failure",
    "play": _WORKER,
    "report": _WORKER,
    "warm_up": _WORKER,
    "train": f"{_WORKER}; session/training trains what is on screen",
    "tables": "the tables of the process: the worker's, the page's",
    "where_it_starts": _SPOKEN,
    "stack": "the layers of a starting point; the component that draws them",
    "read": "reads an experiment from JSON; reads a table from bytes",
    "file_name": "the name of a download; the name of an uploaded file",
    "attach": "joins the cluster; joins the visitor's draft",
    "start": "a visitor's races and searches are begun, always with its module before it",
    "stop": "each of a visitor's trainings, races, searches and uploads can be stopped, with its module before it",
    "Reading": "how a table was read; an upload that is being read",
    "Stage": "what is shown live: written by the training, read by the page",
    "Rows": "the rows of a training in memory; those that are fed in blocks",
}
# File names that occur in two folders, and why.
SAME_STEM = {
    "data": "the part of the experiment, and the page that edits it",
    "reading": "the experiment says how a file is to be read, tables what a reader of files gives back",
    "advice": _SPOKEN,
    "plugins": "which rows plug-ins add to the catalog; their code, which only the worker imports",
    "lessons": _SPOKEN,
    "at_epoch": "inspect rebuilds a network at an epoch, runs answers requests for it",
    "loss_landscape": "inspect computes it, runs keeps it, figures draws it, panels shows it",
    "network": "model builds it, panels draws it",
    "sample_weights": _SPOKEN,
    "scores": "model computes them, figures draws them",
    "race": "runs carries it out, session remembers which is on screen, panels shows it",
    "search": "session remembers which is on screen, panels shows it",
    "split": _SPOKEN,
}


def modules() -> list[Path]:
    """The source files of core and dashboard."""
    return sorted(
        path for top in ("core", "dashboard") for path in (ROOT / top).rglob("*.py") if "assets" not in path.parts
    )


def twice(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Those that occur more than once, printed one a line."""
    several = {name: places for name, places in found.items() if len(places) > 1}
    print(*(f"{name}: {', '.join(places)}" for name, places in sorted(several.items())), sep="\n")
    return several


def test_a_public_name_is_defined_once_or_has_its_reason() -> None:
    found = defaultdict(list)
    for path in modules():
        for node in syntax_of(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(ROOT)))
    assert set(twice(found)) == set(SAME_NAME)


def test_a_file_name_occurs_once_or_has_its_reason() -> None:
    found = defaultdict(list)
    for path in modules():
        if not path.stem.startswith("__"):
            found[path.stem].append(str(path.parent.relative_to(ROOT)))
    assert set(twice(found)) == set(SAME_STEM)
