"""The Build page: the stack, the live curves, compile and fit, and Train, all in one sight."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.advice.checks import advise, errors
from core.experiment.counts import enumerated
from core.experiment.fork import from_scratch
from core.experiment.metric_titles import in_sentence, score_title
from core.experiment.shapes import input_columns, outline
from core.experiment.spec import Experiment, read
from core.experiment.task import Situation, Task
from core.experiment.templates import TEMPLATES, stack
from core.runs.run_state import LiveRun
from dashboard.components.live import live
from dashboard.components.tour import tour
from dashboard.panels.advice import MOST, advice_list, run_advice
from dashboard.panels.common import escape, plots_of, units_of, where_it_starts
from dashboard.panels.compile_and_fit import settings
from dashboard.panels.layer_stack import layer_stack
from dashboard.panels.lessons import lessons_popover
from dashboard.panels.loss_landscape import loss_landscape_panel
from dashboard.panels.network import board, run_on_screen
from dashboard.panels.program import program_panel
from dashboard.panels.race import race_panel
from dashboard.panels.score_tiles import tiled_scores
from dashboard.panels.search import search_panel
from dashboard.panels.share import share_popover
from dashboard.panels.training_controls import controls
from dashboard.services import engine, own_plugins
from dashboard.session import state, training
from dashboard.text import asked_in_short, count, score
from dashboard.views import predict, result

_MOST_CURVES = 4  # Charts of one target; each further target may bring two more.


def view() -> None:
    """Draws the page."""
    situation = state.situation()
    # Before the stack: one that came after it would push it down a phone.
    with st.container(horizontal=True, vertical_alignment="center", key="tight-bar"):
        _bar(situation, blocked=bool(errors(advise(state.experiment(), situation))))
    left, middle, right = st.columns([1.0, 2.15, 0.82], gap="medium")
    with left:
        layer_stack(situation)
        with st.container(key="tight-advice"):
            shown = _run_of_this(state.experiment())
            if shown and not shown.over:
                run_advice(shown.id, MOST - 1)
                advice_list(most=1)
            else:
                advice_list(run=shown.id if shown else None)
            for name, why in own_plugins().broken.items():
                st.warning(escape(f"The plug-in {name} was left out. {why}"))
    with right, st.container(key="tight-settings"):
        settings(situation)
    with middle, st.container(key="tight-curves"):
        board_place, curves = st.container(key="tight-board"), st.container(key="tight-charts")
    tour()
    with curves:
        tabs = st.tabs(["Curves", "Program", "Race", "Search", "Loss landscape"], key=state.BELOW, on_change="rerun")
        with tabs[0]:
            _curves(situation, board_place)
        panels: tuple[Callable[[], None], ...] = (
            program_panel,
            race_panel,
            search_panel,
            partial(loss_landscape_panel, state.run_id()),
        )
        for tab, panel in zip(tabs[1:], panels, strict=True):
            if tab.open:
                with tab:
                    panel()


def _bar(situation: Situation, blocked: bool) -> None:
    experiment = state.experiment()
    key = f"name@{state.revision()}"
    st.text_input(
        "Name",
        experiment.name,
        max_chars=120,
        label_visibility="collapsed",
        width=240,
        key=key,
        on_change=state.set_field,
        args=("name", key),
    )
    with st.container(width="stretch"):
        st.markdown(f":gray[{escape(asked_in_short(situation.tasks))}]" if situation.tasks else "")
    if situation.tasks:
        st.selectbox(
            "Starting points",
            list(TEMPLATES),
            index=None,
            placeholder="Starting points",
            format_func=lambda name: f"{name}: {TEMPLATES[name].help}",
            label_visibility="collapsed",
            width=190,
            key=f"template-{state.revision()}",
            on_change=_take_template,
            args=(f"template-{state.revision()}", situation.tasks[0]),
        )
    lessons_popover()
    share_popover()
    st.button(
        "Undo",
        icon=":material/undo:",
        key="undo",
        on_click=state.undo,
        disabled=not state.can_undo(),
        shortcut="Ctrl+Z",
    )
    st.button(
        "Redo",
        icon=":material/redo:",
        key="redo",
        on_click=state.redo,
        disabled=not state.can_redo(),
        shortcut="Ctrl+Shift+Z",
    )
    run = engine().run(state.run_id() or "")
    trains = run is not None and not run.over
    # Always there: one that came with the run would push Train away from under the finger.
    st.button(
        "Stop", icon=":material/stop:", key="stop", on_click=training.stop, args=(state.run_id(),), disabled=not trains
    )
    st.button(
        "Train",
        icon=":material/play_arrow:",
        type="primary",
        key="train",
        on_click=training.train,
        disabled=blocked,
    )


def _take_template(key: str, task: Task) -> None:
    name = st.session_state[key]
    if name:
        experiment = state.experiment()
        loss = experiment.compile.of(task.target).single_loss
        state.replace(experiment.model_copy(update={"layers": tuple(stack(name, task, loss))}))


def _curves(situation: Situation, place: DeltaGenerator) -> None:
    """The network in its place, and below it the curves of the run on screen."""
    try:
        run = run_on_screen()
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        run = None
    with place:
        controls(situation, run)
        board(situation, run, read(run.experiment) if run else None)
    if run is None:
        _before(situation)
        return
    run_id = run.id
    ran = read(run.experiment)
    if ran.start:
        st.caption(where_it_starts(ran.start))
    if _trained(from_scratch(ran)) != _trained(state.experiment()):
        with st.container(horizontal=True, vertical_alignment="center", key="tight-earlier"):
            st.markdown(f":gray[These curves are of an earlier version: {escape(_outlined(ran))}.]", width="stretch")
            st.button("Restore", key="bring-back", on_click=training.open_run, args=(run_id,))
    units = units_of(ran)
    plots = plots_of(ran)
    most = _MOST_CURVES + 2 * (len(ran.data.targets) - 1)
    live(
        run_id,
        plots[:most],
        key="live",
        name=ran.name,
        height=168 if len(plots) > 1 else 220,
        turn=run.turns,
        over=run.over,
        faint=_faint(run_id),
    )
    if run.resumable:
        st.button("Resume", key="continue", icon=":material/play_arrow:", on_click=training.resume, args=(run_id,))
    if run.state in ("finished", "stopped"):
        _scores(run_id, ran, units)


def _run_of_this(experiment: Experiment) -> LiveRun | None:
    """The run on screen, where it trained just what is on screen."""
    run = engine().run(state.run_id() or "")
    same = run is not None and _trained(from_scratch(read(run.experiment))) == _trained(experiment)
    return run if same else None


def _trained(experiment: Experiment) -> str:
    """All of an experiment that decides its numbers, as text."""
    return experiment.model_copy(update={"aside": (), "name": ""}).text()


def _faint(run_id: str) -> list[tuple[str, str]]:
    """The runs behind this one's curves, each with what tells it apart."""
    found = []
    for one in training.faint():
        try:
            live = engine().find(one)
        except (LookupError, RuntimeError):
            continue
        if one != run_id and live.rows:
            found.append((one, _outlined(read(live.experiment))))
    return found


