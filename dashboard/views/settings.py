"""Compile and fit: optimizer, loss and metrics, epochs, batch size and early stopping, each with a sentence of help."""

import streamlit as st

from core.experiment.callbacks import CALLBACKS
from core.experiment.losses import LOSSES, losses_for
from core.experiment.metrics import METRICS, metrics_for
from core.experiment.optimizers import OPTIMIZERS, PRESETS
from core.experiment.spec import Loss
from core.experiment.task import Situation, Task
from core.experiment.templates import suit, with_metrics
from dashboard import state
from dashboard.views.fields import draw_fields


def settings(situation: Situation) -> None:
    """Draws the settings, one tab a step of Keras."""
    optimizer, loss, fit = st.tabs(["Optimizer", "Loss and metrics", "Fit"], key="settings", on_change="rerun")
    if optimizer.open:
        with optimizer:
            _optimizer()
    if loss.open:
        with loss:
            _loss(situation)
    if fit.open:
        with fit:
            _fit()


def _optimizer() -> None:
    chosen = state.experiment().compile.optimizer
    key = f"optimizer@{state.revision()}"
    names = [name for row in OPTIMIZERS for name in (row, *(preset for preset, (of, _) in PRESETS.items() if of == row))]
    now = next((preset for preset, (of, given) in PRESETS.items() if of == chosen.name and all(map(chosen.value, given))), chosen.name)
    st.selectbox(
        "Optimizer",
        names,
        index=names.index(now),
        format_func=lambda name: OPTIMIZERS[name].title if name in OPTIMIZERS else name,
        key=key,
        on_change=_take_optimizer,
        args=(key,),
        help="How the weights are moved against the slope of the loss.",
    )
    st.caption(chosen.row.help)
    draw_fields(chosen.row, "compile.optimizer", chosen.arguments, lambda field: not field.advanced)
    more = st.expander("More arguments", key=f"more-optimizer@{state.revision()}", on_change="rerun")
    if more.open:
        with more:
            draw_fields(chosen.row, "compile.optimizer", chosen.arguments, lambda field: field.advanced)


def _take_optimizer(key: str) -> None:
    name, arguments = PRESETS.get(st.session_state[key], (st.session_state[key], {}))
    state.edit({"op": "set", "path": "compile.optimizer", "value": {"class": name, **arguments}})


def _loss(situation: Situation) -> None:
    experiment = state.experiment()
    task, chosen = situation.task, experiment.compile.loss
    if task is None:
        st.caption("Choose a target first: loss and metrics follow from it.")
        return
    names = losses_for(task.kind)
    names = names if chosen.name in names else [chosen.name, *names]
    key = f"loss@{state.revision()}"
    st.selectbox(
        "Loss",
        names,
        index=names.index(chosen.name),
        format_func=lambda name: LOSSES[name].title,
        key=key,
        on_change=_take_loss,
        args=(key, task),
        help="What the training makes small.",
    )
    st.caption(chosen.row.help)
    draw_fields(chosen.row, "compile.loss", chosen.arguments, lambda _: True)
    given = [metric.name for metric in experiment.compile.metrics]
    allowed = metrics_for(task.kind, LOSSES[chosen.name].target)
    if task.kind == "multiclass":  # Others read one-hot truths: choosing one changes the loss to its one-hot twin.
        shorts = {METRICS[name].short for name in allowed}
        allowed += [name for name in metrics_for(task.kind, "onehot") if METRICS[name].short not in shorts]
    allowed += [name for name in given if name not in allowed]
    key = f"metrics@{state.revision()}"
    st.multiselect(
        "Metrics",
        allowed,
        default=given,
        format_func=lambda name: METRICS[name].title,
        key=key,
        on_change=_take_metrics,
        args=(key, task),
        help="What is watched besides the loss; it does not steer the training.",
    )
    for metric in experiment.compile.metrics:
        st.caption(f"**{metric.row.title}** {metric.row.help}")
    for index, metric in enumerate(experiment.compile.metrics):
        if metric.row.fields and not isinstance(experiment.value()["compile"]["metrics"][index], str):
            draw_fields(metric.row, f"compile.metrics.{index}", metric.arguments, lambda field: not field.advanced)


def _take_loss(key: str, task: Task) -> None:
    experiment = state.experiment()
    compiled = experiment.compile.model_copy(update={"loss": Loss.of(st.session_state[key])})
    state.replace(suit(experiment.model_copy(update={"compile": compiled}), task))


def _take_metrics(key: str, task: Task) -> None:
    state.replace(with_metrics(state.experiment(), st.session_state[key], task))


def _fit() -> None:
    experiment = state.experiment()
    revision = state.revision()
    left, right = st.columns(2)
    for box, label, path, value, words in (
        (left, "Epochs", "fit.epochs", experiment.fit.epochs, "How often the network sees every training row, at most."),
        (
            right,
            "Batch size",
            "fit.batch_size",
            experiment.fit.batch_size,
            "Rows between two steps: small is noisy, large is calm and slow to learn.",
        ),
    ):
        key = f"{path}@{revision}"
        box.number_input(label, value=value, step=1, key=key, help=words, on_change=state.set_field, args=(path, key))
    for name in ("EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN"):
        row = CALLBACKS[name]
        key = f"callback-{name}@{revision}"
        chosen = experiment.callback(name)
        st.toggle(row.title, value=chosen is not None, key=key, help=row.help, on_change=_take_callback, args=(key, name))
        if chosen:
            index = experiment.fit.callbacks.index(chosen)
            with st.container(key=f"tight-{name}", border=bool(row.fields)) if row.fields else st.container():
                draw_fields(row, f"fit.callbacks.{index}", chosen.arguments, lambda field: not field.advanced)
    key = f"fit.seed@{revision}"
    st.number_input(
        "Seed",
        0,
        2**31 - 1,
        value=experiment.fit.seed,
        key=key,
        on_change=state.set_field,
        args=("fit.seed", key),
        help="The same seed gives the same weights and the same order of rows.",
    )


def _take_callback(key: str, name: str) -> None:
    kept = [value for value in state.experiment().value()["fit"]["callbacks"] if value["class"] != name]
    starting = {"EarlyStopping": {"patience": 15, "restore_best_weights": True}}.get(name, {})
    if st.session_state[key]:
        kept.append({"class": name, **starting})
    state.edit({"op": "set", "path": "fit.callbacks", "value": kept})
