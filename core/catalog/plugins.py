"""Layers, activations, losses, metrics and callbacks of one's own: Python files in the workspace's folder `plugins`.

    import keras

    @keras.saving.register_keras_serializable(package="plugins")
    class Scale(keras.layers.Layer):
        '''Multiplies every column by a learned number.'''          the sentence of help

        def __init__(self, start: float = 1.0, **kwargs): ...        the form: a number that starts from 1

A decorated class joins the catalog by its base class, a decorated function of one argument as an activation. A class
attribute `layerdeck = {"tasks": ["binary"], ...}` sets what its row says besides (see `_SETTINGS`). Files are read as
syntax here and only run by the worker. Whoever may write to the folder decides what runs: a browser cannot. Modules
that installed packages offer (`core.catalog.plugin_packages`) join just the same.
"""

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.catalog.callbacks import CALLBACKS, CallbackRow
from core.catalog.fields import Field, Flag, Number, Pick, Row, Whole
from core.catalog.layer_parts import ACTIVATIONS, Activation
from core.catalog.layers import LAYERS, LayerRow
from core.catalog.losses import LOSSES, LossRow
from core.catalog.metric_row import MetricRow
from core.catalog.metrics import METRICS
from core.catalog.plugin_packages import absolute, installed
from core.catalog.syntax import syntax_tree

OWN = "Your own"
PREFIX = "layerdeck_plugins."
INSTALLED = f"{PREFIX}installed."
_DECORATOR = "register_keras_serializable"
_FAMILIES: dict[str, tuple[type[Row], dict[str, Any]]] = {
    "Layer": (LayerRow, LAYERS),
    "Loss": (LossRow, LOSSES),
    "Metric": (MetricRow, METRICS),
    "Callback": (CallbackRow, CALLBACKS),
}
_SETTINGS = {
    # width: the argument that says how many columns it gives; without it as many as it is given.
    LayerRow: {
        "random",
        "width",
    },
    LossRow: {"tasks", "target", "output", "positive", "margin"},
    MetricRow: {"tasks", "target", "power", "share", "larger", "probability", "positive"},
    CallbackRow: set(),
}
_ALL_TASKS = ("regression", "binary", "multiclass")
_KINDS: dict[str, Callable[..., Field]] = {
    "bool": Flag,
    "int": functools.partial(Whole, low=-1_000_000),
    "float": Number,
    "str": functools.partial(Pick, words=list),
}


@dataclass
class Registered:
    """What a folder holds.

    Attributes:
        rows: The rows that joined the catalog.
        broken: File name, or module and package -> why it was left out, a sentence.
    """

    rows: list[Row] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


class Broken(ValueError):
    """A plug-in that cannot be offered; the message is a sentence."""


class Gone(Broken):
    """A plug-in whose file is not there any more."""


def register(folder: Path) -> Registered:
    """Reads the folder's files and what packages offer, and adds what they hold to the catalog.

    A broken module is named and harms no other.
    """
    found = Registered()
    for module, path in files(folder).items():
        try:
            for row, family in _rows(module, path):
                known = family.get(row.name)
                if known is not None and known.module != row.module:
                    raise Broken(f"There is a {row.name} already: choose another name.")
                family[row.name] = row
                found.rows.append(row)
        except (Broken, SyntaxError, ValueError, OSError) as error:
            found.broken[title(module)] = (
                f"line {error.lineno}: {error.msg}." if isinstance(error, SyntaxError) else str(error)
            )
    return found


def files(folder: Path) -> dict[str, Path | None]:
    """Module of a row -> its file, for all that may join the catalog; None where a package's file is not
    to be found.
    """
    own = {PREFIX + path.stem: path for path in sorted(folder.glob("*.py"))} if folder.is_dir() else {}
    return {**own, **{INSTALLED + one.module: one.path for one in installed().values()}}


def title(module: str) -> str:
    """What a person calls a plug-in: "quartic.py", or "my_losses.quartic of my-losses 1.2"."""
    if not module.startswith(INSTALLED):
        return f"{module.removeprefix(PREFIX)}.py"
    name = module.removeprefix(INSTALLED)
    return f"{name} of {installed()[name].package}" if name in installed() else name


def source(folder: Path, module: str) -> Path:
    """The file of a row's module. Raises Gone when a package is not installed any more."""
    if not module.startswith(INSTALLED):
        return folder / f"{module.removeprefix(PREFIX)}.py"
    path = files(folder).get(module)
    if path is None:
        raise Gone(f"The package of the plug-in {title(module)} is not installed here.")
    return path


