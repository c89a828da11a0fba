"""The Race panel: what differs, its values and seeds; the variants side by side while they train; and which differences
matter.
"""

import html
from collections.abc import Callable

import streamlit as st

from core.experiment.spec import Experiment
from core.race.comparison import WORDS, Compared, compare, comparison_sentences
from core.race.settings import SETTINGS, Setting, Value
from core.race.variants import FEWEST, MOST, MOST_SEEDS, NO_VALIDATION, open_to, suggestions
from core.runs.race import Lane, Race, larger_wins, scores
from core.tables.errors import TableError
from dashboard.components.race import COLOURS, race_curves
from dashboard.panels.common import escape, metric_choice, units_of
from dashboard.panels.cross_fitted_lanes import cross_fitted_lanes
from dashboard.panels.race_landscape import race_landscape_panel
from dashboard.services import races, tables
from dashboard.session import race as race_session
from dashboard.session import state
from dashboard.text import count, in_sentence, metric_title, score

_USUAL_VALUES, _USUAL_SEEDS = 3, 3


def race_panel() -> None:
    """Draws the panel."""
    race = None
    if race_id := race_session.shown_race():
        try:
            race = races().find(race_id)
        except LookupError as error:
            st.info(escape(str(error)))
    if race is None:
        _begin()
    else:
        _show(race)


def _begin() -> None:
    experiment = state.experiment()
    if not state.situation().validated:
        st.info(NO_VALIDATION)
        return
    known = open_to(experiment)
    names = [setting.name for setting in known]
    with st.container(horizontal=True, vertical_alignment="bottom", key="tight-race"):
        name = st.selectbox("Vary", names, format_func=lambda one: SETTINGS[one].title, key="race-setting", width=170)
        seeds = st.number_input(
            "Seeds",
            1,
            MOST_SEEDS,
            value=_USUAL_SEEDS,
            key="race-seeds",
            width=110,
            help="Each variant is trained once per seed; all start from the same initial weights. A test needs "
            "at least two seeds.",
        )
        setting = SETTINGS[name or names[0]]
        chosen = st.multiselect(
            "Values",
            list(words := _words(experiment, setting)),
            default=_usual(experiment, setting, words),
            key=f"race-values-{setting.name}@{state.revision()}",
            max_selections=MOST,
            accept_new_options=True,
            select_all=False,  # Else Enter takes "0.003", too, where 0.03 is written.
            filter_mode="prefix",
            placeholder="Choose or type values",
            help=setting.help,
        )
    values, wrong = _read(setting, chosen, words)
    if wrong:
        st.warning(escape(wrong))
    with st.container(horizontal=True, vertical_alignment="center", key="tight-race-go"):
        st.button(
            "Race",
            icon=":material/sports_score:",
            type="primary",
            key="race",
            on_click=race_session.start,
            args=(setting.name, values, int(seeds)),
            disabled=bool(wrong) or not FEWEST <= len(values) <= MOST,
        )
        if not wrong and len(values) < FEWEST:
            st.caption(f"Choose {FEWEST} to {MOST} values.")
        elif not wrong:
            runs = count(len(values) * int(seeds), "training")
            st.caption(
                f"{runs} on the same rows. Runs of one seed start from the same weights where their shapes match."
            )


def _words(experiment: Experiment, setting: Setting) -> dict[str, Value]:
    """The suggestions as they are read on screen."""
    return {_short(value): value for value in suggestions(experiment, setting)}


