"""Tiles with the test scores of a run's model, their intervals, and how much better than the baselines it is."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, Literal

import streamlit as st

from core.experiment.metric_titles import in_sentence, score_title
from core.experiment.score_words import better_by, compared_baselines, difference_words, interval_words
from core.experiment.spec import Experiment
from dashboard.panels.answer_beside import answer_beside, drawn_anew_once_there
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.text import count, escape, score

_MOST_TILES = 4
_SECTION = "intervals"
_COLOURS: dict[str, Literal["green", "orange", "gray"]] = {"better": "green", "worse": "orange"}


def score_tiles(asked: Asked) -> None:
    """Draws the tiles of the run's model at once; the intervals join them as soon as the worker has them."""
    answer = answer_beside(asked, _SECTION)
    draw_score_tiles(asked, answer.value or {})
    if answer.value is not None:
        st.caption(escape(resamples_text(answer.value)))
    else:
        says = (
            f"The scores have no intervals. {answer.says}" if answer.says else "Computing the intervals of the scores."
        )
        st.caption(escape(says))
    drawn_anew_once_there(answer, asked, _SECTION)


def resamples_text(intervals: dict[str, Any]) -> str:
    """What the ranges under the tiles are: of the section "intervals"."""
    test = intervals["evaluated"].get("test", {"rows": 0, "of": 0})
    of = f" (a random sample of {test['of']:,})" if test["rows"] < test["of"] else ""
    if test.get("groups") == 1:
        return f"All {count(test['rows'], 'test row')}{of} are of one group: scores of one group have no interval."
    drawn = f"{count(test['groups'], 'group')} of " if "groups" in test else ""
    together = ": rows of a group are drawn together" if drawn else ""
    return (
        f"Ranges are {intervals['level']:.0%} intervals of {count(intervals['resamples'], 'bootstrap resample')} of "
        f"{drawn}{count(test['rows'], 'test row')}{of}{together}. A difference is within the noise where its interval "
        "contains 0."
    )


def draw_score_tiles(asked: Asked, intervals: dict[str, Any]) -> None:
    """Draws the tiles with the intervals that are known: the answer of the section "intervals", or {}."""
    experiment, result, units = asked.experiment, asked.result, units_of(asked.experiment)
    names = tiled_scores(experiment, result["test"], _MOST_TILES) or ["loss"]
    for box, name in zip(st.columns(len(names)), names, strict=True):
        interval = intervals.get("scores", {}).get("test", {}).get(name, {})
        with box.container(border=True, height="stretch", gap="xsmall"):
            dummy = next(iter(result["baselines"]))
            st.metric(
                f"Test {escape(in_sentence(score_title(name, experiment), name, experiment))}",
                escape(score(name, result["test"][name], experiment, units)),
                help=escape(f"{dummy}: {score(name, result['baselines'][dummy]['test'][name], experiment, units)}"),
            )
            if interval.get("low") is not None:
                ends = interval_words(name, interval, experiment, units, points=False)
                st.caption(escape(f"{ends} ({intervals['level']:.0%} interval)"))
            for baseline in compared_baselines(name, experiment, _of_baselines(name, result, intervals)):
                difference = intervals.get("difference", {}).get(baseline, {}).get(name)
                if difference is None:
                    other = result["baselines"][baseline]["test"][name]
                    difference = {"value": better_by(name, result["test"][name], other, experiment)}
                words, verdict = difference_words(name, difference, baseline, experiment, units)
                st.markdown(f":{_COLOURS.get(verdict, 'gray')}[{escape(words[0].upper() + words[1:])}]")


def tiled_scores(experiment: Experiment, scores: Mapping[str, Any], most: int) -> list[str]:
    """The scores that have tiles: of several targets the first of each, then the second of each, as many as find room;
    those of a target stand together.
    """
    of_target: dict[str | None, list[str]] = {}
    for name in experiment.logged():
        if name in scores:
            of_target.setdefault(experiment.target_of(name), []).append(name)
    in_turn = [name for turn in zip_longest(*of_target.values()) for name in turn if name is not None][:most]
    return [name for names in of_target.values() for name in names if name in in_turn]


def _of_baselines(name: str, result: dict[str, Any], intervals: dict[str, Any]) -> dict[str, float | None]:
    """Baseline -> its test score; gradient boosting is among them as soon as it is fitted."""
    found = {simple: parts["test"].get(name) for simple, parts in result["baselines"].items()}
    more = {
        simple: parts["test"].get(name, {}).get("value") for simple, parts in intervals.get("baselines", {}).items()
    }
    return found | {simple: value for simple, value in more.items() if simple not in found}
