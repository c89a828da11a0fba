"""What a text is read as: plain values, calls as they are written, and what is only known when the program runs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MOST_PARTS = 1000  # Of a list with all lists in it, and of a chain of layers.
KERAS = ("keras", "tensorflow", "tf", "tf_keras", "keras_core")


class NotReadable(ValueError):
    """A text that holds no stack; the message is a sentence for the person."""


@dataclass(frozen=True)
class Named:
    """A name that is not called: `keras.activations.relu`.

    Attributes:
        path: The whole name, imports resolved.
        foreign: Whether it is known to be another package's, or the text's own class.
    """

    path: str
    foreign: bool = False

    @property
    def last(self) -> str:
        """Its last part."""
        return self.path.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Made:
    """A call: `Dense(64, activation="relu")`.

    Attributes:
        of: What is called.
        line: Where it stands, from 1; 0 where there are no lines.
        whole: Whether all arguments are listed, also those that are Keras's defaults: in a configuration.
    """

    of: Named
    positional: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    whole: bool = False


@dataclass(frozen=True)
class Unread:
    """What is only known when the program runs; `text` is how it is written."""

    text: str


@dataclass(frozen=True)
class Chain:
    """A tensor of a functional model: the layers that its rows went through."""

    layers: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function or lambda of the text: `node` as `ast` has it, `names` those around it, `given` the defaults of its
    arguments.
    """

    name: str
    node: Any
    names: dict[str, Any]
    given: dict[str, Any]


@dataclass
class Stack:
    """A model while it is put together.

    Attributes:
        compiled, fitted: The last calls of `compile` and `fit`.
        inner: Whether it is a part of another one.
    """

    layers: list[Any] = field(default_factory=list)
    line: int = 0
    compiled: Made | None = None
    fitted: Made | None = None
    inner: bool = False

    def add(self, parts: Iterable[Any]) -> None:
        """Layers, or models whose layers are taken over."""
        for part in parts:
            if isinstance(part, Stack):
                part.inner = True
            self.layers += list(part.layers) if isinstance(part, Stack | Chain) else [part]
            if len(self.layers) > MOST_PARTS:
                raise NotReadable(f"The model has more than {MOST_PARTS:,} layers.")


@dataclass
class Text:
    """A whole text, read.

    Attributes:
        stacks: The models, in the order in which they are begun.
        names: Name -> value at the end.
        called: Names of functions that are called.
        seed: That of `set_random_seed`, or None.
        dtype_policy: What is said to `set_dtype_policy`, or None.
        remarks: Sentences about what could not be followed.
    """

    stacks: list[Stack] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    seed: Any = None
    dtype_policy: Any = None
    remarks: list[str] = field(default_factory=list)

    def stack(self) -> Stack:
        """The model that is meant: what is trained rather than what is only compiled, the last of its kind. Raises
        NotReadable.
        """
        whole = [one for one in self.stacks if one.layers and not one.inner]
        kinds = ([one for one in whole if one.fitted], [one for one in whole if one.compiled], whole)
        found = next(filter(None, kinds), None)
        if found is None:
            raise NotReadable("")
        if len(found) > 1:
            self.remarks.append(f"The text holds {len(found)} models: the last one was taken.")
        return found[-1]


def size(value: Any, most: int = MOST_PARTS) -> int:
    """How many values a value holds, with all in it; what is above `most` is not counted to its end."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    total = 1
    for part in parts:
        total += size(part, most)
        if total > most:
            break
    return total
