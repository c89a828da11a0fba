"""For a process that shall find no private part of another library: every look-up of one is missed."""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


class NoParts:
    """In place of `pkgutil` where parts of libraries are looked up by name."""

    @staticmethod
    def resolve_name(path: str) -> Any:
        """Finds none."""
        raise AttributeError(path)


# Module -> the name in it by which parts are looked up, and what is there instead.
LOOK_UPS: dict[str, dict[str, Any]] = {
    "core.library_parts": {"pkgutil": NoParts},
    "core.model.keras_internals": {"getattr": lambda *_: None},
}


class _WithoutParts(MetaPathFinder):
    """Finds the modules that look parts up, and has their look-ups replaced as they are imported."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in LOOK_UPS else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Replacing(spec.loader)
        return spec


class _Replacing(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        vars(module).update(LOOK_UPS[module.__name__])


def begin() -> None:
    """From now on the process that has imported nothing of these yet finds no parts."""
    sys.meta_path.insert(0, _WithoutParts())
