"""How columns of numbers are scaled before the network sees them, in the order the page offers them. One row adds a
scaling.

scaled = (value - center) / scale, both measured on the training rows alone
(`core.tables.statistics.number_statistics`).
"""

from dataclasses import dataclass
from typing import Literal

Measure = Literal["zero", "one", "mean", "deviation", "low", "range", "median", "quartiles"]


@dataclass(frozen=True)
class Scaling:
    """A scaling.

    Attributes:
        name: The word used in the experiment's JSON.
        center: What is subtracted; scale: what the difference is divided by: each 0, 1 or a measure of the training
            cells, missing ones
            filled. "range" is highest minus lowest, "quartiles" the distance of the first and the third quartile.
        help: One sentence for people.
        transform: What is done to a cell first: "" for nothing, "log" for its logarithm, "bins" where it is not scaled
            but put into a bin.
        kinds: Kinds of columns that it is for.
    """

    name: str
    center: Measure
    scale: Measure
    help: str
    transform: Literal["", "log", "bins"] = ""
    kinds: tuple[str, ...] = ("number", "boolean", "date")


SCALINGS: dict[str, Scaling] = {
    scaling.name: scaling
    for scaling in (
        Scaling("standard", "mean", "deviation", "Mean 0 and standard deviation 1: fits most tables."),
        Scaling(
            "min-max",
            "low",
            "range",
            "From 0 to 1 over the training rows: for numbers between fixed ends, like pixels or shares.",
        ),
        Scaling(
            "robust", "median", "quartiles", "Median 0 and quartiles 1 apart: for columns with a few extreme values."
        ),
        Scaling(
            "log",
            "mean",
            "deviation",
            "The logarithm, sign(x) log(1 + |x|), with mean 0 and standard deviation 1: for amounts with a long tail.",
            transform="log",
            kinds=("number",),
        ),
        Scaling(
            "quantile bins",
            "zero",
            "one",
            "Bins with equally many training rows, a column each: for effects that rise and fall.",
            transform="bins",
            kinds=("number",),
        ),
        Scaling("none", "zero", "one", "As in the table: for numbers that are already of the order of 1."),
    )
}
