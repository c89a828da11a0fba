"""The settings of compile, with those of fit beside: optimizer, loss and metrics, each with a sentence of help."""

from collections.abc import Callable
from typing import get_args

import streamlit as st

from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.catalog.optimizers import OPTIMIZERS, PRESETS
from core.catalog.schedules import cosine_decay, over_the_whole, rate_at, spread_over
from core.experiment.edits import step_of
from core.experiment.spec import DtypePolicy, Experiment, Loss, Metric
from core.experiment.targets import facet, with_facet
from core.experiment.task import Situation, Task
from core.experiment.templates import suit, with_metrics
from core.experiment.training_steps import training_steps
from dashboard.panels.common import escape
from dashboard.panels.field_widgets import draw_fields
from dashboard.panels.fit_settings import draw_rates, fit_settings
from dashboard.session import state

_COSINE = "The learning rate falls to 0 along half a cosine; decay_steps follows from epochs, rows and batch size."
_XLA = (
    "jit_compile: each training step is one compiled program, which is much faster. A network that XLA cannot compile "
    "is trained without it."
)
_DTYPE = (
    "mixed_bfloat16: hidden layers compute in bfloat16, which has the range of float32 and two to three digits; their "
    "weights and the output layer stay in float32. Large steps are faster on a GPU, and without XLA on processors with "
    "AVX512_BF16 or AMX."
)


def settings(situation: Situation) -> None:
    """Draws the settings, one tab a step of Keras."""
    optimizer, loss, fit = st.tabs(["Optimizer", "Loss and metrics", "Fit"], key="settings", on_change="rerun")
    if optimizer.open:
        with optimizer:
            _optimizer(situation)
    if loss.open:
        with loss:
            _loss(situation)
    if fit.open:
        with fit:
            fit_settings()


def _optimizer(situation: Situation) -> None:
    chosen = state.experiment().compile.optimizer
    key = f"optimizer@{state.revision()}"
    names = [
        name for row in OPTIMIZERS for name in (row, *(preset for preset, (of, _) in PRESETS.items() if of == row))
    ]
    now = next(
        (preset for preset, (of, given) in PRESETS.items() if of == chosen.name and all(map(chosen.value, given))),
        chosen.name,
    )
    st.selectbox(
        "Optimizer",
        names,
        index=names.index(now),
        format_func=lambda name: OPTIMIZERS[name].title if name in OPTIMIZERS else name,
        key=key,
        on_change=_take_optimizer,
        args=(key,),
        help="How the weights are updated along the negative gradient of the loss.",
    )
    st.caption(chosen.row.help)
    _cosine()
    draw_fields(chosen.row, "compile.optimizer", chosen.arguments, lambda field: not field.advanced)
    rate, rows = chosen.value("learning_rate"), situation.rows[0]
    if isinstance(rate, dict) and rows:
        steps = training_steps(state.experiment(), rows)
        draw_rates(spread_over(rate, steps), steps, "step")
    more = st.expander("More arguments", key=f"more-optimizer@{state.revision()}", on_change="rerun")
    if more.open:
        with more:
            draw_fields(chosen.row, "compile.optimizer", chosen.arguments, lambda field: field.advanced)
            key = f"compile.jit_compile@{state.revision()}"
            jit = state.experiment().compile.jit_compile
            st.toggle(
                "Compile with XLA", jit, key, help=_XLA, on_change=state.set_field, args=("compile.jit_compile", key)
            )
            key = f"compile.dtype_policy@{state.revision()}"
            policies = get_args(DtypePolicy)
            st.selectbox(
                "Dtype policy",
                policies,
                index=policies.index(state.experiment().compile.dtype_policy),
                key=key,
                help=_DTYPE,
                on_change=state.set_field,
                args=("compile.dtype_policy", key),
            )


def _cosine() -> None:
    """The switch for a cosine over the whole training; it stays in its place when the fields below it change."""
    rate, key = state.experiment().compile.optimizer.value("learning_rate"), f"cosine@{state.revision()}"
    falls = over_the_whole(rate) and rate["class"] == "CosineDecay"
    st.toggle("Cosine decay over the whole training", falls, key, help=_COSINE, on_change=_take_cosine, args=(key,))


def _take_cosine(key: str) -> None:
    rate = rate_at(state.experiment().compile.optimizer.value("learning_rate"), 0)
    state.edit(
        {
            "op": "set",
            "path": "compile.optimizer.learning_rate",
            "value": cosine_decay(rate) if st.session_state[key] else rate,
        }
    )


def _take_optimizer(key: str) -> None:
    name, arguments = PRESETS.get(st.session_state[key], (st.session_state[key], {}))
    state.edit({"op": "set", "path": "compile.optimizer", "value": {"class": name, **arguments}})


def _loss(situation: Situation) -> None:
    tasks = situation.tasks
    if not tasks:
        st.caption("Choose a target first. Loss and metrics depend on it.")
    elif len(tasks) == 1:
        _loss_of(tasks[0])
    else:
        for task in tasks:
            with st.container(border=True, key=f"tight-loss-{task.target}"):
                st.markdown(f"**{escape(task.target)}**")
                _loss_of(task)
                _loss_weight(task.target)


