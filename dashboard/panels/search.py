"""The Search panel: the form of a search; its trials while it goes on; and at its end whether the best one is better
than where it started.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.differences import setting_text
from core.experiment.score_words import interval_words
from core.runs.search_confirmation import BEST, SECOND, START, Confirmation
from core.runs.search_reevaluation import Reevaluation
from core.runs.searches import Search, Standing
from core.search.finalists import START_TRIAL
from core.search.proposals import title_of
from dashboard.components.search import search_live
from dashboard.panels.common import escape, to_build, units_of
from dashboard.panels.search_form import search_form
from dashboard.services import searches
from dashboard.session import search as search_session
from dashboard.text import count, in_sentence, metric_title, score

_LOOK = 1.0  # Seconds between two sentences of a search that goes on.


def search_panel() -> None:
    """Draws the panel."""
    search = None
    if search_id := search_session.shown_search():
        try:
            search = searches().find(search_id)
        except LookupError as error:
            st.info(escape(str(error)))
    if search is None:
        search_form()
    else:
        _show(search)


def search_of_run(run: str) -> None:
    """Draws the way from a run that was trained for a search to that search; of another run nothing."""
    if found := searches().of(run):
        st.button(
            f"Trained for a search around {escape(found.base.name)}",
            icon=":material/manage_search:",
            type="tertiary",
            key="search-of-run",
            on_click=_to_search,
            args=(found.id,),
        )


def _to_search(search: str) -> None:
    search_session.show_search(search)
    to_build()


def _show(search: Search) -> None:
    """A search that goes on or is over."""
    standing = searches().standing(search)
    base = search.base
    with st.container(horizontal=True, vertical_alignment="center", key="tight-search"):
        varied = count(len(search.space.dimensions), "setting")
        st.markdown(f"**Search** around {escape(base.name)}, {varied}", width="stretch")
        _stop_button(search, standing)
        st.button(
            "Open the best",
            icon=":material/open_in_new:",
            type="primary" if standing.over and standing.best not in (None, START_TRIAL) else "secondary",
            key="search-best",
            on_click=search_session.open_trial,
            args=(search.id,),
            help="Puts the best trial so far on screen as the experiment; Undo brings back what is there now.",
        )
        st.button(
            "New search", icon=":material/add:", key="search-new", on_click=search_session.show_search, args=(None,)
        )
    if standing.confirmation is not None and standing.confirmation.sentence:
        _confirmed(search, standing, standing.confirmation)
    if standing.reevaluation is not None and standing.reevaluation.validation is not None:
        _reevaluated(search, standing, standing.reevaluation)
    _live(search, standing, opened=lambda number: search_session.open_trial(search.id, int(number)))
    if standing.over and standing.confirmation is None and standing.best is not None:
        st.caption(
            "The best trial was chosen by its validation score among many, which makes that score "
            "too optimistic. Train it again with other seeds before you trust it."
        )


def search_presented(search: Search) -> None:
    """A search as an audience sees it: how far it is and what is best in a sentence, and the curves of its trials."""
    standing = searches().standing(search)
    if standing.over:
        st.markdown(f"### {escape(search_words(search, standing))}")
    else:
        _words(search.id)
    _live(search, standing, height=380)


@st.fragment(run_every=_LOOK)
def _words(search_id: str) -> None:
    """The sentence of a search that goes on."""
    try:
        search = searches().find(search_id)
    except LookupError:  # It was deleted.
        st.rerun()
    st.markdown(f"### {escape(search_words(search, searches().standing(search)))}")


def search_words(search: Search, standing: Standing) -> str:
    """A search in two or three sentences, for those who look on: how far it is, which trial is the best so far and
    where it started, and what its runs with new seeds say of it.
    """
    base, measure, done = search.base, search.measure, sum(trial.over for trial in standing.trials)
    of = f" of {search.budget.trials:,}" if search.budget.trials and not standing.over else ""
    said = [f"{done:,}{of} {'trial has' if done == 1 and not of else 'trials have'} ended."]
    again = standing.reevaluation
    if again is not None and again.sentence:
        said.append(again.sentence)
    elif standing.best is not None:
        best, start = standing.trial(standing.best), standing.trial(1)
        title = in_sentence(metric_title(measure, base), measure, base)
        of_start = ""
        if start.best is not None and start.number != best.number:
            of_start = f", the start {score(measure, start.best, base, units_of(base))}"
        said.append(
            f"Trial {best.number:,} is the best{'' if standing.over else ' so far'}: validation {title} "
            f"{score(measure, best.best, base, units_of(base))}{of_start}."
        )
    if standing.confirmation is not None and standing.confirmation.sentence:
        said.append(standing.confirmation.sentence)
    elif standing.state == "confirming":
        choosing = again is not None and not again.sentence
        said.append(
            "The best trials are trained again with new seeds, to choose among them."
            if choosing
            else "The best trial is trained again with other new seeds, for its test score."
        )
    elif standing.state == "failed":
        said.append(standing.says)
    return " ".join(said)


def _live(search: Search, standing: Standing, **settings: Any) -> None:
    """The trials of a search, drawn by the browser."""
    base, measure = search.base, search.measure
    row = base.logged()[measure].row if measure in base.logged() else None
    search_live(
        search.id,
        [_dimension(search, one.path) for one in search.space.dimensions],
        metric_title(measure, base),
        key="search-live",
        state=standing.state,
        trials=search.budget.trials,
        larger=search.larger,
        share=bool(row and row.share),
        unit=units_of(base).get(base.target_of(measure), "") if row and row.power == 1 else "",
        **settings,
    )


def _stop_button(search: Search, standing: Standing) -> None:
    if standing.over:
        return
    confirming = standing.state == "confirming"
    st.button(
        "Stop here" if confirming else "Stop",
        icon=":material/stop:",
        key="search-stop",
        on_click=search_session.stop,
        args=(search.id, not confirming),
        disabled=standing.state == "stopping",
        help="Ends the runs with new seeds; the best trial stays."
        if confirming
        else "Ends the search with its best trial, which is then trained again with new seeds."
        if search.seeds
        else "Ends the search with its best trial.",
    )


def _dimension(search: Search, path: str) -> dict[str, Any]:
    """A setting as the browser draws it."""
    dimension = search.space.dimension(path)
    assert dimension is not None
    return {
        "path": path,
        "title": title_of(search.base, path),
        "kind": dimension.kind,
        "low": dimension.low,
        "high": dimension.high,
        "log": dimension.log,
        "choices": [setting_text(choice) for choice in dimension.choices],
    }


def _confirmed(search: Search, standing: Standing, found: Confirmation) -> None:
    """What came of the best trials with new seeds: a sentence, and the scores behind it."""
    (st.success if found.better else st.info)(escape(found.sentence))
    best, *others = standing.ranking
    names = {START: "Start", BEST: f"Trial {best}, best"}
    if found.runs[BEST] == found.runs[START]:
        names = {START: f"Trial {best}, start and best"}
    if others:
        names[SECOND] = f"Trial {others[0]}, runner-up"
    st.dataframe(
        pd.DataFrame([_row(search, found, variant, name) for variant, name in names.items() if variant in found.runs]),
        placeholder="-",
        hide_index=True,
    )
    st.caption(
        f"Means of {count(len(found.seeds), 'new seed')}. The test rows had no part in the search; their 95% interval "
        "says where other test rows would put the score."
        if found.test
        else f"Means of {count(len(found.seeds), 'new seed')} on the validation rows, by which the trials were chosen."
    )


def _reevaluated(search: Search, standing: Standing, found: Reevaluation) -> None:
    """What came of the finalists: a sentence, and their scores behind it."""
    base, units = search.base, units_of(search.base)
    title = in_sentence(metric_title(search.measure, base), search.measure, base)

    def write(scores: Sequence[float | None]) -> str:
        there = [one for one in scores if one is not None]
        return score(search.measure, fmean(there), base, units) if there else "no score"

    st.markdown(escape(found.sentence))
    with st.expander("Scores of the finalists", key="search-finalists"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "": "Start" if number == START_TRIAL else f"Trial {number}",
                        f"validation {title}, new seeds": write(scores),
                        "of its trial": write([standing.trial(number).best]),
                    }
                    for number, scores in sorted(
                        (found.validation or {}).items(), key=lambda one: standing.ranking.index(one[0])
                    )
                ]
            ),
            placeholder="-",
            hide_index=True,
        )
        st.caption(
            "The score of its trial was the best of many, each from one seed, and is therefore too "
            "optimistic; the mean over new seeds is less so."
        )


def _row(search: Search, found: Confirmation, variant: str, name: str) -> dict[str, str]:
    base, measure, units = search.base, search.measure, units_of(search.base)
    title = in_sentence(metric_title(measure, base), measure, base)

    def mean(scores: dict[str, list[float | None]] | None) -> str:
        there = [one for one in (scores or {}).get(variant, []) if one is not None]
        return score(measure, sum(there) / len(there), base, units) if there else "no score"

    row = {"": name, f"validation {title}": mean(found.validation)}
    if found.test:
        interval = (found.intervals or {}).get(variant)
        row[f"test {title}"] = mean(found.test)
        row["95% interval"] = interval_words(measure, interval, base, units, points=False) if interval else "-"
    return row
