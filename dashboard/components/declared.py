"""How a component of ours is declared: plain files beside its Python, with what all share before them.

The files' text, not an `asset_dir`: that one is found only for installed packages, and Layerdeck also runs from a checkout. Styles are not
isolated because Plotly's own style sheet does not reach into a shadow root: classes begin with the component's name instead.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_SHARED = Path(__file__).with_name("shared.js")


def declared(name: str, folder: Path, *scripts: str, style: str) -> Callable[..., Any]:
    """A component of some scripts of a folder, joined to one module, and a style sheet."""
    return st.components.v2.component(
        f"layerdeck_{name}",
        js="\n".join(path.read_text("utf-8") for path in (_SHARED, *(folder / script for script in scripts))),
        css=(folder / style).read_text("utf-8"),
        isolate_styles=False,
    )