def _outlined(experiment: Experiment) -> str:
    """An experiment in a few words: target, features, layers."""
    layers = "-".join(str(layer.arguments["units"]) for layer in experiment.layers if "units" in layer.arguments)
    return f"{', '.join(experiment.data.targets)} from {count(len(experiment.data.features), 'feature')}, {layers}"


def _before(situation: Situation) -> None:
    """Describes the network and the split before a training."""
    with st.container(border=True, key="before"):
        experiment = state.experiment()
        if situation.task is None or situation.inputs is None:
            st.markdown("Choose a target and features on the Data page. The network and its curves appear here.")
            return
        outlines = outline(experiment, situation.inputs, situation.tasks, situation.words)
        many = len(experiment.data.features)
        columns = input_columns(experiment, situation.inputs, situation.words)
        inputs = f"{count(many, 'feature')} {'becomes' if many == 1 else 'become'} {count(columns, 'input column')}"
        parameters = count(sum(one.parameters for one in outlines), "parameter")
        train, validation, test = situation.rows
        held_out = f"{validation:,} for validation" if validation else "none for validation"
        st.markdown(
            f"{inputs}; {count(len(outlines), 'layer')} with {parameters} predict "
            f"**{escape(enumerated(experiment.data.targets))}**. "
            f"{count(train, 'row')} for training, {held_out}, {test:,} for test."
        )
        st.markdown("Press **Train**: the curves appear here, with the scores of simple baselines.")


def _scores(run_id: str, ran: Experiment, units: dict[str, str]) -> None:
    """The test scores in one line, beside the baselines."""
    try:
        scores = engine().store().result(run_id)
    except (LookupError, RuntimeError):
        return
    tiles = tiled_scores(ran, scores["test"], 3) or ["loss"]
    for column, name in zip(st.container(key="tight-scores").columns(len(tiles)), tiles, strict=True):
        beside = [
            f"{simple} {score(name, parts['test'][name], ran, units)}" for simple, parts in scores["baselines"].items()
        ]
        column.metric(
            f"Test {escape(in_sentence(score_title(name, ran), name, ran))}",
            escape(score(name, scores["test"][name], ran, units)),
            border=True,
        )
        column.caption(escape(f"Baselines on the test set: {', '.join(beside)}."))
    with st.container(horizontal=True, key="tight-next"):
        st.page_link(st.Page(result.view, url_path="result"), label="See the result", icon=":material/analytics:")
        st.page_link(st.Page(predict.view, url_path="predict"), label="Make predictions", icon=":material/chat:")
