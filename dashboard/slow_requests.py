"""Ends connections whose request stays half-sent. Uvicorn waits for the rest of a head or a body for ever.

Middleware sees a request only when its head is whole, and `streamlit run` lets no other protocol class be named; so the
class that uvicorn uses is given a watch over each connection. The limits are those of Apache's mod_reqtimeout: 20
seconds for a head, and for a body 20 seconds and one more for each 500 bytes of it that have come. A websocket's
handshake is a head; afterwards Streamlit's pings end what does not answer.

Tried with uvicorn 0.54 on h11 0.16.
"""

import asyncio
import functools
import logging
import os
from typing import Any

log = logging.getLogger(__name__)
_SECONDS = 20.0  # LAYERDECK_REQUEST_SECONDS names another number.
_LEAST_RATE = 500  # Bytes a second of a body, beyond that.


def end_half_sent_requests() -> bool:
    """Has the server end them; whether it does: not with another protocol of uvicorn's than the one that was tried."""
    try:
        from uvicorn.protocols.http.auto import AutoHTTPProtocol as Used
        from uvicorn.protocols.http.h11_impl import H11Protocol as Tried

        if Used is not Tried or not hasattr(Tried, "timeout_keep_alive_handler"):
            raise ImportError(f"{Used.__name__} is another protocol than the one that was tried")
    except ImportError as error:
        log.warning("half-sent requests are not ended: %s", error)
        return False
    # uvicorn has no setting for it: its protocol's own methods are replaced.
    Tried.connection_made = _watched(Tried.connection_made)  # type: ignore[method-assign]  # Replaced on purpose.
    Tried.data_received = _counted(Tried.data_received)  # type: ignore[method-assign]  # Replaced on purpose.
    return True


def _watched(connection_made: Any) -> Any:
    if hasattr(connection_made, "__wrapped__"):  # Streamlit may read the server's file again.
        return connection_made

    @functools.wraps(connection_made)
    def made(protocol: Any, transport: asyncio.Transport) -> None:
        connection_made(protocol, transport)
        protocol.watch = SlowRequests(protocol)

    return made


def _counted(data_received: Any) -> Any:
    if hasattr(data_received, "__wrapped__"):
        return data_received

    @functools.wraps(data_received)
    def received(protocol: Any, data: bytes) -> None:
        protocol.watch.bytes += len(data)
        data_received(protocol, data)

    return received


class SlowRequests:
    """Of one connection: looks at it now and then, and closes it when its client has been awaited for too long.

    Attributes:
        bytes: Received so far.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._limit = float(os.environ.get("LAYERDECK_REQUEST_SECONDS", _SECONDS))
        self._part: tuple[str, int] | None = None  # What is awaited: which part of which request.
        self._since, self._before, self.bytes = 0.0, 0, 0
        self._look()

    def _look(self) -> None:
        protocol, loop = self._protocol, self._protocol.loop
        # Closed, or a websocket by now.
        if protocol.transport.is_closing() or protocol.transport.get_protocol() is not protocol:
            return
        part = self._awaited()
        if part is None or part != self._part:
            self._part, self._since, self._before = part, loop.time(), self.bytes
        elif loop.time() - self._since > self._limit + (part[0] == "body") * (self.bytes - self._before) / _LEAST_RATE:
            protocol.transport.close()
            return
        loop.call_later(self._limit / 10, self._look)

    def _awaited(self) -> tuple[str, int] | None:
        """What the client is yet to send: the head or the body of a request; None while the server has all of it, or is
        idle.
        """
        import h11

        protocol = self._protocol
        if protocol.flow.read_paused:
            return None
        if protocol.conn.their_state is h11.SEND_BODY:
            return "body", id(protocol.cycle)
        if protocol.conn.their_state is h11.IDLE and protocol.timeout_keep_alive_task is None:
            return "head", id(protocol.cycle)
        return None
