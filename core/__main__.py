"""The headless twin of the dashboard: the same experiment JSON, the same numbers for the same seed.

python -m core run SPEC.json [--table PATH] [--json]    trains, a line an epoch
python -m core cross-validate SPEC.json --folds 5 [--seeds 3] [--predictions FILE.csv] [--table PATH] [--json]
                                                        trains each fold; the scores' mean and spread
python -m core search SPEC.json SPACE.json --trials 40 [--minutes 10] [--measure mae] [--table PATH] [--json]
                                                        tries other settings; trains the best again with new seeds
python -m core script SPEC.json [--table PATH]          prints the Keras program
python -m core predict RUN ROWS.csv [--interval 0.9] [--explain]    prints the rows with predictions as CSV
python -m core evaluate RUN [--epoch N] [--json]        how good, how sure and why
python -m core report RUN > report.html                 prints the run's result as one HTML file
python -m core samples [NAME]                           lists the samples, or prints one as CSV
python -m core profile TABLE [--target NAME] [--json]   what is known of a table: its columns and how they were read
python -m core new TABLE [--target NAME]                prints the experiment that the page would begin with
python -m core runs [--json]                            lists the runs of the workspace
python -m core compare RUN RUN [--json]                 prints their scores, the settings in which they differ, and
                                                        how they differ on the same test rows
python -m core delete RUN                               deletes a run, its weights and its files

TABLE is a path, or sample:NAME.

`layerdeck run` and so on do the same.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import __version__
from core.advice.checks import advise, errors
from core.advice.diagnosis import diagnose
from core.advice.training_curves import Course
from core.catalog.plugins import register
from core.evaluation.conformal import LARGEST_LEVEL, LEAST_LEVEL
from core.experiment.counts import count
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.keras_code.script import program
from core.runs.compare_command import compare_runs
from core.runs.cross_validate_command import add_cross_validate, cross_validate
from core.runs.evaluate_command import add_evaluate_command, evaluate_run
from core.runs.run_commands import add_run_commands, delete_run, list_runs
from core.runs.search_command import add_search_command, search_settings
from core.runs.sqlite_guard import StoreBroken
from core.tables.errors import TableError
from core.tables.new_experiment import new_experiment
from core.tables.profile_json import profile_json
from core.tables.samples import SAMPLES, load_sample
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import keep_private, plugins, workspace


def main(arguments: list[str] | None = None, program_name: str = "python -m core") -> int:
    """Runs one command; 0 when it worked, 1 with a sentence on standard error when it did not."""
    parser = argparse.ArgumentParser(prog=program_name, description="Layerdeck on the command line.")
    parser.add_argument("--version", action="version", version=f"layerdeck {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="train an experiment and save the run")
    run.add_argument("spec", type=Path)
    run.add_argument("--table", help="a CSV, Parquet or Excel file instead of the experiment's table")
    run.add_argument("--json", action="store_true", help="end with the result as one line of JSON")
    add_cross_validate(commands)
    add_search_command(commands)
    script = commands.add_parser("script", help="print the experiment as a Keras program")
    script.add_argument("spec", type=Path)
    script.add_argument("--table", help="a CSV, Parquet or Excel file instead of the experiment's table")
    predict = commands.add_parser("predict", help="predict rows with a run's model")
    predict.add_argument("run")
    predict.add_argument("rows", type=Path)
    predict.add_argument(
        "--interval",
        type=_level,
        metavar="LEVEL",
        help="add an interval, or a set of classes, at this confidence level, 0.5 to 0.99",
    )
    predict.add_argument("--explain", action="store_true", help="add what each feature contributes to the prediction")
    add_evaluate_command(commands)
    report = commands.add_parser("report", help="print a run's result as one HTML file")
    report.add_argument("run")
    samples = commands.add_parser("samples", help="list the sample tables, or print one as CSV")
    samples.add_argument("name", nargs="?")
    profile = commands.add_parser("profile", help="describe a table: columns, kinds, missing cells, notes")
    profile.add_argument("table", help="a path, or sample:NAME")
    profile.add_argument("--target", help="the column to predict (default: a guess)")
    profile.add_argument("--json", action="store_true", help="print one line of JSON")
    new = commands.add_parser("new", help="print the experiment that the page would start with")
    new.add_argument("table", help="a path, or sample:NAME")
    new.add_argument("--target", help="the column to predict (default: a guess)")
    add_run_commands(commands)
    given = parser.parse_args(arguments)
    for name, why in register(plugins()).broken.items():
        print(f"plug-in {name}: {why}", file=sys.stderr)
    try:
        return _COMMANDS[given.command](given)
    except (InvalidExperiment, TableError, LookupError, OSError, StoreBroken) as error:
        print(error, file=sys.stderr)
        return 1


def _level(text: str) -> float:
    """A level as it is typed: 0.9. Raises ArgumentTypeError with a sentence."""
    try:
        level = float(text)
    except ValueError:
        level = float("nan")
    if not LEAST_LEVEL <= level <= LARGEST_LEVEL:
        raise argparse.ArgumentTypeError(f"{text!r} is not a level from {LEAST_LEVEL} to {LARGEST_LEVEL}: type 0.9")
    return level


def _experiment(given: argparse.Namespace) -> Experiment:
    experiment = read(given.spec.read_bytes())
    if given.table:
        experiment = experiment.model_copy(update={"data": experiment.data.model_copy(update={"table": given.table})})
    return experiment


def _tables(trains: bool = False) -> Tables:
    return Tables(TableStore(workspace()), paths=True, trains=trains)


def _run(given: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    experiment, tables = _experiment(given), _tables(trains=True)
    found = advise(experiment, tables.situation(experiment))
    for advice in found:
        print(f"{advice.level}: {advice.where}: {advice.says}", file=sys.stderr)
    if errors(found):
        return 1
    # Only now: to import MLflow takes seconds.
    from core.runs.journal import Journal, new_run_id
    from core.runs.mlflow_store import Store
    from core.runs.ownership import EngineLock
    from core.runs.run_training import run

    def say(event: dict[str, Any]) -> None:
        for epoch, values in event.get("epochs", ()):
            print(
                f"epoch {epoch}/{experiment.fit.epochs}",
                *(f"{name} {value:.5g}" for name, value in values.items() if value is not None),
            )

    keep_private(workspace())
    journal = Journal(workspace(), new_run_id())
    life = EngineLock(workspace())  # Who looks at the run before it trains sees that it is not left.
    journal.begin(experiment.text(), engine=life.hold())
    result = run(journal, tables, Store(workspace()), say)
    life.release()
    if result["says"]:
        print(result["says"], file=sys.stderr)
    if result["state"] in ("failed", "interrupted"):
        return 1
    course = Course.whole(experiment, *(result[name] for name in ("history", "ended", "judged")))
    curves = diagnose(course)
    for advice in curves:
        print(f"{advice.level}: {advice.where}: {advice.says}", file=sys.stderr)
    print(*result["log"], sep="\n", end="\n" if result["log"] else "", file=sys.stderr)
    for name, value in result["test"].items():
        beside = ", ".join(f"{simple} {parts['test'][name]:.5g}" for simple, parts in result["baselines"].items())
        print(f"test {name} {value:.5g} ({beside})")
    if result["penalty"]:
        print(f"regularization penalty {result['penalty']:.5g} (in the loss of the epochs, not in the scores)")
    print(f"run {result['run']}")
    if given.json:
        left = {name: value for name, value in result.items() if name not in ("figures", "scores", "log")}
        print(json.dumps({**left, "advice": [advice.value() for advice in curves]}))
    return 0


def _script(given: argparse.Namespace) -> int:
    experiment, tables = _experiment(given), _tables()
    situation = tables.situation(experiment)
    wrong = errors(advise(experiment, situation))
    if wrong:
        print(*(f"{advice.where}: {advice.says}" for advice in wrong), sep="\n", file=sys.stderr)
        return 1
    print(
        program(
            experiment,
            situation,
            tables.about(experiment.data.table, experiment.data.reading),
            plugins(),
            tables.second(experiment),
        ),
        end="",
    )
    return 0


def _predict(given: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.runs.journal import Journal
    from core.runs.mlflow_store import Store
    from core.runs.predict_command import predicted_file

    journal = Journal(workspace(), given.run)
    predicted, said = predicted_file(Store(workspace()), _tables(), journal, given.rows, given.interval, given.explain)
    print(*said, sep="\n", end="\n" if said else "", file=sys.stderr)
    predicted.to_csv(sys.stdout, index=False)
    return 0


def _report(given: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from core.report.page import page
    from core.runs.journal import Journal
    from core.runs.mlflow_store import Store
    from core.runs.report_data import report

    print(page(report(Store(workspace()), _tables(), Journal(workspace(), given.run))), end="")
    return 0


def _samples(given: argparse.Namespace) -> int:
    if given.name:
        load_sample(given.name).to_csv(sys.stdout, index=False)
    else:
        for sample in SAMPLES.values():
            print(f"{sample.name:18} {sample.what} Target: {sample.target}.")
    return 0


def _profile(given: argparse.Namespace) -> int:
    tables = _tables()
    about, found = tables.about(given.table), tables.profile(given.table)
    if given.target and found.column(given.target) is None:
        raise TableError(f"The table has no column {given.target!r}.")
    told = profile_json(about, found, given.target)
    if given.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(f"{about.name}: {count(told['rows'], 'row')}, {count(len(told['columns']), 'column')}")
    for column in told["columns"]:
        ends = "" if column["low"] is None else f", {column['low']} to {column['high']}"
        missing = f", {column['missing']:,} missing" if column["missing"] else ""
        print(f"{column['name']}: {column['kind']}, {count(column['distinct'], 'different value')}{ends}{missing}")
        print(*(f"    {note}" for note in column["notes"]), sep="\n", end="\n" if column["notes"] else "")
    print(*told["notes"], sep="\n", end="\n" if told["notes"] else "")
    print(f"target {told['target']} ({told['task']})" if told["target"] else "no column can be predicted")
    return 0


def _new(given: argparse.Namespace) -> int:
    print(json.dumps(new_experiment(_tables(), given.table, given.target).value(), ensure_ascii=False, indent=1))
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "cross-validate": lambda given: cross_validate(given, _experiment(given), _tables(trains=True)),
    "search": lambda given: search_settings(given, _experiment(given)),
    "script": _script,
    "predict": _predict,
    "report": _report,
    "evaluate": evaluate_run,
    "samples": _samples,
    "profile": _profile,
    "new": _new,
    "runs": list_runs,
    "compare": compare_runs,
    "delete": delete_run,
}


if __name__ == "__main__":
    sys.exit(main())
