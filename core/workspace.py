"""The one folder that holds what people made: uploads, drafts, runs. `LAYERDECK_HOME` names another than
`workspace/`.
"""

import errno
import logging
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor

try:
    import fcntl
except ImportError:  # Windows.
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)
_PAUSES = (0.001, 0.002, 0.01, 0)  # Without fcntl: seconds after each refusal, before a lock counts as held.
_POLL = 0.005  # Seconds between two tries for a lock that is waited for.


def workspace() -> Path:
    """The workspace's absolute path."""
    return Path(os.environ.get("LAYERDECK_HOME", "workspace")).absolute()


def plugins() -> Path:
    """The folder of plug-ins; `LAYERDECK_PLUGINS` names another than the workspace's own."""
    return Path(os.environ.get("LAYERDECK_PLUGINS", workspace() / "plugins")).absolute()


def keep_private(folder: Path) -> None:
    """Makes a folder that its user alone can enter, or takes the others' rights from one that is there. Raises OSError.

    One that all may write to on purpose (its sticky bit is set, as that of /tmp) or that is another user's stays as it
    is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):  # Not POSIX: a folder has no mode there that could be closed.
        return
    found = folder.stat()
    if found.st_mode & 0o077 and not found.st_mode & stat.S_ISVTX and found.st_uid == os.geteuid():
        try:
            folder.chmod(found.st_mode & 0o700)
        except OSError as error:  # A file system that knows no rights.
            log.warning("the workspace %s cannot be closed to other users: %s", folder, error)


def held(lock: Path) -> bool:
    """Whether a process holds a lock file; it lets go when it ends, however that happens.

    Who asks takes the lock for some microseconds, together with all others who ask. Where a system has no locks to
    share, one refusal may come from another who asks: it asks again.
    """
    try:
        with lock.open("r+b") as file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
                return False
            for pause in _PAUSES:
                if lock_descriptor(file.fileno(), blocking=False):
                    return False
                time.sleep(pause)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def locked(lock: Path, wait: bool = True) -> Iterator[None]:
    """Holds a lock file, made now if need be, and waits for whoever holds it, of this process or another. Raises
    OSError, and BlockingIOError where it is held and is not to be waited for.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:  # The system lets go of it with the file, however that is closed.
        if not lock_descriptor(file.fileno(), blocking=wait, poll_interval=_POLL):
            raise BlockingIOError(errno.EAGAIN, "another process holds the lock", str(lock))
        yield


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file so that no one ever reads half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
