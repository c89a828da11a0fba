"""The errors of this package."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from core.catalog.fields import sentence

log = logging.getLogger(__name__)


class TableError(ValueError):
    """A table could not be used. The message is a sentence for a person: what was given, what was expected, how to mend
    it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(sentence(message))  # Names of columns and files may have thousands of characters.


class ColumnError(TableError):
    """A column could not be used; `column` is its name."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column

    def __reduce__(self) -> tuple[type["ColumnError"], tuple[str, str]]:
        """Workers send their errors: an exception is made anew from its arguments."""
        return ColumnError, (self.column, str(self))


@contextmanager
def column_errors(column: str, what: str) -> Iterator[None]:
    """Turns whatever fails within into a ColumnError: "'end' cannot be read as a date (OverflowError). Leave it out, or
    ...".
    """
    try:
        yield
    except TableError:
        raise
    except Exception as error:
        log.exception("column %r: %s failed", column, what)
        raise ColumnError(
            column,
            f"{column!r} cannot be {what} ({type(error).__name__}). Leave it out, or choose another kind for it on "
            "the Data page.",
        ) from error