def _short(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else f"{value:,}"


def _usual(experiment: Experiment, setting: Setting, words: dict[str, Value]) -> list[str]:
    """The current value and those beside it."""
    names = list(words)
    at = names.index(_short(setting.current(experiment)))  # type: ignore[arg-type]  # Open to this experiment: there is one.
    first = max(0, min(at - 1, len(names) - _USUAL_VALUES))
    return names[first : first + _USUAL_VALUES]


def _read(setting: Setting, chosen: list[str], words: dict[str, Value]) -> tuple[list[Value], str]:
    """The values, and a sentence about one that cannot be read."""
    try:
        return list(dict.fromkeys(words[one] if one in words else setting.read(one) for one in chosen)), ""
    except ValueError as error:
        return [], str(error)


def _show(race: Race) -> None:
    """A race that goes on or is over."""
    base, units = race.base, units_of(race.base)
    with st.container(horizontal=True, vertical_alignment="center", key="tight-race"):
        st.markdown(
            f"**{escape(race.setting.title)}**{'' if race.variants else f' of {escape(base.name)}'}, "
            f"{count(len(race.seeds), 'seed')}",
            width="stretch",
        )
        measure = metric_choice(race.measures, base, f"race-measure-{race.id}")
        lanes = races().standing(race, measure)
        over = all(lane.over for lane in lanes)
        if not over:
            st.button("Stop all", icon=":material/stop:", key="race-stop", on_click=race_session.stop, args=(race.id,))
        st.button("New race", icon=":material/add:", key="race-new", on_click=race_session.leave)
    row = base.logged()[measure].row if measure in base.logged() else None
    race_curves(
        race.id,
        {race.setting.words(value): [run for one, _, run in race.runs if one == value] for value in race.values},
        measure,
        metric_title(measure, base),
        name=race.base.name,
        key="race-curves",
        larger=larger_wins(base, measure),
        share=bool(row and row.share),
        unit=units.get(base.target_of(measure), "") if row and row.power == 1 else "",
        over=over,
    )
    if over:
        _verdict(race, cross_fitted_lanes(race, lanes, measure), measure)
        race_landscape_panel(race, lanes, measure)
    else:
        st.caption("The comparison appears when all runs have ended.")


def _verdict(race: Race, lanes: list[Lane], measure: str) -> None:
    base, units, row = race.base, units_of(race.base), race.base.logged().get(measure)
    share = bool(row and row.row.share)
    step = 1 / max(1, _validated(base)) if share else 0.0

    def write(value: float) -> str:
        return score(measure, value, base, units)

    def apart(value: float) -> str:
        return f"{100 * value:.1f} points" if share else write(value)

    found = compare(scores(race, lanes), larger_wins(base, measure), step)
    title = in_sentence(metric_title(measure, base), measure, base)
    st.markdown(escape(comparison_sentences(found, f"validation {title}", write, apart)))
    with st.container(key="tight-race-table"):
        for at, (value, (name, one)) in enumerate(zip(race.values, found.items(), strict=True)):
            with st.container(horizontal=True, vertical_alignment="center", key=f"row-race-{at}"):
                st.markdown(_line(name, one, COLOURS[at], write), unsafe_allow_html=True, width="stretch")
                here = race.variant(value).text() == state.experiment().text()
                words = "On screen" if here else "Apply"
                st.button(words, key=f"race-take-{at}", on_click=_take, args=(race.id, at), disabled=here, width=92)
    gone = [lane for lane in lanes if lane.says and lane.state not in ("finished", "stopped")]
    for lane in gone[:2]:
        st.warning(escape(f"{race.setting.words(lane.value)}, seed {lane.seed}: {lane.says}"))
    st.caption(
        "Validation scores at each run's best epoch. Variants are compared seed by seed with paired t-tests at a "
        "family-wise error rate of 5% (Holm's correction over all pairs)."
    )


def _validated(experiment: Experiment) -> int:
    """Validation rows: 0 when the table is gone."""
    try:
        return tables().situation(experiment).rows[1]
    except TableError:
        return 0


def _line(name: str, one: Compared, colour: str, write: Callable[[float], str]) -> str:
    cells = [f'<span style="color: {colour}">&#9679;</span> <b>{html.escape(" ".join(name.split()))}</b>']
    if one.mean is not None and one.low is not None and one.high is not None:
        cells += [write(one.mean), f"{write(one.low)} to {write(one.high)}" if one.high > one.low else ""]
    else:
        cells += ["", ""]
    cells.append(f'<span class="ld-race-{one.verdict.replace(" ", "-")}">{WORDS[one.verdict]}</span>')
    return f'<div class="ld-race-row">{"".join(f"<span>{cell}</span>" for cell in cells)}</div>'


def _take(race_id: str, at: int) -> None:
    try:
        race = races().find(race_id)
    except LookupError as error:
        state.note(str(error))
        return
    state.replace(race.variant(race.values[at]))
