"""The document has the frame's rules in it; what is no document passes as it is."""

from concurrent.futures import ThreadPoolExecutor

import anyio

from dashboard.first_paint import FrameInDocument

DOCUMENT = b"<html><head><title>Streamlit</title></head><body></body></html>"


def answered(kind: str, *parts: bytes, status: int = 200, method: str = "GET") -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body that a browser gets of an answer in some parts."""
    sent: list[dict] = []

    async def app(_scope: dict, _receive: object, send) -> None:
        length = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", kind.encode()), (b"content-length", length), (b"etag", b'"a"')]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for at, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": at < len(parts) - 1})

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    asked = {"type": "http", "method": method, "headers": []}
    with ThreadPoolExecutor(1) as pool:  # This thread may be that of a browser's loop.
        pool.submit(anyio.run, FrameInDocument(app), asked, receive, send).result()
    return dict(sent[0]["headers"]), b"".join(one.get("body", b"") for one in sent[1:])


def test_the_document_comes_with_the_frame_and_the_pages_title():
    headers, body = answered("text/html; charset=utf-8", DOCUMENT[:30], DOCUMENT[30:])
    assert body.startswith(b"<html><head><title>Layerdeck</title><style>")
    assert b"</style><script>" in body
    assert body.endswith(b"</script></head><body></body></html>")
    assert b".stApp .stMainBlockContainer" in body
    assert b"h2 { font-size" in body  # Else headings shrink as the page's own sheet comes.
    assert int(headers[b"content-length"]) == len(body)
    assert b"etag" not in headers  # It is the file's.


def test_other_answers_pass_as_they_are():
    for kind, status, method in (("text/css", 200, "GET"), ("text/html", 404, "GET"), ("text/html", 200, "HEAD")):
        headers, body = answered(kind, DOCUMENT, status=status, method=method)
        assert (body, headers[b"etag"]) == (DOCUMENT, b'"a"')
