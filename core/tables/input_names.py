"""The names of the columns of a network's input matrix."""

from collections.abc import Mapping
from typing import Any

from core.tables.feature_statistics import Statistic
from core.tables.statistics import (
    BinStatistics,
    CrossStatistics,
    DateStatistics,
    LogStatistics,
    NumberStatistics,
    TextStatistics,
)


def input_names(statistics: Mapping[str | tuple[str, str], Statistic], embeds: bool, width: int) -> list[str]:
    """What each of the first `width` inputs of the network's first column is, in the order of the matrix: "sqft",
    "type: Condo", "sold: season, sine"; where words are embedded, "type, 1 of 8" behind all others.
    """
    both = {names: of for names, of in statistics.items() if isinstance(names, tuple)}
    pairs = {f"{names[0]}: days since {names[1]}": of for names, of in both.items() if isinstance(of, NumberStatistics)}
    crosses = {names: of for names, of in both.items() if isinstance(of, CrossStatistics)}
    features = {name: of for name, of in statistics.items() if isinstance(name, str)}
    dates = {name: of for name, of in features.items() if isinstance(of, DateStatistics)}
    logs = {name: of for name, of in features.items() if isinstance(of, LogStatistics)}
    numbers = {name: of for name, of in features.items() if type(of) is NumberStatistics}
    known = {name: of for name, of in features.items() if isinstance(of, list)}
    found = [*pairs, *_flags(pairs)]
    found += [f"{names[0]}: {one}, {names[1]}: {two}" for names, of in crosses.items() for one, two in of.pairs]
    found += [*numbers, *_flags(numbers), *(f"{name}: log" for name in logs), *_flags(logs)]
    for name, of in features.items():
        if isinstance(of, BinStatistics):
            found += [f"{name} below {of.edges[0]:g}", *(f"{name} from {edge:g}" for edge in of.edges)]
            found += [f"{name}: missing"] if of.flagged else []
    if not embeds:
        found += [f"{name}: {word or 'missing'}" for name, words in known.items() for word in words]
    found += [f"{name}: trend" for name, of in dates.items() if "trend" in of.parts] + _flags(dates)
    circles = [(name, part) for name, of in dates.items() for part in of.parts if part != "trend"]
    found += [f"{name}: {part}, {function}" for name, part in circles for function in ("sine", "cosine")]
    texts = {name: of for name, of in features.items() if isinstance(of, TextStatistics)}
    found += [f"{name}: {word}" for name, of in texts.items() for word in of.words]
    embedded = list(known) if embeds else []
    each = (width - len(found)) // max(1, len(embedded))
    found += [f"{name}, {part + 1} of {each}" for name in embedded for part in range(each)]
    return (found + [f"column {at + 1}" for at in range(len(found), width)])[:width]


def _flags(statistics: Mapping[str, Any]) -> list[str]:
    """The columns that say that a cell is missing."""
    return [f"{name}: missing" for name, of in statistics.items() if isinstance(of, NumberStatistics) and of.flagged]
