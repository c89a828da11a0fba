"""Trainings that repeat a run, with other seeds or on folds: begun and stopped from the page."""

from core.race.variants import seeds_of
from dashboard.services import engine, repeated_runs
from dashboard.session import state


def repeat(run: str, folds: int | None, seeds: int | None) -> None:
    """Queues a run again: on each of so many folds with its own seed, or with so many seeds after its own."""
    try:
        ran = engine().store().experiment(run, "as_run.json")  # With what a person changed while it trained.
        after = None if seeds is None else seeds_of(ran.fit.seed + 1, seeds)
        repeated_runs().start(ran, run, folds, after, state.draft())
    except (ValueError, LookupError, RuntimeError) as error:
        state.note(str(error))


def stop_group(group: str) -> None:
    """Ends all runs of a group."""
    try:
        repeated_runs().stop(group)
    except (LookupError, RuntimeError) as error:
        state.note(str(error))
