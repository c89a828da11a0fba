"""What a person is advised: a sentence with its reason and, where possible, a fix; and the checks that find it.

A check is a function that yields `Advice`; a decorator puts it into `CHECKS`. Why it matters stands in `REASONS`, in
the order of use.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal

from core.advice.reasons import KERAS, REASONS
from core.catalog.fields import sentence
from core.experiment.spec import Experiment
from core.experiment.targets import facet, with_facet
from core.experiment.task import Situation, Task

Level = Literal["error", "warning", "hint"]
LEVELS: tuple[Level, ...] = ("error", "warning", "hint")
_ORDER = {code: place for place, code in enumerate(REASONS)}


@dataclass(frozen=True)
class Advice:
    """One sentence of advice.

    Attributes:
        code: Stable name, a key of `REASONS`.
        level: "error" (training would fail or be meaningless), "warning" or "hint".
        where: Path of the field it is about.
        says: What is the case and what to do.
        fix: The mended experiment, or None when only a person can decide.
        button: Words of the button that applies the fix.
    """

    code: str
    level: Level
    where: str
    says: str
    fix: Experiment | None = None
    button: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "says", sentence(self.says))  # Names of columns may have thousands of characters.

    @property
    def why(self) -> str:
        """Why it matters, in two sentences."""
        return REASONS[self.code].why

    @property
    def link(self) -> str:
        """The page of Keras's documentation on what it is about."""
        return KERAS + REASONS[self.code].link

    def value(self) -> dict[str, Any]:
        """Plain JSON value."""
        own = {name: getattr(self, name) for name in ("code", "level", "where", "says", "why", "link", "button")}
        return {**own, "fix": self.fix and self.fix.value()}


def ranked(advice: Iterable[Advice]) -> list[Advice]:
    """The most useful first: by level, and within a level as in `REASONS`."""
    return sorted(advice, key=lambda one: (LEVELS.index(one.level), _ORDER[one.code]))


def most_useful(advice: Iterable[Advice], most: int = 3) -> list[Advice]:
    """The few that are worth a look at once: the first of each code before a second of any, and none that asks for the
    same change.
    """
    times: dict[str, int] = {}
    changes: list[Experiment] = []
    found = []
    for one in ranked(advice):
        if one.fix is None or one.fix not in changes:
            times[one.code] = times.get(one.code, 0) + 1
            found.append((LEVELS.index(one.level), times[one.code], one))
            changes += [one.fix] if one.fix else []
    return ranked(one for *_, one in sorted(found, key=lambda each: each[:2])[:most])


Check = Callable[[Experiment, Situation], Iterator[Advice]]
FacetCheck = Callable[[Experiment, Task, Situation], Iterator[Advice]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Registers a check."""
    CHECKS.append(function)
    return function


def check_each(function: FacetCheck) -> FacetCheck:
    """Registers a check of what each target has of its own; it sees a facet, and its fix is carried over
    to the whole.
    """

    @wraps(function)
    def of_all(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
        for task in situation.tasks:
            for one in function(facet(experiment, task), task, situation):
                fix = one.fix and with_facet(experiment, situation.tasks, one.fix)
                yield replace(_of_target(one, task.target) if experiment.several else one, fix=fix)

    check(of_all)
    return function


def _of_target(one: Advice, target: str) -> Advice:
    """Of several targets, the sentence and the path name the one it is about."""
    part, *rest = one.where.split(".")
    named = [part, rest[0], target, *rest[1:]] if part == "compile" else [part, *rest]
    return replace(one, says=f"{target}: {one.says}", where=".".join(named))
