"""A run as a report: what `core.report.page` draws, as one JSON value. Made in the worker, where the model can be
looked at.
"""

import math
import time
from typing import Any

import numpy as np

from core.catalog.plugins import register
from core.experiment.counts import count, enumerated
from core.experiment.metric_titles import larger_is_better, metric_title, score_title
from core.experiment.score_words import compared_baselines, difference_words, interval_words
from core.experiment.spec import Experiment
from core.inspect.diagram import drawing
from core.inspect.graph import Step, numbers_in, script, walked
from core.runs.at_epoch import CannotTravel
from core.runs.evaluated_run import evaluated_run
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.runs.report_evaluation import report_evaluation
from core.runs.run_record import Record
from core.runs.temperatures_of_card import chosen_temperatures
from core.tables.errors import TableError
from core.tables.number_text import NumberText
from core.tables.samples import SAMPLES
from core.tables.situation import Tables
from core.workspace import plugins

_MOST_NUMBERS = 3_000_000  # Weights in a file that is sent around: 16 MB.
_MOST_EPOCHS = 1000  # Of the curves; of more, some evenly.
_MOST_CLASSES = 20  # Of a whole confusion matrix; of more, the most frequent mistakes.


def report(store: Store, tables: Tables, journal: Journal) -> dict[str, Any]:
    """The value of a kept run. Raises LookupError when the run has no model, StoreBroken."""
    register(plugins())
    run = journal.run
    experiment, result, record = store.experiment(run), store.result(run), store.record(run)
    steps, outputs = walked(predictor(store, run, journal.version()).model)
    card, units = store.card(run), tables.units(experiment)
    of_target = {one["target"]: outputs[one["output"] if len(card["targets"]) > 1 else ""] for one in card["targets"]}
    why_not = _why_not(steps)
    try:
        with evaluated_run(store, tables, journal) as asked:
            told = report_evaluation(asked, units, predicts=not why_not)
    except (CannotTravel, TableError):  # The table is gone, or a plug-in has changed.
        told = {}
    scored, evaluated = told.get("intervals"), told.get("targets", {})
    return _plain(
        {
            "title": experiment.name,
            "asked": _asked(experiment, tables),
            "summary": told.get("summary", {}),
            "made": _made(record),
            "ended": _ended(record, result, card),
            "targets": [
                {**one, "unit": units.get(one["target"], ""), **evaluated.get(one["target"], {})}
                for one in card["targets"]
            ],
            "features": [feature | _clock(feature, card) for feature in card["features"]],
            "network": drawing(
                steps, experiment, {of_target[one["target"]]: _output_names(one) for one in card["targets"]}
            ),
            "steps": [] if why_not else script(steps),
            "outputs": {} if why_not else of_target,
            "why_not": why_not,
            "background": told.get("background"),
            "metrics": [
                _metric(name, experiment, units) | _with_interval(name, experiment, units, scored, result)
                for name in result["test"]
            ],
            "history": _history(
                store.value(run, "history.json"), experiment.fit.initial_epoch, (result["best_epoch"], result["epoch"])
            ),
            "epoch": result["epoch"],
            "best_epoch": result["best_epoch"],
            "baselines": result["baselines"],
            "scores": result["scores"],
            "figures": {target: _figure(figure) for target, figure in result["figures"].items()},
        }
    )


def _with_interval(
    name: str, experiment: Experiment, units: dict[str, str], scored: dict[str, Any] | None, result: dict[str, Any]
) -> dict[str, Any]:
    """What a metric's tile says below its test score: its interval, and [words, verdict] of how much better than the
    baselines it is.
    """
    if scored is None or "test" not in scored["scores"]:
        return {}
    interval = scored["scores"]["test"][name]
    ends = "" if interval["low"] is None else interval_words(name, interval, experiment, units, points=False)
    scores = {simple: parts["test"].get(name) for simple, parts in result["baselines"].items()}
    compared = [
        difference_words(name, scored["difference"][simple][name], simple, experiment, units)
        for simple in compared_baselines(name, experiment, scores)
        if simple in scored["difference"]
    ]
    return {"interval": ends and f"{ends} ({scored['level']:.0%} interval)", "compared": compared}


def _clock(feature: dict[str, Any], card: dict[str, Any]) -> dict[str, str]:
    """Of a feature whose cells are times: "time" of hours since midnight, "duration" of seconds."""
    clock = NumberText.of(card.get("numbers", {}), feature["name"]).clock if feature["kind"] == "number" else ""
    return {"clock": clock} if clock else {}


def _made(record: Record) -> str:
    """The day of the training, and the version of Layerdeck where it was kept."""
    day = time.strftime("%d %B %Y", time.gmtime(record.started)).lstrip("0")
    return f"{day}, Layerdeck {record.version}" if record.version else day


