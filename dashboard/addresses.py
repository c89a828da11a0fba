"""Every address that a person may type leads to a page.

    /Result/        its page, whatever case and slashes
    /build          the first page: it lives at the root, and had this name
    /nowhere        the first page, with a sentence: see `word_asked_for`

Streamlit shows its page for every address and then a dialog, "Page not found", that stands in the way of it.
"""

from urllib.parse import quote, unquote

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = ("data", "result", "predict", "runs", "present")
_FIRST = ("", "build", "train", "index.html")  # Names of the first page.
_NO_PAGES = ("_stcore", "media", "component", "static", "api")  # What lies below is no page.
_ASKED = "asked"
_LONGEST = 60


def address(path: str, query: str = "") -> str | None:
    """Where a request for a path, as it was sent and below the base path, is sent on to, relative to it; None where it
    leads to a page.

    address("/Result/", "run=1") -> "../result?run=1"; address("/nowhere") -> "./?asked=nowhere"; address("/result") ->
    None
    """
    words = [unquote(word) for word in path.split("/") if word]
    if words and words[0] in _NO_PAGES:
        return None
    word = "/".join(words).lower()
    page = "" if word in _FIRST else word if word in PAGES else None
    if page is not None and path == f"/{page}":
        return None
    if page is None:
        query = "&".join(filter(None, (query, f"{_ASKED}={quote('/'.join(words)[:_LONGEST], safe='')}")))
    return ("../" * (path.count("/") - 1) or "./") + (page or "") + (f"?{query}" if query else "")


def word_asked_for() -> str:
    """What the address of the page named that is no page, once; "" where it named one."""
    word = st.query_params.get(_ASKED, "")
    if word:
        del st.query_params[_ASKED]
    return word[:_LONGEST]


class LeadsSomewhere:
    """Sends a browser that asks for an address without a page on to one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes all other requests on."""
        if (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and "text/html" in Headers(scope=scope).get("accept", "")
        ):
            path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
            base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
            if path.startswith(f"{base}/"):
                place = address(path.removeprefix(base), scope["query_string"].decode("latin-1"))
                if place is not None:
                    await RedirectResponse(place, 307, {"Cache-Control": "no-store"})(scope, receive, send)
                    return
        await self.app(scope, receive, send)
