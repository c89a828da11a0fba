"""Plug-ins as Python objects: their files are run here, in the process that trains, and nowhere else."""

import importlib
import importlib.util
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

from core.catalog.plugins import INSTALLED, PREFIX, Gone, source, title
from core.workspace import plugins

_LOADING = threading.Lock()


class PluginFailed(Exception):
    """A plug-in that cannot be run; the message is a sentence that names it."""


def plugged(module: str, name: str) -> Any:
    """The class or function of a plug-in, run again when its file has changed. Raises PluginFailed."""
    with _LOADING:
        try:
            path = source(plugins(), module)
            stamp, known = path.stat().st_mtime_ns, sys.modules.get(module)
            if known is None or vars(known).get("_layerdeck_stamp") != stamp:
                known = _imported(module) if module.startswith(INSTALLED) else _run(module, path)
                vars(known)["_layerdeck_stamp"] = stamp
                sys.modules[module] = known
            return getattr(known, name)
        except Gone as error:
            raise PluginFailed(str(error)) from None
        except Exception as error:  # Whatever a person's own code may raise.
            raise PluginFailed(f"The plug-in {title(module)} cannot be run: {type(error).__name__}: {error}") from error


def _imported(module: str) -> ModuleType:
    """A package's module under its own name, so that the rest of the package finds it and it finds the rest."""
    name = module.removeprefix(INSTALLED)
    known = sys.modules.get(name)
    importlib.invalidate_caches()
    # Another plug-in of the package may have imported it a moment ago.
    fresh = known is None or module not in sys.modules
    return importlib.import_module(name) if fresh else importlib.reload(sys.modules[name])


def custom_objects(files: list[Path]) -> dict[str, Any]:
    """What `keras.models.load_model` must know to open a model that was made with these files. Raises PluginFailed."""
    found: dict[str, Any] = {}
    for path in files:
        with _LOADING:
            try:
                module = _run(f"{PREFIX}kept_{path.stem}", path)
            except Exception as error:
                raise PluginFailed(
                    f"The plug-in {path.name} of this run cannot be run: {type(error).__name__}: {error}"
                ) from error
        for value in vars(module).values():
            if getattr(value, "__module__", "") == module.__name__:
                found[keras.saving.get_registered_name(value)] = value
                found[value.__name__] = value
    return found


def _run(name: str, path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(name, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
