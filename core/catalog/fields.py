"""Arguments of catalog rows: each kind of argument knows its default, its range and the words for both.

The form draws a field, the spec checks it, the script prints it, and the worker passes it to Keras: all read these
classes.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

LONGEST_SENTENCE = 600  # Signs.
_END = 150  # Signs of its end that a longer sentence keeps.
LONGEST_VALUE = 80  # Signs of a value that a sentence repeats.


def shortened(text: str, most: int) -> str:
    """A text for a sentence: of a long one its beginning."""
    return text if len(text) <= most else f"{text[:most]}..."


def sentence(text: str, most: int = LONGEST_SENTENCE) -> str:
    """A sentence of at most so many characters: a longer one loses its middle, for its end says what to do."""
    return text if len(text) <= most else f"{text[: most - _END - 5]} ... {text[-_END:]}"


def repeated(value: Any) -> str:
    """A value as a sentence repeats it: of a long one its beginning."""
    try:
        return shortened(repr(value), LONGEST_VALUE)
    except (RecursionError, ValueError):  # Nested too deeply, or a number of thousands of digits.
        return f"a {type(value).__name__} that is too long to be repeated"


def nearest(given: str, allowed: list[str]) -> str:
    """' Did you mean "relu"?' for "rellu"; empty when nothing is near."""
    if len(given) > LONGEST_VALUE:
        return ""
    by_lower = {name.lower(): name for name in reversed(allowed)}
    match = get_close_matches(given.lower(), list(by_lower), 1)
    if not match:
        return ""
    name = by_lower[match[0]]
    return f' Did you mean "{name}"?'


@dataclass(frozen=True, kw_only=True)
class Field:
    """One argument of a Keras class.

    Attributes:
        name: The argument's own name in Keras.
        default: What Keras takes when it is left out.
        help: One plain sentence.
        optional: Whether None is allowed too.
        required: Whether Keras has no default of its own; `default` is then only where the form starts.
        advanced: Whether the form keeps it folded away at first.
    """

    name: str
    default: Any = None
    help: str = ""
    optional: bool = False
    required: bool = False
    advanced: bool = True

    @property
    def label(self) -> str:
        """The name for people: "learning_rate" -> "Learning rate"."""
        return self.name.replace("_", " ").capitalize().replace("l2", "L2")

    def check(self, value: Any) -> Any:
        """The value in its canonical type. Raises ValueError with what was given and what is expected."""
        if value is None and self.optional:
            return None
        return self._check(value)

    def _check(self, value: Any) -> Any:
        raise NotImplementedError

    def _refuse(self, value: Any, expected: str) -> ValueError:
        return ValueError(f"got {repeated(value)}, expected {expected}{' or null' if self.optional else ''}.")


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A finite number. `low` and `high` may be reached, `above` and `below` may not.

    Attributes:
        search_range: The lowest and the highest value that a search should try, both allowed; None where it follows
            from the default (`core.search.proposals`).
        log_scale: Whether that range is searched on a logarithmic scale.
    """

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    step: float | None = None
    search_range: tuple[float, float] | None = None
    log_scale: bool = False

    def _check(self, value: Any) -> float:
        expected = self.expected
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refuse(value, expected)
        try:
            value = float(value)  # Keras refuses an int where a float is meant: Adam(learning_rate=1).
        except OverflowError:  # JSON may write a whole number of 400 digits.
            raise self._refuse(value, expected) from None
        if not math.isfinite(value):
            raise self._refuse(value, expected)
        if (
            (self.low is not None and value < self.low)
            or (self.high is not None and value > self.high)
            or (self.above is not None and value <= self.above)
            or (self.below is not None and value >= self.below)
        ):
            raise self._refuse(value, expected)
        return value

    def asked(self, _value: Any = None) -> str:
        """What a person is asked for, in words."""
        return self.expected

    @property
    def expected(self) -> str:
        """The range in words: "a number above 0 and below 1"."""
        bounds = (("from", self.low), ("above", self.above), ("up to", self.high), ("below", self.below))
        words = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        return f"a number {words}".strip()


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number from `low` to `high`; `empty` is what an empty box says where it is optional.

    Attributes:
        search_range, log_scale: As of a `Number`.
    """

    low: int = 0
    high: int = 1_000_000
    empty: str = "none"
    search_range: tuple[int, int] | None = None
    log_scale: bool = False

    def _check(self, value: Any) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not self.low <= value <= self.high:
            raise self._refuse(value, f"a whole number from {self.low} to {self.high}")
        return int(value)

    def asked(self, value: Any = None) -> str:
        """What a person is asked for in the place of a value, in words: the end of the range that it passed."""
        too_large = isinstance(value, int | float) and value > self.high
        return f"a whole number of at most {self.high:,}" if too_large else f"a whole number of at least {self.low:,}"


@dataclass(frozen=True, kw_only=True)
class Numbers(Field):
    """A list of finite numbers from `low` on, a hundred at most; kept as a tuple, given to Keras as a list."""

    low: float = 0.0

    def _check(self, value: Any) -> tuple[float, ...]:
        one = Number(name=self.name, low=self.low)
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= 100:
            raise self._refuse(value, "a list of 1 to 100 numbers")
        return tuple(one.check(number) for number in value)


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """True or false."""

    def _check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._refuse(value, "true or false")
        return value


@dataclass(frozen=True, kw_only=True)
class Name(Field):
    """The name of a logged number, like val_loss."""

    def _check(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise self._refuse(value, 'the name of a logged number, like "val_loss"')
        return value


@dataclass(frozen=True, kw_only=True)
class Pick(Field):
    """One of a few words; `words` is asked each time, so that a list may be defined elsewhere.

    Attributes:
        search_words: Those that a search should try; all where none is named.
    """

    words: Callable[[], list[str]]
    search_words: tuple[str, ...] = ()

    def _check(self, value: Any) -> str:
        allowed = self.words()
        if value not in allowed:
            hint = nearest(value, allowed) if isinstance(value, str) else ""
            raise ValueError(f"got {repeated(value)}, expected one of {', '.join(allowed)}.{hint}")
        return value


@dataclass(frozen=True, kw_only=True)
class Part(Field):
    """A small Keras object with arguments of its own, written `{"class": NAME, ...}`: a regularizer, an initializer."""

    rows: Callable[[], Mapping[str, "Row"]]

    def _check(self, value: Any) -> dict[str, Any]:
        allowed = self.rows()
        if isinstance(value, str):
            value = {"class": value}
        if not isinstance(value, dict) or not isinstance(value.get("class"), str):
            raise self._refuse(value, '{"class": NAME, ...}')
        row = allowed.get(value["class"])
        if row is None:
            raise ValueError(
                f"got {repeated(value['class'])}, expected one of "
                f"{', '.join(allowed)}.{nearest(value['class'], list(allowed))}"
            )
        return {"class": row.name, **row.check({key: given for key, given in value.items() if key != "class"})}


@dataclass(frozen=True)
class Row:
    """One thing that may be chosen.

    Attributes:
        name: The Keras class.
        help: One plain sentence.
        fields: Its arguments, in the order the form shows them.
        module: Where Keras keeps the class.
        label: What people see; the class name when empty.
        link: Page of Keras's API documentation, below https://keras.io/api/.
    """

    name: str
    help: str
    fields: tuple[Field, ...] = ()
    module: str = "keras"
    label: str = ""
    link: str = ""

    @property
    def title(self) -> str:
        """The label, or the class name."""
        return self.label or self.name

    def field(self, name: str) -> Field | None:
        """The argument of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def check(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments in canonical form. Raises `WrongArgument` for the first that is unknown or out of range."""
        checked = {}
        for name, value in arguments.items():
            field = self.field(name)
            if field is None:
                known = [field.name for field in self.fields]
                raise WrongArgument(
                    name,
                    f"{self.name} has no argument {repeated(name)}; it takes "
                    f"{', '.join(known) or 'none'}.{nearest(name, known)}",
                )
            try:
                checked[name] = field.check(value)
            except WrongArgument as error:
                raise WrongArgument(f"{name}.{error.field}", error.says) from None
            except ValueError as error:
                raise WrongArgument(name, str(error)) from None
        for field in self.fields:
            if field.required and field.name not in checked:
                raise WrongArgument(field.name, f"{self.name} needs {field.name}, for instance {field.default!r}.")
        # Equal choices have equal texts.
        return {field.name: checked[field.name] for field in self.fields if field.name in checked}

    def starting_arguments(self) -> dict[str, Any]:
        """What the form starts with: only the arguments that Keras has no default for."""
        return {field.name: field.default for field in self.fields if field.required}

    def value(self, arguments: dict[str, Any], name: str) -> Any:
        """What the argument is: as given, or Keras's default."""
        field = self.field(name)
        return arguments.get(name, field.default if field else None)


class WrongArgument(ValueError):
    """An argument that a row does not take.

    Attributes:
        field: Path of the argument below its row, like "kernel_regularizer.l2".
        says: What was given, what was expected.
    """

    def __init__(self, field: str, says: str) -> None:
        super().__init__(says)
        self.field = field
        self.says = says
