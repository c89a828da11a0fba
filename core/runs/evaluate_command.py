"""The command line's evaluation of a run: how good, how sure and why, as one JSON object or in words.

A key of the object is a row of `KEYS`.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from core.evaluation.thresholds import threshold_summary
from core.runs.journal import Journal
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import workspace

_LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)  # Of the intervals whose coverage is told.

Ask = Callable[..., Any]


def add_evaluate_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `evaluate`."""
    evaluate = commands.add_parser("evaluate", help="show how good and how certain a run is, and why")
    evaluate.add_argument("run")
    evaluate.add_argument(
        "--epoch", type=int, help="with the weights of the nearest saved epoch (default: the model's)"
    )
    evaluate.add_argument("--json", action="store_true", help="print one line of JSON")


def _targets(ask: Ask) -> list[str]:
    return list(next(iter(ask("rows").parts.values())).targets)


def _by_target(ask: Ask, of: Callable[[str], Any]) -> Any:
    """What `of` says of the only target, or of several by name."""
    targets = _targets(ask)
    return of(targets[0]) if len(targets) == 1 else {target: of(target) for target in targets}


def _importance(ask: Ask) -> Any:
    return _by_target(ask, lambda target: ask("importance", target=target)["features"])


def _coverage(ask: Ask) -> Any:
    covered = ask("coverage")
    return _by_target(
        ask,
        lambda target: {
            f"{level:g}": {"nominal": level, "test": covered[target].share(level), "size": covered[target].size(level)}
            for level in _LEVELS
        },
    )


def _slices(ask: Ask) -> Any:
    def of(target: str) -> Any:
        return [{**asdict(one), "worse": one.worse} for one in ask("slices", target=target, part="test")]

    return _by_target(ask, of)


def _calibration(ask: Ask) -> Any:
    def of(target: str) -> Any:
        if not ask("rows").parts["test"].targets[target].classes:
            return None
        return {name: asdict(one) for name, one in ask("curves", target=target, part="test").calibration.items()}

    return _by_target(ask, of)


def _thresholds(ask: Ask) -> Any:
    return _by_target(ask, lambda target: threshold_summary(ask("rows"), target))


# What is told, in this order. A value that a run does not have is null, and why is said on standard error.
KEYS: dict[str, Callable[[Ask], Any]] = {
    "epoch": lambda ask: ask("intervals")["epoch"],
    "scores": lambda ask: ask("intervals")["scores"],
    "baselines": lambda ask: ask("intervals")["baselines"],
    "difference": lambda ask: ask("intervals")["difference"],
    "importance": _importance,
    "slices": _slices,
    "calibration": _calibration,
    "thresholds": _thresholds,
    "coverage": _coverage,
    "summary": lambda ask: _by_target(ask, lambda target: ask("summary")[target]),
}


def evaluate_run(given: argparse.Namespace) -> int:
    """Prints the evaluation. Raises LookupError for a run without a model, TableError when its table is gone."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.runs.evaluated_run import evaluation_section
    from core.runs.mlflow_store import Store

    store, tables = Store(workspace()), Tables(TableStore(workspace()), paths=True)
    units = tables.units(store.experiment(given.run))

    def ask(section: str, **options: Any) -> Any:
        options |= {"units": units} if section == "summary" else {"boosting": True} if section == "intervals" else {}
        return evaluation_section(store, tables, Journal(workspace(), given.run), given.epoch, section, options)

    ask("rows")  # Whether there is anything to ask about.
    found: dict[str, Any] = {"run": given.run}
    for key, of in KEYS.items():
        try:
            found[key] = json_value(of(ask))
        except LookupError as error:
            if type(error) in (KeyError, IndexError):
                raise
            print(f"{key}: {error}", file=sys.stderr)
            found[key] = None
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    sentences = found["summary"]
    for target, of_target in sentences.items() if isinstance(sentences, dict) else (("", sentences),):
        print(*([f"{target}:"] if target else []), *of_target, sep="\n")
    for part, scores in found["scores"].items():
        for name, one in scores.items():
            ends = "" if one["low"] is None else f" ({one['low']:.5g} to {one['high']:.5g})"
            print(f"{part} {name} {'none' if one['value'] is None else format(one['value'], '.5g')}{ends}")
    return 0


def json_value(value: Any) -> Any:
    """The value as JSON knows it: NumPy's numbers and arrays as plain ones, None for what is no finite number."""
    if isinstance(value, dict):
        return {str(name): json_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [json_value(one) for one in value]
    if isinstance(value, np.generic):
        return json_value(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
