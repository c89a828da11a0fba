"""Names of the files that a run gives away: they begin with the run's name, and hold only characters that every file
system takes.

file_name("Homes in Sacramento", "program", "py")   'Homes-in-Sacramento-program.py'
"""

import re
import unicodedata

from core.experiment.columns import TableInfo

_LONGEST = 60  # Signs of a run's name: a letter may take four bytes of the 255 that a file's name has.


def file_name(run: str, content: str, ending: str) -> str:
    """The name of a file of a run; with `content` behind a hyphen no program hides a module that it imports
    ("keras-program.py").
    """
    return f"{_letters(run) or 'run'}-{content}.{ending}"


def picture_name(run: str, figure: str) -> str:
    """The name of a picture of a run without its ending: "Homes", "ROC curve" -> "Homes-ROC-curve"."""
    return f"{_letters(run) or 'run'}-{_letters(figure) or 'figure'}"


def _letters(text: str) -> str:
    """What of a text a file's name may hold, with hyphens between."""
    letters = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text)).strip("-_")
    return letters[:_LONGEST].rstrip("-_")


def table_name(run: str, info: TableInfo, content: str = "table") -> str:
    """The name under which a run's table is given away, and under which its program looks for it.

    An upload is given away as Parquet, which keeps every cell as it was read; a sample as CSV. A table that was named
    by its path (headless) is not given away: its program looks for that file.

    Args:
        run: The run's name.
        info: Of the table.
        content: "table", or "validation" for the table of validation rows.
    """
    if info.ref.startswith("file:"):
        return file_name(run, content, "parquet")
    return file_name(run, content, "csv") if info.ref.startswith("sample:") else info.name
