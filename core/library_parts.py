"""Parts of other libraries that these do not promise to keep: found by name, or missed with a line in the log.

Each library has one file that asks for its parts (`core/model/keras_internals.py`, `core/runs/dask_internals.py`,
`core/runs/mlflow_internals.py`, `dashboard/session/streamlit_patches.py`), and there each has a plain way without it.
"""

import importlib
import logging
import pkgutil
from functools import cache
from typing import Any

log = logging.getLogger(__name__)


def library_part(path: str, tried: str) -> Any:
    """A part of a library by its path, "distributed.utils.get_mp_context"; None, and once a line in the log, where
    there is none.

    Args:
        tried: The version of the library in which the part was found.
    """
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError):
        _warn(path, tried)
        return None


@cache
def _warn(path: str, tried: str) -> None:
    library = path.partition(".")[0]
    version = getattr(importlib.import_module(library), "__version__", "of unknown version")
    log.warning("%s %s has no %s (tried: %s): the plain way is taken", library, version, path, tried)
