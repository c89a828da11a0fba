"""Calls as choices of the catalog: `Made(Adam, 0.01)` -> {"class": "Adam", "learning_rate": 0.01}, and what has no
place there in words.
"""

from collections.abc import Mapping
from typing import Any

from core.catalog import callbacks, layer_parts, layers, losses, metrics, optimizers, schedules
from core.catalog.fields import Field, Numbers, Part, Pick, Row, WrongArgument, nearest, shortened
from core.catalog.plugins import PREFIX
from core.catalog.schedules import Rate
from core.experiment.keras_calls import DECAY_STEPS
from core.keras_code.parsing_names import FAMILIES, OF_THE_INPUT, new_name, order, row_of, says_nothing
from core.keras_code.parsing_values import Function, Made, Named, Unread

_WHY_NOT: dict[str, Mapping[str, str]] = {
    "layer": layers.LEFT_OUT,
    "optimizer": optimizers.LEFT_OUT,
    "schedule": schedules.LEFT_OUT,
    "loss": losses.LEFT_OUT,
    "metric": metrics.LEFT_OUT,
    "callback": callbacks.LEFT_OUT,
}
_INSTEAD = {
    "is for pictures": "Use Dense layers in its place.",
    "prepares pictures": "Numbers are standardised here without a layer.",
    "prepares the table": "Choose the kind of a column on the Data page.",
    "joins or reshapes": "Put the layers into one chain.",
}
_MOST_SENTENCES, _LONGEST = 50, 400