def _why_not(steps: list[Step]) -> str:
    """Why the page cannot compute predictions; "" when it can."""
    unknown = sorted({step.arguments["name"] for step in steps if step.do == "unknown"})
    if unknown:
        return (
            f"Only Keras can compute parts of this network ({', '.join(unknown)}), so the report cannot predict. "
            "Use the .keras file or Layerdeck."
        )
    if (many := numbers_in(steps)) > _MOST_NUMBERS:
        return (
            f"This network has {count(many, 'weight')}, too many for this file, so the report cannot "
            "predict. Use the .keras file or Layerdeck."
        )
    return ""


def _asked(experiment: Experiment, tables: Tables) -> str:
    """What was asked of which table, a sentence or two; its rows only while the table is there."""
    data, ref = experiment.data, experiment.data.table
    columns = count(len(data.features), "column")
    try:
        sample = SAMPLES.get(ref.removeprefix("sample:"))
        name, rows = sample.title if sample else tables.about(ref, data.reading).name, tables.situation(experiment).rows
    except TableError:
        return f"Predicts {enumerated(data.targets)} from {columns}."
    validating = f"{rows[1]:,} for validation" if rows[1] else "none for validation"
    counted = f" {count(rows[0], 'row')} for training, {validating}, {rows[2]:,} for test." if sum(rows) else ""
    return f"Predicts {enumerated(data.targets)} from {columns} of {name}.{counted}"


def _ended(record: Record, result: dict[str, Any], card: dict[str, Any]) -> str:
    restored = f"restored to epoch {result['epoch']:,}" if result.get("restored") else ""
    epochs = f"{result['epochs']:,} epoch{'' if result['epochs'] == 1 else 's'}"
    best = f"best epoch {result['best_epoch']:,}" if "validation" in result["scores"] else "no validation rows"
    temperatures = [f"{temperature:.4g}" for temperature in chosen_temperatures(card).values()]
    recalibrated = f"recalibrated, temperature {enumerated(tuple(temperatures))}" if temperatures else ""
    return "; ".join(filter(None, [f"{record.network}, {epochs}", best, restored, recalibrated]))


def _output_names(target: dict[str, Any]) -> list[str]:
    """What the units of an output stand for."""
    name, classes = target["target"], target["classes"]
    return [name] if not classes else [f"{name} = {classes[1]}"] if len(classes) == 2 else classes


def _metric(name: str, experiment: Experiment, units: dict[str, str]) -> dict[str, Any]:
    metric = experiment.logged().get(name)
    row = metric.row if metric else None
    return {
        "name": name,
        "title": metric_title(name, experiment),
        "score_title": score_title(name, experiment),
        "loss": name in experiment.losses(),
        "share": bool(row and row.share),
        "unit": units.get(experiment.target_of(name), "") if row and row.power == 1 else "",
        "larger": larger_is_better(name, experiment),
    }


def _history(history: dict[str, list[float | None]], before: int, wanted: tuple[int, ...]) -> dict[str, Any]:
    """The epochs from 1 with their numbers; of many some evenly, those that are wanted among them."""
    epochs = len(history["loss"])
    places = np.unique(
        [*np.linspace(0, epochs - 1, min(epochs, _MOST_EPOCHS)).astype(int), *(epoch - before - 1 for epoch in wanted)]
    )
    at = [place for place in places.tolist() if 0 <= place < epochs]
    thinned = {name: [_rounded(values[place]) for place in at] for name, values in history.items()}
    return {
        "epochs": [before + place + 1 for place in at],
        "train": {name: values for name, values in thinned.items() if not name.startswith("val_")},
        "validation": {
            name.removeprefix("val_"): values for name, values in thinned.items() if name.startswith("val_")
        },
    }


def _figure(figure: dict[str, Any]) -> dict[str, Any]:
    if "confusion" not in figure:
        return {name: [_rounded(value) for value in values] for name, values in figure.items()}
    counts = np.array(figure["confusion"])
    if len(counts) <= _MOST_CLASSES:
        return figure
    wrong = counts * (1 - np.eye(len(counts), dtype=int))
    pairs = [divmod(at, len(counts)) for at in np.argsort(-wrong, axis=None, kind="stable")[:15].tolist()]
    mistakes = [
        [actual, predicted, int(wrong[actual, predicted])] for actual, predicted in pairs if wrong[actual, predicted]
    ]
    return {"mistakes": mistakes, "right": int(np.trace(counts)), "rows": int(counts.sum())}


def _rounded(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(f"{number:.7g}")


def _plain(value: Any) -> Any:
    """The value without what JSON has no word for: a number that is none is None."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
