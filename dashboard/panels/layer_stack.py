"""The stack on the Build page: cards, and beside them all arguments of the layer that is open, with plain buttons for
what cards can do.
"""

from typing import Any

import streamlit as st

from core.catalog.fields import Field, Flag, Number, Pick, Whole
from core.catalog.layer_parts import ACTIVATIONS
from core.catalog.layers import LAYERS
from core.catalog.plugins import OWN
from core.experiment.shapes import Outline, input_columns, outline
from core.experiment.spec import Layer
from core.experiment.task import Situation
from dashboard.components.stack import stack
from dashboard.panels.field_widgets import draw
from dashboard.session import layer_cards, state
from dashboard.text import count

_INLINE = 2  # Fields on the card itself.
_KINDS: dict[type[Field], str] = {Whole: "whole", Number: "number", Pick: "choice", Flag: "flag"}


def layer_stack(situation: Situation) -> None:
    """Draws the input, a card a layer, and what adds one."""
    experiment = state.experiment()
    outlines: list[Outline | None] = [None] * len(experiment.layers)
    if situation.inputs:
        outlines = list(outline(experiment, situation.inputs, situation.tasks, situation.words))
    columns = (
        f", {count(input_columns(experiment, situation.inputs, situation.words), 'column')}" if situation.inputs else ""
    )
    with st.container(key="stack"):
        stack(
            [
                _card(layer, shape, experiment.several and index == len(experiment.layers) - 1)
                for index, (layer, shape) in enumerate(zip(experiment.layers, outlines, strict=True))
            ],
            [{"at": one.at, "title": one.layer.row.title} for one in experiment.aside],
            [{"name": row.name, "title": row.title, "help": row.help, "group": row.group} for row in LAYERS.values()],
            key="stack-cards",
            head=f"{count(len(experiment.data.features), 'feature')}{columns}",
            total=_total(outlines, any(layer.row.group == OWN for layer in experiment.layers)),
            ack=layer_cards.acknowledged(),
            shown=layer_cards.shown_layer(),
            on_operations=layer_cards.operate,
        )
        shown = layer_cards.shown_layer()
        if shown is not None:
            _drawer(shown, experiment.layers[shown], len(experiment.layers))


def _card(layer: Layer, shape: Outline | None, for_each: bool) -> dict[str, Any]:
    """A layer; the last one of several targets is made once for each, with units and activation that suit it."""
    held = layer.value("kernel_regularizer")
    if shape is None:
        words, note = "", ""
    else:
        parameters = "your own layer" if layer.row.group == OWN else f"{shape.parameters:,}" if shape.parameters else ""
        words = " · ".join(filter(None, (f"→ {shape.width:,}", parameters, held and held["class"])))
        note = (
            f"Output shape (rows, {shape.width}), "
            f"{count(shape.parameters, 'parameter')}{'; one for each target' if for_each else ''}."
        )
    return {
        "layer": layer.name,
        "title": layer.row.title,
        "shape": words,
        "note": note,
        "fields": [_field(layer, field) for field in inline(layer)],
    }


def inline(layer: Layer) -> list[Field]:
    """The arguments on the card itself."""
    return [field for field in layer.row.fields if not field.advanced and type(field) in _KINDS][:_INLINE]


def _field(layer: Layer, field: Field) -> dict[str, Any]:
    value, options = layer.value(field.name), field.words() if isinstance(field, Pick) else []
    if options and value not in options:
        value = "linear" if "linear" in options else options[0]
    label = field.name.replace("_", " ")
    return {
        "name": field.name,
        "label": label,
        "help": field.help,
        "kind": _KINDS[type(field)],
        "value": value,
        "options": options,
        "optional": field.optional,
        "limits": _limits(field),
    }


def _limits(field: Field) -> dict[str, Any]:
    """What a number may be, and in words what to enter."""
    if not isinstance(field, Whole | Number):
        return {}
    ends = {end: value for end in ("low", "high", "above", "below") if (value := getattr(field, end, None)) is not None}
    return {**ends, "asked": field.asked(), "most": field.asked(float("inf"))}


def _total(outlines: list[Outline | None], own: bool) -> str:
    total = sum(one.parameters for one in outlines if one)
    trainable = sum(one.trainable for one in outlines if one)
    rest = f", {trainable:,} trainable" if trainable != total else ""
    return f"{count(total, 'parameter')}{rest}{', and those of your own layers' if own else ''}"


def _drawer(index: int, layer: Layer, layers: int) -> None:
    """All arguments of the layer that is open."""
    with st.container(border=True, key=f"card-{index}"):
        st.markdown(f"**Layer {index + 1}: {layer.row.title}** :gray[{layer.row.help}]")
        with st.container(horizontal=True, key=f"tight-menu-{index}"):
            for label, operation, disabled in (
                ("Up", {"op": "move", "at": index, "to": index - 1}, index == 0),
                ("Down", {"op": "move", "at": index, "to": index + 1}, index == layers - 1),
                ("Duplicate", {"op": "duplicate", "at": index}, False),
                ("Disable", {"op": "disable", "at": index}, False),
                ("Delete", {"op": "delete", "at": index}, False),
            ):
                st.button(
                    label,
                    key=f"{label.lower()}-{index}",
                    on_click=layer_cards.edit_layer,
                    args=(operation,),
                    disabled=disabled,
                )
            st.button("Close", key=f"close-{index}", on_click=layer_cards.show_layer, args=(None,))
        activation = layer.value("activation") if layer.row.field("activation") else None
        if activation:
            st.caption(f"**{activation}** {ACTIVATIONS[activation].help}")
        for field in layer.row.fields:
            draw(field, f"layers.{index}.{field.name}", layer.value(field.name))
