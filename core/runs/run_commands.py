"""The command line's list of runs and their deletion, which import MLflow when they are called: it takes seconds."""

import argparse
import json
import time
from dataclasses import asdict

from core.experiment.counts import count
from core.experiment.messages import printed
from core.runs.journal import Journal
from core.workspace import workspace


def add_run_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `runs`, `compare` and `delete`."""
    runs = commands.add_parser("runs", help="list the runs of the workspace, newest first")
    runs.add_argument("--json", action="store_true", help="print one line of JSON")
    compare = commands.add_parser(
        "compare", help="compare runs: scores, settings that differ, differences on the same test rows"
    )
    compare.add_argument("runs", nargs="+", metavar="RUN")
    compare.add_argument("--json", action="store_true", help="print one line of JSON")
    delete = commands.add_parser("delete", help="delete a run, its weights and its files")
    delete.add_argument("run")


def list_runs(given: argparse.Namespace) -> int:
    """Prints a line for each run: its best validation scores, its test scores only as JSON."""
    from core.runs.mlflow_store import Store

    records = Store(workspace()).records()
    if given.json:
        print(json.dumps([asdict(record) for record in records], ensure_ascii=False))
        return 0
    for record in records:
        day = time.strftime("%Y-%m-%d %H:%M", time.gmtime(record.started))
        scores = ", ".join(f"{name} {value:.5g}" for name, value in record.validation.items())
        print(f"{record.id}  {day}  {record.state:9}  {printed(record.name)}  {record.network}  {scores}".rstrip())
    return 0


def delete_run(given: argparse.Namespace) -> int:
    """Deletes a run that is over; the Runs page can undo it for a minute. Raises NoSuchRun."""
    from core.runs.mlflow_store import NoSuchRun, Store

    store, journal = Store(workspace()), Journal(workspace(), given.run)
    record = store.record(given.run)
    if journal.worked_on():
        raise NoSuchRun("This run has not ended. Stop it first.")
    store.delete(given.run)
    print(f"deleted {given.run} ({printed(record.name)}, {count(record.epochs, 'epoch')})")
    return 0
