"""What a person sets of a run that is over, kept with it: the threshold of a target of two classes, and the temperature
by which a classification is recalibrated.

Both stand in the run's card, which form, batch predictions, report and command line go by; the run's program is printed
anew and its confusion matrix counted anew. A temperature is in the weights of the run's model, too.
"""

import json
import math
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.keras_code.script import program
from core.model.exported_model import Predictor
from core.model.logits import logit_layer
from core.model.plugins import custom_objects
from core.runs.evaluated_run import EvaluatedRun, evaluated_run
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.recalibration_section import recalibration
from core.runs.temperatures_of_card import chosen_temperatures, with_temperature
from core.runs.thresholds_of_card import chosen_thresholds, default_threshold
from core.tables.situation import Tables
from core.workspace import plugins, write_whole

# A folder of the run's artifacts: its model and result without temperatures, while it has some.
UNCALIBRATED = "uncalibrated"
_SETTING = threading.Lock()


def keep_threshold(
    store: Store,
    tables: Tables,
    journal: Journal,
    target: str,
    threshold: float | None,
    worth: dict[str, float] | None = None,
) -> None:
    """Keeps a threshold with a run, and what a person said that right and wrong rows are worth; None: the loss's own.

    Raises LookupError with a sentence for a target without two classes or a threshold that is none, TableError when the
    run's table is gone, StoreBroken.
    """
    with _SETTING:
        card = store.card(journal.run)
        of = next((one for one in card["targets"] if one["target"] == target and one["task"] == "binary"), None)
        if of is None:
            raise LookupError(f"{target} does not have two classes for a threshold to separate.")
        default = default_threshold(of)
        chosen = default if threshold is None else threshold
        if not math.isfinite(chosen) or (not of.get("margin") and not 0 <= chosen <= 1):
            raise LookupError(f"A threshold is a probability from 0 to 1, not {chosen:g}.")
        changed = {**of, "decision": chosen, "worth": worth}
        card["targets"] = [changed if one is of else one for one in card["targets"]]
        with evaluated_run(store, tables, journal) as asked:
            _keep(store, tables, journal, card, _with_figures(store.result(journal.run), card, asked))


def keep_temperature(store: Store, tables: Tables, journal: Journal, target: str, on: bool) -> None:
    """Recalibrates a classification by the temperature that is fitted on its validation rows, or takes that back.

    The weights of the logits in the run's model are divided by it, the scores are computed anew, and a threshold moves
    with the probabilities. Raises LookupError with a sentence where it cannot be done or does not help, TableError,
    StoreBroken.
    """
    with _SETTING, evaluated_run(store, tables, journal) as asked:
        temperature = None
        if on:
            found = asked.section("recalibration", recalibration, target=target)
            if not found.helps:
                raise LookupError("A temperature does not help on the validation rows by more than noise.")
            temperature = found.temperature
        card = store.card(journal.run)
        before = chosen_temperatures(card)
        card["targets"] = [
            with_temperature(one, temperature) if one["target"] == target else one for one in card["targets"]
        ]
        if chosen_temperatures(card) != before:
            _recalibrate(store, tables, journal, card, asked, bool(before))


def clear_temperatures(store: Store, tables: Tables, journal: Journal) -> None:
    """Takes all temperatures of a run back, before another epoch takes the place of its model. Raises as
    `keep_temperature`.
    """
    for target in chosen_temperatures(store.card(journal.run)):
        keep_temperature(store, tables, journal, target, on=False)


def renew(store: Store, tables: Tables, journal: Journal) -> None:
    """Puts a run's settings into its program and figures, after another epoch took the place of its model."""
    with _SETTING:
        card = store.card(journal.run)
        if any("worth" in one for one in card["targets"]):
            with evaluated_run(store, tables, journal) as asked:
                _keep(store, tables, journal, card, _with_figures(store.result(journal.run), card, asked))


def _recalibrate(
    store: Store, tables: Tables, journal: Journal, card: dict[str, Any], asked: EvaluatedRun, again: bool
) -> None:
    """Makes the run's model and scores those of the card's temperatures; `again`: it has others now."""
    run, temperatures = journal.run, chosen_temperatures(card)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        if not again:
            for name in ("model.keras", "result.json"):
                shutil.copy(store.path(run, name), files)
            store.replace(run, files, inside=UNCALIBRATED)
        shutil.copy(store.path(run, f"{UNCALIBRATED}/model.keras"), files)
        result = store.value(run, f"{UNCALIBRATED}/result.json")
        predictor = Predictor.load(files / "model.keras", custom_objects(store.plugins(run)), card)
        for target in card["targets"]:
            if target["target"] in temperatures:
                layer = logit_layer(predictor.model, target["output"] if len(card["targets"]) > 1 else "")
                assert layer is not None  # A temperature was fitted to its logits.
                layer.divide(target["temperature"])
        recalibrated = replace(asked, card=card, predictor=predictor, answers={})
        if temperatures:
            predictor.model.save(files / "model.keras")
            predicted = {part: recalibrated.predict(asked.raw(part)) for part in asked.prepared.filled}
            told = asked.replay.told(predicted)
            judged = {"judged": result["judged"] | told["judged"]} if "judged" in result else {}
            result |= {"scores": told["scores"], "test": told["scores"]["test"], **judged}
        _keep(store, tables, journal, card, _with_figures(result, card, recalibrated), files / "model.keras")


def _with_figures(result: dict[str, Any], card: dict[str, Any], asked: EvaluatedRun) -> dict[str, Any]:
    """The result with the confusion matrices of two classes at the card's thresholds."""
    binary = [one["target"] for one in card["targets"] if one["task"] == "binary"]
    if not binary:
        return result
    figures = asked.heads.figures(asked.predict(asked.raw("test")), decisions=chosen_thresholds(card))
    return {**result, "figures": result["figures"] | {target: figures[target] for target in binary}}


def _keep(
    store: Store,
    tables: Tables,
    journal: Journal,
    card: dict[str, Any],
    result: dict[str, Any],
    model: Path | None = None,
) -> None:
    """Puts a card, a result and a model in the place of the run's own, and prints its program anew."""
    run = journal.run
    experiment = store.experiment(run, "as_run.json")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        _write(files / "card.json", card)
        _write(files / "result.json", result)
        data = experiment.data
        printed = program(
            experiment,
            tables.situation(experiment),
            tables.about(data.table, data.reading),
            plugins(),
            tables.second(experiment),
            chosen_thresholds(card),
            chosen_temperatures(card),
        )
        (files / "program.py").write_text(printed, encoding="utf-8")
        if model is not None:
            shutil.copy(model, files)
        store.replace(run, files, result["test"])
        write_whole(journal.restored, json.dumps({"settings": True, "at": time.time()}))


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
