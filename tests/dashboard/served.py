"""A server that tests ask by hand: whole requests, and halves of them."""

import contextlib
import http.client
import json
import socket
import subprocess
import time


class Server:
    """A running server; `get` asks it exactly what is given."""

    def __init__(self, port: int, process: subprocess.Popen) -> None:
        self.port, self.process = port, process

    def get(self, path: str, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Status, body and headers; the path is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest("GET", path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def json(self, path: str, **headers: str) -> tuple[int, dict]:
        """Status and JSON value."""
        status, body, _ = self.get(path, **headers)
        return status, json.loads(body)


HALF_SENT = {
    "head": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "nothing": b"",
    "handshake": b"GET /_stcore/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "
    b"Upgrade\r\nSec-WebSocket-Key: dGhl",
    "upload": b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nname",
    "route": b"POST /api/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nhalf",
    "second": b"GET /api/plotly.min.js HTTP/1.1\r\nHost: evil\r\n\r\nGET /api/health HTTP/1.1\r\nHo",
}


def ended_by_the_server(port: int, half: bytes) -> float:
    """Sends half a request and then a byte now and again, as who wants to hold a connection does; seconds until the
    server ends it.
    """
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        connection.sendall(half)
        while time.monotonic() - begun < 60:
            try:
                if connection.recv(65536) == b"":
                    return time.monotonic() - begun
            except TimeoutError:
                with contextlib.suppress(OSError):
                    connection.sendall(half[-1:])
            except ConnectionError:
                return time.monotonic() - begun
    raise AssertionError("it was held for a minute")
