"""The experiment as a Keras program, and the way back: a program, a configuration or a `.keras` file becomes the
stack.
"""

from pathlib import Path

import streamlit as st

from core.advice.checks import advise, errors
from core.catalog.plugins import Broken
from core.experiment.spec import InvalidExperiment
from core.keras_code.parse import NotReadable, Parsed, stack_of, stack_of_file, unfitting, with_stack
from core.keras_code.script import program
from core.keras_code.script_exactness import exactness
from core.workspace import plugins
from dashboard.panels.common import escape
from dashboard.services import tables
from dashboard.session import state
from dashboard.text import count

TEMPLATE = Path(__file__).parents[1] / "assets" / "plugin_template.py"
_HEIGHT = 420  # Pixels of the program; it scrolls.
_MOST_SHOWN = 8  # Sentences about what is left out.
_TEXT, _FILE = "paste-program", "paste-file"
_EXAMPLE = 'model = keras.Sequential([\n    keras.layers.Dense(64, activation="relu"),\n    keras.layers.Dense(1),\n])'


def program_panel() -> None:
    """Draws the program of the experiment on screen; below it a place to paste one, and help on plug-ins."""
    _program()
    with st.expander("Paste a program", icon=":material/content_paste:", key="paste"):
        st.text_area("Keras program, or the output of model.to_json()", placeholder=_EXAMPLE, height=160, key=_TEXT)
        st.file_uploader(
            "Or a file",
            type=["keras", "json", "py"],
            key=_FILE,
            help="Only the configuration of a .keras file is read.",
        )
        _preview()
        st.button("Apply", key="take-stack", on_click=_take, type="primary")
    with st.expander("Plug-ins: your own layers, losses and metrics", icon=":material/extension:", key="plugins"):
        _plugins()


def _plugins() -> None:
    """Says how a plug-in is made, with a template that trains as it is."""
    st.caption(
        "A plug-in is a Python file that adds layers, activations, losses, metrics and callbacks to the lists of this "
        "page. Save the template in the plug-in folder of the server, change it, and reload the page. The folder is "
        f"{escape(str(plugins()))}."
    )
    st.download_button(
        "Template (Python)",
        TEMPLATE.read_bytes(),
        "my_plugin.py",
        "text/x-python",
        key="plugin-template",
        on_click="ignore",
        icon=":material/download:",
    )


def _program() -> None:
    experiment, situation = state.experiment(), state.situation()
    wrong = errors(advise(experiment, situation))
    if wrong or not situation.tasks:
        st.info(
            escape(
                f"The program appears here when this is fixed. {wrong[0].says}" if wrong else "Choose a target first."
            )
        )
        return
    try:
        info, second = tables().about(experiment.data.table, experiment.data.reading), tables().second(experiment)
        st.code(program(experiment, situation, info, plugins(), second), "python", height=_HEIGHT)
        st.caption(escape(exactness(experiment, situation.streamed)))
    except (Broken, OSError) as error:  # The file of a plug-in may be gone.
        st.info(escape(f"The program cannot be printed. {error}"))


def _pasted() -> Parsed | None:
    """What was pasted or brought, a file before a text; None when there is neither. Raises NotReadable."""
    upload, text = st.session_state.get(_FILE), st.session_state.get(_TEXT) or ""
    if upload is not None:
        return stack_of_file(upload.getvalue(), upload.name)
    return stack_of(text) if text.strip() else None


def _preview() -> None:
    """What would be taken, and what would not."""
    try:
        parsed = _pasted()
    except NotReadable as refused:
        st.warning(escape(str(refused)))
        return
    if parsed is None:
        st.caption(
            "The program is parsed, never run. Its layers and the arguments of compile and fit are taken; anything "
            "unsupported is listed."
        )
        return
    taken = [count(len(parsed.layers), "layer"), *parsed.compile, *parsed.fit]
    st.markdown(escape(f"Found: {', '.join(taken)}."))
    left = [*parsed.left_out, *unfitting(state.experiment(), parsed)]
    if left:
        more = [f"{len(left) - _MOST_SHOWN} more."] if len(left) > _MOST_SHOWN else []
        st.warning("  \n".join(map(escape, ["Not supported:", *left[:_MOST_SHOWN], *more])))
    if parsed.notes:
        st.caption("  \n".join(map(escape, parsed.notes[:_MOST_SHOWN])))


def _take() -> None:
    try:
        parsed = _pasted()
        if parsed is None:
            state.note("Paste a program or upload a file first.")
        elif not parsed.layers:
            state.note("It has no layer that Layerdeck supports.")
        else:
            state.replace(with_stack(state.experiment(), parsed))
    except (NotReadable, InvalidExperiment) as refused:
        state.note(str(refused))
