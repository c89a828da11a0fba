"""The Build page: the stack, the live curves, compile and fit, and Train, all in one sight."""

import streamlit as st

from core.experiment.checks import errors
from core.experiment.layers import LAYERS
from core.experiment.shapes import outline
from core.experiment.spec import Experiment, read
from core.experiment.task import Situation, Task
from core.experiment.templates import TEMPLATES, stack
from dashboard import state
from dashboard.components.live import live
from dashboard.pictures import network
from dashboard.services import engine
from dashboard.views import predict, result
from dashboard.views.parts import advice_list, escape, unit_of
from dashboard.views.settings import settings
from dashboard.views.stack import cards
from dashboard.words import TASK_WORDS, count, metric_title, score

_MOST_DRAWN = 7  # Layers of the picture.


def view() -> None:
    """Draws the page."""
    situation = state.situation()
    bar = st.container(horizontal=True, vertical_alignment="center", key="tight-bar")
    left, middle, right = st.columns([1.12, 2.0, 0.9], gap="medium")
    with left:
        cards(situation)
        with st.container(key="tight-advice"):
            advice = advice_list(most=3)
    with right, st.container(key="tight-settings"):
        settings(situation)
    with middle:
        curves = st.container(key="tight-curves")
    with bar:
        _bar(situation, blocked=bool(errors(advice)))
    with curves:
        _curves(situation)


def _bar(situation: Situation, blocked: bool) -> None:
    experiment = state.experiment()
    task = situation.task
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
        st.markdown(f":gray[{TASK_WORDS[task.kind].split(':')[0]} of {escape(task.target)}]" if task else "")
    if task:
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
            args=(f"template-{state.revision()}", task),
        )
    st.button("Undo", icon=":material/undo:", key="undo", on_click=state.undo, disabled=not state.can_undo(), shortcut="Ctrl+Z")
    st.button("Redo", icon=":material/redo:", key="redo", on_click=state.redo, disabled=not state.can_redo(), shortcut="Ctrl+Shift+Z")
    run = engine().run(state.run_id() or "")
    if run and not run.over:
        st.button("Stop", icon=":material/stop:", key="stop", on_click=state.stop, args=(run.id,))
    st.button(
        "Train",
        icon=":material/play_arrow:",
        type="primary",
        key="train",
        on_click=state.train,
        disabled=blocked,
    )


def _take_template(key: str, task: Task) -> None:
    name = st.session_state[key]
    if name:
        experiment = state.experiment()
        state.replace(experiment.model_copy(update={"layers": tuple(stack(name, task, experiment.compile.loss))}))


def _curves(situation: Situation) -> None:
    run_id = state.run_id()
    if run_id is None:
        _before(situation)
        return
    try:
        run = engine().run(run_id) or (engine().snapshot(run_id) and engine().run(run_id))
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        return
    assert run is not None
    ran = read(run.experiment)
    if ran.text() != state.experiment().text():
        with st.container(horizontal=True, vertical_alignment="center", key="tight-earlier"):
            st.markdown(f":gray[These curves belong to an earlier version: {escape(_outlined(ran))}.]", width="stretch")
            st.button("Bring it back", key="bring-back", on_click=state.open_run, args=(run_id,))
    unit = unit_of(ran)
    names = ["loss", *(metric.row.short for metric in ran.compile.metrics)]
    units = {metric.row.short: unit for metric in ran.compile.metrics if metric.row.power == 1}
    plots = [{"title": metric_title(name, ran), "key": name, "unit": units.get(name, "")} for name in names]
    live(run_id, plots[:4], key="live", height=190 if len(plots) > 2 else 300)
    if run.state in ("finished", "stopped"):
        _scores(run_id, ran, unit)


def _outlined(experiment: Experiment) -> str:
    """An experiment in a few words: target, features, layers."""
    layers = "-".join(str(layer.arguments["units"]) for layer in experiment.layers if "units" in layer.arguments)
    return f"{', '.join(experiment.data.targets)} from {count(len(experiment.data.features), 'feature')}, {layers}"


def _before(situation: Situation) -> None:
    """What the network will be, before anything was trained."""
    with st.container(border=True, key="before"):
        experiment = state.experiment()
        if situation.task is None or situation.inputs is None:
            st.markdown("Choose a target and features on the Data page: the network and its curves appear here.")
            return
        outlines = outline(experiment, situation.inputs)
        drawn = [one for one in outlines if one.parameters or one.layer == "Dense"][-_MOST_DRAWN:]
        widths = [situation.inputs, *(one.width for one in drawn)]
        st.markdown(network(widths, ["Input", *(LAYERS[one.layer].title for one in drawn)]), unsafe_allow_html=True)
        inputs = f"{count(len(experiment.data.features), 'feature')} become {count(situation.inputs, 'input column')}"
        parameters = count(sum(one.parameters for one in outlines), "parameter")
        train, validation, test = situation.rows
        st.markdown(
            f"{inputs}; {count(len(outlines), 'layer')} with {parameters} predict **{escape(situation.task.target)}**. "
            f"It learns from {train:,} rows, is watched on {validation:,} and judged on {test:,} it has never seen."
        )
        st.markdown("Press **Train** and its curves appear here, beside what simple baselines reach.")


def _scores(run_id: str, ran: Experiment, unit: str) -> None:
    """The test scores in one line, beside the baselines."""
    try:
        scores = engine().store().value(run_id, "result.json")
    except (LookupError, RuntimeError):
        return
    tiles = [name for name in scores["test"] if name != "loss"][:3] or ["loss"]
    for column, name in zip(st.columns(len(tiles)), tiles, strict=True):
        beside = [f"{simple} {score(name, parts['test'][name], ran, unit)}" for simple, parts in scores["baselines"].items()]
        column.metric(f"Test {metric_title(name, ran)}", score(name, scores["test"][name], ran, unit), border=True)
        column.caption(escape(f"On the same test rows: {', '.join(beside)}."))
    with st.container(horizontal=True, key="tight-next"):
        st.page_link(st.Page(result.view, url_path="result"), label="Read the result", icon=":material/analytics:")
        st.page_link(st.Page(predict.view, url_path="predict"), label="Ask it for predictions", icon=":material/chat:")
