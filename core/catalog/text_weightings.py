"""What stands in a word's column for a text that has the word, in the order the page offers them.

`core.model.preprocessing.text_columns` makes them of `keras.layers.TextVectorization`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextWeighting:
    """A weighting.

    Attributes:
        name: The word used in the experiment's JSON.
        help: One sentence for people.
    """

    name: str
    help: str


TEXT_WEIGHTINGS: dict[str, TextWeighting] = {
    weighting.name: weighting
    for weighting in (
        TextWeighting("multi-hot", "1 where the text has the word, however often, and 0 elsewhere."),
        TextWeighting(
            "tf-idf",
            "How often the text has the word, times the logarithm of how rare the word is among the training texts.",
        ),
    )
}
