"""Share: the experiment as a link and as a file, the presenter's link, and opening both."""

import streamlit as st

from core.experiment.file_names import file_name
from core.experiment.share_link import PARAMETER, packed
from core.experiment.spec import Experiment
from dashboard.base_path import full_address
from dashboard.session import search as search_session
from dashboard.session import state

_LONG_LINK = 8000  # Signs of an address from which on some programs cut it off.
_LONGEST_LINK = 60_000  # The server refuses a longer address before the page sees it.


def share_popover() -> None:
    """A button, and behind it the link, the file, and what opens them."""
    drawer = st.popover("Share", icon=":material/share:", key="share", on_change="rerun")
    if not drawer.open:
        return
    experiment = state.experiment()
    with drawer:
        st.markdown("**Export**")
        link = link_of(experiment)
        st.code(link, language=None, wrap_lines=True, height=96)
        st.caption(_carries(experiment, link))
        st.download_button(
            "experiment.json",
            experiment.text(),
            file_name(experiment.name, "experiment", "json"),
            "application/json",
            key="share-file",
            on_click="ignore",
            icon=":material/download:",
        )
        _presented()
        st.markdown("**Open**")
        key = f"open-link-{state.revision()}"
        st.text_input("Link to an experiment", placeholder="Paste a link", key=key, on_change=_open_link, args=(key,))
        key = f"open-file-{state.revision()}"
        st.file_uploader("Or an experiment.json", type=["json"], key=key, on_change=_open_file, args=(key,))


def _presented() -> None:
    """The links of the presenter's page: of the run and of the search on screen."""
    run, search = state.run_id(), search_session.shown_search()
    if not (run or search):
        return
    st.markdown("**Present**")
    if run:
        st.code(presenter_link("run", run), language=None, wrap_lines=True)
        st.caption("The network, the curves and a summary in large type. The saved epochs are replayed.")
    if search:
        st.code(presenter_link("search", search), language=None, wrap_lines=True)
        st.caption("The search: the curves of its trials and the best so far in large type.")


def link_of(experiment: Experiment) -> str:
    """The address that opens an experiment."""
    return full_address("", f"{PARAMETER}={packed(experiment)}")


def presenter_link(kind: str, shown: str) -> str:
    """The address of the presenter's page of a "run" or a "search"."""
    return full_address("present", f"{kind}={shown}")


def _carries(experiment: Experiment, link: str) -> str:
    told = ["The link contains the whole experiment. Opening it makes a copy."]
    if any(ref and ref.startswith("file:") for ref in (experiment.data.table, experiment.data.split.table)):
        told.append("It does not contain the table: upload the table where the link is opened.")
    if len(link) > _LONGEST_LINK:
        told.append("It is too long for a browser's address bar: paste it into the field below, or use the file.")
    elif len(link) > _LONG_LINK:
        told.append("Some programs truncate links of this length: the file is safer.")
    return " ".join(told)


def _open_link(key: str) -> None:
    if st.session_state[key].strip():
        state.open_text(st.session_state[key])


def _open_file(key: str) -> None:
    upload = st.session_state[key]
    if upload is None:
        return
    try:
        state.open_text(upload.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        state.note("This file is not an experiment: expected an experiment.json that Layerdeck saved.")
