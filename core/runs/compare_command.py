"""The command line's comparison of runs: scores, settings that differ, and differences on the same test rows.

As JSON {"runs": {run: {"name", "best_epoch", "epochs", "seconds", "validation", "test"}},
         "differences": [{"area", "setting", "values": {run: text}}],
         "paired": [{"target", "runs", "rows", "of", "level", "resamples", "metrics": {metric:
                    {"scores": {run: {"value", "low", "high"}},
                     "pairs": [{"run", "other", "better_by", "low", "high", "significant"}]}}}],
         "left_out": {run: why it has no part in "paired"}}
"""

import argparse
import json
import os
from typing import Any

from core.evaluation.paired_scores import PairedScores, RunsCompared
from core.experiment.differences import differences
from core.experiment.messages import printed
from core.runs.evaluate_command import json_value
from core.runs.run_record import Record
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import workspace


def compare_runs(given: argparse.Namespace) -> int:
    """Prints the comparison. Raises NoSuchRun."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.runs.mlflow_store import Store

    store = Store(workspace())
    runs = list(dict.fromkeys(given.runs))
    records = [store.record(run) for run in runs]
    rows = differences([store.experiment(run) for run in runs])
    paired = RunsCompared((), {})
    if len(runs) > 1:
        from core.runs.shared_test_rows import paired_scores

        paired = paired_scores(store, Tables(TableStore(workspace()), paths=True), workspace(), runs)
    if given.json:
        told = {
            "runs": {record.id: _scores(record) for record in records},
            "differences": [
                {"area": area, "setting": setting, "values": dict(zip(runs, values, strict=True))}
                for area, setting, values in rows
            ],
            "paired": [_group(group) for group in paired.groups],
            "left_out": paired.left_out,
        }
        print(json.dumps(json_value(told), ensure_ascii=False))
        return 0
    for record in records:
        scores = ", ".join(f"{name} {value:.5g}" for name, value in record.validation.items()) or "no validation scores"
        print(f"{record.id}  {printed(record.name)}: {scores}")
    for area, setting, values in rows:
        print(f"{area}: {setting}: {' | '.join(values)}")
    if not rows:
        print("No setting differs.")
    for group in paired.groups:
        print(f"{group.target}, on {group.rows:,} test rows of {', '.join(group.runs)}:")
        for name, metric in group.metrics.items():
            for (run, other), difference in metric.differences.items():
                if difference.value is None:
                    continue
                better, worse = (run, other) if difference.value >= 0 else (other, run)
                ends = metric.better_than(better, worse)
                between = "" if ends.low is None else f" ({ends.low:.5g} to {ends.high:.5g})"
                verdict = "" if difference.significant else ", not significantly different"
                print(f"  {name}: {better} is better than {worse} by {ends.value:.5g}{between}{verdict}")
    for run, says in paired.left_out.items():
        print(f"{run}: {says}")
    return 0


def _scores(record: Record) -> dict[str, object]:
    return {
        "name": record.name,
        "best_epoch": record.best_epoch,
        "epochs": record.epochs,
        "seconds": record.seconds,
        "validation": record.validation,
        "test": record.test,
    }


def _group(group: PairedScores) -> dict[str, Any]:
    return {
        "target": group.target,
        "runs": group.runs,
        "rows": group.rows,
        "of": group.of,
        "level": group.level,
        "resamples": group.resamples,
        "metrics": {
            name: {
                "scores": metric.scores,
                "pairs": [
                    {
                        "run": run,
                        "other": other,
                        "better_by": one.value,
                        "low": one.low,
                        "high": one.high,
                        "significant": one.significant,
                    }
                    for (run, other), one in metric.differences.items()
                ],
            }
            for name, metric in group.metrics.items()
        },
    }
