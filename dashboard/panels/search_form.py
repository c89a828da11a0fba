"""The form of a search: what is varied, in which ranges, for how long, and by which score."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.catalog.fields import Pick
from core.experiment.differences import setting_text
from core.experiment.spec import Experiment
from core.runs.race import measures
from core.runs.searches import MOST_MINUTES, MOST_SEEDS, MOST_TRIALS
from core.search.checked_space import NO_VALIDATION_ROWS
from core.search.finalists import FINALISTS, trainings_words
from core.search.proposals import Proposal, changes_loss, proposals
from core.search.sampler import PRUNERS, SAMPLERS
from core.search.space import MOST_CHOICES, MOST_DIMENSIONS, Dimension, Space
from core.search.varied_fields import FEATURE, PREPARATION, field_at
from dashboard.panels.field_widgets import show_in_box
from dashboard.services import searches
from dashboard.session import search as search_session
from dashboard.session import state
from dashboard.text import count, escape, in_sentence, metric_title

_MOST_COLUMNS = 100  # Features that the list offers to leave out, one by one, and as many settings of their own.
_MOST_EARLIER = 50
_SAMPLER_WORDS = {"tpe": "TPE (learns from earlier trials)", "random": "Random", "grid": "Grid"}
_PRUNER_WORDS = {"median": "Median", "hyperband": "Hyperband", "none": "None: every trial runs to its end"}
NO_METRIC = (
    "These settings change what the loss measures, so trials cannot be compared by it. Add a metric "
    "under Loss and metrics."
)


def search_form() -> None:
    """Draws the form, with what is usual for the experiment on screen already chosen."""
    experiment, situation = state.experiment(), state.situation()
    if not situation.validated:
        st.info(NO_VALIDATION_ROWS)
        return
    proposed = {one.dimension.path: one for one in _offered(proposals(experiment, situation))}
    form = search_session.form()
    usual = {path: one.dimension.value() for path, one in proposed.items() if one.usual}
    # What the experiment has no longer is dropped.
    space = usual if form["space"] is None else {path: one for path, one in form["space"].items() if path in proposed}
    st.markdown("Trains variants of this experiment and keeps the best. The first trial is the experiment on screen.")
    with st.container(horizontal=True, vertical_alignment="bottom", key="tight-search-go"):
        go = st.container(width="content")
        _number("Trials", "trials", form["trials"], MOST_TRIALS)
        _number("Minutes", "minutes", form["minutes"], MOST_MINUTES)
        measure = _measure(experiment, space, form["measure"])
        _earlier()
    space = _vary(experiment, proposed, space)
    wrong = _wrong(space, measure)
    if wrong:
        st.warning(escape(wrong))
    go.button(
        "Search",
        icon=":material/manage_search:",
        type="primary",
        key="search",
        on_click=search_session.start,
        args=(measure, space),
        disabled=bool(wrong),
    )
    _method(form)
    if not wrong:
        st.caption(_outlook(experiment, space, form, measure))


def _offered(found: tuple[Proposal, ...]) -> list[Proposal]:
    """All but most of very many columns."""
    hidden: set[str] = set()
    for start in (FEATURE, PREPARATION):
        of_columns = [one.dimension.path for one in found if one.dimension.path.startswith(start)]
        hidden |= set(of_columns[_MOST_COLUMNS:])
    return [one for one in found if one.dimension.path not in hidden]


def _number(label: str, name: str, value: float | None, most: int) -> None:
    key = f"search-{name}"
    show_in_box(key, None if value is None else int(value))
    st.number_input(
        label,
        1,
        most,
        value=None,
        step=1,
        key=key,
        placeholder="no limit",
        width=112,
        on_change=_keep,
        args=(name, key),
        help="The search ends after this many; empty for no limit. With neither limit it runs until you stop it.",
    )


def _keep(name: str, key: str) -> None:
    search_session.keep_in_form(**{name: st.session_state[key]})


def _measure(experiment: Experiment, space: Mapping[str, Any], chosen: str | None) -> str:
    """The choice of the score on the validation rows that the search improves; "" where there is none."""
    known = measures(experiment)
    if _reads(space) and changes_loss(experiment, Space.read(space)):
        known = [name for name in known if name != "loss"]
    if not known:
        return ""
    key = f"search-measure@{state.revision()}"
    return st.selectbox(
        "Metric",
        known,
        index=known.index(chosen) if chosen in known else 0,
        format_func=lambda name: metric_title(name, experiment),
        key=key,
        width=190,
        on_change=_keep,
        args=("measure", key),
        help="Trials are compared by this score on the validation rows, at each trial's best epoch.",
    )


def _earlier() -> None:
    """The searches that were begun before, the newest first."""
    known = {one.id: one for one in searches().list()[:_MOST_EARLIER]}
    if known:
        key = "search-earlier"
        st.selectbox(
            "Earlier searches",
            list(known),
            index=None,
            placeholder="Open one",
            format_func=lambda search: f"{known[search].base.name}, {_begun(known[search].begun)}",
            key=key,
            width=190,
            on_change=lambda: search_session.show_search(st.session_state[key]),
        )


def _begun(moment: float) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(moment):%d %b %H:%M}"


def _vary(experiment: Experiment, proposed: Mapping[str, Proposal], space: dict[str, Any]) -> dict[str, Any]:
    """The settings that are varied, each with its range or choices; the space as its JSON value."""
    key = f"search-vary@{state.revision()}"
    st.multiselect(
        "Vary",
        list(proposed),
        default=list(space),
        format_func=lambda path: proposed[path].label,
        key=key,
        max_selections=MOST_DIMENSIONS,
        on_change=_keep_varied,
        args=(key, space, {path: one.dimension.value() for path, one in proposed.items()}),
        placeholder="Choose settings",
        help="Any setting of the layers, the optimizer, the fit, the callbacks and the features. A log scale tries "
        "0.001 to 0.01 as often as 0.01 to 0.1: for rates, strengths and widths.",
    )
    with st.container(key="tight-search-space"):
        for at, (path, value) in enumerate(space.items()):
            with st.container(horizontal=True, vertical_alignment="center", key=f"row-search-{at}"):
                title = proposed[path].label
                st.markdown(escape(title), width="stretch", help=escape(proposed[path].help))
                if "choices" in value:
                    _choices(experiment, proposed[path].dimension, title, path, space)
                else:
                    _range(proposed[path].dimension, title, path, space)
    return space


def _keep_varied(key: str, space: dict[str, Any], proposed: dict[str, Any]) -> None:
    chosen = st.session_state[key]
    search_session.keep_in_form(space={path: space.get(path, proposed[path]) for path in chosen})


def _range(dimension: Dimension, title: str, path: str, space: dict[str, Any]) -> None:
    whole, value = dimension.kind == "int", space[path]
    for end, word in (("low", "lowest"), ("high", "highest")):
        key = f"search-{end}-{path}@{state.revision()}"
        number = value[end]
        st.number_input(
            f"{escape(title)}, {word}",
            value=int(number) if whole else float(number),
            step=1 if whole else 10.0 ** math.floor(math.log10(abs(number) or 0.1)),
            format="%d" if whole else "%g",
            label_visibility="collapsed",
            key=key,
            width=120,
            on_change=_keep_part,
            args=(space, path, end, key),
        )
        if end == "low":
            st.markdown("to", width="content")
    key = f"search-log-{path}@{state.revision()}"
    st.checkbox(
        "Log scale",
        value=value.get("log", False),
        key=key,
        on_change=_keep_part,
        args=(space, path, "log", key),
    )


def _keep_part(space: dict[str, Any], path: str, part: str, key: str) -> None:
    value = {**space[path], part: st.session_state[key]}
    if not value.get("log", True):
        del value["log"]
    search_session.keep_in_form(space={**space, path: value})


def _choices(experiment: Experiment, dimension: Dimension, title: str, path: str, space: dict[str, Any]) -> None:
    field = field_at(experiment, path)
    known = list(dimension.choices)
    if field and isinstance(field.field, Pick):
        known += [word for word in field.field.words() if word not in known]
    chosen = space[path]["choices"]
    words = {setting_text(choice): choice for choice in [*known, *chosen]}
    key = f"search-choices-{path}@{state.revision()}"
    st.multiselect(
        f"{escape(title)}, choices",
        list(words),
        default=[setting_text(choice) for choice in chosen],
        label_visibility="collapsed",
        key=key,
        max_selections=MOST_CHOICES,
        on_change=_keep_choices,
        args=(space, path, words, key),
        width=380,
    )


def _keep_choices(space: dict[str, Any], path: str, words: dict[str, Any], key: str) -> None:
    choices = [words[word] for word in st.session_state[key]]
    search_session.keep_in_form(space={**space, path: {"choices": choices}})


def _reads(space: Mapping[str, Any]) -> bool:
    try:
        Space.read(space)
    except ValueError:
        return False
    return True


def _wrong(space: Mapping[str, Any], measure: str) -> str:
    """Why this is no search, a sentence; "" where it is one."""
    if not space:
        return "Choose at least one setting to vary."
    try:
        Space.read(space)
    except ValueError as error:
        return str(error)
    return "" if measure else NO_METRIC


def _method(form: Mapping[str, Any]) -> None:
    """How trials are chosen and ended, for those who know."""
    with st.expander("Sampler, pruner and seeds", key="search-method"):
        for label, name, words, help in (
            (
                "Sampler",
                "sampler",
                {one: _SAMPLER_WORDS.get(one, one) for one in SAMPLERS},
                "How the values of the next trial are chosen. TPE tries more of what was good; a grid takes five "
                "values of each range.",
            ),
            (
                "Pruner",
                "pruner",
                {one: _PRUNER_WORDS.get(one, one) for one in PRUNERS},
                "Ends trials early that are behind the others at the same epoch. Their best epoch is kept.",
            ),
        ):
            key = f"search-{name}"
            st.selectbox(
                label,
                list(words),
                index=list(words).index(form[name]),
                format_func=words.__getitem__,
                key=key,
                on_change=_keep,
                args=(name, key),
                help=help,
            )
        for label, name, key, help in (
            (
                "Seeds of the finalists",
                "finalist_seeds",
                "search-finalist-seeds",
                f"The {FINALISTS} best trials and the experiment on screen are trained again with "
                "this many new seeds, and their mean validation scores decide which is best: the "
                "score of one seed is partly luck. 0 skips this.",
            ),
            (
                "Seeds at the end",
                "seeds",
                "search-seeds",
                "The best trial, the runner-up and the experiment on screen are trained again with "
                "this many other new seeds, and only then compared on the test rows. 0 skips this.",
            ),
        ):
            st.number_input(
                label, 0, MOST_SEEDS, value=form[name], key=key, on_change=_keep, args=(name, key), help=help
            )


def _outlook(experiment: Experiment, space: Mapping[str, Any], form: Mapping[str, Any], measure: str) -> str:
    """What will happen, in words."""
    limits = [count(form["trials"], "trial")] if form["trials"] else []
    limits += [count(form["minutes"], "minute")] if form["minutes"] else []
    title = in_sentence(metric_title(measure, experiment), measure, experiment)
    until = f"Up to {' or '.join(limits)}" if limits else "Trials until you stop it"
    says = f"{until} over {count(len(space), 'setting')}, compared by validation {title}."
    says += f" {trainings_words(form['trials'], form['finalist_seeds'], form['seeds'])}"
    return escape(says.strip())
