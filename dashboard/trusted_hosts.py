"""Which requests the server answers: those that name it by a host of ours and come from a page of its own.

Hosts of ours are loopback, in any spelling, and the names that `LAYERDECK_HOSTS` lists, separated by commas:
"deck.example.org, deck.example.org:8443". A foreign name that is made to point here (DNS rebinding) is not one. A page
of another origin, even of another port of this machine, opens no websocket, uploads nothing and reads nothing; a link
in it that leads to the page does work.
"""

import ipaddress
import os
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

REFUSAL = {"says": "This address is for Layerdeck's own page."}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OWN_SITE = ("same-origin", "none")


class TrustedPagesOnly:
    """Refuses what names a foreign host or comes from a foreign page, be it for page, session, uploads or routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes what is ours on."""
        if scope["type"] in ("http", "websocket") and not trusted(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await JSONResponse(REFUSAL, status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def trusted(scope: Scope) -> bool:
    """Whether a request names a host of ours and comes from a page of ours, from a link to the page, or from no
    browser.
    """
    headers = Headers(scope=scope)
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"]) or scope["scheme"]
    host = headers.get("host") or ""
    if not known_host(host):
        return False
    origins = headers.getlist("origin")
    if origins:
        return len(origins) == 1 and own_origin(origins[0], scheme, host)
    followed = (
        scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
    )
    return followed or from_own_site(headers)


def from_own_site(headers: Headers) -> bool:
    """Whether a browser says that a request comes from this site; what is no browser does not say where it
    comes from.
    """
    return headers.get("sec-fetch-site", "same-origin") in _OWN_SITE


def known_host(authority: str) -> bool:
    """Whether a Host header, host or host:port, names a host of ours."""
    host, _ = host_and_port(authority)
    return host != "" and (_loopback(host) or host in {name for name, _ in _configured()})


def own_origin(origin: str, scheme: str, authority: str) -> bool:
    """Whether an Origin is that of the page itself, or a proxy's that `LAYERDECK_HOSTS` names.

    Args:
        origin: Of the page that asks, as its browser says it.
        scheme: "http" or "https", by which the request came.
        authority: The Host header.
    """
    kind, separator, rest = origin.partition("://")
    host, port = host_and_port(rest)
    if not separator or kind.lower() not in _DEFAULT_PORTS or not host:
        return False
    default = _DEFAULT_PORTS[kind.lower()]
    asked_host, asked_port = host_and_port(authority)
    if kind.lower() == scheme and (host, port or default) == (asked_host, asked_port or default):
        return True
    return (host, port) in _configured() or (port == default and (host, None) in _configured())


def host_and_port(authority: str) -> tuple[str, int | None]:
    """Host and port of "host" or "host:port", in lower case, without the root's dot; ("", None) for what is neither.

    An IP address is given in its one shortest form.
    """
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", None
    literal = f"[{host}]" if ":" in host else host
    digits = authority[len(literal) + 1 :]
    if authority.lower() != (literal if port is None else f"{literal}:{digits}") or not (
        port is None or digits.isdecimal()
    ):
        return "", None
    host = host.removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host, port
    return str(getattr(address, "ipv4_mapped", None) or address), port


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _configured() -> set[tuple[str, int | None]]:
    return {host_and_port(name.strip()) for name in os.environ.get("LAYERDECK_HOSTS", "").split(",") if name.strip()}
