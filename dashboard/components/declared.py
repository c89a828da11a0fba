"""How a component of ours is declared: plain files beside its Python, with what all share before them.

The files' text, not an `asset_dir`: that one is found only for installed packages, and Layerdeck also runs from a
checkout. Styles are not isolated because Plotly's own style sheet does not reach into a shadow root: classes begin with
the component's name instead.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.session.streamlit_patches import sent

_SHARED, _STYLE = (Path(__file__).with_name(f"shared.{ending}") for ending in ("js", "css"))


def declared(name: str, folder: Path, *scripts: str, style: str, triggers: Sequence[str] = ()) -> Callable[..., Any]:
    """A component of some scripts of a folder, joined to one module, and a style sheet; `triggers` are the events it
    sends.

    component(key=..., data=..., asked=function)    `function` takes the value that the trigger `asked` carries,
                                                    whatever page is drawn then
    """
    component = st.components.v2.component(
        f"layerdeck_{name}",
        js="\n".join(path.read_text("utf-8") for path in (_SHARED, *(folder / script for script in scripts))),
        css="\n".join(path.read_text("utf-8") for path in (_STYLE, folder / style)),
        isolate_styles=False,
    )

    def mounted(*, key: str, data: Mapping[str, Any], **taking: Callable[[Any], None]) -> Any:
        callbacks: dict[str, Any] = {  # Streamlit's signature names other keywords of other types beside them.
            f"on_{event}_change": partial(_taken, key, event, taking.get(event)) for event in triggers
        }
        return component(key=key, data=data, **callbacks)

    return mounted


def _taken(key: str, event: str, take: Callable[[Any], None] | None) -> None:
    value = sent(key, event)
    if take is not None:
        take(value)
