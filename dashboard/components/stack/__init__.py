"""The stack of layers as cards that are dragged into order and edited in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboard.components.declared import declared

_component = declared("stack", Path(__file__).parent, "stack.js", style="stack.css", triggers=("operations",))


def stack(
    cards: Sequence[Mapping[str, Any]],
    aside: Sequence[Mapping[str, Any]],
    palette: Sequence[Mapping[str, str]],
    *,
    key: str,
    head: str,
    total: str,
    ack: int,
    shown: int | None,
    on_operations: Callable[[Any], None],
) -> None:
    """Show the layers and take what a person does to them.

    cards     one for each layer: {"layer", "title", "shape": a few words, "note": a sentence, "fields": [{"name",
              "label", "help",
              "kind": "whole", "number", "choice" or "flag", "value", "options", "optional", "limits": of a number
              {"low", "high", "above",
              "below": where there is such a limit, "asked", "most": what to enter in words}}]}
    aside     disabled layers: {"at": how many layers stand before it, "title"}
    palette   what can be added: {"name", "title", "help", "group"}
    head      of the input, in a few words; `total`: of the whole
    ack       the last operation that was carried out, as its `seq` says
    shown     the layer whose arguments are open beside the stack, or None

    `on_operations` is called with the operations that are not acknowledged: a list of {"seq": number that grows, "op":
    ...} as `core.experiment.edits.apply` takes them, and {"op": "open", "at": place}.
    """
    data = {
        "cards": [dict(card) for card in cards],
        "aside": [dict(one) for one in aside],
        "palette": [dict(row) for row in palette],
        "head": head,
        "total": total,
        "ack": ack,
        "shown": shown,
    }
    _component(key=key, data=data, operations=on_operations)