def text(folder: Path, module: str) -> str:
    """The source of a row's module, so that it can stand alone. Raises Gone."""
    path = source(folder, module)
    found = path.read_text(encoding="utf-8")
    return (
        absolute(found, module.removeprefix(INSTALLED), path.name == "__init__.py")
        if module.startswith(INSTALLED)
        else found
    )


def _rows(module: str, path: Path | None) -> list[tuple[Row, dict[str, Any]]]:
    if path is None:
        raise Broken("The package names this module, but its source is not among the package's files.")
    if not module.startswith(INSTALLED) and not path.stem.isidentifier():
        raise Broken("Its name must be one of a Python module: letters, digits and underscores.")
    tree = syntax_tree(path.read_text(encoding="utf-8"))
    made = [
        _row(node, module)
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and _decorated(node)
    ]
    if not made:
        raise Broken(f"It holds nothing that is decorated with keras.saving.{_DECORATOR}.")
    return made


def _decorated(node: ast.ClassDef | ast.FunctionDef) -> bool:
    calls = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    return any(ast.unparse(one).split(".")[-1] == _DECORATOR for one in calls)


def _row(node: ast.ClassDef | ast.FunctionDef, module: str) -> tuple[Row, dict[str, Any]]:
    about = (ast.get_docstring(node) or f"Your own {node.name}.").strip().splitlines()[0].rstrip(".") + "."
    if isinstance(node, ast.FunctionDef):
        if len(node.args.args) != 1:
            raise Broken(
                f"{node.name} takes {len(node.args.args)} arguments; an activation takes one. Write losses and "
                "metrics as classes."
            )
        return Activation(node.name, about, module=module), ACTIVATIONS
    base = ast.unparse(node.bases[0]).split(".")[-1] if node.bases else "nothing"
    if base not in _FAMILIES:
        raise Broken(f"{node.name} derives from {base}; expected keras's {', '.join(_FAMILIES)}.")
    kind, family = _FAMILIES[base]
    settings = _settings(node, kind)
    fields = tuple(_fields(node))
    if kind is LayerRow:
        units = settings.pop("width", None)
        if units is not None:
            settings["width"] = functools.partial(
                _width, units, next((one.default for one in fields if one.name == units), 1)
            )
        settings["group"] = OWN
    if kind in (LossRow, MetricRow):
        settings.setdefault("tasks", _ALL_TASKS if kind is MetricRow else ("regression",))
        if not set(settings["tasks"]) <= set(_ALL_TASKS):
            raise Broken(f"{node.name}: its tasks must be some of {', '.join(_ALL_TASKS)}.")
    if kind is MetricRow:
        settings["short"] = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in node.name).lstrip("_")
    return kind(node.name, about, fields, module=module, **settings), family


def _width(argument: str, default: int, _width: int, given: dict[str, Any]) -> int:
    return int(given.get(argument, default))


def _settings(node: ast.ClassDef, kind: type[Row]) -> dict[str, Any]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "layerdeck":
            given = ast.literal_eval(statement.value)
            if not isinstance(given, dict) or not set(given) <= _SETTINGS[kind]:
                raise Broken(f"{node.name}: layerdeck may set {', '.join(sorted(_SETTINGS[kind])) or 'nothing'} here.")
            return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return {}


def _fields(node: ast.ClassDef) -> list[Field]:
    """The form: the arguments of `__init__` with their defaults or annotations."""
    start = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    if start is None:
        return []
    given = [*start.args.posonlyargs, *start.args.args][1:]
    defaults: list[ast.expr | None] = [None] * (len(given) - len(start.args.defaults))
    pairs = [
        *zip(given, [*defaults, *start.args.defaults], strict=True),
        *zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True),
    ]
    return [made for argument, default in pairs if (made := _field(node.name, argument, default)) is not None]


def _field(owner: str, argument: ast.arg, default: ast.expr | None) -> Field | None:
    if argument.arg in ("name", "dtype", "reduction"):
        return None
    kind = ast.unparse(argument.annotation) if argument.annotation else ""
    value = ast.literal_eval(default) if default is not None else None
    kind = kind if kind in _KINDS else type(value).__name__
    if kind not in _KINDS or kind == "str":
        raise Broken(
            f"{owner}: the argument {argument.arg} needs a default or an annotation that is a bool, an int or a float."
        )
    required = default is None
    start: Any = {"bool": False, "int": 1, "float": 1.0}[kind] if required else value  # Of the argument's own type.
    start = float(start) if kind == "float" else start
    return _KINDS[kind](
        name=argument.arg,
        default=start,
        help=f"{argument.arg.replace('_', ' ').capitalize()}.",
        required=required,
        advanced=False,
    )
