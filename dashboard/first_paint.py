"""The frame of the page is laid out from the first paint on, and a page whose script has ended is loaded again.

Streamlit hands the page's own style sheet to the browser together with what is on the page, and shows both in an order
of its own: without these rules in the document the page would jump as the sheet comes.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASSETS = Path(__file__).with_name("assets")
_END = b"</head>"


class FrameInDocument:
    """Adds the frame's rules, the script that loads a white page again and the page's title to Streamlit's document."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._head = b"<style>%b</style><script>%b</script>" % (
            (_ASSETS / "frame.css").read_bytes(),
            (_ASSETS / "recover.js").read_bytes(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is no document."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_framed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_document(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await send(_start(start, framed := self.framed(body)))
                    await send({"type": "http.response.body", "body": framed})

        await self.app(_uncompressed(scope), receive, send_framed)

    def framed(self, document: bytes) -> bytes:
        """The document with rules and script at the end of its head; one without a head stays."""
        named = document.replace(b"<title>Streamlit</title>", b"<title>Layerdeck</title>", 1)
        return named.replace(_END, self._head + _END, 1)


def _uncompressed(scope: Scope) -> Scope:
    """The request of a document without leave to compress it: Streamlit compresses that of some addresses."""
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return scope
    return {**scope, "headers": [one for one in scope["headers"] if one[0] != b"accept-encoding"]}


def _is_document(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html") and "content-encoding" not in headers


def _start(start: Message, body: bytes) -> Message:
    """The beginning of the answer, with the length of the body; a browser must not take the file's tag for that of what
    was made of it.
    """
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-length"] = str(len(body))
    for name in ("etag", "last-modified"):
        del headers[name]
    return {**start, "headers": headers.raw}
