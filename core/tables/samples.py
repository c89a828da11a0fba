"""The sample tables, in the order the page offers them. One row adds a sample.

Those of other people are files in `core/tables/sample_tables` (sources and licences: NOTICE.md there); the rest are
drawn here, always alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.catalog.fields import LONGEST_VALUE, repeated
from core.tables.errors import TableError

FOLDER = Path(__file__).with_name("sample_tables")
ROWS = 500


@dataclass(frozen=True)
class Sample:
    """A table that comes with the product.

    Attributes:
        name: The word after `sample:` in an experiment; the stem of its file.
        title: Its name for people.
        what: One sentence on its rows and the question they answer.
        target: The column that is usually predicted.
        source: Who gathered it.
        licence: Under what it may be used, in short words.
        draw: Makes the table, or None when it is read from `core/tables/sample_tables`.
        unit: The target's unit, if it has one.
    """

    name: str
    title: str
    what: str
    target: str
    source: str
    licence: str
    draw: Callable[[], pd.DataFrame] | None = None
    unit: str = ""


def load_sample(name: str) -> pd.DataFrame:
    """The rows of a sample, the same at every call; a `TableError` names the nearest sample when there is none of that
    name.
    """
    sample = SAMPLES.get(name)
    if sample is None:
        near = get_close_matches(name[:LONGEST_VALUE], SAMPLES, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(SAMPLES)}."
        raise TableError(f"There is no sample table called {repeated(name)}: {hint}")
    return _rows(name).copy(deep=False)  # pandas copies on write, so the kept rows are safe.


@cache
def _rows(name: str) -> pd.DataFrame:
    """The rows of a sample, which each run of a page asks for: read or drawn once."""
    sample = SAMPLES[name]
    return sample.draw() if sample.draw else pd.read_csv(FOLDER / f"{name}.csv")


def _points(x: np.ndarray, y: np.ndarray, first: np.ndarray, words: tuple[str, str]) -> pd.DataFrame:
    """Points of two classes as a table; four decimals, so that the table survives a CSV file unchanged."""
    return pd.DataFrame({"x": x.round(4), "y": y.round(4), "label": np.where(first, *words).tolist()})


def _circles() -> pd.DataFrame:
    random = np.random.default_rng(0)
    inner = np.arange(ROWS) % 2 == 0
    radius = np.where(inner, 0.5, 1.0) + random.normal(0, 0.08, ROWS)
    angle = random.uniform(0, 2 * np.pi, ROWS)
    return _points(radius * np.cos(angle), radius * np.sin(angle), inner, ("inner", "outer"))


def _moons() -> pd.DataFrame:
    random = np.random.default_rng(1)
    upper = np.arange(ROWS) % 2 == 0
    angle = random.uniform(0, np.pi, ROWS)
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) + random.normal(0, 0.1, ROWS)
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) + random.normal(0, 0.1, ROWS)
    return _points(x, y, upper, ("upper", "lower"))


def _spiral() -> pd.DataFrame:
    random = np.random.default_rng(2)
    first = np.arange(ROWS) % 2 == 0
    turn = np.sqrt(random.uniform(0.02, 1, ROWS))  # the root spreads the points evenly along the arm
    angle = 3.5 * np.pi * turn + np.where(first, 0, np.pi)
    x = turn * np.cos(angle) + random.normal(0, 0.02, ROWS)
    y = turn * np.sin(angle) + random.normal(0, 0.02, ROWS)
    return _points(x, y, first, ("first", "second"))


def _xor() -> pd.DataFrame:
    random = np.random.default_rng(3)
    x, y = random.uniform(-1, 1, (2, ROWS))
    same = (x > 0) == (y > 0)
    return _points(x + random.normal(0, 0.05, ROWS), y + random.normal(0, 0.05, ROWS), same, ("same", "different"))


_OURS = ("drawn by Layerdeck", "free to use")

SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample(
            "sacramento_homes",
            "Homes in Sacramento",
            "932 homes sold in May 2008: what is a home worth?",
            "price",
            "Sacramento Bee, SpatialKey, by way of modeldata",
            "MIT",
            unit="$",
        ),
        Sample(
            "titanic",
            "Passengers of the Titanic",
            "1,309 passengers: who survived?",
            "survived",
            "Harrell and Cason, Vanderbilt, by way of OpenML 40945",
            "Public; BSD-3-Clause",
        ),
        Sample(
            "penguins",
            "Palmer penguins",
            "344 penguins measured in Antarctica: which of three species is each?",
            "species",
            "Horst, Hill and Gorman, palmerpenguins",
            "CC0 1.0",
        ),
        Sample(
            "concrete",
            "Strength of concrete",
            "1,030 mixtures of concrete: what pressure, in MPa, does each withstand?",
            "compressive_strength",
            "Yeh, UCI 165, by way of modeldata",
            "MIT; CC BY 4.0",
            unit="MPa",
        ),
        Sample(
            "digits",
            "Handwritten digits",
            "1,797 images of 8 by 8 pixels: which digit was written?",
            "digit",
            "Alpaydin and Kaynak, UCI, by way of scikit-learn",
            "BSD-3-Clause; CC BY 4.0",
        ),
        Sample(
            "circles",
            "Two circles",
            "500 points on two rings: is a point on the inner or the outer one?",
            "label",
            *_OURS,
            _circles,
        ),
        Sample(
            "moons",
            "Two moons",
            "500 points on two interleaved crescents: upper or lower?",
            "label",
            *_OURS,
            _moons,
        ),
        Sample(
            "spiral",
            "Two spirals",
            "500 points on two arms wound together: the first or the second?",
            "label",
            *_OURS,
            _spiral,
        ),
        Sample(
            "xor",
            "Exclusive or",
            "500 points on a square: do both coordinates have the same sign?",
            "label",
            *_OURS,
            _xor,
        ),
    )
}