def _loss_of(task: Task) -> None:
    """Loss and metrics of one target."""
    one, several = facet(state.experiment(), task), state.experiment().several
    chosen, of = one.compile.single_loss, f"-{task.target}" if several else ""
    names = losses_for(task.kind)
    names = names if chosen.name in names else [chosen.name, *names]
    key = f"loss{of}@{state.revision()}"
    st.selectbox(
        "Loss",
        names,
        index=names.index(chosen.name),
        format_func=lambda name: LOSSES[name].title,
        key=key,
        on_change=_take_loss,
        args=(key, task),
        help="What the training minimizes.",
    )
    st.caption(chosen.row.help)
    draw_fields(chosen.row, _path("loss", task.target), chosen.arguments, lambda _: True)
    given = [metric.name for metric in one.compile.single_metrics]
    allowed = metrics_for(task.kind, LOSSES[chosen.name].target)
    if task.kind == "multiclass":  # Others read one-hot targets: choosing one changes the loss to its one-hot twin.
        shorts = {METRICS[name].short for name in allowed}
        allowed += [name for name in metrics_for(task.kind, "onehot") if METRICS[name].short not in shorts]
    allowed += [name for name in given if name not in allowed]
    key = f"metrics{of}@{state.revision()}"
    st.multiselect(
        "Metrics",
        allowed,
        default=given,
        format_func=lambda name: METRICS[name].title,
        key=key,
        on_change=_take_metrics,
        args=(key, task),
        help="Reported besides the loss; metrics do not influence the weights.",
    )
    _weighted(task, metrics_for(task.kind, LOSSES[chosen.name].target), of)
    for metric in one.compile.single_metrics:
        st.caption(f"**{metric.row.title}** {metric.row.help}")
    for index, metric in enumerate(one.compile.single_metrics):
        if metric.row.fields and metric.arguments:
            draw_fields(
                metric.row,
                f"{_path('metrics', task.target)}.{index}",
                metric.arguments,
                lambda field: not field.advanced,
            )


def _path(name: str, target: str) -> str:
    """Where a target's loss or metrics stand: by its name, or once for all."""
    each = isinstance(getattr(state.experiment().compile, name), dict)
    return f"compile.{name}.{step_of(target)}" if each else f"compile.{name}"


def _weighted(task: Task, allowed: list[str], of: str) -> None:
    """The metrics that heed what each row counts."""
    experiment = state.experiment()
    given = [metric.name for metric in experiment.compile.of(task.target).single_weighted_metrics]
    if not experiment.weighted and not given:
        return
    key = f"weighted{of}@{state.revision()}"
    st.multiselect(
        "Weighted metrics",
        [*allowed, *(name for name in given if name not in allowed)],
        default=given,
        format_func=lambda name: METRICS[name].title,
        key=key,
        on_change=_take_weighted,
        args=(key, task),
        help="Metrics that use the sample weights, in addition to the unweighted ones.",
    )


def _loss_weight(target: str) -> None:
    """How much one of several targets counts."""
    weights = state.experiment().compile.loss_weights or {}
    value, key = float(weights.get(target, 1.0)), f"loss-weight-{target}@{state.revision()}"
    st.slider(
        "Weight of this loss",
        0.0,
        max(5.0, value),
        value,
        0.1,
        key=key,
        on_change=_take_loss_weight,
        args=(key, target),
        help="The total loss is the weighted sum of the targets' losses. Numeric targets are standardized for their "
        "losses.",
    )


def _take_loss_weight(key: str, target: str) -> None:
    experiment = state.experiment()
    weights = {name: (experiment.compile.loss_weights or {}).get(name, 1.0) for name in experiment.data.targets}
    weights[target] = round(st.session_state[key], 6)
    given = weights if set(weights.values()) != {1.0} else None
    state.edit({"op": "set", "path": "compile.loss_weights", "value": given}, structural=False)


def _take(task: Task, change: Callable[[Experiment], Experiment]) -> None:
    """Changes what one target has of its own."""
    experiment, tasks = state.experiment(), state.situation().tasks
    state.replace(with_facet(experiment, tasks, change(facet(experiment, task))))


def _take_loss(key: str, task: Task) -> None:
    def change(one: Experiment) -> Experiment:
        compiled = one.compile.model_copy(update={"loss": Loss.of(st.session_state[key])})
        return suit(one.model_copy(update={"compile": compiled}), task)

    _take(task, change)


def _take_metrics(key: str, task: Task) -> None:
    _take(task, lambda one: with_metrics(one, st.session_state[key], task))


def _take_weighted(key: str, task: Task) -> None:
    def change(one: Experiment) -> Experiment:
        chosen = tuple(Metric.of(name) for name in st.session_state[key])
        return one.model_copy(update={"compile": one.compile.model_copy(update={"weighted_metrics": chosen})})

    _take(task, change)
