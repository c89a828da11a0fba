"""Pages as places to go to, for panels that these pages themselves show."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def build_page() -> StreamlitPage:
    """The Build page; Streamlit tells pages apart by their address, so that whoever goes there need not import it."""
    return st.Page(lambda: None, title="Build", url_path="build", default=True)


def predict_page() -> StreamlitPage:
    """The Predict page."""
    return st.Page(lambda: None, title="Predict", url_path="predict")
