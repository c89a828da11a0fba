"""Tiles with the test scores of a run's model, their intervals, and how much better than the baselines it is."""

from typing import Any, Literal

import streamlit as st

from core.experiment.metric_titles import score_title
from core.experiment.score_words import better_by, compared_baselines, difference_words, interval_words
from core.experiment.spec import Experiment
from core.runs.worker_client import NotReady
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.services import engine
from dashboard.text import count, escape, score

_MOST_TILES = 4
_LOOK = 0.5  # Seconds between two looks whether the intervals are there.
_COLOURS: dict[str, Literal["green", "orange", "gray"]] = {"better": "green", "worse": "orange"}


def score_tiles(run_id: str, experiment: Experiment, result: dict[str, Any], card: dict[str, Any]) -> None:
    """Draws the tiles at once; the intervals join them as soon as the worker has them."""
    asked = Asked(run_id, experiment, result, card, None, card["targets"][0]["target"])
    intervals, says, waits = _intervals(asked)
    draw_score_tiles(asked, intervals or {})
    st.caption(escape(says if intervals is None else _how(intervals)))
    with st.container():  # Always there: what comes after keeps its place.
        if waits:
            st.fragment(_once_computed, run_every=_LOOK)(asked)


def _intervals(asked: Asked) -> tuple[dict[str, Any] | None, str, bool]:
    """The intervals, or a sentence why they are not there, and whether they will be."""
    try:
        found = asked.answer_when_ready("intervals")
    except NotReady as error:
        return None, str(error), not engine().trouble
    except (LookupError, RuntimeError, TableError) as error:
        return None, f"The scores have no intervals. {error}", False
    return found, "Computing the intervals of the scores.", found is None


def _once_computed(asked: Asked) -> None:
    """Draws the page anew as soon as there is something new to say."""
    if not _intervals(asked)[2]:
        st.rerun()


def _how(intervals: dict[str, Any]) -> str:
    test = intervals["evaluated"].get("test", {"rows": 0, "of": 0})
    of = f" (a random sample of {test['of']:,})" if test["rows"] < test["of"] else ""
    return (
        f"Ranges are {intervals['level']:.0%} intervals of {count(intervals['resamples'], 'bootstrap resample')} of "
        f"{count(test['rows'], 'test row')}{of}. A difference is within the noise where its interval contains 0."
    )


def draw_score_tiles(asked: Asked, intervals: dict[str, Any]) -> None:
    """Draws the tiles with the intervals that are known: the answer of the section "intervals", or {}."""
    experiment, result, units = asked.experiment, asked.result, units_of(asked.experiment)
    names = [name for name in experiment.logged() if name in result["test"]][:_MOST_TILES] or ["loss"]
    for box, name in zip(st.columns(len(names)), names, strict=True):
        interval = intervals.get("scores", {}).get("test", {}).get(name, {})
        with box.container(border=True, height="stretch", gap="xsmall"):
            dummy = next(iter(result["baselines"]))
            st.metric(
                f"Test {escape(score_title(name, experiment))}",
                escape(score(name, result["test"][name], experiment, units)),
                help=escape(f"{dummy}: {score(name, result['baselines'][dummy]['test'][name], experiment, units)}"),
            )
            if interval.get("low") is not None:
                ends = interval_words(name, interval, experiment, units, points=False)
                st.caption(escape(f"{ends} ({intervals['level']:.0%} interval)"))
            for baseline in compared_baselines(name, experiment, _of_baselines(name, result)):
                own = {"value": better_by(name, *_both(name, baseline, result), experiment)}
                difference = intervals.get("difference", {}).get(baseline, {}).get(name, own)
                words, verdict = difference_words(name, difference, baseline, experiment, units)
                st.markdown(f":{_COLOURS.get(verdict, 'gray')}[{escape(words[0].upper() + words[1:])}]")


def _both(name: str, baseline: str, result: dict[str, Any]) -> tuple[float, float]:
    return result["test"][name], result["baselines"][baseline]["test"][name]


def _of_baselines(name: str, result: dict[str, Any]) -> dict[str, float | None]:
    return {simple: parts["test"].get(name) for simple, parts in result["baselines"].items()}
