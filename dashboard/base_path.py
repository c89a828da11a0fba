"""Addresses of this server as a browser reaches it, also behind a sub-path: Streamlit's `server.baseUrlPath`, or a
proxy that takes it off.

at_base("api/health")    "/api/health", or "/deck/api/health" when the page lies at /deck/
"""

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from dashboard.addresses import PAGES


def configured_base() -> str:
    """The path under which this server answers: "/", or "/deck/"."""
    return _folder(st.get_option("server.baseUrlPath") or "")


def base_path() -> str:
    """The path under which the browser that asks sees the app: that of its page, /deck/result, without the page's name.

    The first page has none, and Streamlit leaves the slash at its end out: /deck.
    """
    folder, _, name = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")
    seen, configured = _folder(folder if name in PAGES else f"{folder}/{name}"), configured_base()
    return seen if seen.endswith(configured) else configured


def _folder(path: str) -> str:
    return f"/{path.strip('/')}/" if path.strip("/") else "/"  # Never "//", after which a browser reads a host.


def at_base(path: str) -> str:
    """The path, on this origin, of a page or a route of ours."""
    return base_path() + path


def full_address(path: str, query: str = "") -> str:
    """The whole address of a page of ours, to be handed on."""
    return urlunsplit(urlsplit(st.context.url or "")._replace(path=at_base(path), query=query, fragment=""))
