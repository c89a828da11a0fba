"""The one error of this package."""


class TableError(ValueError):
    """A table could not be used. The message is a sentence for a person: what was given, what was expected, how to mend it."""
