"""What the network may see of a date, in the order the page offers it. One row adds a part.

Its arithmetic is in `core.model.preprocessing.date_columns`: the trend is a number, each other part a point on a circle
(sine and cosine).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatePart:
    """A part of a date.

    Attributes:
        name: The word used in the experiment's JSON.
        columns: Columns of the network's input matrix.
        help: One sentence for people.
    """

    name: str
    columns: int
    help: str


DATE_PARTS: dict[str, DatePart] = {
    part.name: part
    for part in (
        DatePart("trend", 1, "The days themselves, scaled as numbers are: for what rises or falls over the years."),
        DatePart("season", 2, "The day of the year as sine and cosine."),
        DatePart("weekday", 2, "The day of the week as sine and cosine."),
        DatePart("hour", 2, "The time of day as sine and cosine: for dates with times of day."),
    )
}
USUAL_PARTS = ("trend", "season", "weekday")
