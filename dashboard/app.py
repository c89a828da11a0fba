"""The frame of the page: configuration, navigation, and what every view has in common."""

import logging
from pathlib import Path

import streamlit as st

from dashboard.loading import LOADING

with LOADING:
    from core.tables.errors import TableError
    from dashboard import state
    from dashboard.services import engine
    from dashboard.views import build, data, predict, present, result, runs
    from dashboard.views.parts import escape

log = logging.getLogger(__name__)
ASSETS = Path(__file__).parents[1] / "assets"

st.set_page_config(page_title="Layerdeck", page_icon=str(ASSETS / "icon.png"), layout="wide", initial_sidebar_state="collapsed")
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "logo.svg"))
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
    told = state.take_note()
    if told:
        st.warning(escape(told))
    page.run()
except TableError as error:
    st.error(escape(str(error)))
except Exception as error:
    log.exception("the page could not be drawn")
    with st.container(key="broken"):
        st.error(f"This page could not be drawn ({type(error).__name__}). Nothing is lost: undo the last change, or choose another table.")
finally:
    engine().start()  # After the first page is drawn; once.
