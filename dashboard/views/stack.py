"""The stack of layers as cards: add, change, reorder, duplicate, delete, with output shape and parameters of each."""

import streamlit as st

from core.experiment.fields import Field, Pick
from core.experiment.layers import LAYERS
from core.experiment.parts import ACTIVATIONS
from core.experiment.shapes import Outline, outline
from core.experiment.spec import Layer
from core.experiment.task import Situation
from dashboard import state
from dashboard.views.fields import draw
from dashboard.words import count

_WIDTHS = (1.3, 0.9, 1.35, 0.6)  # Of a card's columns: name, units, activation, drawer.
_INLINE = 2  # Fields on the card itself; the rest is in its drawer.


def cards(situation: Situation) -> None:
    """Draws the input, a card a layer, and what adds one."""
    experiment = state.experiment()
    outlines = outline(experiment, situation.inputs) if situation.inputs else [None] * len(experiment.layers)
    with st.container(key="stack"):
        features = len(experiment.data.features)
        columns = f", {count(situation.inputs, 'column')}" if situation.inputs else ""
        total = sum(one.parameters for one in outlines if one)
        st.html(
            f'<div style="display:flex;justify-content:space-between"><span class="ld-title">Input</span>'
            f'<span class="ld-shape">{count(features, "feature")}{columns}</span></div>'
        )
        if experiment.layers:
            _, units, activation, _ = st.columns(_WIDTHS, gap="small")
            units.html('<div class="ld-shape">units</div>')
            activation.html('<div class="ld-shape">activation</div>')
        for index, (layer, shape) in enumerate(zip(experiment.layers, outlines, strict=True)):
            _card(index, layer, shape, len(experiment.layers))
        _add(len(experiment.layers))
        trainable = sum(one.trainable for one in outlines if one)
        rest = f", {trainable:,} of them trained" if trainable != total else ""
        st.html(f'<div class="ld-shape" data-testid="total-parameters">{count(total, "parameter")} in all{rest}</div>')


def _card(index: int, layer: Layer, shape: Outline | None, layers: int) -> None:
    path = f"layers.{index}"
    with st.container(border=True, key=f"card-{index}"):
        inline = [field for field in layer.row.fields if not field.advanced and field.name != "kernel_regularizer"][:_INLINE]
        name, units, activation, edit = _WIDTHS
        widths = [activation if isinstance(field, Pick) else units for field in inline]
        title, *boxes, menu = st.columns([name, *widths, edit], vertical_alignment="center", gap="small")
        title.html(f'<div class="ld-title">{layer.row.title}</div>{_shape(layer, shape)}')
        for box, field in zip(boxes, inline, strict=True):
            with box:
                draw(field, f"{path}.{field.name}", layer.value(field.name), label=f"{field.name} of layer {index + 1}", collapsed=True)
        with menu:
            _menu(index, layer, layers, {field.name for field in inline})


def _shape(layer: Layer, shape: Outline | None) -> str:
    if shape is None:
        return ""
    held = layer.value("kernel_regularizer")
    more = f" · {held['class']}" if held else ""
    lines = (f"shape (rows, {shape.width}){more}", count(shape.parameters, "parameter"))
    return "".join(f'<div class="ld-shape">{line}</div>' for line in lines)


def _menu(index: int, layer: Layer, layers: int, inline: set[str]) -> None:
    drawer = st.popover("Edit", key=f"menu-{index}", on_change="rerun", width="stretch")
    if not drawer.open:
        return
    with drawer:
        st.markdown(f"**Layer {index + 1}: {layer.row.title}** :gray[{layer.row.help}]")
        with st.container(horizontal=True, key=f"tight-menu-{index}"):
            for label, operation, disabled in (
                ("Up", {"op": "move", "at": index, "to": index - 1}, index == 0),
                ("Down", {"op": "move", "at": index, "to": index + 1}, index == layers - 1),
                ("Duplicate", {"op": "duplicate", "at": index}, False),
                ("Delete", {"op": "delete", "at": index}, False),
            ):
                st.button(label, key=f"{label.lower()}-{index}", on_click=state.edit, args=(operation,), disabled=disabled)

        activation = layer.value("activation") if layer.row.field("activation") else None
        if activation:
            st.caption(f"**{activation}** {ACTIVATIONS[activation].help}")

        def wanted(field: Field) -> bool:
            return field.name not in inline

        for field in filter(wanted, layer.row.fields):
            draw(field, f"layers.{index}.{field.name}", layer.value(field.name))


def _add(at: int) -> None:
    key = f"add-{state.revision()}"
    st.selectbox(
        "Add a layer",
        list(LAYERS),
        index=None,
        placeholder="Add a layer",
        format_func=lambda name: f"{LAYERS[name].title}: {LAYERS[name].help}",
        label_visibility="collapsed",
        key=key,
        on_change=_take_added,
        args=(key, at),
    )


def _take_added(key: str, at: int) -> None:
    """A new layer goes before the output layer: at the end it would only break the fit to the task."""
    name = st.session_state[key]
    if name:
        last = state.experiment().layers[-1:]
        before_output = at > 0 and last[0].name == "Dense"
        state.edit({"op": "add", "layer": name, "at": at - 1 if before_output else at})
