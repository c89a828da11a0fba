"""A cluster that no one else reaches: TLS by a certificate of its own, and no HTTP server.

Dask runs what it is sent, so whoever may connect to a scheduler, a worker or a nanny runs code as its user, and
loopback is open to every user of the machine. Here each cluster makes a key and a certificate when it starts, in files
that its user alone can read; it is its own authority, and both sides of each connection must show that certificate
(`distributed.Security`). Dask's HTTP servers, which answer without asking, are left out.
"""

from pathlib import Path
from typing import Any

from distributed import Scheduler, Security, Worker

from core.runs.dask_internals import without_http_server
from core.workspace import write_whole

_KEY, _CERTIFICATE = "cluster.key", "cluster.crt"


def make_certificate(home: Path) -> None:
    """Writes a new key and its certificate, which is good for a year, with mode 0600. Raises OSError."""
    made = Security.temporary()
    write_whole(home / _KEY, made.tls_client_key)
    write_whole(home / _CERTIFICATE, made.tls_client_cert)


def security(home: Path) -> Security:
    """How everyone of a workspace's cluster connects and listens; not otherwise than encrypted."""
    parts: dict[str, Any] = {"tls_ca_file": str(home / _CERTIFICATE)}
    for role in ("client", "scheduler", "worker"):
        parts |= {f"tls_{role}_key": str(home / _KEY), f"tls_{role}_cert": str(home / _CERTIFICATE)}
    return Security(require_encryption=True, **parts)


@without_http_server
class PrivateScheduler(Scheduler):
    """A scheduler without an HTTP server."""


@without_http_server
class PrivateWorker(Worker):
    """A worker without an HTTP server."""
