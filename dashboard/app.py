"""The frame of the page: configuration, navigation, and what every view has in common."""

from pathlib import Path

import streamlit as st
from streamlit.errors import FragmentHandledException

from dashboard.import_lock import LOADING

with LOADING:
    from core import __version__
    from dashboard import failures
    from dashboard.panels.common import escape
    from dashboard.services import engine
    from dashboard.session import state
    from dashboard.streamlit_settings import settings_problem
    from dashboard.views import build, data, predict, present, result, runs

ASSETS = Path(__file__).with_name("assets")

st.set_page_config(
    page_title="Layerdeck", page_icon=str(ASSETS / "icon.png"), layout="wide", initial_sidebar_state="collapsed"
)
st.logo(str(ASSETS / "logo.svg"))  # Sent with every rerun: an icon of its own would double that.
st.html(ASSETS / "style.css")

try:
    state.attach()
    page = st.navigation(
        [
            st.Page(data.view, title="Data", url_path="data"),
            st.Page(build.view, title="Build", url_path="build", default=True),
            st.Page(result.view, title="Result", url_path="result"),
            st.Page(predict.view, title="Predict", url_path="predict"),
            st.Page(runs.view, title="Runs", url_path="runs"),
            st.Page(present.view, title="Presenter", url_path="present", visibility="hidden"),
        ],
        position="top",
    )
    failed, told = state.take_failed(), state.take_note()
    # Its place is there without it, too: else the browser would build all below it anew as the sentence goes, and an
    # upload that is under way would be lost.
    place = st.empty()
    if told:
        with place.container(key="broken-action" if failed else "told"):
            (st.error if failed else st.warning)(escape(told))
    if problem := settings_problem():
        with st.container(key="settings-problem"):
            st.warning(escape(problem))
    page.run()
    if page.url_path != "present":  # The presenter's page is for an audience.
        with st.container(key="footer"):
            st.caption(f"Layerdeck {__version__}")
except FragmentHandledException:
    pass  # A part of the page failed, and `failures.show` has said so in its place.
except Exception as error:
    failures.show(error)
finally:
    engine().start()  # After the first page is drawn; once.
