"""The kinds a column can be, in the order the page offers them. One row adds a kind.

The treatment of a kind lives where its library lives: `core.tables.raw` turns cells into raw values (pandas),
`core.model.preprocessing` turns raw values into the network's numbers (Keras). A contract test holds both to this
table.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """How a column is read.

    Attributes:
        name: The word used in the experiment's JSON.
        raw: Type of the exported model's input for such a column: "float" (missing: NaN) or "string" (missing: "").
        as_target: "regression" or "classification", or None when the network cannot predict it.
        help: One sentence for people.
    """

    name: str
    raw: Literal["float", "string"]
    as_target: Literal["regression", "classification"] | None
    help: str

    @property
    def scaled(self) -> bool:
        """Whether its cells are numbers, which are scaled (`core.catalog.scalings`)."""
        return self.raw == "float"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "number",
            "float",
            "regression",
            "A number: missing cells are filled with the training median, then it is scaled.",
        ),
        Kind(
            "category",
            "string",
            "classification",
            "One of a few values: each known category becomes a column of its own (one-hot).",
        ),
        Kind(
            "code",
            "string",
            "classification",
            "A whole number that only names something, like a zip code or a class label: treated as a category.",
        ),
        Kind(
            "text",
            "string",
            None,
            "Free text, like a review: each of the most frequent words of the training rows is a column.",
        ),
        Kind("boolean", "float", "classification", "Yes or no, stored as 0 and 1 or as true and false."),
        Kind(
            "date",
            "float",
            None,
            "A date: becomes a trend, the season of the year and the day of the week; with times of day also the hour.",
        ),
    )
}