class Choices:
    """Turns calls into choices, and collects sentences about what was left out, and about what is not needed here."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        self.notes: list[str] = []
        self.after: list[Made] = []  # Layers that were given to another one as its activation.

    def leave(self, line: int, says: str) -> None:
        """Notes what cannot be represented."""
        if len(self.left_out) < _MOST_SENTENCES:
            self.left_out.append(_sentence(line, says))

    def note(self, line: int, says: str) -> None:
        """Notes what is not needed here."""
        if len(self.notes) < _MOST_SENTENCES and _sentence(line, says) not in self.notes:
            self.notes.append(_sentence(line, says))

    def choice(self, family: str, value: Any, line: int) -> tuple[str, dict[str, Any]] | None:
        """Class and arguments, or None with a sentence."""
        line = value.line if isinstance(value, Made) else line
        name = (
            value
            if isinstance(value, str)
            else value.of.last
            if isinstance(value, Made)
            else getattr(value, "last", "")
        )
        name = value.name if isinstance(value, Function) else name
        row = row_of(family, name) if family != "layer" else FAMILIES[family].get(name)
        of = value.of if isinstance(value, Made) else value
        own = isinstance(of, Function) or (isinstance(of, Named) and of.foreign)
        if row is None or (own and not row.module.startswith(PREFIX)):
            self.leave(line, self._unknown(family, name, value))
            return None
        arguments = self.arguments(row, value) if isinstance(value, Made) else self.checked(row, {}, line)
        return None if arguments is None else (row.name, arguments)

    def _unknown(self, family: str, name: str, value: Any) -> str:
        if not name:
            return f"a {family} is left out: {_shown(value)}."
        reason = _WHY_NOT.get(family, layer_parts.LEFT_OUT).get(name)
        of = value.of if isinstance(value, Made) else value
        if reason and not (isinstance(of, Named) and of.foreign):
            instead = next((do for start, do in _INSTEAD.items() if reason.startswith(start)), "")
            return f"{name} is left out: it {reason}. {instead}".strip()
        where = f" ({of.path})" if isinstance(of, Named) and of.foreign and of.path != name else ""
        hint = "" if where else nearest(name, list(FAMILIES[family]))
        own = (
            " Write it as a plug-in to use it here."
            if family in ("layer", "loss", "metric", "callback", "activation")
            else ""
        )
        return f"{name[:80]}{where[:120]} is left out: it is no {family} that Layerdeck has.{hint or own}"

    def arguments(self, row: Row, made: Made) -> dict[str, Any] | None:
        """The arguments of a call, or None when it cannot stand without one that was left out."""
        names = order(row)
        if len(made.positional) > len(names):
            self.leave(
                made.line,
                f"{row.name} is left out: it is given {len(made.positional)} arguments and takes {len(names)}.",
            )
            return None
        given = dict(zip(names, made.positional, strict=False)) | {
            new_name(row, name): value for name, value in made.named.items()
        }
        found = {}
        for name, value in given.items():
            field = row.field(name)
            if field is not None:
                plain = self._plain(row, field, value, made.line)
                if plain is not _NOTHING and not (made.whole and not field.required and _same(field, plain)):
                    found[name] = plain
            elif name in OF_THE_INPUT:
                if not isinstance(value, Unread | Named) and value is not None:
                    self.note(
                        made.line, f"{name} of {row.name} is not needed: the input follows from the table's features."
                    )
            elif not says_nothing(row, name, value.of.last if isinstance(value, Made) else value):
                self.leave(
                    made.line,
                    f"{name} of {row.name} is left out: Layerdeck has no such setting. Keras's default is taken.",
                )
        return self.checked(row, found, made.line)

    def checked(self, row: Row, given: dict[str, Any], line: int) -> dict[str, Any] | None:
        """Arguments in canonical form; one out of range is left out where the row has a default for it."""
        while True:
            try:
                return row.check(given)
            except WrongArgument as error:
                name = error.field.split(".")[0]
                if name not in given or (field := row.field(name)) is None or field.required:
                    self.leave(line, f"{row.name} is left out: {name} {error.says}")
                    return None
                self.leave(line, f"{error.field} of {row.name} is left out: {error.says}")
                given = {key: value for key, value in given.items() if key != name}

    def _plain(self, row: Row, field: Field, value: Any, line: int) -> Any:
        """An argument's value as the catalog writes it, or _NOTHING with a sentence."""
        if value is None:
            return None if field.optional else _NOTHING
        if value == Unread(DECAY_STEPS.name) and field.optional:
            return _NOTHING  # As Layerdeck prints a schedule that falls over the whole training.
        if isinstance(field, Pick) and field.name == "activation":
            return self._activation(row, value, line)
        if isinstance(field, Part) or (isinstance(field, Rate) and isinstance(value, Made | str)):
            family = next((name for name, rows in FAMILIES.items() if rows is field.rows()), "schedule")
            found = self.choice(family, value, line)
            return _NOTHING if found is None else {"class": found[0], **found[1]}
        if (
            isinstance(field, Numbers)
            and isinstance(value, list | tuple)
            and all(isinstance(one, int | float) for one in value)
        ):
            return list(value)
        if not isinstance(value, str | int | float):
            self.leave(line, f"{field.name} of {row.name} is left out: {_shown(value)}.")
            return _NOTHING
        return _watched(value) if field.name == "monitor" and isinstance(value, str) else value

    def _activation(self, row: Row, value: Any, line: int) -> Any:
        if isinstance(value, Made) and value.of.last in layers.LAYERS and row.name != "Activation":
            self.after.append(value)
            return _NOTHING
        name = (
            value.name
            if isinstance(value, Function)
            else value.of.last
            if isinstance(value, Made)
            else getattr(value, "last", value)
        )
        found = row_of("activation", name) if isinstance(name, str) else None
        if found is None or (isinstance(value, Function) and not found.module.startswith(PREFIX)):
            known = isinstance(name, str) and name and not isinstance(value, Unread)
            self.leave(
                line,
                self._unknown("activation", name, value)
                if known
                else f"the activation of {row.name} is left out: {_shown(value)}.",
            )
            return _NOTHING
        return found.name


_NOTHING = object()


def _same(field: Field, value: Any) -> bool:
    """Whether a value is Keras's default."""
    return value == field.default or (field.name == "activation" and value == "linear")


def _watched(name: str) -> str:
    """The logged name that a callback watches: "val_root_mean_squared_error" -> "val_rmse", "val_acc" ->
    "val_accuracy".
    """
    before, plain = ("val_", name.removeprefix("val_")) if name.startswith("val_") else ("", name)
    row = row_of("metric", plain)
    short = "accuracy" if plain == "acc" else getattr(row, "short", "") or plain
    return f"{before}{short}"


def _shown(value: Any) -> str:
    if isinstance(value, Unread | Named | Function):
        text = (
            value.text
            if isinstance(value, Unread)
            else value.path
            if isinstance(value, Named)
            else value.name or "a lambda"
        )
        return (
            f"it is {text!r}, which is only known when the program runs. Write the value itself"
            if text
            else "it cannot be read"
        )
    return "a value of this kind has no place here"


def _sentence(line: int, says: str) -> str:
    says = shortened(says, _LONGEST)
    return f"Line {line}: {says}" if line else says
