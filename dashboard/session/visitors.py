"""Which browser a visitor uses: a name in a cookie that comes with the first page, by which that browser finds its
newest draft again.

It says nothing of the person, opens nothing, and is compared with the names in drafts only.
"""

import re
import secrets

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "layerdeck_browser"
NAME = re.compile(r"[0-9a-f]{32}")
_A_YEAR = 365 * 24 * 3600  # Seconds.


def browser() -> str:
    """The name of the visitor's browser; "" where it keeps no cookies, or has one that is not of our form."""
    name = str(st.context.cookies.get(COOKIE, ""))
    return name if NAME.fullmatch(name) else ""


class NamedBrowsers:
    """Gives a browser that asks for a page and has no name a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and the answer with the cookie."""
        if scope["type"] != "http" or not _needs_a_name(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                value = f"{COOKIE}={secrets.token_hex(16)}; Max-Age={_A_YEAR}; Path=/; HttpOnly; SameSite=Lax"
                MutableHeaders(scope=message).append("Set-Cookie", value)
            await send(message)

        await self.app(scope, receive, with_cookie)


def _needs_a_name(headers: Headers) -> bool:
    page = "text/html" in headers.get("accept", "")
    return page and not NAME.fullmatch(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))
