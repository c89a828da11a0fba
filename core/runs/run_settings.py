"""What a person sets of a run that is over, kept with it: the threshold of a target of two classes.

It stands in the run's card, which form, batch predictions, report and command line go by; the run's program is printed
anew and its confusion matrix counted anew.
"""

import json
import math
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from core.experiment.spec import read
from core.keras_code.script import program
from core.runs.evaluated_run import evaluated_run
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.thresholds_of_card import chosen_thresholds, default_threshold
from core.tables.situation import Tables
from core.workspace import plugins, write_whole

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
            raise LookupError(f"{target} has no two classes that a threshold tells apart.")
        default = default_threshold(of)
        chosen = default if threshold is None else threshold
        if not math.isfinite(chosen) or (not of.get("margin") and not 0 <= chosen <= 1):
            raise LookupError(f"A threshold is a probability from 0 to 1, not {chosen:g}.")
        changed = {**of, "decision": chosen, "worth": worth}
        card["targets"] = [changed if one is of else one for one in card["targets"]]
        _keep(store, tables, journal, card)


def renew(store: Store, tables: Tables, journal: Journal) -> None:
    """Puts a run's settings into its program and figures, after another epoch took the place of its model."""
    with _SETTING:
        card = store.card(journal.run)
        if any("worth" in one for one in card["targets"]):
            _keep(store, tables, journal, card)


def _keep(store: Store, tables: Tables, journal: Journal, card: dict[str, Any]) -> None:
    run = journal.run
    experiment = read(store.text(run, "as_run.json"))
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        result, decisions = store.result(run), chosen_thresholds(card)
        with evaluated_run(store, tables, journal) as asked:
            figures = asked.heads.figures(asked.predict(asked.raw("test")), decisions=decisions)
        binary = {one["target"] for one in card["targets"] if one["task"] == "binary"}
        result["figures"] |= {target: figures[target] for target in binary}
        _write(files / "card.json", card)
        _write(files / "result.json", result)
        data = experiment.data
        printed = program(
            experiment,
            tables.situation(experiment),
            tables.about(data.table, data.reading),
            plugins(),
            tables.second(experiment),
            decisions,
        )
        (files / "program.py").write_text(printed, encoding="utf-8")
        store.replace(run, files)
        write_whole(journal.restored, json.dumps({"settings": True, "at": time.time()}))


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
